"""Recognise the common shapes of price tables, and say what was understood."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tradewind.core.errors import SchemaError
from tradewind.data.tables import Table, load_table

ALIASES = {
    "ticker": "symbol",
    "sym": "symbol",
    "code": "symbol",
    "instrument": "symbol",
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "adjusted": "adj_close",
    "adj_closing_price": "adj_close",
    "close_last": "close",
    "last": "close",
    "price": "close",
    "vol": "volume",
    "datetime": "timestamp",
    "time": "timestamp",
    "day": "date",
    "trade_date": "date",
}
"""Other names of columns, after blanks, dots, slashes and hyphens became underscores and letters small."""

COLUMNS = ("symbol", "date", "timestamp", "open", "high", "low", "close", "adj_close", "volume")
_LOOKED_AT = 500
_AMBIGUOUS = re.compile(r"^\s*\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}(\s.*)?$")
_MIDNIGHT = re.compile(r"^\s*\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$")
_SYMBOL = re.compile(r"^[A-Za-z^][A-Za-z0-9.^=\-]{0,11}$")


@dataclass(frozen=True, kw_only=True, eq=False)
class Recognised:
    """A table in the names that every command reads.

    Attributes
    ----------
    table : None while the symbol must be asked for. first : (k, c) the file's own first rows as text, k <= 8.
    header : the file's own names. notes : what was understood, a sentence each.
    suggested : a symbol, taken from the file's name.
    turned : rows were turned round, newest last; row numbers count from the end then.
    """

    table: Table | None
    header: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    suggested: str | None
    turned: bool


def recognise(file: Path, symbol: str | None = None) -> Recognised:
    """Return what the price table ``file`` holds.

    Parameters
    ----------
    symbol : whose bars they are, for a file without a column that says so.

    Raises
    ------
    InputError : the file cannot be read, or its dates can be read in two ways.
    """
    table = _load(file)
    frame = table.frame
    notes: list[str] = []
    header = tuple(frame.columns)
    first = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in frame.head(8).iter_rows())
    frame = _rename(frame, notes)
    frame = _settle_time(frame, file, notes)
    suggested = None
    if "symbol" not in frame.columns:
        if symbol is None:
            suggested = _symbol_of(file)
            return Recognised(
                table=None, header=header, first=first, notes=tuple(notes), suggested=suggested, turned=False
            )
        frame = frame.with_columns(pl.lit(symbol.strip()).alias("symbol"))
        notes.append(f"There is no column of symbols: every row is a bar of {symbol.strip()}.")
    if "adj_close" not in frame.columns and "close" in frame.columns:
        frame = frame.with_columns(pl.col("close").alias("adj_close"))
        notes.append(
            "There is no adjusted close: the close is used in its place. Splits and dividends that the prices do not "
            "allow for then look like moves."
        )
    frame, turned = _oldest_first(frame, notes)
    return Recognised(
        table=Table(frame=frame, file=Path(file.name)),
        header=header,
        first=first,
        notes=tuple(notes),
        suggested=None,
        turned=turned,
    )


def _load(file: Path) -> Table:
    """Read the file; three header rows of yfinance (price, ticker, date) become columns."""
    if file.suffix.lower() == ".csv":
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            rows = [row for row, _ in zip(csv.reader(lines), range(3), strict=False)]
        if len(rows) == 3 and rows[0][:1] == ["Price"] and rows[1][:1] == ["Ticker"]:
            return Table(frame=_of_yfinance(file, rows[0], rows[1]), file=file)
    return load_table(file)


def _of_yfinance(file: Path, fields: list[str], tickers: list[str]) -> pl.DataFrame:
    body = pl.read_csv(
        file, has_header=False, skip_rows=3, infer_schema=False, new_columns=[str(at) for at in range(len(fields))]
    )
    parts = []
    for ticker in dict.fromkeys(tickers[1:]):
        places = [at for at, name in enumerate(tickers) if at and name == ticker]
        own = body.select(
            pl.lit(ticker).alias("symbol"),
            pl.col("0").alias("date"),
            *(pl.col(str(at)).alias(fields[at]) for at in places),
        )
        traded = pl.any_horizontal(pl.col(fields[at]).is_not_null() for at in places)
        parts.append(own.filter(traded))
    return pl.concat(parts, how="diagonal")


def _rename(frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    taken = set(frame.columns)
    names: dict[str, str] = {}
    for own in frame.columns:
        plain = re.sub(r"[\s.\-/]+", "_", own.strip().lower()).strip("_")
        ours = plain if plain in COLUMNS else ALIASES.get(plain)
        if ours is None or ours == own or ours in taken:
            continue
        names[own] = ours
        taken.add(ours)
    if "date" not in taken and "timestamp" not in taken and frame.columns:
        index = frame.columns[0]
        if index.strip().lower() in {"", "index", "unnamed: 0", "column_1", "_duplicated_0"}:
            names[index] = "date"
            notes.append("The first column has no name: it is read as the date.")
    others = {own: ours for own, ours in names.items() if own.strip() and own.strip().lower() != ours}
    if others:
        notes.append(f"Read by other names: {', '.join(f'{own} as {ours}' for own, ours in others.items())}.")
    return frame.rename(names)


def _settle_time(frame: pl.DataFrame, file: Path, notes: list[str]) -> pl.DataFrame:
    """Refuse dates that mean two days; call times that are all midnights dates."""
    column = "timestamp" if "timestamp" in frame.columns else "date"
    if column not in frame.columns:
        return frame
    cells = frame[column]
    if cells.dtype != pl.String:
        if column == "timestamp" and cells.dtype == pl.Date:
            return frame.rename({"timestamp": "date"}) if "date" not in frame.columns else frame.drop("timestamp")
        return frame
    some = cells.drop_nulls().head(_LOOKED_AT).to_list()
    for row, cell in enumerate(some, start=1):
        if _AMBIGUOUS.match(cell):
            raise SchemaError(
                f"{cell!r} can be read as two days (is the day or the month first?), so no date of this kind is taken",
                file=file.name,
                row=row,
                field=column,
                fix="write the dates as YYYY-MM-DD, such as 2015-03-27, and give the file again",
            )
    if column == "timestamp" and "date" not in frame.columns and some and all(_MIDNIGHT.match(one) for one in some):
        notes.append("All times are midnights: they are read as dates of daily bars.")
        return frame.rename({"timestamp": "date"})
    return frame


def _oldest_first(frame: pl.DataFrame, notes: list[str]) -> tuple[pl.DataFrame, bool]:
    """Turn a table round whose every symbol runs from the newest bar to the oldest."""
    column = "timestamp" if "timestamp" in frame.columns else "date"
    if column not in frame.columns or frame.height < 2 or "symbol" not in frame.columns:
        return frame, False
    before = pl.col(column).shift(1).over("symbol")
    steps = frame.select((pl.col(column) < before).sum().alias("down"), (pl.col(column) > before).sum().alias("up"))
    down, up = steps.row(0)
    if not down or up:
        return frame, False
    notes.append("The newest bar came first: rows were turned round, oldest first.")
    return frame.reverse(), True


def _symbol_of(file: Path) -> str | None:
    stem = re.split(r"[\s_(]", file.stem, maxsplit=1)[0]
    return stem.upper() if _SYMBOL.match(stem) else None
