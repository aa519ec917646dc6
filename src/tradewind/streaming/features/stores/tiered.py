"""A fast store for what is new before one that keeps everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.stores.base import BlockStore
from tradewind.streaming.features.stores.protocol import FeatureStore


class TieredStore(BlockStore):
    """Writes to both, and reads from ``whole``; other processes read ``fast``.

    ``whole`` keeps the history (:class:`~tradewind.streaming.features.stores.sqlite.SqliteStore`), so nothing is lost
    when ``fast`` (memory, Redis) forgets or is away.
    """

    def __init__(self, fast: FeatureStore, whole: FeatureStore) -> None:
        super().__init__(whole.symbols, whole.names)
        self.fast, self.whole = fast, whole

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``."""
        self.fast.put(block)
        self.whole.put(block)

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none."""
        return self.whole.at(time)

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""
        return self.whole.times(start=start, stop=stop)

    def flush(self, timeout: float = 10.0) -> bool:
        """Return True when both have what was put."""
        return self.fast.flush(timeout) and self.whole.flush(timeout)

    def status(self) -> Mapping[str, Any]:
        """Return the state of both."""
        fast, whole = dict(self.fast.status()), dict(self.whole.status())
        return {
            "kind": "tiered",
            "degraded": fast["degraded"] or whole["degraded"],
            "slices": whole["slices"],
            "fast": fast,
            "whole": whole,
        }

    def close(self) -> None:
        """Close both."""
        self.fast.close()
        self.whole.close()
