"""Numbers kept within what training saw, and as ranks among it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray

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
        steps = np.linspace(-1.0, 1.0, KNOTS)
        ranked = np.zeros(values.shape)
        for number, column in enumerate(values.T):
            # A value that many rows share is the middle of its flat stretch of quantiles.
            knots = self.knots[number]
            low = np.interp(column, *_distinct(knots, steps, last=False))
            high = np.interp(column, *_distinct(knots, steps, last=True))
            ranked[:, number] = (low + high) / 2
        return np.nan_to_num(ranked, nan=0.0)


def _distinct(knots: AnyArray, steps: FloatArray, *, last: bool) -> tuple[AnyArray, FloatArray]:
    """Return the distinct knots with the first or last step of each."""
    edge = np.diff(knots) > 0
    keep = np.append(edge, True) if last else np.concatenate([[True], edge])
    return knots[keep], steps[keep]
