"""From a panel of history to the slices that a stream would have brought."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.news_rows import kind_of_items, row_of_items
from tradewind.features.online.protocol import Slice, SliceNews


def slices_of(panel: Panel, news: News | None = None) -> Iterator[Slice]:
    """Iterate over the slices of ``panel``, oldest first: one a distinct time, its rows by symbol.

    Each item comes with the first bar of its symbol at whose close it was known; items without one (of symbols that
    the panel does not hold, or after their last bar) come with none. Arrays of a slice are views of copies made once.
    """
    order = np.argsort(panel.time_code, kind="stable")
    bounds = np.searchsorted(panel.time_code[order], np.arange(len(panel.times) + 1))
    code = panel.symbol_code[order].astype(np.int64)
    known = panel.known_at[order].astype("datetime64[us]").astype(np.int64)
    fields = {name: getattr(panel, name)[order] for name in PRICE_FIELDS}
    fear = None if panel.fear is None else panel.fear[order]
    times = panel.times.astype("datetime64[us]").astype(np.int64)
    items = _Items(panel, news, order, bounds) if news is not None else None
    for t in range(len(times)):
        part = slice(int(bounds[t]), int(bounds[t + 1]))
        yield Slice(
            time=int(times[t]),
            code=code[part],
            known_at=known[part],
            fear=None if fear is None else fear[part],
            news=None if items is None else items.of(t),
            **{name: column[part] for name, column in fields.items()},
        )


class _Items:
    """Items of a panel by slice, in order of publication within each."""

    def __init__(self, panel: Panel, news: News, order: IntArray, bounds: IntArray) -> None:
        row = row_of_items(panel, news)
        held = np.flatnonzero(row >= 0)
        published = news.published_at.astype("datetime64[us]").astype(np.int64)
        when = panel.time_code[row[held]]
        held = held[np.lexsort((published[held], when))]
        place = np.empty(len(panel), dtype=np.int64)
        place[order] = np.arange(len(panel))
        self._row = place[row[held]] - bounds[panel.time_code[row[held]]]
        self._kind, self._published = kind_of_items(news)[held], published[held]
        self._text = [str(text) for text in news.text[held]]
        self._bounds = np.searchsorted(panel.time_code[row[held]], np.arange(len(panel.times) + 1))

    def of(self, t: int) -> SliceNews:
        part = slice(int(self._bounds[t]), int(self._bounds[t + 1]))
        return SliceNews(
            row=self._row[part], kind=self._kind[part], published_at=self._published[part], text=self._text[part]
        )
