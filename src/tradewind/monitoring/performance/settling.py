"""Days of forecasts that are ready to be judged, in order, each once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tradewind.monitoring.performance.delay import LabelDelay
from tradewind.monitoring.performance.join import JoinedRows, LabelJoin
from tradewind.monitoring.performance.settings import SettlingSettings
from tradewind.monitoring.slices import Slice


@dataclass(frozen=True, kw_only=True, eq=False)
class SettledDay:
    """The forecasts of a day beside the labels that are known of them."""

    time: np.datetime64
    version: str
    regime: str | None
    rows: JoinedRows


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Labels that should be there: forecasts and days without, the oldest; share of the newest day that is due."""

    forecasts: int
    days: int
    oldest: np.datetime64 | None
    share: float


class Settling:
    """Follows what callers were told (the first version of each slice, or ``version``) until its labels are known."""

    def __init__(self, settings: SettlingSettings, *, version: str | None = None) -> None:
        self.settings, self._version = settings, version
        self.join, self.delay = LabelJoin(days=settings.memory), LabelDelay(settings)
        self._waiting: deque[tuple[np.datetime64, str, str | None]] = deque()
        self._open: list[tuple[np.datetime64, str]] = []
        self._newest: np.datetime64 | None = None

    def add(self, one: Slice, regime: str | None = None) -> JoinedRows | None:
        """Take in a slice and return the forecasts that it holds of the version followed; None without any.

        A time that was shown before brings its labels, and no day anew.
        """
        self.join.add(one)
        if self._newest is not None and one.time <= self._newest:
            return None
        self._newest = one.time
        self.delay.slice(one.time)
        version = self._of(one)
        if version is None:
            return None
        self._waiting.append((one.time, version, regime))
        self._open.append((one.time, version))
        return self.join.at(version, one.time)

    def settled(self) -> Iterator[SettledDay]:
        """Yield the days that can be judged now and could not before."""
        while self._waiting:
            time, version, regime = self._waiting[0]
            rows = self.join.at(version, time)
            share = float((~np.isnat(rows.label_known_at)).mean()) if len(rows) else 0.0
            if share >= self.settings.complete:
                self.delay.labelled(time)
            elif not self.delay.waited(time) and len(self._waiting) <= self.settings.memory:
                return
            self._waiting.popleft()
            if share > 0:
                yield SettledDay(time=time, version=version, regime=regime, rows=rows)

    def overdue(self) -> Overdue:
        """Return what is due and has not come."""
        self._open = [one for one in self._open if self.delay.age(one[0]) <= self.settings.memory]
        due = [(time, version) for time, version in self._open if self.delay.due(time)]
        missing = [np.isnat(self.join.at(version, time).label_known_at) for time, version in due]
        behind = [day for day, gone in zip(due, missing, strict=True) if gone.any()]
        self._open = [day for day in self._open if day not in due or day in behind]
        # The newest day that is due tells how things stand now; of older ones a few may never get theirs.
        usual = self.delay.usual
        fresh = bool(due) and usual is not None and self.delay.age(due[-1][0]) <= usual + 2 and len(missing[-1]) > 0
        return Overdue(
            forecasts=int(sum(day.sum() for day in missing)),
            days=len(behind),
            oldest=behind[0][0] if behind else None,
            share=float(missing[-1].mean()) if fresh else 0.0,
        )

    def _of(self, one: Slice) -> str | None:
        if self._version is not None:
            return self._version if any(served.version == self._version for served in one.served) else None
        return one.served[0].version if one.served else None
