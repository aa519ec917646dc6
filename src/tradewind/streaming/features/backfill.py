"""History first: rows for the store, a warm engine, full windows, before the stream begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, cast

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import IntArray
from tradewind.core.ids import content_id
from tradewind.core.news import NEWS_KINDS
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features import compute_features
from tradewind.features.news_rows import kind_of_items
from tradewind.features.online.slices import slices_of
from tradewind.features.text.protocol import TextScorer
from tradewind.models.past import return_scale
from tradewind.quality import mark_occasions
from tradewind.streaming.features.assembly import Bars
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.records import NewsItem


def backfill(service: FeatureService, panel: Panel, news: News | None = None) -> int:
    """Feed ``panel`` and ``news`` to ``service`` as the stream would have brought them; return the rows that were new.

    Slices that the service has already are passed over, so a second call has no effect. Rows go to the store, to the
    windows and, with the cause ``backfill``, to the listeners. Symbols that are not of the service's universe are left
    out. News that belongs to no bar of the panel waits for the next one.

    Raises
    ------
    UsageError : the stream has begun, so that slices are open.
    """
    place = _places(panel, service.symbols)
    items = _items(news) if news is not None and service.settings.news else []
    rows = at = 0
    for part in slices_of(panel):
        code = place[part.code]
        held = code >= 0
        if not held.any():
            continue
        last = int(part.known_at[held].max())
        while at < len(items) and items[at].published_at <= last:
            service.take_item(items[at], history=True)
            at += 1
        fear = np.full(len(part), np.nan) if part.fear is None else part.fear
        bars = Bars(
            code=code,
            known_at=part.known_at,
            written_at=np.zeros(len(part), dtype=np.int64),
            prices=np.column_stack([getattr(part, name) for name in PRICE_FIELDS]),
            fear=fear,
        )
        rows += service.fill(part.time, bars.rows(np.flatnonzero(held)))
    for item in items[at:]:
        service.take_item(item, history=True)
    return rows


def backfill_store(
    store: FeatureStore, panel: Panel, news: News | None = None, *, scorer: TextScorer | None = None
) -> int:
    """Fill ``store`` with the rows of ``panel`` by the batch definitions, without an engine; return how many.

    For a history that is wanted as of past moments, with no stream behind it. Writing it again has no effect.
    """
    values = compute_features(panel, news, names=store.names, scorer=scorer).values
    scale, occasion = return_scale(panel), mark_occasions(panel, news=news)
    place = _places(panel, store.symbols)
    code = place[panel.symbol_code]
    known = panel.known_at.astype("datetime64[us]").astype(np.int64)
    order = np.lexsort((code, panel.time_code))
    order = order[code[order] >= 0]
    times = panel.times.astype("datetime64[us]").astype(np.int64)
    bounds = np.searchsorted(panel.time_code[order], np.arange(len(times) + 1))
    for t, time in enumerate(times.tolist()):
        rows = order[bounds[t] : bounds[t + 1]]
        if len(rows):
            store.put(
                FeatureBlock(
                    time=time,
                    code=code[rows],
                    known_at=known[rows],
                    values=values[rows],
                    scale=scale[rows],
                    occasion=occasion[rows],
                    revision=np.zeros(len(rows), dtype=np.int32),
                )
            )
    return len(order)


def _places(panel: Panel, symbols: Sequence[str]) -> IntArray:
    """(S,) code in ``symbols`` of each symbol of the panel; -1 where it is not there."""
    code = {symbol: c for c, symbol in enumerate(symbols)}
    return np.array([code.get(symbol, -1) for symbol in panel.symbols], dtype=np.int64)


def _items(news: News) -> list[NewsItem]:
    published = news.published_at.astype("datetime64[us]").astype(np.int64).tolist()
    kinds = [cast(Literal["news", "social", "transcript"], NEWS_KINDS[kind]) for kind in kind_of_items(news).tolist()]
    rows = list(zip(news.symbol.tolist(), published, news.text.tolist(), kinds, strict=True))
    before: Counter[object] = Counter()
    items = []
    for row in rows:
        symbol, at, text, kind = row
        more = before[row]  # equal rows of a table are different items
        before[row] += 1
        name = f"{at} {content_id(kind, text)} {more}" if more else ""
        items.append(NewsItem(symbol=symbol, published_at=at, text=text, kind=kind, id=name))
    return items
