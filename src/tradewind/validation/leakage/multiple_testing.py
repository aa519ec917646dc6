"""Correct p-values for the number of tests: a hundred honest features must not raise one alarm by luck."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tradewind.core.arrays import FloatArray


def adjust(p_values: FloatArray, method: Literal["bonferroni", "bh"] = "bonferroni") -> FloatArray:
    """Return p-values (m,) corrected for ``m`` tests; compare them with the level wanted for the whole family.

    ``bonferroni`` holds the chance of any false alarm at the level; ``bh`` holds the expected share of false alarms
    among the alarms (for independent or positively dependent tests). NaN stays NaN and counts as no test.
    Sources: Bonferroni 1936; Benjamini and Hochberg, J. R. Statist. Soc. B 57, 1995.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    tests = len(known)
    if method == "bonferroni":
        adjusted[known] = np.minimum(p_values[known] * tests, 1.0)
        return adjusted
    order = known[np.argsort(p_values[known])]
    scaled = p_values[order] * tests / np.arange(1, tests + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
