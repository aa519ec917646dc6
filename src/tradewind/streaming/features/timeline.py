"""The slices that can still be corrected, the engine that has seen them, and the way back to before any of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.online.history import NO_NEWS
from tradewind.features.online.memory import BEFORE_ALL, pack_texts, unpack_texts
from tradewind.features.online.protocol import Slice, SliceEngine, SliceNews, State
from tradewind.streaming.features.assembly import Bars
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.pending import Item, PendingNews

DENSE = 8
"""Memories kept at every ``snapshot_every`` slices; older ones are kept at every ``SPARSE`` of those."""
SPARSE = 8


@dataclass(frozen=True)
class Memory:
    """What the engine knew after the slice of ``time``, the ``index``-th."""

    time: int
    index: int
    state: State


class Timeline:
    """The newest ``keep`` slices, at least, and an engine that stands behind the last of them.

    A change to a kept slice restores the newest memory from before it and takes the slices since then in again: the
    result is what would have come of the changed slices in the first place, to the last bit.
    """

    def __init__(self, engine: SliceEngine, n_symbols: int, *, keep: int, every: int, fear: bool, news: bool) -> None:
        self.engine, self.keep, self.every = engine, keep, every
        self._fear, self._with_news = fear, news
        self.news = PendingNews()
        self.parts: list[Slice] = []
        self.blocks: list[FeatureBlock] = []
        self.index = 0  # slices taken in since the very first
        self.forgotten = np.full(n_symbols, BEFORE_ALL, dtype=np.int64)  # known_at of the last bar that is not kept
        self.memories = [Memory(BEFORE_ALL, 0, engine.snapshot())]
        self._first = self.memories[0]

    def reset(self) -> None:
        """Forget everything."""
        self.engine.restore(self._first.state)
        self.memories = [self._first]
        self.parts, self.blocks, self.index = [], [], 0
        self.news = PendingNews()
        self.forgotten[:] = BEFORE_ALL

    @property
    def oldest(self) -> int:
        """Time after which a change can be taken in."""
        return self.memories[0].time

    def find(self, time: int) -> int:
        """Return the place of the slice of ``time``, or where it would go."""
        return bisect_left(self.parts, time, key=_time)

    def close(self, time: int, bars: Bars) -> FeatureBlock:
        """Take in the bars of ``time``, after the last slice, and the news that waits for them."""
        block = self._advance(self._slice(time, bars))
        return block

    def amend(self, time: int, bars: Bars) -> int:
        """Put ``bars`` into the closed slice of ``time`` without taking it in again; return how many say anything new.

        :meth:`replay` must follow. ValueError where the time is not kept.
        """
        if time <= self.oldest:
            raise ValueError(f"slice {time} is no longer kept")
        place = self.find(time)
        if place == len(self.parts) or self.parts[place].time != time:
            self.parts.insert(place, self._bare(time, bars))
            self.blocks.insert(place, self._nothing(time))
            return len(bars.code)
        part = self.parts[place]
        old = _bars_of(part)
        at = np.minimum(np.searchsorted(old.code, bars.code), len(old.code) - 1)
        held = old.code[at] == bars.code
        new = np.ones(len(bars.code), dtype=bool)
        new[held] = ~bars.rows(held).equal(old.rows(at[held]))
        if new.any():
            self._change(place, part, old, bars.rows(new))
        return int(new.sum())

    def _change(self, place: int, part: Slice, old: Bars, new: Bars) -> None:
        stays = old.rows(~np.isin(old.code, new.code))
        both = Bars(**{k: np.concatenate([getattr(stays, k), getattr(new, k)]) for k in Bars.__dataclass_fields__})
        changed = self._bare(part.time, both.rows(np.argsort(both.code)))
        if part.news is not None:
            row = np.searchsorted(changed.code, part.code[part.news.row])
            changed = replace(changed, news=replace(part.news, row=row))
        self.parts[place] = changed

    def late_item(self, code: int, item: Item) -> int | None:
        """Let ``item`` wait; return the time of the closed slice it belongs to, None where its bar is still to come.

        ValueError where its bar is no longer kept. Where a time comes back, :meth:`replay` must follow.
        """
        published = item[0]
        if published <= self.forgotten[code]:
            raise ValueError(f"the bar of an item published at {published} is no longer kept")
        first = None
        for part in reversed(self.parts):
            row = int(np.searchsorted(part.code, code))
            if row < len(part.code) and part.code[row] == code:
                if part.known_at[row] < published:
                    break
                first = part.time
        self.news.add(code, item)
        return first

    def replay(self, since: int) -> Iterator[tuple[FeatureBlock, AnyArray]]:
        """Take in the slices from ``since`` on again; iterate over what changed: (block, mask of its changed rows)."""
        while self.memories[-1].time >= since:
            self.memories.pop()
        memory = self.memories[-1]
        self.engine.restore(memory.state)
        place = self.find(memory.time + 1)
        again, before = self.parts[place:], self.blocks[place:]
        del self.parts[place:], self.blocks[place:]
        for part in again:
            if part.time >= since and part.news is not None:
                self.news.give_back(part.code, part.news)
        self.index = memory.index
        for part, old in zip(again, before, strict=True):
            if part.time >= since:
                part = self._with_items(part)
            block, changed = self._features(part).after(old)
            self._keep(part, block)
            if changed.any():
                yield block, changed

    def _advance(self, part: Slice) -> FeatureBlock:
        block = self._features(part)
        self._keep(part, block)
        return block

    def _features(self, part: Slice) -> FeatureBlock:
        found = self.engine.advance(part)
        return FeatureBlock(
            time=part.time,
            code=part.code,
            known_at=part.known_at,
            values=found.values.astype(np.float32),
            scale=found.scale,
            occasion=found.occasion,
            revision=np.zeros(len(part), dtype=np.int32),
        )

    def _keep(self, part: Slice, block: FeatureBlock) -> None:
        self.parts.append(part)
        self.blocks.append(block)
        self.index += 1
        if self.index % self.every == 0:
            self._remember()

    def _remember(self) -> None:
        """Keep a memory of now, and of the older ones and of the slices what is needed to go back ``keep`` slices."""
        self.memories.append(Memory(self.parts[-1].time, self.index, self.engine.snapshot()))
        old, new = self.memories[:-DENSE], self.memories[-DENSE:]
        self.memories = [m for i, m in enumerate(old) if i == 0 or m.index % (self.every * SPARSE) == 0] + new
        while len(self.memories) > 1 and self.index - self.memories[1].index >= self.keep:
            self.memories.pop(0)
        gone = self.find(self.oldest + 1)
        for part in self.parts[:gone]:
            self.forgotten[part.code] = np.maximum(self.forgotten[part.code], part.known_at)
        del self.parts[:gone], self.blocks[:gone]

    def _slice(self, time: int, bars: Bars) -> Slice:
        return self._with_items(self._bare(time, bars))

    def _bare(self, time: int, bars: Bars) -> Slice:
        columns = {name: np.ascontiguousarray(bars.prices[:, j]) for j, name in enumerate(PRICE_FIELDS)}
        return Slice(
            time=time,
            code=bars.code,
            known_at=bars.known_at,
            fear=bars.fear if self._fear else None,
            news=NO_NEWS if self._with_news else None,
            **columns,
        )

    def _with_items(self, part: Slice) -> Slice:
        return replace(part, news=self.news.take(part.code, part.known_at)) if self._with_news else part

    def _nothing(self, time: int) -> FeatureBlock:
        none = np.empty(0, dtype=np.int64)
        return FeatureBlock(
            time=time,
            code=none,
            known_at=none,
            values=np.empty((0, len(self.engine.names)), dtype=np.float32),
            scale=np.empty(0),
            occasion=np.empty(0, dtype=bool),
            revision=np.empty(0, dtype=np.int32),
        )

    def capture(self) -> Captured:
        """Return all that :meth:`load` needs, in constant time: what it refers to is never changed."""
        return Captured(self.memories[0], list(self.parts), list(self.blocks), self.news.state(), self.forgotten.copy())

    def load(self, state: Mapping[str, AnyArray]) -> list[FeatureBlock]:
        """Take over what :meth:`Captured.state` gave, and return the blocks of the slices that are kept."""
        time, index, is_first = (int(v) for v in state["memory"])
        engine = {name.removeprefix("engine."): a for name, a in state.items() if name.startswith("engine.")}
        self.engine.restore(self._first.state if is_first else engine)
        self.memories = [self._first if is_first else Memory(time, index, self.engine.snapshot())]
        self.parts, self.blocks, self.index = [], [], index
        self.forgotten = state["forgotten"].copy()
        self.news.load({name.removeprefix("news."): a for name, a in state.items() if name.startswith("news.")})
        stop = 0
        blocks = []
        for part in _unpack(state, fear=self._fear, news=self._with_news):
            start, stop = stop, stop + len(part)
            block = replace(self._features(part), revision=state["row.revision"][start:stop])
            self._keep(part, block)
            blocks.append(block)
        return blocks


@dataclass(frozen=True)
class Captured:
    """A timeline as it was at one moment, to be written down later."""

    memory: Memory
    parts: list[Slice]
    blocks: list[FeatureBlock]
    news: dict[str, AnyArray]
    forgotten: IntArray

    def state(self) -> dict[str, AnyArray]:
        """Return it as named arrays."""
        first = self.memory.time == BEFORE_ALL
        news = [part.news or NO_NEWS for part in self.parts]
        raw, length = pack_texts([text for items in news for text in items.text])
        state: dict[str, AnyArray] = {
            "memory": np.array([self.memory.time, self.memory.index, int(first)], dtype=np.int64),
            "forgotten": self.forgotten,
            "part.time": np.array([part.time for part in self.parts], dtype=np.int64),
            "part.rows": np.array([len(part) for part in self.parts], dtype=np.int64),
            "part.items": np.array([len(items.text) for items in news], dtype=np.int64),
            "item.text": raw,
            "item.length": length,
            "row.revision": np.concatenate([np.empty(0, dtype=np.int32), *(block.revision for block in self.blocks)]),
        }
        if not first:
            state |= {f"engine.{name}": array for name, array in self.memory.state.items()}
        for name in ("row", "kind", "published_at"):
            state[f"item.{name}"] = np.concatenate([getattr(items, name) for items in (NO_NEWS, *news)])
        bars = [_EMPTY, *(_bars_of(part) for part in self.parts)]
        for name in ("code", "known_at", "prices", "fear"):
            state[f"row.{name}"] = np.concatenate([getattr(part, name) for part in bars])
        return state | {f"news.{name}": array for name, array in self.news.items()}


def _unpack(state: Mapping[str, AnyArray], *, fear: bool, news: bool) -> Iterator[Slice]:
    texts = unpack_texts(state["item.text"], state["item.length"])
    row_stop, item_stop = np.cumsum(state["part.rows"]).tolist(), np.cumsum(state["part.items"]).tolist()
    row = item = 0
    for time, end, last in zip(state["part.time"].tolist(), row_stop, item_stop, strict=True):
        rows, items = slice(row, end), slice(item, last)
        row, item = end, last
        columns = {name: state["row.prices"][rows, j].copy() for j, name in enumerate(PRICE_FIELDS)}
        held = SliceNews(
            row=state["item.row"][items],
            kind=state["item.kind"][items],
            published_at=state["item.published_at"][items],
            text=texts[items],
        )
        yield Slice(
            time=time,
            code=state["row.code"][rows],
            known_at=state["row.known_at"][rows],
            fear=state["row.fear"][rows] if fear else None,
            news=held if news else None,
            **columns,
        )


def _bars_of(part: Slice) -> Bars:
    return Bars(
        code=part.code,
        known_at=part.known_at,
        written_at=np.zeros(len(part), dtype=np.int64),
        prices=np.column_stack([getattr(part, name) for name in PRICE_FIELDS]),
        fear=np.full(len(part), np.nan) if part.fear is None else part.fear,
    )


_EMPTY = Bars(
    code=np.empty(0, dtype=np.int64),
    known_at=np.empty(0, dtype=np.int64),
    written_at=np.empty(0, dtype=np.int64),
    prices=np.empty((0, len(PRICE_FIELDS))),
    fear=np.empty(0),
)


def _time(part: Slice) -> int:
    return part.time
