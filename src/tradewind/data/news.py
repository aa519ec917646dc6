"""Read and write news items."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import News, Panel, SchemaError
from tradewind.core.clock import Clock, SystemClock
from tradewind.data.cells import read_text, read_time
from tradewind.data.faults import FaultLog
from tradewind.data.schema import NEWS, check_columns
from tradewind.data.tables import load_table, save_table

DEFAULT_SOURCE = "news"


def read_news(path: str | Path, *, quarantine: str | Path | None = None, clock: Clock | None = None) -> News:
    """Read ``symbol, published_at, source, text`` from a CSV or Parquet file.

    Times without a zone are UTC; a missing source counts as ``"news"``; rows may be in any order and are returned
    sorted by time.

    Raises
    ------
    InputError : the file cannot be read, lacks a column, or holds a row without symbol, time or text, or with a time
        that is unreadable, in the future, or in another time zone than the others. The message names file, row,
        column, value and what to do; with ``quarantine`` such rows go there instead.
    """
    table = load_table(path)
    check_columns(table, NEWS)
    log = FaultLog(table)
    symbol_column, time_column, source_column, text_column = NEWS.columns
    symbol = read_text(table, symbol_column, log)
    time = read_time(table, time_column, log, (clock or SystemClock()).now())
    source = read_text(table, source_column, log).fill_null(DEFAULT_SOURCE)
    read_text(table, text_column, log)
    good = np.flatnonzero(log.settle(quarantine))
    order = good[np.argsort(time[good], kind="stable")]
    raw = table.frame["text"].cast(pl.String)
    return News(
        symbol=symbol.gather(order).to_numpy().astype(str),
        published_at=time[order],
        source=source.gather(order).to_numpy().astype(str),
        text=np.array(raw.gather(order).to_list(), dtype=object),
    )


def check_news_covers(news: News, panel: Panel, file: str | Path) -> None:
    """Raise SchemaError when no item of ``news`` can bear on a bar of ``panel``.

    That is so when every item was published before the first bar, or after the last was known, or when the two share
    no symbol.
    """
    first, last = panel.time.min(), panel.known_at.max()
    latest, earliest = news.published_at[-1], news.published_at[0]
    if latest < first:
        problem = f"all news lies before the first bar: the last item is of {latest}, the first bar of {first}"
        raise SchemaError(problem, file=file, field="published_at", fix="give the news of the prices' dates")
    if earliest > last:
        problem = f"all news lies after the last bar: the first item is of {earliest}, the last bar is known at {last}"
        raise SchemaError(problem, file=file, field="published_at", fix="give the news of the prices' dates")
    if not set(np.unique(news.symbol).tolist()) & set(panel.symbols):
        problem = f"none of its symbols ({', '.join(np.unique(news.symbol)[:3])}, ...) is in the prices"
        raise SchemaError(problem, file=file, field="symbol", fix="spell the symbols as the prices file does")


def write_news(news: News, path: str | Path) -> Path:
    """Write ``news`` as CSV or Parquet, by the suffix, whole or not at all; OutputError where that fails."""
    frame = pl.DataFrame(
        {
            "symbol": pl.Series(news.symbol.tolist(), dtype=pl.String),
            "published_at": pl.Series(news.published_at.astype("datetime64[us]")).dt.replace_time_zone("UTC"),
            "source": pl.Series(news.source.tolist(), dtype=pl.String),
            "text": pl.Series(news.text.tolist(), dtype=pl.String),
        }
    )
    return save_table(frame, path)
