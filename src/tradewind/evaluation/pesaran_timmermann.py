"""The test of direction forecasts that a drift cannot fool: do forecasts and outcomes move together at all?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.days import day_codes, day_sums, judged
from tradewind.evaluation.hac import hac_mean


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """A test statistic, its p value (``alternative`` says of what), and the number of observations it rests on."""

    __test__ = False  # not a pytest class

    statistic: float
    p_value: float
    n: int
    alternative: str


def classic_pesaran_timmermann(rose: FloatArray, said: FloatArray) -> TestResult:
    """Pesaran and Timmermann (1992) for one serially uncorrelated series; standard normal, one-sided.

    Parameters
    ----------
    rose, said : (n,) 1 for a rise, 0 for a fall.

    Returns
    -------
    statistic NaN where forecasts or outcomes never vary.
    """
    from scipy import stats  # takes a second to import

    n = len(rose)
    if n < 2:
        return TestResult(statistic=float("nan"), p_value=float("nan"), n=n, alternative="greater")
    right, py, px = float((rose == said).mean()), float(rose.mean()), float(said.mean())
    chance = py * px + (1 - py) * (1 - px)
    v_right = chance * (1 - chance) / n
    v_chance = (
        (2 * py - 1) ** 2 * px * (1 - px) / n
        + (2 * px - 1) ** 2 * py * (1 - py) / n
        + 4 * py * px * (1 - py) * (1 - px) / n**2
    )
    if v_right - v_chance <= 1e-15:
        return TestResult(statistic=float("nan"), p_value=float("nan"), n=n, alternative="greater")
    z = (right - chance) / float(np.sqrt(v_right - v_chance))
    return TestResult(statistic=z, p_value=float(stats.norm.sf(z)), n=n, alternative="greater")


def pesaran_timmermann(outcomes: Outcomes, *, lags: int | None = None) -> TestResult:
    """Day-clustered Pesaran-Timmermann test: is the covariance of forecast and realised direction positive?

    Pesaran and Timmermann (2009) recast their test as a regression of outcomes on forecasts with robust errors. For
    a panel the scores ``(rose - mean rose)(said - mean said)`` are summed within each day, so symbols that move
    together count once, and the daily sums get Newey-West errors and Student's t with D - 1 degrees of freedom.
    Both means are removed, so a constant forecast scores 0 whatever the drift.

    Parameters
    ----------
    outcomes : rows without a label or a probability are left out.
    lags : Newey-West lags over days; None for the rule of thumb.

    Returns
    -------
    One-sided result (skill is positive); ``n`` counts days. Fewer than ten days give NaN: no test is honest there.
    """
    from scipy import stats  # takes a second to import

    rows = judged(outcomes)
    y, x = outcomes.direction[rows], outcomes.predicted_direction[rows]
    code, days = day_codes(outcomes.time[rows])
    if len(days) < 10:
        return TestResult(statistic=float("nan"), p_value=float("nan"), n=len(days), alternative="greater")
    scores = day_sums((y - y.mean()) * (x - x.mean()), code, len(days))
    t = hac_mean(scores, lags=lags, floor=True).statistic
    return TestResult(statistic=t, p_value=float(stats.t.sf(t, len(days) - 1)), n=len(days), alternative="greater")
