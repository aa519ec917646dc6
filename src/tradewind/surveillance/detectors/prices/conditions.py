"""Soft conditions: how clearly a number lies beyond where suspicion begins, and how several hold together."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray


def soft(value: FloatArray, low: float, high: float) -> FloatArray:
    """Return 0 up to ``low``, 1 from ``high`` on, straight between; 0 where the value is not known."""
    part: FloatArray = np.clip((np.nan_to_num(value, nan=low) - low) / (high - low), 0.0, 1.0)
    return part


def together(*conditions: FloatArray) -> FloatArray:
    """Return the geometric mean of conditions: 0 where one does not hold at all."""
    product: FloatArray = np.prod(np.stack(conditions), axis=0)
    return np.asarray(product ** (1.0 / len(conditions)))
