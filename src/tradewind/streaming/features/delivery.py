"""Where features go: the store, the windows, the listeners; with revisions that only grow, whatever is replayed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tradewind.core.arrays import BoolArray, IntArray
from tradewind.core.clock import Clock
from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.features.blocks import Cause, ClosedSlice, FeatureBlock
from tradewind.streaming.features.stores.errors import StoreError
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.windows import FeatureWindows

logger = logging.getLogger(__name__)

Listener = Callable[[ClosedSlice], None]
MOST_WAITING = 4096
"""Blocks that may wait for a store that takes none; the oldest are given up, and counted, beyond it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(clock: Clock) -> int:
    """Return the clock's present in microseconds since 1970 UTC."""
    passed = clock.now() - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


class Delivery:
    """Hands each block on: first to the store, so that a listener may read it there.

    A store that fails (a full disk) costs the service nothing but memory: what it did not take is tried again.

    Attributes
    ----------
    known_before : blocks up to this time may be in the store already, from a life before; their revisions go on there.
    """

    def __init__(self, store: FeatureStore, windows: FeatureWindows | None, clock: Clock) -> None:
        self.store, self.windows, self.clock = store, windows, clock
        self.listeners: list[Listener] = []
        self.revised = self.given_up = 0
        self._waiting: dict[int, FeatureBlock] = {}
        self._restored: list[FeatureBlock] = []
        self.failure: str | None = None
        times = store.times()
        self.known_before = int(times[-1]) if times else BEFORE_ALL

    def new(self, block: FeatureBlock, written_at: IntArray, read_at: int) -> FeatureBlock:
        """Hand on the block of a slice that closed; return it with its revisions."""
        block = self._after_stored(block)
        self._hand_on(block, "live", written_at, read_at)
        return block

    def changed(self, block: FeatureBlock, which: BoolArray, read_at: int) -> None:
        """Hand on the rows of ``block`` that late data brought or changed."""
        rows = self._after_stored(block).rows(which)
        self.revised += len(rows)
        self._hand_on(rows, "late", np.zeros(len(rows), dtype=np.int64), read_at)

    def filled(self, block: FeatureBlock) -> FeatureBlock:
        """Hand on the block of a slice of history; return it with its revisions."""
        block = self._after_stored(block)
        self._hand_on(block, "backfill", np.zeros(len(block), dtype=np.int64), micros(self.clock))
        return block

    def restored(self, blocks: Sequence[FeatureBlock]) -> None:
        """Put back the blocks of a checkpoint; listeners are told with :meth:`retry`, when they are there."""
        for block in blocks:
            self._put(block)
            if self.windows is not None:
                self.windows.put(block)
        self._restored = list(blocks)

    def retry(self) -> None:
        """Give the store what it has not taken, and listeners what was restored."""
        if self._restored:
            blocks, self._restored = self._restored, []
            now = micros(self.clock)
            for block in blocks:
                self._tell(block, "restored", np.zeros(len(block), dtype=np.int64), now)
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            for block in waiting.values():
                self._put(block)

    def status(self) -> dict[str, Any]:
        """Return counts, and how the store does."""
        return {
            "revised": self.revised,
            "store": {
                **self.store.status(),
                "blocks_waiting": len(self._waiting),
                "given_up": self.given_up,
                "failure": self.failure,
            },
        }

    def _hand_on(self, block: FeatureBlock, cause: Cause, written_at: IntArray, read_at: int) -> None:
        self._put(block)
        if self.windows is not None:
            self.windows.put(block)
        self._tell(block, cause, written_at, read_at)

    def _tell(self, block: FeatureBlock, cause: Cause, written_at: IntArray, read_at: int) -> None:
        if self.listeners:
            told = ClosedSlice(
                block=block, cause=cause, written_at=written_at, read_at=read_at, done_at=micros(self.clock)
            )
            for listener in self.listeners:
                listener(told)

    def _put(self, block: FeatureBlock) -> None:
        held = self._waiting.get(block.time)
        try:
            if self._waiting:
                raise StoreError(self.failure or "blocks before this one wait")
            self.store.put(block)
        except StoreError as error:
            if self.failure is None:
                logger.error("the feature store takes nothing, trying again: %s", error)
            self.failure = str(error)
            self._waiting[block.time] = block if held is None else held.merged(block)
            while len(self._waiting) > MOST_WAITING:
                del self._waiting[min(self._waiting)]
                self.given_up += 1
        else:
            self.failure = None

    def _after_stored(self, block: FeatureBlock) -> FeatureBlock:
        """Return ``block`` with revisions that go on where those of an earlier life ended."""
        if block.time > self.known_before:
            return block
        try:
            held = self.store.at(block.time)
        except StoreError as error:
            logger.error("revisions of %d begin anew: %s", block.time, error)
            return block
        if held is None:
            return block
        after, _ = block.after(held)
        return replace(after, revision=np.maximum(block.revision, after.revision))
