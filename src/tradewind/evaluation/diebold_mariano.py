"""Is one forecast's loss lower than another's by more than chance?"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.days import common_rows, day_codes, day_sums, judged
from tradewind.evaluation.hac import default_lags, hac_mean
from tradewind.evaluation.pesaran_timmermann import TestResult

Loss = Literal["brier", "squared_return_error"]


def daily_loss_gap(model: Outcomes, baseline: Outcomes, loss: Loss) -> FloatArray:
    """(D,) mean over each day's shared rows of baseline loss minus model loss; positive where the model is better."""
    a, b = common_rows(model, baseline)
    if loss == "brier":
        rows = judged(a) & judged(b)
        gap = (b.probability - a.direction) ** 2 - (a.probability - a.direction) ** 2
    else:
        rows = np.isfinite(a.forward_return) & np.isfinite(a.expected_return) & np.isfinite(b.expected_return)
        gap = (b.expected_return - a.forward_return) ** 2 - (a.expected_return - a.forward_return) ** 2
    code, days = day_codes(a.time[rows])
    count = np.bincount(code, minlength=len(days)).astype(np.float64)
    return day_sums(gap[rows], code, len(days)) / count


def diebold_mariano(gap: FloatArray, *, horizon: int = 1, lags: int | None = None) -> TestResult:
    """Diebold and Mariano (1995) with the correction of Harvey, Leybourne and Newbold (1997).

    Parameters
    ----------
    gap : (n,) loss differences in time order, positive where the first forecast is better.
    horizon : forecast horizon h of the small-sample factor ``sqrt((n + 1 - 2h + h(h - 1)/n) / n)``.
    lags : Newey-West lags; None for the larger of ``horizon - 1`` and the rule of thumb.

    Returns
    -------
    One-sided result against Student's t with n - 1 degrees of freedom; equal forecasts give statistic 0. NaN where
    n < 10.
    """
    from scipy import stats  # takes a second to import

    n = len(gap)
    if n < 10:
        return TestResult(statistic=float("nan"), p_value=float("nan"), n=n, alternative="greater")
    used = max(horizon - 1, default_lags(n)) if lags is None else lags
    factor = np.sqrt(max((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n, 0.0))
    t = float(hac_mean(gap, lags=used).statistic * factor)
    return TestResult(statistic=t, p_value=float(stats.t.sf(t, n - 1)), n=n, alternative="greater")


def compare_with_baseline(
    model: Outcomes, baseline: Outcomes, loss: Loss, *, horizon: int = 1, lags: int | None = None
) -> TestResult:
    """Test whether ``model`` has a lower ``loss`` than ``baseline`` on the rows both forecast, by daily means."""
    return diebold_mariano(daily_loss_gap(model, baseline, loss), horizon=horizon, lags=lags)
