"""Nets whose attention can be read: how much of a forecast's attention lies on each bar."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray


@runtime_checkable
class AttentionReader(Protocol):
    """A forecaster that tells which bars it attends to."""

    def attention(self, data: Dataset, rows: IntArray) -> FloatArray:
        """Return (m, window) weights of each of ``rows``, oldest bar first, the row itself last.

        A row's weights sum to 1; those of bars before its symbol's first are 0. NotFittedError before fitting.
        """
        ...


def aligned(weights: FloatArray, place: IntArray) -> FloatArray:
    """Return ``weights`` (m, length) of windows whose row stands at ``place`` (m,), moved so that it stands last."""
    length = weights.shape[1]
    source = np.arange(length) - (length - 1 - place)[:, None]
    moved: FloatArray = np.where(source >= 0, np.take_along_axis(weights, np.maximum(source, 0), axis=1), 0.0)
    return moved
