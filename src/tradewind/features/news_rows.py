"""Which bar a news item belongs to: the first one at whose close it was known."""

from __future__ import annotations

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import IntArray
from tradewind.core.news import NEWS_KINDS


def row_of_items(panel: Panel, news: News) -> IntArray:
    """(m,) row of the panel to which each item belongs; -1 where there is none.

    An item belongs to the first row of its symbol with ``known_at >= published_at``: it was out by that row's close and
    after the close of the symbol's bar before. Items of symbols the panel does not hold, and items after the last bar
    of their symbol, belong to no row. Bars and items that come later change nothing.
    """
    row = np.full(len(news), -1, dtype=np.int64)
    if not len(panel) or not len(news):
        return row
    names = np.array(panel.symbols)
    symbol = np.asarray(news.symbol).astype(str)
    code = np.minimum(np.searchsorted(names, symbol), len(names) - 1)
    held = names[code] == symbol
    order = np.flatnonzero(held)
    order = order[np.argsort(code[order], kind="stable")]
    bounds = np.searchsorted(code[order], np.arange(len(names) + 1))
    published = news.published_at.astype("datetime64[us]")
    for s in range(len(names)):
        items = order[bounds[s] : bounds[s + 1]]
        if len(items):
            first, last = int(panel.offsets[s]), int(panel.offsets[s + 1])
            place = first + np.searchsorted(panel.known_at[first:last], published[items], side="left")
            row[items] = np.where(place < last, place, -1)
    return row


def kind_of_items(news: News) -> IntArray:
    """(m,) index into ``NEWS_KINDS`` of each item; a source of another name counts as ``news``."""
    kind = np.zeros(len(news), dtype=np.int64)
    source = np.asarray(news.source).astype(str)
    for i, name in enumerate(NEWS_KINDS):
        kind[source == name] = i
    return kind
