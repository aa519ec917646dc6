"""Numbers kept within what training saw, and as ranks among it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import Float32Array, FloatArray

EDGE = 0.001
"""Share of the training rows beyond which a number is taken for the last one that is not."""

KNOTS = 33


@dataclass(frozen=True, eq=False)
class Scaler:
    """What training saw of each column.

    Attributes
    ----------
    knots : (p, KNOTS) float32 quantiles, rising, from :data:`EDGE` to one minus it.
    """

    knots: Float32Array

    @classmethod
    def fit(cls, values: Float32Array) -> Scaler:
        """Learn the quantiles of ``values`` (n, p); NaN is left out, a column without any number is constant 0."""
        levels = np.linspace(EDGE, 1.0 - EDGE, KNOTS)
        knots = np.zeros((values.shape[1], KNOTS), dtype=np.float32)
        for number, column in enumerate(values.T):
            known = column[np.isfinite(column)]
            if len(known):
                knots[number] = np.quantile(known, levels)
        return cls(knots)

    def clipped(self, values: Float32Array) -> Float32Array:
        """Return ``values`` (n, p) kept within the outer quantiles; infinite is the outer one, NaN stays."""
        return np.clip(values, self.knots[:, 0], self.knots[:, -1])

    def ranks(self, values: Float32Array) -> FloatArray:
        """Return (n, p) each number's rank among the training rows, -1 to 1; NaN is 0, the middle."""
        ranked: FloatArray = _ranks(np.ascontiguousarray(values, dtype=np.float32), self.knots)
        return ranked


def weighted_sum(columns: FloatArray, weight: FloatArray) -> FloatArray:
    """Return (n,) the sum of ``columns`` (n, k) times ``weight`` (k,), column by column.

    A matrix product sums in another order for another number of rows; a score must not depend on what is scored beside.
    """
    total = np.zeros(len(columns))
    for number, factor in enumerate(weight.tolist()):
        total += columns[:, number] * factor
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _ranks(values: Any, knots: Any) -> Any:
    """Rank by quantiles: straight between two of them, the middle of those that are equal to the number."""
    n, p = values.shape
    last = knots.shape[1] - 1
    ranked = np.zeros((n, p))
    for j in range(p):
        row = knots[j]
        for i in range(n):
            x = values[i, j]
            if np.isnan(x):
                continue
            low = np.searchsorted(row, x, side="left")
            high = np.searchsorted(row, x, side="right")
            if high > low:
                place = (low + high - 1) / 2.0
            elif low == 0:
                place = 0.0
            elif low > last:
                place = float(last)
            else:
                place = low - 1.0 + (float(x) - row[low - 1]) / (float(row[low]) - row[low - 1])
            ranked[i, j] = 2.0 * place / last - 1.0
    return ranked
