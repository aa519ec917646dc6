"""Were losses beyond the value at risk as many, and as scattered, as promised?"""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from tradewind.core.arrays import BoolArray
from tradewind.evaluation.pesaran_timmermann import TestResult

NONE = TestResult(statistic=float("nan"), p_value=float("nan"), n=0, alternative="two-sided")


def kupiec(breaches: BoolArray, level: float) -> TestResult:
    """Proportion-of-failures test (Kupiec 1995): is the share of breaches ``level``? Chi-squared, 1 degree.

    Parameters
    ----------
    breaches : (n,) True where the loss exceeded the value at risk forecast for that day.
    level : promised share, such as 0.05.
    """
    from scipy import stats  # takes a second to import

    n, x = len(breaches), int(breaches.sum())
    if n == 0:
        return NONE
    share = x / n
    said = xlogy(x, level) + xlogy(n - x, 1 - level)
    came = xlogy(x, share) + xlogy(n - x, 1 - share)
    statistic = max(float(2 * (came - said)), 0.0)
    return TestResult(statistic=statistic, p_value=float(stats.chi2.sf(statistic, 1)), n=n, alternative="two-sided")


def christoffersen_independence(breaches: BoolArray) -> TestResult:
    """Do breaches come in clusters (Christoffersen 1998)? First-order Markov against none; chi-squared, 1 degree."""
    from scipy import stats  # takes a second to import

    if len(breaches) < 2:
        return NONE
    before, after = breaches[:-1], breaches[1:]
    n00, n01 = int((~before & ~after).sum()), int((~before & after).sum())
    n10, n11 = int((before & ~after).sum()), int((before & after).sum())
    p01, p11 = n01 / max(n00 + n01, 1), n11 / max(n10 + n11, 1)
    p = (n01 + n11) / (n00 + n01 + n10 + n11)
    free = xlogy(n00, 1 - p01) + xlogy(n01, p01) + xlogy(n10, 1 - p11) + xlogy(n11, p11)
    tied = xlogy(n00 + n10, 1 - p) + xlogy(n01 + n11, p)
    statistic = max(float(2 * (free - tied)), 0.0)
    return TestResult(
        statistic=statistic, p_value=float(stats.chi2.sf(statistic, 1)), n=len(after), alternative="two-sided"
    )


def christoffersen_conditional(breaches: BoolArray, level: float) -> TestResult:
    """Conditional coverage (Christoffersen 1998): right share and no clusters at once; chi-squared, 2 degrees."""
    from scipy import stats  # takes a second to import

    if len(breaches) < 2:
        return NONE
    statistic = kupiec(breaches, level).statistic + christoffersen_independence(breaches).statistic
    return TestResult(
        statistic=statistic, p_value=float(stats.chi2.sf(statistic, 2)), n=len(breaches), alternative="two-sided"
    )


def breaches_of(returns: np.ndarray, value_at_risk: np.ndarray) -> BoolArray:
    """Return, over the days that have a forecast, True where the loss exceeded ``value_at_risk`` (a loss > 0)."""
    known = np.isfinite(value_at_risk) & np.isfinite(returns)
    beyond: BoolArray = -returns[known] > value_at_risk[known]
    return beyond
