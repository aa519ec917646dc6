"""The audited table as sorted arrays, with its label, prices and split beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Panel, SchemaError, UsageError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray
from tradewind.features.labels import LabelSettings, make_labels
from tradewind.validation.leakage.settings import AuditColumns, AuditSettings

Fold = tuple[IntArray, IntArray]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What the detectors look at; rows are sorted by symbol, then time.

    Attributes
    ----------
    symbols : sorted symbol names of the table; ``symbol_code`` (n,) indexes it.
    time : (n,) datetime64[us].
    values : (n, p) float64 features; NaN where missing or infinite.
    names : p feature names.
    label : (n,) float64; direction or return; NaN where not known.
    label_end : (n,) datetime64[us]; NaT where the label is never known.
    step_return : (n,) return of the symbol's last bar before the row, known at the row; NaN without prices.
    panel : the prices, or None.
    folds : (train, test) rows of each fold, in the order of the sorted table.
    """

    symbols: tuple[str, ...]
    symbol_code: IntArray
    time: TimeArray
    values: FloatArray
    names: tuple[str, ...]
    label: FloatArray
    label_end: TimeArray
    step_return: FloatArray
    panel: Panel | None
    folds: tuple[Fold, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    @cached_property
    def time_code(self) -> IntArray:
        """(n,) number of each row's time among the distinct times."""
        return np.unique(self.time, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def label_is_direction(self) -> bool:
        """True when the label takes at most two values."""
        return len(np.unique(self.label[~np.isnan(self.label)])) <= 2

    @cached_property
    def rising(self) -> FloatArray:
        """(n,) 1 where the label is a rise, 0 where not, NaN where not known."""
        known = self.label[~np.isnan(self.label)]
        if not len(known):
            return self.label
        middle = known.min() if self.label_is_direction else 0.0
        return np.where(np.isnan(self.label), np.nan, (self.label > middle).astype(np.float64))

    def ahead(self, values: FloatArray, steps: int) -> FloatArray:
        """(n,) the symbol's value ``steps`` rows later (earlier when negative); NaN beyond its rows."""
        moved = np.full(len(values), np.nan)
        rows = np.arange(len(values))
        source = rows + steps
        inside = (source >= 0) & (source < len(values))
        same = rows[inside][self.symbol_code[source[inside]] == self.symbol_code[inside]]
        moved[same] = values[same + steps]
        return moved

    def columns(self) -> Iterator[tuple[str, FloatArray]]:
        """Yield name and values (n,) of each feature that is not constant."""
        for i, name in enumerate(self.names):
            column = self.values[:, i]
            known = column[~np.isnan(column)]
            if len(known) and known.min() < known.max():
                yield name, column


def make_subject(
    table: pl.DataFrame, prices: Panel | None, columns: AuditColumns, splitter: Any, settings: AuditSettings
) -> Subject:
    """Sort the table and lay labels, prices and folds beside it.

    Raises
    ------
    SchemaError : a named column is missing or the table has no rows or features.
    UsageError : there is neither a label nor prices, or the splitter's indices do not fit the table.
    """
    _check_columns(table, columns)
    order = table.select(pl.arg_sort_by(columns.symbol, columns.date)).to_series().to_numpy()
    rows = table[order]
    time = rows[columns.date].cast(pl.Datetime("us")).dt.replace_time_zone(None).to_numpy().astype("datetime64[us]")
    symbols, code = np.unique(rows[columns.symbol].cast(pl.String).to_numpy().astype(str), return_inverse=True)
    keys = {columns.symbol, columns.date, columns.label, columns.label_end, columns.split, *columns.ignore}
    names = tuple(c for c, t in table.schema.items() if c not in keys and (t.is_numeric() or t == pl.Boolean))
    if not names:
        raise SchemaError("the table has no numeric feature", fix="add at least one numeric column")
    values = np.column_stack([_numbers(rows[name]) for name in names])
    step, made, made_end = _from_prices(prices, symbols[code], time, settings.horizon)
    blank = Subject(
        symbols=tuple(symbols.tolist()),
        symbol_code=code.astype(np.int64),
        time=time,
        values=values,
        names=names,
        label=made if columns.label is None else _numbers(rows[columns.label]),
        label_end=made_end,
        step_return=step,
        panel=prices,
        folds=_folds(rows, order, columns, splitter),
    )
    if columns.label_end is not None:
        column = rows[columns.label_end].cast(pl.Datetime("us")).dt.replace_time_zone(None)
        end = column.to_numpy().astype("datetime64[us]")
    elif prices is None:
        end = _row_ahead(blank, settings.horizon)
    else:
        return blank
    return Subject(**{**blank.__dict__, "label_end": end})


def _check_columns(table: pl.DataFrame, columns: AuditColumns) -> None:
    for name in (columns.symbol, columns.date, columns.label, columns.label_end, columns.split):
        if name is not None and name not in table.columns:
            raise SchemaError("the table does not have this column", field=name, fix="add it, or name the right one")
    if table.height == 0:
        raise SchemaError("the table has no rows", fix="give a table with at least one row per symbol and date")
    for name in (columns.date, columns.label_end):
        if name is not None and not table.schema[name].is_temporal():
            raise SchemaError("the column holds no dates", field=name, fix="parse it as a date or a datetime")


def _numbers(column: pl.Series) -> FloatArray:
    values: FloatArray = column.cast(pl.Float64).to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _from_prices(
    prices: Panel | None, symbol: AnyArray, time: TimeArray, horizon: int
) -> tuple[FloatArray, FloatArray, TimeArray]:
    """Return last bar's return, forward return and label end of each row of the table, from the prices."""
    step, forward = np.full(len(time), np.nan), np.full(len(time), np.nan)
    end = np.full(len(time), np.datetime64("NaT"), dtype="datetime64[us]")
    if prices is None:
        return step, forward, end
    labels = make_labels(prices, LabelSettings(horizon=horizon))
    one = make_labels(prices, LabelSettings(horizon=1)).forward_return
    last = np.concatenate([[np.nan], one[:-1]])
    last[prices.offsets[:-1][np.diff(prices.offsets) > 0]] = np.nan
    index = {name: number for number, name in enumerate(prices.symbols)}
    for name in np.unique(symbol):
        own = np.flatnonzero(symbol == name)
        if name not in index:
            continue
        bars = slice(int(prices.offsets[index[name]]), int(prices.offsets[index[name] + 1]))
        at = np.searchsorted(prices.time[bars], time[own])
        found = at < bars.stop - bars.start
        found[found] = prices.time[bars][at[found]] == time[own][found]
        rows, source = own[found], bars.start + at[found]
        step[rows], forward[rows], end[rows] = last[source], labels.forward_return[source], labels.end[source]
    return step, forward, end


def _row_ahead(subject: Subject, horizon: int) -> TimeArray:
    stamps = subject.time.astype(np.int64).astype(np.float64)
    moved = subject.ahead(stamps, horizon)
    end = np.full(len(moved), np.datetime64("NaT"), dtype="datetime64[us]")
    known = ~np.isnan(moved)
    end[known] = moved[known].astype(np.int64).astype("datetime64[us]")
    return end


def _folds(rows: pl.DataFrame, order: IntArray, columns: AuditColumns, splitter: Any) -> tuple[Fold, ...]:
    folds: list[Fold] = []
    if columns.split is not None:
        part = rows[columns.split].cast(pl.String)
        folds.append(((part == "train").arg_true().to_numpy(), (part == "test").arg_true().to_numpy()))
        if not len(folds[0][0]) or not len(folds[0][1]):
            raise UsageError(
                "the split has no training or no test rows",
                field=columns.split,
                fix="write 'train' and 'test' in the column",
            )
    if splitter is not None:
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        for train, test in splitter.split(np.empty((len(order), 0))):
            folds.append((place[train], place[test]))
    return tuple(folds)


def in_any_test(subject: Subject) -> BoolArray:
    """(n,) True where some fold tests the row."""
    mask = np.zeros(len(subject), dtype=bool)
    for _, test in subject.folds:
        mask[test] = True
    return mask
