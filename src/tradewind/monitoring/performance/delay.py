"""When labels should have come."""

from __future__ import annotations

import numpy as np

from tradewind.monitoring.performance.settings import SettlingSettings


class LabelDelay:
    """The usual number of slices from a forecast to its label, set or learned from the first days that were labelled.

    While it is neither, it counts as unknown for ``patience`` slices; then the longest seen so far is taken, and
    ``patience`` itself where no label ever came.
    """

    def __init__(self, settings: SettlingSettings) -> None:
        self._settings = settings
        self._seen: list[int] = []
        self._place: dict[np.datetime64, int] = {}
        self.now = -1

    def slice(self, time: np.datetime64) -> None:
        """Take in that the slice of ``time`` has come."""
        self.now += 1
        self._place[time] = self.now
        for old in [one for one in self._place if one < time - np.timedelta64(self._settings.memory, "D")]:
            del self._place[old]

    def age(self, time: np.datetime64) -> int:
        """Return the slices since that of ``time``; very many where it is forgotten."""
        return self.now - self._place[time] if time in self._place else 10**9

    def labelled(self, time: np.datetime64) -> None:
        """Take in that the labels of ``time`` are complete with the present slice."""
        if len(self._seen) < self._settings.learn and time in self._place:
            self._seen.append(self.age(time))

    @property
    def usual(self) -> int | None:
        """Slices after which labels are there; None while unknown."""
        if self._settings.label_delay is not None:
            return self._settings.label_delay
        if len(self._seen) >= self._settings.learn:
            return max(self._seen)
        return max(self._seen, default=self._settings.patience) if self.now > self._settings.patience else None

    def due(self, time: np.datetime64) -> bool:
        """Return whether the labels of ``time`` should be there."""
        return self.usual is not None and self.age(time) >= self.usual

    def waited(self, time: np.datetime64) -> bool:
        """Return whether ``time`` has waited long enough for labels that have not come."""
        return self.usual is not None and self.age(time) > self.usual + self._settings.patience
