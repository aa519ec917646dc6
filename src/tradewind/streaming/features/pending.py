"""News that waits for its bar."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.features.online.memory import pack_texts, unpack_texts
from tradewind.features.online.protocol import SliceNews

Item = tuple[int, int, str]
"""(published_at, kind, text); their order is that of the items of a slice, whatever order they came in."""


class PendingNews:
    """Items of each symbol that no bar has taken yet."""

    def __init__(self) -> None:
        self._items: dict[int, list[Item]] = {}

    def __len__(self) -> int:
        """Return the number of items."""
        return sum(len(items) for items in self._items.values())

    def waiting(self, code: int) -> int:
        """Return how many items of symbol ``code`` wait."""
        return len(self._items.get(code, ()))

    def add(self, code: int, item: Item) -> None:
        """Let ``item`` of symbol ``code`` wait for its bar."""
        insort(self._items.setdefault(code, []), item)

    def give_back(self, code: IntArray, news: SliceNews) -> None:
        """Let the items of a slice whose rows are ``code`` wait again."""
        rows = zip(news.row.tolist(), news.published_at.tolist(), news.kind.tolist(), news.text, strict=True)
        for row, published, kind, text in rows:
            self.add(int(code[row]), (published, kind, text))

    def take(self, code: IntArray, known_at: IntArray) -> SliceNews:
        """Remove and return the items that were published by ``known_at`` of the bar of their symbol in ``code``."""
        found: list[tuple[Item, int]] = []
        if self._items:
            for symbol in [symbol for symbol in self._items if _holds(code, symbol)]:
                row = int(np.searchsorted(code, symbol))
                items = self._items[symbol]
                stop = bisect_right(items, int(known_at[row]), key=_published)
                found.extend((item, row) for item in items[:stop])
                if stop == len(items):
                    del self._items[symbol]
                else:
                    del items[:stop]
        found.sort()
        return SliceNews(
            row=np.array([row for _, row in found], dtype=np.int64),
            kind=np.array([kind for (_, kind, _), _ in found], dtype=np.int64),
            published_at=np.array([published for (published, _, _), _ in found], dtype=np.int64),
            text=[text for (_, _, text), _ in found],
        )

    def state(self) -> dict[str, AnyArray]:
        """Return a copy as named arrays."""
        rows = [(code, *item) for code, items in self._items.items() for item in items]
        raw, length = pack_texts([row[3] for row in rows])
        numbers = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
        return {"numbers": numbers, "text": raw, "length": length}

    def load(self, state: Mapping[str, AnyArray]) -> None:
        """Take over what :meth:`state` gave."""
        self._items = {}
        texts = unpack_texts(state["text"], state["length"])
        for (code, published, kind), text in zip(state["numbers"].tolist(), texts, strict=True):
            self.add(code, (published, kind, text))


def _published(item: Item) -> int:
    return item[0]


def _holds(code: IntArray, symbol: int) -> bool:
    place = int(np.searchsorted(code, symbol))
    return place < len(code) and int(code[place]) == symbol
