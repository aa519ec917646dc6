"""Read files of events: foreign spellings, disorder and bad rows included, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tradewind.surveillance.events.cells import times
from tradewind.surveillance.events.decode import Decoder
from tradewind.surveillance.events.dialect import Dialect, learn_dialect
from tradewind.surveillance.events.merge import merged, rechunked
from tradewind.surveillance.events.news import read_news_events
from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.order import Orderer, empty_table, join_tables
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.quotes import read_quotes
from tradewind.surveillance.events.sources import Source, open_source
from tradewind.surveillance.events.table import EventTable, Names

DEFAULT_OPTIONS = ReadOptions()
_DISORDER = 0.001
"""A file with more than this share of its rows further out of place than the window is sorted whole."""


def read_events(
    path: str | Path,
    *,
    chunk_rows: int | None = None,
    news: str | Path | None = None,
    quotes: str | Path | None = None,
    problems: Problems | None = None,
    options: ReadOptions = DEFAULT_OPTIONS,
) -> Iterator[EventTable]:
    """Yield the events of a Parquet or CSV file in the order of time, in chunks.

    Memory is bounded by the chunk, the window of the options and the names of the accounts; a file that is far out of
    order (one symbol after the other, say) is the exception: it is read whole. Times never decrease. Rows that make no
    sense go to ``problems`` and are left out; they never stop the run. However the file is cut, the rows are the same.

    Parameters
    ----------
    path : the file; columns ``timestamp_ns, symbol, venue_seq, kind, order_id, account, side, price, size`` under these
        or other usual names. See ``docs/surveillance_events.md`` for what is understood.
    chunk_rows : rows of a chunk; by default as they are read, about 130,000.
    news : a file of news to merge in; a piece of news comes before the events of its moment.
    quotes : a file of best bids and asks to merge in likewise.

    Raises
    ------
    InputError : the file is not there, of another suffix, empty or damaged.
    SchemaError : it lacks a column.
    """
    found = Problems() if problems is None else problems
    source = open_source(path)
    dialect = learn_dialect(source, options, found)
    options = replace(options, symbols=_names(options.symbols), accounts=_names(options.accounts))
    chunks = _ordered(source, dialect, options, found)
    if quotes is not None:
        chunks = merged(chunks, read_quotes(quotes, problems=found, options=options, like=dialect))
    if news is not None:
        chunks = merged(chunks, iter([read_news_events(news, problems=found, options=options)]))
    return chunks if chunk_rows is None else rechunked(chunks, chunk_rows)


def read_all(
    path: str | Path,
    *,
    news: str | Path | None = None,
    quotes: str | Path | None = None,
    problems: Problems | None = None,
    options: ReadOptions = DEFAULT_OPTIONS,
) -> EventTable:
    """Return all events of a file as one table; see :func:`read_events`."""
    chunks = list(read_events(path, news=news, quotes=quotes, problems=problems, options=options))
    return join_tables(chunks) if chunks else empty_table()


def _names(given: Names | None) -> Names:
    return Names() if given is None else given


def _ordered(source: Source, dialect: Dialect, options: ReadOptions, problems: Problems) -> Iterator[EventTable]:
    decoder = Decoder(dialect, _names(options.symbols), _names(options.accounts), problems)
    window = options.window
    out_of_place, rows = _out_of_place(source, dialect, window)
    if out_of_place > max(100, _DISORDER * rows):
        text = f"{out_of_place} of {rows} rows come more than {window} rows too late"
        problems.add(Problem(code="unsorted", message=text))
        window = 2 * rows + 1
    orderer = Orderer(dialect, window, problems)
    for batch in source.batches(list(dialect.columns.values()), problems):
        yield from orderer.push(decoder.decode(batch))
    yield from orderer.finish()


def _out_of_place(source: Source, dialect: Dialect, window: int) -> tuple[int, int]:
    """Return how many rows lie, in time, before a row more than ``window`` rows above them, and the number of rows."""
    name = dialect.columns["time"]
    held = np.empty(0, dtype=np.int64)
    latest = np.iinfo(np.int64).min
    found = rows = 0
    for batch in source.batches([name]):
        time = times(batch.columns[name], dialect.time_factor)
        usable = time.values[dialect.usable(time)]
        rows += len(usable)
        joined = np.concatenate([held, usable])
        reached = np.maximum(np.maximum.accumulate(joined), latest)
        late = joined[window:] < reached[:-window] if len(joined) > window else np.empty(0, dtype=bool)
        found += int(late[max(len(held) - window, 0) :].sum())
        held = joined[-window:]
        if len(joined) > window:
            latest = int(reached[-window - 1])
    return found, rows
