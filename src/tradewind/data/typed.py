"""Tables of unknown columns, with their types found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from tradewind.data.cells import read_text, read_time
from tradewind.data.faults import FaultLog
from tradewind.data.schema import Column, Kind, Schema, check_columns
from tradewind.data.tables import load_table

_KEYS = Schema(name="data", columns=(Column(name="symbol", kind=Kind.TEXT), Column(name="date", kind=Kind.MOMENT)))
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # forecasts may be of any day


def read_table(path: str | Path) -> pl.DataFrame:
    """Read any CSV or Parquet table that has ``symbol`` and ``date`` columns; a CSV's types are found by its cells.

    ``date`` comes back as ``datetime[us]`` (in UTC where the file gives a zone), ``symbol`` as text.

    Raises
    ------
    InputError : the file cannot be read.
    SchemaError : a key column is missing, there are no rows, or a row has no symbol or no readable date.
    """
    table = load_table(path)
    check_columns(table, _KEYS)
    log = FaultLog(table)
    symbol_column, date_column = _KEYS.columns
    symbol = read_text(table, symbol_column, log)
    date = read_time(table, date_column, log, _END_OF_TIME)
    log.settle(None)
    others = table.frame.drop("symbol", "date")
    if table.file.suffix.lower() == ".csv":
        others = others.with_columns(_typed(cells) for cells in others.iter_columns())
    keys = {"symbol": symbol, "date": pl.Series(date)}
    return others.with_columns(**keys).select(table.frame.columns)


def _typed(cells: pl.Series) -> pl.Series:
    """Whole numbers, numbers, dates or truth values where every cell is one; else the text as it is."""
    text = cells.str.strip_chars()
    text = text.set(text == "", None)
    if text.null_count() == len(text):
        return text.cast(pl.Float64, strict=False)
    for dtype in (pl.Int64, pl.Float64):
        typed = text.cast(dtype, strict=False)
        if typed.null_count() == text.null_count():
            return typed
    days = text.str.to_date("%Y-%m-%d", strict=False)
    if days.null_count() == text.null_count():
        return days.cast(pl.Datetime("us"))
    lower = text.str.to_lowercase()
    if lower.drop_nulls().is_in(["true", "false"]).all():
        return lower == "true"
    return cells
