"""What every feature store does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from tradewind.streaming.features.blocks import FeatureBlock, FeatureRow, WindowRows


class FeatureStore(Protocol):
    """Rows of online features by symbol and time, of one universe and one set of columns (its schema).

    Writing a row again has no effect; writing another row of equal key takes its place.
    """

    @property
    def symbols(self) -> tuple[str, ...]:
        """The universe; codes of blocks are places in it."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        ...

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``; the other rows of its time stay."""
        ...

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none."""
        ...

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""
        ...

    def latest(self, symbols: Sequence[str]) -> list[FeatureRow | None]:
        """Return the newest row of each symbol; None where it has none, KeyError where it is not of the universe."""
        ...

    def as_of(self, symbol: str, moment: int) -> FeatureRow | None:
        """Return the newest row of ``symbol`` known at ``moment`` (microseconds UTC), never a later one."""
        ...

    def window(self, symbols: Sequence[str], w: int) -> WindowRows:
        """Return the last ``w`` bars of each symbol, as far as they are kept."""
        ...

    def flush(self, timeout: float = 10.0) -> bool:
        """Return True when all that was put is where others read it; False where that takes longer than ``timeout``."""
        ...

    def status(self) -> Mapping[str, Any]:
        """Return its state, JSON-ready: ``kind``, ``degraded``, ``slices``."""
        ...

    def close(self) -> None:
        """Flush and let go."""
        ...


def blocks(store: FeatureStore, *, start: int | None = None, stop: int | None = None) -> Iterator[FeatureBlock]:
    """Iterate over the blocks of a span, oldest first."""
    for time in store.times(start=start, stop=stop):
        block = store.at(time)
        if block is not None:
            yield block
