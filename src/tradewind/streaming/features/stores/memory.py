"""The newest blocks, in this process."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.stores.base import BlockStore


class MemoryStore(BlockStore):
    """Keeps the blocks of the newest ``keep`` times; threads may share it."""

    def __init__(self, symbols: Sequence[str], names: Sequence[str], *, keep: int = 1024) -> None:
        super().__init__(symbols, names)
        self.keep = keep
        self._blocks: dict[int, FeatureBlock] = {}
        self._times: list[int] = []
        self._lock = threading.Lock()

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``; the other rows of its time stay."""
        with self._lock:
            held = self._blocks.get(block.time)
            if held is None:
                insort(self._times, block.time)
            self._blocks[block.time] = block if held is None else held.merged(block)
            while len(self._times) > self.keep:
                del self._blocks[self._times.pop(0)]

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none."""
        return self._blocks.get(time)

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""
        with self._lock:
            first = 0 if start is None else bisect_left(self._times, start)
            last = len(self._times) if stop is None else bisect_left(self._times, stop)
            return self._times[first:last]

    def status(self) -> Mapping[str, Any]:
        """Return its state, JSON-ready."""
        return {"kind": "memory", "degraded": False, "slices": len(self._times)}
