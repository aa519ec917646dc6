"""Watching a daily figure for a lasting change, every day, at a stated rate of false alarms per year.

Page's CUSUM (1954) of standardised daily figures, one for each size of change to be seen. The limit follows from the
false alarms allowed by Siegmund's (1985) approximation of the average run length,
``ARL = (exp(2 k b) - 1 - 2 k b) / (2 k^2)`` with ``b = h + 1.166``; in control, the time to an alarm is near
exponential, so a year of 252 days has one with probability ``1 - exp(-252 / ARL)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from tradewind.core.arrays import FloatArray

DAYS = 252
SPARE = 3.0
"""How far a sum may exceed its limit: what it is above must be worked off before the alarm ends."""


def run_length(limit: float, slack: float) -> float:
    """Return the average days between false alarms of a one-sided CUSUM of N(0, 1) with ``slack`` k and ``limit`` h."""
    b = limit + 1.166
    return (math.expm1(2 * slack * b) - 2 * slack * b) / (2 * slack**2)


def limit_for(slack: float, alarms_per_year: float) -> float:
    """Return the limit at which a year without change raises an alarm with probability ``alarms_per_year``."""
    wanted = -DAYS / math.log1p(-alarms_per_year)
    if run_length(0.0, slack) >= wanted:
        return 0.0
    return float(brentq(lambda limit: math.log(run_length(limit, slack) / wanted), 0.0, 1.0 + math.log(wanted) / slack))


class Cusum:
    """Watches for the mean of daily figures to rise (``side`` 1) or fall (-1).

    Parameters
    ----------
    centre, deviation : expected value and standard deviation of a day; ``deviation`` is the long-run one where days
        resemble those before.
    tolerance : change, in the figure's unit, that is no change: it shifts ``centre`` outwards. Give the error of
        ``centre`` as part of it, lest an expectation that was lucky raise alarms.
    shifts : sizes of change, in deviations, each with a CUSUM whose slack is half of it.
    alarms_per_year : chance of a false alarm in a year, of all of them together.
    """

    def __init__(
        self,
        *,
        centre: float,
        deviation: float,
        side: int,
        tolerance: float,
        shifts: Sequence[float],
        alarms_per_year: float,
    ) -> None:
        self.centre, self.deviation, self.side, self.tolerance = centre, deviation, side, tolerance
        self._slack: FloatArray = np.asarray(shifts, dtype=np.float64) / 2
        each = alarms_per_year / len(shifts)
        self._limits: FloatArray = np.array([limit_for(float(k), each) for k in self._slack])
        self._sums: FloatArray = np.zeros(len(self._slack))
        self._runs = np.zeros(len(self._slack), dtype=np.int64)
        self.count = 0

    def update(self, value: float) -> None:
        """Take in a day; NaN changes nothing."""
        if not math.isfinite(value):
            return
        self.count += 1
        step = (self.side * (value - self.centre) - self.tolerance) / self.deviation
        # A sum that had grown without end would go on telling long after the trouble was over.
        self._sums = np.minimum(np.maximum(self._sums + step - self._slack, 0.0), self._limits + SPARE)
        self._runs = np.where(self._sums > 0, self._runs + 1, 0)

    @property
    def level(self) -> float:
        """Largest sum over its limit; above 1 there is an alarm."""
        return float((self._sums / np.maximum(self._limits, 1e-9)).max())

    @property
    def alarmed(self) -> bool:
        """Whether a lasting change is seen."""
        return bool((self._sums > self._limits).any())

    @property
    def run(self) -> int:
        """Days since the sum that is nearest to its limit was last 0: an estimate of how long the change lasts."""
        return int(self._runs[int(np.argmax(self._sums / np.maximum(self._limits, 1e-9)))])

    def p_value(self) -> float:
        """Chance that a year without change reaches the present sums: a bound over all of them."""
        chances = [
            -math.expm1(-DAYS / max(run_length(float(total), float(k)), 1e-9))
            for total, k in zip(self._sums, self._slack, strict=True)
        ]
        return min(1.0, len(chances) * min(chances))
