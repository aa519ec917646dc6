"""What is usual: the median of the last good values, and how far values stray from it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

LEAST_SPREAD = 0.05
"""Robust deviation of logarithms that is assumed at least: a service that never strayed says little of its spread."""


class Baseline:
    """Median and MAD of the logarithms of the last ``memory`` good values; nothing is said before ``least``."""

    def __init__(self, *, memory: int, least: int) -> None:
        self._values: deque[float] = deque(maxlen=memory)
        self._least = least

    def add(self, value: float) -> None:
        """Take in a good value; one that is not positive and finite changes nothing."""
        if math.isfinite(value) and value > 0:
            self._values.append(math.log(value))

    def renew(self, values: Iterable[float]) -> None:
        """Forget all values and take in ``values`` instead."""
        self._values.clear()
        for value in values:
            self.add(value)

    @property
    def ready(self) -> bool:
        """Whether there are enough values."""
        return len(self._values) >= self._least

    @property
    def usual(self) -> float:
        """The median; NaN of none."""
        return math.exp(float(np.median(self._values))) if self._values else math.nan

    def score(self, value: float) -> float:
        """Return how many robust deviations ``value`` lies above the median (1.4826 MAD); NaN where not known."""
        if not self.ready or not math.isfinite(value) or value <= 0:
            return math.nan
        values = np.asarray(self._values)
        middle = float(np.median(values))
        spread = max(1.4826 * float(np.median(np.abs(values - middle))), LEAST_SPREAD)
        return (math.log(value) - middle) / spread


class Hysteresis:
    """Whether a trouble is on: at once where it is sudden, from the second slice where it lasts, until it is calm."""

    def __init__(self, *, calm: int) -> None:
        self._calm, self._quiet, self._high = calm, 0, 0
        self.on = False

    def update(self, *, sudden: bool, high: bool) -> bool:
        """Take in a slice and return whether the trouble is on and seen in this slice."""
        self._high = self._high + 1 if high or sudden else 0
        self._quiet = 0 if high or sudden else self._quiet + 1
        if sudden or self._high >= 2:
            self.on = True
        elif self._quiet >= self._calm:
            self.on = False
        return self.on and self._quiet == 0
