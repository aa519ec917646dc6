"""Tests of a mean and intervals for it, valid at any time.

``MeanTest`` and ``BettingInterval`` hold exactly for bounded values (Waudby-Smith and Ramdas 2024, "Estimating means of
bounded random variables by betting"). ``MixtureTest`` is the mixture sequential probability ratio test (Robbins 1970;
Johari, Koomen, Pekelis and Walsh 2022, "Always valid inference") with its interval (Howard, Ramdas, McAuliffe and
Sekhon 2021): exact for normal values of known deviation, asymptotic where the deviation is estimated, and sharper.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray
from tradewind.serving.rollout.bets import Bets

_STAKES = np.geomspace(1 / 256, 0.9, 20)


class MeanTest:
    """Hypothesis: the mean of values in [-``bound``, ``bound``] is at most ``null`` (side "above") or at least
    ("below").

    What is tested is each value's mean given the past. Values outside the bounds are taken for the bound: then the mean
    of the clipped values is tested. A refuted "above" shows that the mean is larger.
    """

    def __init__(self, *, null: float, bound: float, side: Literal["above", "below"], restarting: bool = False) -> None:
        if bound <= 0 or not -bound < null < bound:
            raise UsageError(f"the null {null} must lie within the bounds of {bound}", field="null")
        self.null, self.bound, self._sign = null, bound, 1.0 if side == "above" else -1.0
        self.bets = Bets(len(_STAKES), restarting=restarting)
        self._stakes: FloatArray = _STAKES / (bound + self._sign * null)  # wealth stays positive at the worst value

    def update(self, value: float) -> None:
        """Take in one value."""
        clipped = min(max(value, -self.bound), self.bound)
        self.bets.update(np.log1p(self._stakes * self._sign * (clipped - self.null)))


class BettingInterval:
    """An interval for the mean of values in [-``bound``, ``bound``] that covers it at all times together.

    It holds every candidate of a grid that bets on both sides have not refuted at ``alpha``; the ends are those of the
    grid, so it is never wider than 1/200 of the bounds too much.
    """

    def __init__(self, *, bound: float, alpha: float = 0.05) -> None:
        if bound <= 0:
            raise UsageError(f"the bound must be positive, not {bound}", field="bound")
        self.bound, self.alpha, self.count = bound, alpha, 0
        self._candidates = np.linspace(-bound, bound, 401)
        inner = np.clip(self._candidates, -bound * (1 - 1e-9), bound * (1 - 1e-9))
        up, down = _STAKES[:, None] / (bound + inner), -_STAKES[:, None] / (bound - inner)
        self._stakes = np.concatenate([up, down])
        self._log = np.zeros_like(self._stakes)
        self._kept = np.ones(len(self._candidates), dtype=bool)

    def update(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        clipped = min(max(value, -self.bound), self.bound)
        self._log += np.log1p(np.maximum(self._stakes * (clipped - self._candidates), -1 + 1e-12))
        wealth = np.logaddexp.reduce(self._log, axis=0) - math.log(len(self._log))
        self._kept &= wealth < -math.log(self.alpha)

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest mean that are not refuted; both NaN where all are."""
        left = np.flatnonzero(self._kept)
        if not len(left):
            return math.nan, math.nan
        step = self._candidates[1] - self._candidates[0]
        low, high = self._candidates[left[0]] - step, self._candidates[left[-1]] + step
        return max(float(low), -self.bound), min(float(high), self.bound)


class MixtureTest:
    """Hypothesis: the mean is 0. Two-sided; the evidence is averaged over true means, normal with deviation ``scale``.

    Parameters
    ----------
    scale : size of a difference that one would like to see (the mixture's deviation).
    deviation : of the values, where known; else it is estimated, and nothing is said before ``burn_in`` values.
    """

    def __init__(self, *, scale: float, deviation: float | None = None, burn_in: int = 30) -> None:
        if scale <= 0:
            raise UsageError(f"the scale of the mixture must be positive, not {scale}", field="scale")
        self.scale, self._known, self._burn = scale, deviation, 2 if deviation is not None else burn_in
        self.count, self.mean, self._squares, self.peak = 0, 0.0, 0.0, 0.0

    def update(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)
        self.peak = max(self.peak, self.log_e)

    @property
    def variance(self) -> float:
        """Of one value."""
        return self._known**2 if self._known is not None else self._squares / max(self.count - 1, 1)

    @property
    def log_e(self) -> float:
        """Logarithm of the evidence against a mean of 0."""
        variance, spread = self.variance, self.count * self.scale**2
        if self.count < self._burn or variance <= 0:
            return 0.0
        gain = (self.count * self.scale * self.mean) ** 2 / (2 * variance * (variance + spread))
        return gain - 0.5 * math.log1p(spread / variance)

    def rejects(self, alpha: float) -> bool:
        """Return whether the hypothesis is refuted at ``alpha`` over all time."""
        return self.peak >= -math.log(alpha)

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return bounds of the mean; infinite before ``burn_in`` values."""
        variance, spread = self.variance, self.count * self.scale**2
        if self.count < self._burn or variance <= 0:
            return -math.inf, math.inf
        inner = (variance + spread) * (2 * math.log(1 / alpha) + math.log1p(spread / variance))
        half = math.sqrt(variance * inner) / (self.count * self.scale)
        return self.mean - half, self.mean + half
