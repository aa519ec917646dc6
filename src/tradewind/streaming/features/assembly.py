"""From single bars to slices: what is still open, and when it may close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.features.settings import FeatureServiceSettings

N_PRICES = len(PRICE_FIELDS)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """Bars as columns: ``code``, ``known_at``, ``written_at`` (k,) int64, ``prices`` (k, 6) as ``PRICE_FIELDS``,
    ``fear`` (k,)."""

    code: IntArray
    known_at: IntArray
    written_at: IntArray
    prices: FloatArray
    fear: FloatArray

    def rows(self, which: AnyArray | slice) -> Bars:
        """Return the rows ``which``."""
        return Bars(
            code=self.code[which],
            known_at=self.known_at[which],
            written_at=self.written_at[which],
            prices=self.prices[which],
            fear=self.fear[which],
        )

    def last_of_each(self) -> Bars:
        """Return the last row of each code, by code: a later bar of a key takes the place of an earlier one."""
        if len(self.code) < 2 or bool((self.code[1:] > self.code[:-1]).all()):
            return self
        _, place = np.unique(self.code[::-1], return_index=True)
        return self.rows(len(self.code) - 1 - place)

    def equal(self, other: Bars) -> BoolArray:
        """(k,) whether rows say the same, whenever they were written; NaN equals NaN."""
        mine, its = (np.column_stack([bars.prices, bars.fear]) for bars in (self, other))
        same: BoolArray = ((mine == its) | (np.isnan(mine) & np.isnan(its))).all(axis=1)
        same &= self.known_at == other.known_at
        return same


class OpenSlice:
    """Bars of one time that have come; ``opened`` and ``arrived`` (the last of them) in the service's seconds."""

    def __init__(self, time: int, n_symbols: int, now: float = 0.0) -> None:
        self.time = time
        self.has = np.zeros(n_symbols, dtype=bool)
        self.count = 0
        self.opened = self.arrived = now
        self._bars = Bars(
            code=np.arange(n_symbols),
            known_at=np.zeros(n_symbols, dtype=np.int64),
            written_at=np.zeros(n_symbols, dtype=np.int64),
            prices=np.empty((n_symbols, N_PRICES)),
            fear=np.empty(n_symbols),
        )
        self.known_at = BEFORE_ALL

    def add(self, bars: Bars) -> tuple[int, int]:
        """Take in ``bars``, one a code; return how many were there already as they are, and otherwise."""
        old = self.has[bars.code]
        repeated = corrected = 0
        if old.any():
            again = bars.rows(old)
            same = again.equal(self._bars.rows(again.code))
            repeated, corrected = int(same.sum()), int((~same).sum())
            old[old] = same
            bars = bars.rows(~old)
        code, held = bars.code, self._bars
        held.known_at[code], held.written_at[code], held.fear[code] = bars.known_at, bars.written_at, bars.fear
        held.prices[code] = bars.prices
        self.has[code] = True
        self.count += len(code) - corrected
        if len(code):
            self.known_at = max(self.known_at, int(bars.known_at.max()))
        return repeated, corrected

    def bars(self) -> Bars:
        """Return what has come, by code."""
        return self._bars.rows(np.flatnonzero(self.has))


class SliceAssembler:
    """Keeps the open slices of a universe of ``n_symbols`` and says which may close.

    A slice is complete when each symbol has its bar, or has had one later by more than ``lateness``, or has been
    silent for ``silent_after`` slices. Bars of a symbol lie in order in the log, so this needs no waiting while the log
    is read from far behind; time counts only for what has been read to its end.
    """

    def __init__(self, n_symbols: int, settings: FeatureServiceSettings) -> None:
        self.n_symbols, self.settings = n_symbols, settings
        self.open: dict[int, OpenSlice] = {}
        self.newest = np.full(n_symbols, BEFORE_ALL, dtype=np.int64)
        self.seen_at = np.zeros(n_symbols, dtype=np.int64)
        self.closed = 0
        self.last = BEFORE_ALL
        self.repeated = self.corrected = 0

    def add(self, time: int, bars: Bars, now: float) -> None:
        """Take in ``bars`` of ``time``, which lies after the last closed one."""
        part = self.open.get(time)
        if part is None:
            part = self.open[time] = OpenSlice(time, self.n_symbols, now)
        repeated, corrected = part.add(bars)
        self.repeated += repeated
        self.corrected += corrected
        part.arrived = now
        self.newest[bars.code] = np.maximum(self.newest[bars.code], time)

    def oldest(self) -> OpenSlice | None:
        """Return the open slice that must close next."""
        return self.open[min(self.open)] if self.open else None

    def complete(self, part: OpenSlice) -> bool:
        """Whether no bar of ``part`` need be waited for."""
        if part.count == self.n_symbols:
            return True
        silent = self.closed - self.seen_at >= self.settings.silent_after
        settled = part.has | silent | (self.newest > part.time + self.settings.lateness)
        return bool(settled.all())

    @property
    def crowded(self) -> bool:
        """Whether more slices are open than may be."""
        return len(self.open) > self.settings.most_open

    def overdue(self, part: OpenSlice, now: float) -> bool:
        """Whether ``part`` has waited long enough, if there is nothing left to read."""
        return now - self.waiting_since(part) >= self.settings.grace

    def waiting_since(self, part: OpenSlice) -> float:
        """Return since when ``part`` waits: its last bar, or the first one of a later time."""
        return min([part.arrived, *(other.opened for time, other in self.open.items() if time > part.time)])

    def close(self, part: OpenSlice) -> Bars:
        """Let ``part`` go and return its bars."""
        del self.open[part.time]
        bars = part.bars()
        self.closed += 1
        self.passed(part.time, bars.code)
        return bars

    def passed(self, time: int, code: IntArray) -> None:
        """Take note that a slice of ``time`` with bars of ``code`` is closed."""
        self.last = max(self.last, time)
        self.seen_at[code] = self.closed
        self.newest[code] = np.maximum(self.newest[code], time)

    def state(self) -> dict[str, AnyArray]:
        """Return a copy of the memory as named arrays."""
        parts = [(part.time, part.arrived, part.bars()) for part in self.open.values()]
        bars = [bars for _, _, bars in parts]
        empty = OpenSlice(0, self.n_symbols).bars()
        state: dict[str, AnyArray] = {
            "newest": self.newest.copy(),
            "seen_at": self.seen_at.copy(),
            "counts": np.array([self.closed, self.last, self.repeated, self.corrected], dtype=np.int64),
            "time": np.array([time for time, _, _ in parts], dtype=np.int64),
            "rows": np.array([len(part.code) for part in bars], dtype=np.int64),
        }
        for name in ("code", "known_at", "written_at", "prices", "fear"):
            state[name] = np.concatenate([getattr(part, name) for part in (empty, *bars)])
        return state

    def load(self, state: Mapping[str, AnyArray], now: float) -> None:
        """Take over what :meth:`state` gave; open slices begin to wait anew."""
        self.newest, self.seen_at = state["newest"].copy(), state["seen_at"].copy()
        self.open = {}
        for time, bars in _cut(state):
            self.add(time, bars, now)
        self.closed, self.last, self.repeated, self.corrected = (int(v) for v in state["counts"])


def _cut(state: Mapping[str, AnyArray]) -> Iterator[tuple[int, Bars]]:
    stop = np.cumsum(state["rows"]).tolist()
    every = Bars(**{name: state[name] for name in ("code", "known_at", "written_at", "prices", "fear")})
    for time, end, rows in zip(state["time"].tolist(), stop, state["rows"].tolist(), strict=True):
        yield time, every.rows(slice(end - rows, end))
