"""The Jensen-Shannon distance of two histograms."""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.monitoring.drift.ks import shares


def jensen_shannon(reference: AnyArray, current: AnyArray) -> FloatArray:
    """Return the distance with logarithms to base 2, in [0, 1] (Endres and Schindelin, 2003).

    ``reference``, ``current`` : (..., B) counts over the same bins; empty bins need no rule. NaN where a side is empty.
    """
    r, c = shares(reference), shares(current)
    middle = (r + c) / 2
    divergence = (rel_entr(r, middle) + rel_entr(c, middle)).sum(axis=-1) / (2 * np.log(2))
    result: FloatArray = np.sqrt(np.clip(divergence, 0.0, 1.0))
    return result
