"""Measures of conduct, and how they are spread over the population of accounts."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.profiles.memory import (
    AGGRESSIVE,
    CANCELLED,
    CANCELLED_SIZE,
    ENTERED,
    ENTERED_SIZE,
    GAP,
    LEVEL,
    LIFE,
    LOG_SIZE,
    MADE,
    NET,
    ROWS,
    SIDE,
    TOOK,
    TRADED,
)

MEASURES = (
    "size",
    "cancels",
    "trades",
    "aggressive",
    "taking",
    "lean",
    "life",
    "level",
    "gap",
    "net",
    "taken_back",
)
"""Mean log2 size of orders over the symbol's typical; cancels an order; log2 trades an order; aggressive share of
orders; share of trades in which it arrived; one-sidedness of orders; mean log2 seconds cancelled orders lived; mean
log2 of the level orders rest on; mean log2 seconds between rows; one-sidedness of trades; share of size cancelled."""

LOW = (-8.0, 0.0, -8.0, 0.0, 0.0, 0.0, -20.0, 0.0, -20.0, 0.0, 0.0)
HIGH = (8.0, 1.5, 4.0, 1.0, 1.0, 1.0, 16.0, 5.0, 16.0, 1.0, 1.5)
BINS = 40
WEIGHT, SUM, SQUARE = BINS, BINS + 1, BINS + 2
POPULATION = BINS + 3
MEMORY = 4096.0
"""Windows over which the population is formed."""
ENOUGH = 4.0
"""Weight of windows from which on the population says something."""
PRIOR = 16.0
"""Rows the population's mean counts for in an account's own habit."""


@njit(cache=True, nogil=True, error_model="numpy")
def measure(d: FloatArray, out: FloatArray) -> None:
    """Write the measures of what was done between two moments, ``d`` the difference of their totals; NaN: unknown."""
    entered, cancelled, trades = d[ENTERED], d[CANCELLED], d[MADE] + d[TOOK]
    resting = entered - d[AGGRESSIVE]
    out[:] = np.nan
    out[1] = min((cancelled + 0.5) / (entered + 1.0), HIGH[1])
    out[2] = np.log2((trades + 0.5) / (entered + 0.5))
    if entered > 0.0:
        out[0] = d[LOG_SIZE] / entered
        out[3] = (d[AGGRESSIVE] + 0.5) / (entered + 1.0)
        out[5] = abs(d[SIDE]) / (entered + 1.0)
    if trades > 0.0:
        out[4] = (d[TOOK] + 0.5) / (trades + 1.0)
        out[9] = abs(d[NET]) / (d[TRADED] + 0.1)
    if cancelled > 0.0:
        out[6] = d[LIFE] / cancelled
    if resting > 0.0:
        out[7] = d[LEVEL] / resting
    if d[ROWS] > 0.0:
        out[8] = d[GAP] / d[ROWS]
    if d[ENTERED_SIZE] > 0.0:
        out[10] = min(d[CANCELLED_SIZE] / d[ENTERED_SIZE], HIGH[10])


@njit(cache=True, nogil=True, error_model="numpy")
def add_window(population: FloatArray, x: FloatArray, weight: float) -> None:
    """Add a window's measures to the population; the memory fades with every one."""
    fade = 1.0 - 1.0 / MEMORY
    for m in range(len(MEASURES)):
        if not np.isfinite(x[m]):
            continue
        part = (x[m] - LOW[m]) / (HIGH[m] - LOW[m]) * BINS
        at = int(min(max(part, 0.0), BINS - 1.0))
        for b in range(POPULATION):
            population[m, b] *= fade
        population[m, at] += weight
        population[m, WEIGHT] += weight
        population[m, SUM] += weight * x[m]
        population[m, SQUARE] += weight * x[m] * x[m]


@njit(cache=True, nogil=True, error_model="numpy")
def percentile(population: FloatArray, m: int, x: float) -> float:
    """Return the part of the population below ``x`` in measure ``m``, from 0 to 1; NaN where that is not known."""
    total = population[m, WEIGHT]
    if total < ENOUGH or not np.isfinite(x):
        return np.nan
    part = (x - LOW[m]) / (HIGH[m] - LOW[m]) * BINS
    at = int(min(max(part, 0.0), BINS - 1.0))
    below = 0.0
    for b in range(at):
        below += population[m, b]
    below += population[m, at] * min(max(part - at, 0.0), 1.0)
    return float(min(below / total, 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def unlike(population: FloatArray, m: int, now: float, habit: float, rows: float) -> float:
    """Return how far ``now`` lies from the habit formed over ``rows``, in deviations of the population.

    The habit of one little known is drawn to the population's mean; the deviation has a floor of a fortieth of the
    measure's range.
    """
    total = population[m, WEIGHT]
    if total < ENOUGH or not np.isfinite(now):
        return np.nan
    mean = population[m, SUM] / total
    spread = np.sqrt(max(population[m, SQUARE] / total - mean * mean, 0.0))
    spread = max(spread, (HIGH[m] - LOW[m]) / BINS)
    usual = (rows * habit + PRIOR * mean) / (rows + PRIOR) if np.isfinite(habit) else mean
    return float(min(max((now - usual) / spread, -20.0), 20.0))
