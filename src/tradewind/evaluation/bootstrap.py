"""Confidence intervals that redraw whole days, so that symbols moving together do not count as many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import FloatArray


class BootstrapSettings(Settings):
    """How intervals are drawn.

    ``draws`` resamples; ``block`` days kept together (1: days are taken as independent); ``level`` of the interval;
    ``seed`` of the draws.
    """

    draws: int = Field(1000, ge=100)
    block: int = Field(5, ge=1)
    level: float = Field(0.95, gt=0.5, lt=1.0)
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its bounds; NaN where there is nothing to estimate."""

    value: float
    lower: float
    upper: float

    def to_dict(self) -> dict[str, float]:
        """Return ``value``, ``lower`` and ``upper``."""
        return {"value": self.value, "lower": self.lower, "upper": self.upper}


@lru_cache(maxsize=64)
def day_weights(n_days: int, settings: BootstrapSettings) -> FloatArray:
    """(draws, n_days) how often each day is drawn: a circular moving-block bootstrap (Politis and Romano 1992).

    A draw's sum over days is then one matrix product, whatever the statistic.
    """
    rng = np.random.default_rng(settings.seed)
    block = min(settings.block, n_days)
    n_blocks = -(-n_days // block)
    starts = rng.integers(0, n_days, size=(settings.draws, n_blocks))
    flat = (starts + np.arange(settings.draws)[:, None] * n_days).ravel()
    drawn = np.bincount(flat, minlength=settings.draws * n_days).reshape(settings.draws, n_days)
    weights = np.zeros(drawn.shape)
    for shift in range(block):
        weights += np.roll(drawn, shift, axis=1)
    weights.flags.writeable = False
    return weights


def interval(value: float, draws: FloatArray, level: float) -> Interval:
    """Return ``value`` with the percentile bounds of ``draws``; NaN draws are left out, all NaN gives NaN bounds."""
    finite = draws[np.isfinite(draws)]
    if not len(finite) or not np.isfinite(value):
        return Interval(value=value, lower=float("nan"), upper=float("nan"))
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value=value, lower=float(low), upper=float(high))


def bootstrap_statistic(
    sums: FloatArray, statistic: Callable[[FloatArray], FloatArray], settings: BootstrapSettings
) -> Interval:
    """Interval of a statistic that is a function of sums over days.

    Parameters
    ----------
    sums : (D, k) daily sums in time order.
    statistic : maps (..., k) totals to (...) values; NaN where undefined.
    """
    if not len(sums):
        return Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
    value = float(statistic(sums.sum(axis=0)))
    return interval(value, statistic(day_weights(len(sums), settings) @ sums), settings.level)
