"""From raw cells to typed arrays; a cell that is wrong is noted and its row marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import polars as pl

from tradewind.core import SchemaError
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray
from tradewind.data.faults import FaultLog
from tradewind.data.schema import MISSING_NUMBERS, Column, Kind
from tradewind.data.tables import Table

_US = "datetime64[us]"
_STAMP = (
    r"^(?<day>\d{4}-\d{2}-\d{2})[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)"
    r"\s*(?<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?$"
)
_TICKS_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, in days from 1970-01-01
_NAIVE = 10_000  # no offset is that many minutes wide
_OFFSET_FORM = {Kind.DAY: "YYYY-MM-DD", Kind.MOMENT: "YYYY-MM-DDTHH:MM:SS in UTC"}


def read_text(table: Table, column: Column, log: FaultLog) -> pl.Series:
    """Return the cells without surrounding blanks; a missing or blank one is null and, unless nullable, a fault."""
    cells = table.frame[column.name].cast(pl.String).str.strip_chars()
    cells = cells.set(cells == "", None)
    if not column.nullable and cells.null_count():
        log.add(cells.is_null().to_numpy(), column.name, lambda _: f"the {column.name} is missing", "fill the cell")
    return cells


def read_number(table: Table, column: Column, log: FaultLog) -> FloatArray:
    """Return (n,) float64, NaN where missing; text, infinite, negative and (prices) zero cells are faults."""
    cells = table.frame[column.name]
    if cells.dtype == pl.String:
        cells = cells.str.strip_chars()
        cells = cells.set(cells.is_in(MISSING_NUMBERS), None)
        numbers = cells.cast(pl.Float64, strict=False)
        wrong = (numbers.is_null() & cells.is_not_null()).to_numpy()
    else:
        numbers = cells.cast(pl.Float64)
        wrong = np.zeros(len(numbers), dtype=bool)
    values: FloatArray = numbers.fill_null(np.nan).to_numpy().astype(np.float64)
    log.add(wrong, column.name, "is not a number", "write a plain decimal number without separators or units")
    log.add(np.isinf(values), column.name, "is infinite", "correct the cell or leave it out")
    floor_broken = values <= 0 if column.kind is Kind.PRICE else values < 0
    floor_broken &= ~np.isinf(values)
    rule = "is not above zero" if column.kind is Kind.PRICE else "is negative"
    log.add(floor_broken, column.name, rule, f"correct the {column.name.replace('_', ' ')}")
    if not column.nullable:
        log.add(np.isnan(values) & ~wrong, column.name, lambda _: f"the {column.name} is missing", "fill the cell")
    return values


def read_time(table: Table, column: Column, log: FaultLog, now: datetime) -> TimeArray:
    """Return (n,) ``datetime64[us]``, NaT where missing or wrong.

    A ``date`` column gives the session date at midnight: the calendar day as written, whatever the hour or the
    zone. Any other time column gives UTC; times without a zone are UTC. One column has one zone: rows that differ
    from most rows in their zone, or in having one, are faults; so are times after ``now``.
    """
    cells = table.frame[column.name]
    name, as_day = column.name, column.kind is Kind.DAY
    form = f"write it as {_OFFSET_FORM[column.kind]}"
    if cells.dtype == pl.String:
        local, offset, absent = _parse_text(cells)
        log.add(np.isnat(local) & ~absent, name, "is not a date" if as_day else "is not a time", form)
        _check_one_zone(local, offset, column, log)
        moments = local if as_day else local - np.where(offset == _NAIVE, 0, offset).astype("timedelta64[m]")
    else:
        _check_in_range(table, column)
        moments = _from_typed(cells, as_day=as_day)
        absent = np.isnat(moments)
    if as_day:
        moments = moments.astype("datetime64[D]").astype(_US)
    log.add(absent, name, lambda _: f"the {name} is missing", "fill the cell")
    latest = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    log.add(moments > latest, name, f"lies in the future (now is {latest.astype('datetime64[s]')} UTC)", "correct it")
    result: TimeArray = np.where(moments > latest, np.datetime64("NaT"), moments)
    return result


def _check_in_range(table: Table, column: Column) -> None:
    """Refuse stored times that no calendar has; they come from a damaged file and cannot even be shown."""
    cells = table.frame[column.name]
    per_day = _TICKS_PER_DAY[cells.dtype.time_unit] if isinstance(cells.dtype, pl.Datetime) else 1
    days = cells.to_physical() // per_day
    wrong = ((days < _FIRST_DAY) | (days >= _LAST_DAY)).fill_null(False).to_numpy()
    if wrong.any():
        raise SchemaError(
            "the stored time lies outside the years 1 to 9999",
            file=table.file,
            row=int(np.argmax(wrong)) + 1,
            field=column.name,
            fix="export the file again",
        )


def _from_typed(cells: pl.Series, *, as_day: bool) -> TimeArray:
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
        cells = (cells if as_day else cells.dt.convert_time_zone("UTC")).dt.replace_time_zone(None)
    moments: TimeArray = cells.cast(pl.Datetime("us")).to_numpy().astype(_US)
    return moments


def _parse_text(cells: pl.Series) -> tuple[TimeArray, IntArray, BoolArray]:
    """Wall-clock times (NaT where unreadable), offsets in minutes (``_NAIVE`` where none), and which are missing."""
    text = cells.str.strip_chars()
    text = text.set(text.is_in(["", "NaT", "nan", "NaN", "null", "None"]), None)
    absent: BoolArray = text.is_null().to_numpy()
    days = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    local: TimeArray = days.to_numpy().astype(_US)
    offset = np.full(len(text), _NAIVE, dtype=np.int64)
    rest = np.flatnonzero(np.isnat(local) & ~absent)
    if len(rest):
        parts = text[rest].str.extract_groups(_STAMP).struct.unnest()
        clock = pl.when(pl.col("clock").str.len_chars() == 5).then(pl.col("clock") + ":00").otherwise("clock")
        stamp = parts.select(
            (pl.col("day") + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
        ).to_series()
        local = local.copy()
        local[rest] = stamp.to_numpy().astype(_US)
        zones = parts["zone"]
        minutes = {zone: _minutes(zone) for zone in zones.unique().to_list()}
        offset[rest] = [minutes[zone] for zone in zones.to_list()]
    return local, offset, absent


def _minutes(zone: str | None) -> int:
    if zone is None:
        return _NAIVE
    if zone in {"Z", "UTC"}:
        return 0
    digits = zone[1:].replace(":", "")
    size = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -size if zone[0] == "-" else size


def _check_one_zone(local: TimeArray, offset: IntArray, column: Column, log: FaultLog) -> None:
    read = ~np.isnat(local)
    kinds, first, counts = np.unique(offset[read], return_index=True, return_counts=True)
    if len(kinds) < 2:
        return
    usual = int(kinds[np.lexsort((first, -counts))[0]])
    log.add(
        read & (offset != usual),
        column.name,
        _mixed(offset, usual),
        f"write every cell of the column the same way: {_OFFSET_FORM[column.kind]}",
    )


def _mixed(offset: IntArray, usual: int) -> Callable[[int], str]:
    def tell(row: int) -> str:
        return (
            f"the row has {_zone_name(int(offset[row]))} and most rows have {_zone_name(usual)}: time zones are mixed"
        )

    return tell


def _zone_name(minutes: int) -> str:
    if minutes == _NAIVE:
        return "no time zone"
    return f"time zone {'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
