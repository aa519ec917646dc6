"""Read and write price bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import Panel, SchemaError
from tradewind.core.arrays import AnyArray, Int32Array, TimeArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.panel import PRICE_FIELDS, UNKNOWN_SECTOR
from tradewind.data.calendar import DEFAULT_CALENDAR, session_closes
from tradewind.data.cells import read_number, read_text, read_time
from tradewind.data.faults import FaultLog
from tradewind.data.fear import read_fear
from tradewind.data.schema import DAILY_BARS, INTRADAY_BARS, Schema, check_columns
from tradewind.data.tables import Table, load_table, save_table
from tradewind.data.universe import Universe, check_universe_meets

MIN_BARS = 61
"""Bars that at least one symbol must have: a window of 60 and the bar after it."""


def read_prices(
    path: str | Path,
    *,
    universe: Universe | None = None,
    fear: str | Path | None = None,
    quarantine: str | Path | None = None,
    calendar: str | None = DEFAULT_CALENDAR,
    clock: Clock | None = None,
) -> Panel:
    """Read bars from a CSV or Parquet file.

    Parameters
    ----------
    path : table with ``symbol``, ``date`` (daily) or ``timestamp`` (intraday, the end of the bar, UTC; it wins where
        both are there), ``open, high, low, close, adj_close, volume``. Other columns are ignored. Open, high, low and
        volume may be missing in a row (NaN); the rest may not. Rows are ordered by symbol or by date.
    universe : gives sectors and sizes; symbols it lacks have the sector ``"unknown"``.
    fear : file with ``date, close`` of a fear index, joined to each bar as known then.
    quarantine : CSV or Parquet file for faulty rows; without it the first faulty row is an error.
    calendar : exchange whose session closes tell when a daily bar is known; None for 21:00 UTC of its date.
    clock : says what the future is; the machine's clock by default.

    Returns
    -------
    Panel with rows sorted by symbol, then time. Symbols may start late, end early and miss days.

    Raises
    ------
    InputError : the file cannot be read, lacks a column or has a hollow one, holds a faulty row (not a number,
        infinite, negative or zero price, negative volume, missing symbol, date, close or adjusted close, a date that is
        unreadable, in the future, twice, out of order or in another time zone), has no symbol with 61 bars, or shares
        no symbol with ``universe``. The message names file, row, column, value and what to do.
    """
    table = load_table(path)
    now = (clock or SystemClock()).now()
    panel = panel_of(table, now=now, universe=universe, quarantine=quarantine, calendar=calendar)
    _check_long_enough(panel, table.file)
    if universe is not None:
        check_universe_meets(universe, panel.symbols, table.file)
    if fear is None:
        return panel
    index = read_fear(fear, calendar=calendar, clock=clock)
    return with_fear(panel, index.at(panel.known_at))


def with_fear(panel: Panel, values: AnyArray) -> Panel:
    """Return ``panel`` with the fear index (n,) of its rows."""
    return replace(panel, fear=np.asarray(values, dtype=np.float64))


def panel_of(
    table: Table,
    *,
    now: datetime,
    universe: Universe | None = None,
    quarantine: str | Path | None = None,
    calendar: str | None = DEFAULT_CALENDAR,
) -> Panel:
    """Check a long table of bars from any source and return its panel; raises as :func:`read_prices`."""
    schema = INTRADAY_BARS if "timestamp" in table.frame.columns else DAILY_BARS
    check_columns(table, schema)
    symbol_column, time_column, *_ = schema.columns
    log = FaultLog(table)
    symbol = read_text(table, symbol_column, log)
    time = read_time(table, time_column, log, now)
    columns = {c.name: read_number(table, c, log) for c in schema.columns[2:]}
    names = symbol.drop_nulls().unique().sort()
    code: Int32Array = symbol.cast(pl.Enum(names)).to_physical().fill_null(0).to_numpy().astype(np.int32)
    _check_order(table, schema, code, time, log)
    good = np.flatnonzero(log.settle(quarantine))
    order = good[np.lexsort((time[good], code[good]))]
    kept, counts = np.unique(code[order], return_counts=True)
    symbols = tuple(names[int(c)] for c in kept)
    times = time[order]
    sector_of = universe.sector_of if universe else {}
    cap_of = universe.market_cap_of if universe else {}
    return Panel(
        symbols=symbols,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        time=times,
        known_at=times if schema is INTRADAY_BARS else session_closes(times, calendar),
        sectors=tuple(sector_of.get(name, UNKNOWN_SECTOR) for name in symbols),
        market_cap=np.array([cap_of.get(name, np.nan) for name in symbols], dtype=np.float64),
        **{name: values[order] for name, values in columns.items()},
    )


def _check_order(table: Table, schema: Schema, code: Int32Array, time: TimeArray, log: FaultLog) -> None:
    """Find bars that are there twice and symbols whose dates run backwards, among the rows that are sound so far."""
    sound = np.flatnonzero(~log.bad)
    if len(sound) < 2:
        return
    name = schema.columns[1].name
    by_symbol = sound[np.argsort(code[sound], kind="stable")]
    same = code[by_symbol[1:]] == code[by_symbol[:-1]]
    if np.all(time[by_symbol[1:]][same] > time[by_symbol[:-1]][same]):
        return
    by_time = sound[np.lexsort((time[sound], code[sound]))]
    twin = (code[by_time[1:]] == code[by_time[:-1]]) & (time[by_time[1:]] == time[by_time[:-1]])
    first_of = np.arange(len(time))
    for earlier, later in zip(by_time[:-1][twin].tolist(), by_time[1:][twin].tolist(), strict=True):
        first_of[later] = first_of[earlier]
    again = np.zeros(len(time), dtype=bool)
    again[by_time[1:][twin]] = True
    who = table.frame["symbol"]

    def tell_twin(row: int) -> str:
        return f"{who[row]!r} already has a bar of {_short(time[row])} in row {first_of[row] + 1}: duplicate bar"

    log.add(again, name, tell_twin, "keep one bar per symbol and time")
    by_symbol = by_symbol[~again[by_symbol]]
    back = (code[by_symbol[1:]] == code[by_symbol[:-1]]) & (time[by_symbol[1:]] < time[by_symbol[:-1]])
    before = np.arange(len(time))
    before[by_symbol[1:]] = by_symbol[:-1]
    unsorted = np.zeros(len(time), dtype=bool)
    unsorted[by_symbol[1:][back]] = True

    def tell_back(row: int) -> str:
        last = before[row]
        return (
            f"{_short(time[row])} comes after {_short(time[last])} (row {last + 1}) of the same symbol {who[row]!r}: "
            "the dates run backwards"
        )

    log.add(unsorted, name, tell_back, "sort the file by symbol and date, oldest first")


def _short(moment: np.datetime64) -> str:
    text = str(moment.astype("datetime64[s]"))
    return text.removesuffix("T00:00:00")


def _check_long_enough(panel: Panel, file: Path) -> None:
    counts = np.diff(panel.offsets)
    longest = int(np.argmax(counts))
    if counts[longest] < MIN_BARS:
        raise SchemaError(
            f"too few bars: the longest symbol, {panel.symbols[longest]!r}, has {counts[longest]} where at least one "
            f"symbol needs {MIN_BARS}",
            file=file,
            fix="give a longer history",
        )


def bars_frame(panel: Panel) -> pl.DataFrame:
    """Return the panel's bars as a long table in the schema of :func:`read_prices`; NaN becomes null."""
    daily = bool(np.all(panel.time == panel.time.astype("datetime64[D]")))
    time = pl.Series(panel.time.astype("datetime64[us]"))
    names = pl.Series(list(panel.symbols), dtype=pl.String)
    return pl.DataFrame(
        {
            "symbol": names.gather(pl.Series(panel.symbol_code, dtype=pl.UInt32)),
            **({"date": time.dt.date()} if daily else {"timestamp": time.dt.replace_time_zone("UTC")}),
            **{name: pl.Series(np.ascontiguousarray(getattr(panel, name))).fill_nan(None) for name in PRICE_FIELDS},
        }
    )


def write_prices(panel: Panel, path: str | Path) -> Path:
    """Write the panel's bars as CSV or Parquet, by the suffix, whole or not at all; OutputError where that fails.

    Sectors, sizes and the fear index are not part of a prices file.
    """
    return save_table(bars_frame(panel), path)
