"""What the best of many tries would show without any skill, and what is left of a finding after that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.evaluation.chance import effective_trials, sidak
from tradewind.evaluation.days import day_codes, day_sums, judged
from tradewind.evaluation.forecast_metrics import MetricsSettings, daily_ic
from tradewind.evaluation.hac import hac_mean
from tradewind.evaluation.sharpe_inference import expected_best_sharpe


@dataclass(frozen=True, kw_only=True)
class Deflated:
    """One figure and what N tries do to it.

    Attributes
    ----------
    value : the figure of this forecast.
    null : what it would be on average without skill (for accuracy: the agreement that both drifts alone give).
    error : day-clustered standard error.
    expected_best : what the best of the tries is expected to show without skill.
    deflated : ``value`` less what luck adds to the best of the tries, ``expected_best - null``.
    p_value, deflated_p_value : one-sided, of this forecast as the only try and as the best of all tries.
    """

    value: float
    null: float
    error: float
    expected_best: float
    deflated: float
    p_value: float
    deflated_p_value: float


@dataclass(frozen=True, kw_only=True)
class Deflation:
    """Accuracy and IC after the correction for ``trials`` tries; ``words`` say it plainly."""

    trials: int
    effective_trials: float
    accuracy: Deflated
    ic: Deflated
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def deflate(
    outcomes: Outcomes,
    *,
    trials: int,
    correlation: float = 0.0,
    metrics: MetricsSettings | None = None,
    lags: int | None = None,
) -> Deflation:
    """Correct accuracy and IC for the number of variants tried.

    The expected maximum of N null figures is their standard error times the expected maximum of N standard normals
    (false strategy theorem: Bailey, Borwein, Lopez de Prado and Zhu 2014; Lopez de Prado and Bailey 2021, *American
    Mathematical Monthly* 128). The p value is Sidak's, exact for independent tries and cautious for alike ones.

    Parameters
    ----------
    outcomes : forecasts of the variant that was chosen.
    trials : variants tried, the chosen one included.
    correlation : mean correlation of the variants' results, in [0, 1]; 0 counts each as a try of its own.

    Returns
    -------
    figures are NaN where there are fewer than ten days, or (IC) no day with enough symbols.
    """
    worth = effective_trials(trials, correlation)
    accuracy, ic = _accuracy(outcomes, worth, lags), _ic(outcomes, worth, metrics, lags)
    return Deflation(
        trials=trials, effective_trials=worth, accuracy=accuracy, ic=ic, words=_words(trials, worth, accuracy, ic)
    )


def _deflated(value: float, null: float, error: float, n: int, worth: float) -> Deflated:
    from scipy import stats  # takes a second to import

    luck = error * expected_best_sharpe(worth, 1.0)
    statistic = (value - null) / error if error > 0 else float("nan")
    p = float(stats.t.sf(statistic, n - 1)) if n >= 10 else float("nan")
    return Deflated(
        value=value,
        null=null,
        error=error,
        expected_best=null + luck,
        deflated=value - luck,
        p_value=p,
        deflated_p_value=sidak(p, worth),
    )


def _accuracy(outcomes: Outcomes, worth: float, lags: int | None) -> Deflated:
    """Accuracy less its chance level is twice the covariance the Pesaran-Timmermann test is of: one standard error."""
    rows = judged(outcomes)
    y, x = outcomes.direction[rows], outcomes.predicted_direction[rows]
    code, days = day_codes(outcomes.time[rows])
    if len(days) < 10:
        nan = float("nan")
        return _deflated(float((y == x).mean()) if len(y) else nan, nan, nan, len(days), worth)
    chance = float(y.mean() * x.mean() + (1 - y.mean()) * (1 - x.mean()))
    found = hac_mean(day_sums((y - y.mean()) * (x - x.mean()), code, len(days)), lags=lags, floor=True)
    return _deflated(float((y == x).mean()), chance, 2 * found.error * len(days) / len(y), len(days), worth)


def _ic(outcomes: Outcomes, worth: float, metrics: MetricsSettings | None, lags: int | None) -> Deflated:
    daily = daily_ic(outcomes, metrics)
    series = daily.ic[np.isfinite(daily.ic)]
    if not daily.cross_sectional or len(series) < 10:
        return _deflated(float("nan"), 0.0, float("nan"), 0, worth)
    found = hac_mean(series, lags=lags, floor=True)
    return _deflated(found.mean, 0.0, found.error, len(series), worth)


def _words(trials: int, worth: float, accuracy: Deflated, ic: Deflated) -> str:
    if trials == 1:
        return "one variant was tried, so nothing is corrected"
    if np.isnan(accuracy.deflated_p_value):
        return f"{trials:,} variants were tried; there are too few days to say what the best of them would show by luck"
    alike = f" (alike, worth {worth:.1f} independent ones)" if worth < trials else ""
    said = (
        f"{trials:,} variants were tried{alike}; the best of {trials:,} without skill would show "
        f"{accuracy.expected_best:.1%} accuracy; after that correction {accuracy.value:.1%} counts as "
        f"{accuracy.deflated:.1%}, p = {accuracy.deflated_p_value:.3f} instead of {accuracy.p_value:.3f}"
    )
    if np.isnan(ic.deflated_p_value):
        return said
    return (
        f"{said}; the IC of {ic.value:.3f} stands against {ic.expected_best:.3f} by luck (p = "
        f"{ic.deflated_p_value:.3f} instead of {ic.p_value:.3f})"
    )
