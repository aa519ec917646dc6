"""Best bids and asks as events: a file with one quote a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.surveillance.events.cells import floats, rounded, times
from tradewind.surveillance.events.coding import TextCodes
from tradewind.surveillance.events.columns import QUOTE_ALIASES, find_columns
from tradewind.surveillance.events.decode import LARGEST, Block
from tradewind.surveillance.events.dialect import Dialect, learn_quotes
from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.order import Orderer
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sources import Batch, Source, open_source
from tradewind.surveillance.events.table import EventTable, Kind, Names


def read_quotes(
    path: str | Path,
    *,
    problems: Problems | None = None,
    options: ReadOptions | None = None,
    like: Dialect | None = None,
) -> Iterator[EventTable]:
    """Yield a file of ``symbol, timestamp, bid, bid_size, ask, ask_size`` as QUOTE rows: two a quote, the bid first.

    A side without a price is quoted at price 0, size 0: it is empty. A quote with a time, symbol or number that cannot
    be read is reported and left out.

    Parameters
    ----------
    like : the dialect of the events the quotes are merged with: theirs are the units of price and size.

    Raises
    ------
    InputError : the file is not there or damaged.
    SchemaError : it lacks a column.
    """
    how, found = options or ReadOptions(), Problems() if problems is None else problems
    source = open_source(path)
    columns = find_columns(source.names, source.file, None, tuple(QUOTE_ALIASES), QUOTE_ALIASES)
    dialect = learn_quotes(source, columns, ReadOptions(price_unit=how.price_unit), found)
    names = (Names() if how.symbols is None else how.symbols, Names() if how.accounts is None else how.accounts)
    return _quotes(source, dialect, like, names, Orderer(dialect, how.window, found), found)


def _quotes(
    source: Source,
    dialect: Dialect,
    like: Dialect | None,
    names: tuple[Names, Names],
    orderer: Orderer,
    problems: Problems,
) -> Iterator[EventTable]:
    scales = (dialect.price_scale, dialect.size_scale) if like is None else (like.price_scale, like.size_scale)
    coder = TextCodes(names[0].code, -1)
    for batch in source.batches(list(dialect.columns.values()), problems):
        found = _columns(batch, dialect, coder, scales)
        bad = found.pop("bad")
        for row in np.flatnonzero(bad).tolist():
            text = "a quote with a time, a symbol, a price or a size that cannot be read"
            problems.add(Problem(code="unreadable", message=text, row=int(batch.rows[row])))
        kept = np.flatnonzero(~bad)
        rows = np.repeat(batch.rows[kept], 2)
        yield from orderer.push(
            Block(_table(found, kept, rows if like is None else np.full(len(rows), -1), names), rows)
        )
    yield from orderer.finish()


def _columns(batch: Batch, dialect: Dialect, coder: TextCodes, scales: tuple[float, float]) -> dict[str, AnyArray]:
    """Return time, symbol, the four numbers in the table's units, and which rows are bad."""
    columns = dialect.columns
    time = times(batch.columns[columns["time"]], dialect.time_factor)
    symbol = coder(batch.columns[columns["symbol"]])
    bad = time.empty | time.unreadable | (symbol < 0)
    found: dict[str, AnyArray] = {"time": time.values, "symbol": symbol}
    for field, scale in (("bid", scales[0]), ("ask", scales[0]), ("bid_size", scales[1]), ("ask_size", scales[1])):
        cells = floats(batch.columns[columns[field]])
        values = rounded(cells.values, scale)
        none = np.isnan(values)
        bad |= cells.unreadable | (~none & ~((values >= 0) & (values < LARGEST)))
        found[field] = np.where(none | ~((values >= 0) & (values < LARGEST)), 0, values).astype(np.int64)
    found["bad"] = bad
    return found


def _table(found: Mapping[str, AnyArray], kept: IntArray, seq: IntArray, names: tuple[Names, Names]) -> EventTable:
    def both(bid: str, ask: str) -> IntArray:
        return np.stack([found[bid][kept], found[ask][kept]], axis=1).ravel()

    n = 2 * len(kept)
    price = both("bid", "ask")
    return EventTable(
        time=both("time", "time"),
        symbol=both("symbol", "symbol").astype(np.int32),
        seq=seq.astype(np.int64),
        kind=np.full(n, Kind.QUOTE, dtype=np.int8),
        order=np.zeros(n, dtype=np.int64),
        account=np.full(n, -1, dtype=np.int32),
        side=np.tile(np.array([1, -1], dtype=np.int8), len(kept)),
        price=price,
        size=np.where(price > 0, both("bid_size", "ask_size"), 0),
        symbols=names[0],
        accounts=names[1],
    )
