"""The latest slices kept as they came, and the panel they make: what batch definitions are computed on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.news import NEWS_KINDS
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.online.memory import pack_texts, unpack_texts
from tradewind.features.online.protocol import Slice, SliceNews, State


class SliceHistory:
    """The latest ``reach`` slices (None: all).

    ``fear`` and ``news`` say whether the panel has a fear index and items; a slice without them then has none.
    """

    def __init__(
        self, symbols: Sequence[str], sectors: Sequence[str], *, fear: bool, news: bool, reach: int | None = None
    ) -> None:
        self._symbols, self._sectors = tuple(symbols), tuple(sectors)
        self._fear, self._news, self._reach = fear, news, reach
        self._slices: deque[Slice] = deque(maxlen=reach)

    def __len__(self) -> int:
        """Return how many slices are kept."""
        return len(self._slices)

    def add(self, part: Slice) -> None:
        """Keep ``part`` and forget the slice that is beyond reach."""
        self._slices.append(part)

    def panel(self) -> tuple[Panel, News | None, IntArray]:
        """Return the panel of the slices kept, their news, and the rows of the panel that are the last slice's."""
        code = self._joined("code")
        width = [len(part) for part in self._slices]
        slot = np.repeat(np.arange(len(width)), width)
        order = np.lexsort((slot, code))
        kept, count = np.unique(code, return_counts=True)
        time = np.array([part.time for part in self._slices], dtype=np.int64)[slot]
        panel = Panel(
            symbols=tuple(self._symbols[c] for c in kept),
            offsets=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            time=time[order].astype("datetime64[us]"),
            known_at=self._joined("known_at")[order].astype("datetime64[us]"),
            sectors=tuple(self._sectors[c] for c in kept),
            market_cap=np.full(len(kept), np.nan),
            fear=self._joined("fear")[order] if self._fear else None,
            **{name: self._joined(name)[order] for name in PRICE_FIELDS},
        )
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return panel, self._items() if self._news else None, place[len(code) - (width[-1] if width else 0) :]

    def _joined(self, name: str) -> AnyArray:
        kind = np.int64 if name in ("code", "known_at") else np.float64
        parts = [_column(part, name) for part in self._slices]
        return np.concatenate(parts).astype(kind) if parts else np.empty(0, dtype=kind)

    def _items(self) -> News:
        with_news = [(part, part.news) for part in self._slices if part.news is not None]
        text = [text for _, news in with_news for text in news.text]
        held = np.empty(len(text), dtype=object)
        held[:] = text
        symbols = [self._symbols[c] for part, news in with_news for c in part.code[news.row].tolist()]
        kinds = [NEWS_KINDS[kind] for _, news in with_news for kind in news.kind.tolist()]
        published = np.concatenate([np.empty(0, dtype=np.int64), *(news.published_at for _, news in with_news)])
        order = np.argsort(published, kind="stable")
        return News(
            symbol=np.array(symbols, dtype=str)[order],
            published_at=published.astype("datetime64[us]")[order],
            source=np.array(kinds, dtype=str)[order],
            text=held[order],
        )

    def snapshot(self) -> dict[str, AnyArray]:
        """Return the slices as named arrays."""
        news = [part.news or NO_NEWS for part in self._slices]
        raw, length = pack_texts([text for items in news for text in items.text])
        state = {
            "slice.time": np.array([part.time for part in self._slices], dtype=np.int64),
            "slice.rows": np.array([len(part) for part in self._slices], dtype=np.int64),
            "slice.items": np.array([len(items.text) for items in news], dtype=np.int64),
            "item.text": raw,
            "item.length": length,
        }
        for name in ("row", "kind", "published_at"):
            parts = [getattr(items, name) for items in news]
            state[f"item.{name}"] = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        return state | {f"row.{name}": self._joined(name) for name in ("code", "known_at", *PRICE_FIELDS, "fear")}

    def restore(self, state: State) -> None:
        """Keep the slices that :meth:`snapshot` gave, and no others."""
        rows = np.concatenate([[0], np.cumsum(state["slice.rows"])]).astype(int)
        items = np.concatenate([[0], np.cumsum(state["slice.items"])]).astype(int)
        texts = unpack_texts(state["item.text"], state["item.length"])
        self._slices = deque(maxlen=self._reach)
        for time, (a, b), (c, d) in zip(state["slice.time"].tolist(), pairwise(rows), pairwise(items), strict=True):
            news = SliceNews(
                row=state["item.row"][c:d],
                kind=state["item.kind"][c:d],
                published_at=state["item.published_at"][c:d],
                text=texts[c:d],
            )
            columns = {name: state[f"row.{name}"][a:b] for name in ("code", "known_at", *PRICE_FIELDS, "fear")}
            self._slices.append(Slice(time=time, news=news, **columns))


NO_NEWS = SliceNews(
    row=np.empty(0, dtype=np.int64), kind=np.empty(0, dtype=np.int64), published_at=np.empty(0, dtype=np.int64), text=()
)
"""The news of a slice that brought none."""


def _column(part: Slice, name: str) -> AnyArray:
    column: AnyArray | None = getattr(part, name)
    return np.full(len(part), np.nan) if column is None else column
