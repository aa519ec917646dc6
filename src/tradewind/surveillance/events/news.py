"""News as events: a file of what was published about which symbol, and when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.surveillance.events.cells import flat, floats, times
from tradewind.surveillance.events.coding import TextCodes
from tradewind.surveillance.events.columns import NEWS_ALIASES, find_columns
from tradewind.surveillance.events.dialect import learn_times
from tradewind.surveillance.events.hashing import hash_texts
from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.order import empty_table, join_tables
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sources import Batch, open_source
from tradewind.surveillance.events.table import EventTable, Kind, Names

_TONES = {"positive": 1, "pos": 1, "good": 1, "bullish": 1, "buy": 1, "negative": -1, "neg": -1, "bad": -1}
_TONES |= {"bearish": -1, "sell": -1}
_NEUTRAL = 0.05
"""A tone nearer to 0 than this is neither good nor bad."""


def read_news_events(
    path: str | Path, *, problems: Problems | None = None, options: ReadOptions | None = None
) -> EventTable:
    """Return a file of news as NEWS rows in the order of time.

    Columns ``symbol`` and ``published_at`` (UTC, or any time that :func:`read_events` understands), and where there
    are any ``text`` (its hash is the row's ``order``) and ``tone`` (a number or a word; its sign is the row's
    ``side``). ``seq`` is -1: news has no place in the venue's numbering. A row without a symbol or a readable time is
    reported and left out.

    Raises
    ------
    InputError : the file is not there or damaged.
    SchemaError : it lacks a column.
    """
    how, found = options or ReadOptions(), Problems() if problems is None else problems
    symbols, accounts = how.symbols, how.accounts
    symbols, accounts = Names() if symbols is None else symbols, Names() if accounts is None else accounts
    source = open_source(path)
    columns = find_columns(source.names, source.file, None, ("time", "symbol"), NEWS_ALIASES)
    factor = learn_times(source, columns, ReadOptions(), found)
    coder = TextCodes(symbols.code, -1)
    tables = []
    for batch in source.batches(list(columns.values()), found):
        time = times(batch.columns[columns["time"]], factor)
        symbol = coder(batch.columns[columns["symbol"]])
        bad = time.empty | time.unreadable | (symbol < 0)
        for row in np.flatnonzero(bad).tolist():
            text = "a piece of news without a symbol or a time that can be read"
            found.add(Problem(code="unreadable", message=text, row=int(batch.rows[row])))
        kept = np.flatnonzero(~bad)
        n = len(kept)
        tables.append(
            EventTable(
                time=time.values[kept],
                symbol=symbol[kept].astype(np.int32),
                seq=np.full(n, -1, dtype=np.int64),
                kind=np.full(n, Kind.NEWS, dtype=np.int8),
                order=_text_hashes(batch, columns.get("text"))[kept],
                account=np.full(n, -1, dtype=np.int32),
                side=_tones(batch, columns.get("tone"))[kept],
                price=np.zeros(n, dtype=np.int64),
                size=np.zeros(n, dtype=np.int64),
                symbols=symbols,
                accounts=accounts,
            )
        )
    table = join_tables(tables) if tables else empty_table(symbols, accounts)
    return table.take(np.argsort(table.time, kind="stable"))


def _text_hashes(batch: Batch, column: str | None) -> IntArray:
    if column is None:
        return np.zeros(len(batch), dtype=np.int64)
    return hash_texts(pc.cast(flat(batch.columns[column]), pa.large_string()))


def _tones(batch: Batch, column: str | None) -> AnyArray:
    """Return +1, -1 or 0 of each row's tone."""
    if column is None:
        return np.zeros(len(batch), dtype=np.int8)
    number = floats(batch.columns[column]).values
    word = TextCodes(lambda text: _TONES.get(text.lower(), 0), 0)(batch.columns[column])
    signs = np.where(np.abs(number) >= _NEUTRAL, np.sign(number), 0)
    return np.where(np.isnan(number), word, signs).astype(np.int8)
