"""The tables that enter Tradewind: their columns, and what each column holds."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

import polars as pl

from tradewind.core import SchemaError
from tradewind.data.tables import Table


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    DAY = "date"
    MOMENT = "time"
    PRICE = "price"
    COUNT = "count"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, what it holds, whether a cell may be missing, whether the column itself may."""

    name: str
    kind: Kind
    nullable: bool = False
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns of one kind of table; columns that are not named here are ignored."""

    name: str
    columns: tuple[Column, ...]


_PRICES = (
    Column(name="open", kind=Kind.PRICE, nullable=True),
    Column(name="high", kind=Kind.PRICE, nullable=True),
    Column(name="low", kind=Kind.PRICE, nullable=True),
    Column(name="close", kind=Kind.PRICE),
    Column(name="adj_close", kind=Kind.PRICE),
    Column(name="volume", kind=Kind.COUNT, nullable=True),
)
DAILY_BARS = Schema(
    name="bars", columns=(Column(name="symbol", kind=Kind.TEXT), Column(name="date", kind=Kind.DAY), *_PRICES)
)
INTRADAY_BARS = Schema(
    name="bars", columns=(Column(name="symbol", kind=Kind.TEXT), Column(name="timestamp", kind=Kind.MOMENT), *_PRICES)
)
NEWS = Schema(
    name="news",
    columns=(
        Column(name="symbol", kind=Kind.TEXT),
        Column(name="published_at", kind=Kind.MOMENT),
        Column(name="source", kind=Kind.TEXT, nullable=True),
        Column(name="text", kind=Kind.TEXT),
    ),
)
UNIVERSE = Schema(
    name="universe",
    columns=(
        Column(name="symbol", kind=Kind.TEXT),
        Column(name="name", kind=Kind.TEXT, nullable=True),
        Column(name="sector", kind=Kind.TEXT, nullable=True),
        Column(name="market_cap", kind=Kind.PRICE, nullable=True, optional=True),
    ),
)
FEAR = Schema(name="fear index", columns=(Column(name="date", kind=Kind.DAY), Column(name="close", kind=Kind.PRICE)))

_NUMBERS = frozenset({Kind.PRICE, Kind.COUNT})


def check_columns(table: Table, schema: Schema) -> None:
    """Raise SchemaError unless every column is there, of a fitting type, and holds at least one value."""
    for column in schema.columns:
        if column.name not in table.frame.columns:
            if column.optional:
                continue
            raise SchemaError(
                f"the {schema.name} table has no such column",
                file=table.file,
                field=column.name,
                fix=_mend_missing(column.name, table.frame.columns),
            )
        _check_type(table, column)
    if table.frame.is_empty():
        raise SchemaError("has a header and no rows", file=table.file, fix="give a file with at least one data row")
    for column in schema.columns:
        if column.name in table.frame.columns and column.kind in _NUMBERS and not column.optional:
            _check_not_hollow(table, column)


def _mend_missing(name: str, present: list[str]) -> str:
    plain = {_plain(other): other for other in present}
    near = get_close_matches(_plain(name), plain, n=1, cutoff=0.6)
    if near:
        return f"rename column {plain[near[0]]!r} to {name!r}"
    if len(present) == 1 and any(mark in present[0] for mark in ";\t|"):
        return "separate the columns with commas"
    if name == "adj_close":
        return "add it; where prices are already adjusted it equals 'close'"
    return f"add column {name!r} (the file has {', '.join(present[:12])})"


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_").replace(".", "_")


def _check_type(table: Table, column: Column) -> None:
    dtype = table.frame.schema[column.name]
    text = dtype == pl.String
    if dtype == pl.Null or text:
        return
    if column.kind in _NUMBERS:
        fits = dtype.is_numeric()
    elif column.kind in {Kind.DAY, Kind.MOMENT}:
        fits = dtype == pl.Date or isinstance(dtype, pl.Datetime)
    else:
        fits = False
    if not fits:
        raise SchemaError(
            f"has type {dtype} where {column.kind.value} belongs",
            file=table.file,
            field=column.name,
            fix=f"store the column as {_STORE_AS[column.kind]}",
        )


_STORE_AS = {
    Kind.TEXT: "text",
    Kind.DAY: "dates or ISO text",
    Kind.MOMENT: "UTC timestamps or ISO text",
    Kind.PRICE: "numbers",
    Kind.COUNT: "numbers",
}


def _check_not_hollow(table: Table, column: Column) -> None:
    cells = table.frame[column.name]
    missing = cells.is_null()
    if cells.dtype.is_float():
        missing |= cells.is_nan().fill_null(True)
    elif cells.dtype == pl.String:
        missing |= cells.str.strip_chars().is_in(MISSING_NUMBERS).fill_null(True)
    if missing.all():
        raise SchemaError(
            "every cell of the column is missing",
            file=table.file,
            field=column.name,
            fix="export the file again with this column filled",
        )


MISSING_NUMBERS = ["", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None", "-"]
"""Texts that mean *no number*; they are a missing cell, not a wrong one."""
