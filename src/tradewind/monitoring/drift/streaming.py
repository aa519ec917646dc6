"""Detectors of change in one series, behind one protocol, and one of them on every feature's day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray

Kind = Literal["adwin", "page_hinkley", "kswin"]


@runtime_checkable
class StreamDetector(Protocol):
    """Takes in one value after the other and says when the series has changed."""

    def update(self, x: float) -> bool:
        """Take in ``x``, which must be finite; return whether a change is seen with it."""
        ...


class RiverDetector:
    """A detector of the library river.

    ``adwin`` : Bifet and Gavalda (2007), wants values within about one unit. ``page_hinkley`` : Page (1954), wants
    standard deviations. ``kswin`` : Raab, Heusinger and Schleif (2020), any unit. Their thresholds are textbook ones,
    for independent values: give them one value a day, and read them beside the calibrated verdicts, not in their place.
    """

    def __init__(self, kind: Kind, *, seed: int = 7) -> None:
        from river import drift

        library: Any = drift  # it is typed in part
        if kind == "adwin":
            self._inner = library.ADWIN(delta=0.0001)
        elif kind == "page_hinkley":
            self._inner = library.PageHinkley(threshold=20.0, delta=0.25)
        else:
            self._inner = library.KSWIN(alpha=0.0001, seed=seed)

    def update(self, x: float) -> bool:
        """Take in ``x``, which must be finite; return whether a change is seen with it."""
        self._inner.update(x)
        return bool(self._inner.drift_detected)


class DayDetectors:
    """A detector on each feature's mean and on its standard deviation across the symbols of a day.

    ``changes`` holds by feature the number of the last day on which either saw a change, counted from 1.
    """

    def __init__(self, names: Sequence[str], scale: FloatArray, *, kind: Kind = "adwin", seed: int = 7) -> None:
        self._names = tuple(names)
        self._scale = np.asarray(scale, dtype=np.float64)
        self._detectors = [[RiverDetector(kind, seed=seed) for _ in self._names] for _ in range(2)]
        self._day = 0
        self.changes: dict[str, int] = {}

    def observe(self, features: Float32Array) -> tuple[str, ...]:
        """Take in one day (m, p), NaN where missing; return the features whose mean or spread is seen to change."""
        self._day += 1
        changed = set()
        for detectors, values in zip(self._detectors, self._moments(features), strict=True):
            for j in np.flatnonzero(np.isfinite(values)).tolist():
                if detectors[j].update(float(values[j])):
                    changed.add(j)
        found = tuple(self._names[j] for j in sorted(changed))
        self.changes.update(dict.fromkeys(found, self._day))
        return found

    def recent(self, days: int) -> tuple[str, ...]:
        """Return the features with a change within the last ``days`` days."""
        return tuple(sorted(name for name, day in self.changes.items() if day > self._day - days))

    def _moments(self, features: Float32Array) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (p,) in units of the reference's scale; NaN without two values."""
        here = np.isfinite(features)
        count = here.sum(axis=0)
        divisor = np.where(count > 1, count, np.nan)
        filled = np.where(here, features, 0.0).astype(np.float64)
        mean = filled.sum(axis=0) / divisor
        square = (np.where(here, filled - mean, 0.0) ** 2).sum(axis=0) / divisor
        return mean / self._scale, np.sqrt(square) / self._scale
