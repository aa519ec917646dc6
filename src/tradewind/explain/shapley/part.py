"""What an explanation of one member is, and how what additivity leaves over is shared out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewind.core.arrays import FloatArray

Scale = Literal["log_odds", "probability"]


@dataclass(frozen=True, kw_only=True, eq=False)
class MemberShap:
    """Shapley values of one forecaster for m rows, in its own scale.

    Attributes
    ----------
    values : (m, q) by prepared column; ``base + values.sum(axis=1)`` is ``output``.
    base : output where nothing is known of a row.
    output : (m,) what the forecaster gives, as log odds or probability of a rise.
    scale : which of the two.
    gap : (m,) what the method missed of ``output - base``, before it was shared out over the columns; 0 where exact.
    bars : (m, w) the same sum by bar, oldest first and the row last; None where a forecaster reads the row alone.
    """

    values: FloatArray
    base: float
    output: FloatArray
    scale: Scale
    gap: FloatArray
    bars: FloatArray | None = None


def settled(values: FloatArray, total: FloatArray) -> FloatArray:
    """Return ``values`` (m, ...) moved so that each row sums to ``total`` (m,).

    What is missing is shared out in proportion to absolute values, so a part that gave nothing still gives nothing;
    a row of zeros stays as it is.
    """
    flat = values.reshape(len(values), math.prod(values.shape[1:]))
    size = np.abs(flat)
    whole = size.sum(axis=1)
    missing = np.where(whole > 0.0, total - flat.sum(axis=1), 0.0)
    share = size / np.where(whole > 0.0, whole, 1.0)[:, None]
    moved: FloatArray = flat + share * missing[:, None]
    return moved.reshape(values.shape)
