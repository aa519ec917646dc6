"""Reading rows out of blocks by time: what stores that keep blocks share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.streaming.features.blocks import FeatureBlock, FeatureRow, WindowRows, schema_id


class BlockStore(ABC):
    """A store that can list its times and give the block of one; everything else follows.

    Parameters
    ----------
    symbols : the universe, sorted.
    names : the columns.
    """

    def __init__(self, symbols: Sequence[str], names: Sequence[str]) -> None:
        self._symbols, self._names = tuple(symbols), tuple(names)
        self._code = {symbol: code for code, symbol in enumerate(self._symbols)}
        self.schema = schema_id(self._names)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The universe; codes of blocks are places in it."""
        return self._symbols

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return self._names

    @abstractmethod
    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``; the other rows of its time stay."""

    @abstractmethod
    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none."""

    @abstractmethod
    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""

    @abstractmethod
    def status(self) -> Mapping[str, Any]:
        """Return its state, JSON-ready."""

    def flush(self, timeout: float = 10.0) -> bool:
        """Return True: what was put is there."""
        return timeout >= 0.0

    def close(self) -> None:
        """Flush and let go."""
        self.flush()

    def codes(self, symbols: Sequence[str]) -> IntArray:
        """(m,) place of each symbol in the universe; KeyError names the first that it does not hold."""
        return np.array([self._code[symbol] for symbol in symbols], dtype=np.int64)

    def latest(self, symbols: Sequence[str]) -> list[FeatureRow | None]:
        """Return the newest row of each symbol; None where it has none, KeyError where it is not of the universe."""
        code = self.codes(symbols)
        found: dict[int, FeatureRow] = {}
        missing = np.unique(code)
        for block in self._backwards(missing, 1):
            place, held = _places(block, missing)
            for c, row in zip(missing[held].tolist(), place[held].tolist(), strict=True):
                found[c] = self._row(block, row)
            missing = missing[~held]
            if not len(missing):
                break
        return [found.get(c) for c in code.tolist()]

    def as_of(self, symbol: str, moment: int) -> FeatureRow | None:
        """Return the newest row of ``symbol`` known at ``moment`` (microseconds UTC), never a later one."""
        code = self.codes([symbol])
        for block in self._backwards(code, 2, stop=moment + 1):  # a bar is never known before its time
            place, held = _places(block, code)
            if held[0] and block.known_at[place[0]] <= moment:
                return self._row(block, int(place[0]))
        return None

    def window(self, symbols: Sequence[str], w: int) -> WindowRows:
        """Return the last ``w`` bars of each symbol, as far as they are kept."""
        code = self.codes(symbols)
        m = len(code)
        history = np.full((m, w, len(self._names)), np.nan, dtype=np.float32)
        count, scale = np.zeros(m, dtype=np.int64), np.full(m, np.nan)
        occasion = np.zeros((m, w), dtype=bool)
        wanting = np.arange(m)
        for block in self._backwards(np.unique(code), w):
            place, held = _places(block, code[wanting])
            to, row = wanting[held], place[held]
            slot = w - 1 - count[to]
            history[to, slot], occasion[to, slot] = block.values[row], block.occasion[row]
            newest = count[to] == 0
            scale[to[newest]] = block.scale[row[newest]]
            count[to] += 1
            wanting = wanting[count[wanting] < w]
            if not len(wanting):
                break
        return WindowRows(history=history, count=count, scale=scale, occasion=occasion)

    def _backwards(self, code: IntArray, likely: int, *, stop: int | None = None) -> Iterator[FeatureBlock]:
        """Iterate over blocks that may hold rows of ``code``, newest first; ``likely`` so many will be enough."""
        del code, likely  # for stores that can read some rows of a block, and some blocks at once
        for time in reversed(self.times(stop=stop)):
            block = self.at(time)
            if block is not None:
                yield block

    def _row(self, block: FeatureBlock, row: int) -> FeatureRow:
        return FeatureRow(
            symbol=self._symbols[int(block.code[row])],
            time=block.time,
            known_at=int(block.known_at[row]),
            values=block.values[row],
            scale=float(block.scale[row]),
            occasion=bool(block.occasion[row]),
            revision=int(block.revision[row]),
        )


def _places(block: FeatureBlock, code: IntArray) -> tuple[IntArray, Any]:
    """Place of each of ``code`` in the block, and whether it is there."""
    if not len(block):
        return np.zeros(len(code), dtype=np.int64), np.zeros(len(code), dtype=bool)
    place = np.minimum(np.searchsorted(block.code, code), len(block) - 1)
    return place, block.code[place] == code
