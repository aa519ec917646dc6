"""Effects of single periods joined over many, so that they sum to the difference of compounded returns.

Returns compound, effects add: the plain sum of daily effects misses the difference of the two compounded returns. Both
methods here multiply each period's effects by one number that does not depend on the effect.

- ``carino``: logarithmic factors (Carino 1999, "Combining Attribution Effects Over Time", *Journal of Performance
  Measurement* 3(4)); the order of periods does not matter.
- ``grap``: the portfolio's wealth before the period times the benchmark's growth after it (Groupe de Recherche en
  Attribution de Performance 1997, Paris).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray

Link = Literal["carino", "grap"]


def compounded(returns: FloatArray) -> float:
    """Return the compounded return of ``returns`` (T,)."""
    return float(np.prod(1.0 + returns) - 1.0)


def linking_factors(portfolio: FloatArray, benchmark: FloatArray, method: Link = "carino") -> FloatArray:
    """(T,) factors that turn each period's effects into parts of the difference of the compounded returns.

    Parameters
    ----------
    portfolio, benchmark : (T,) returns of each period; effects of a period sum to their difference.

    Raises
    ------
    UsageError : a return is -100 % or less, where compounding ends.
    """
    if np.any(portfolio <= -1.0) or np.any(benchmark <= -1.0):
        raise UsageError("a period lost everything, and what comes after it cannot be linked", fix="end before it")
    if not len(portfolio):
        return np.empty(0)
    if method == "grap":
        before = np.concatenate([[1.0], np.cumprod(1.0 + portfolio)[:-1]])
        after = np.concatenate([np.cumprod((1.0 + benchmark)[::-1])[::-1][1:], [1.0]])
        grown: FloatArray = before * after
        return grown
    whole = _log_ratio(np.array([compounded(portfolio)]), np.array([compounded(benchmark)]))[0]
    each: FloatArray = _log_ratio(portfolio, benchmark) / whole
    return each


def _log_ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """(T,) ``(ln(1 + a) - ln(1 + b)) / (a - b)``, and its limit ``1 / (1 + a)`` where both are equal.

    Written with log1p of the relative gap, so that nearly equal returns lose no digits.
    """
    gap = (a - b) / (1.0 + b)
    ratio = np.ones(len(a))
    np.divide(np.log1p(gap), gap, out=ratio, where=gap != 0)
    out: FloatArray = ratio / (1.0 + b)
    return out
