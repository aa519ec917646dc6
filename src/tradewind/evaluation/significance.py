"""Skill or luck: accuracy with its interval, and the verdict in plain words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, bootstrap_statistic
from tradewind.evaluation.chance import effective_trials, sidak
from tradewind.evaluation.days import day_codes, day_sums, judged, ratio
from tradewind.evaluation.pesaran_timmermann import pesaran_timmermann


def p_words(p: float) -> str:
    """Return "p = 0.012", or "p < 0.001" where more digits would say nothing; a level never rounds away."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


class SignificanceSettings(Settings):
    """``alpha`` of the one-sided skill test, and its Newey-West ``lags`` over days (None: the rule of thumb)."""

    alpha: float = Field(0.05, gt=0, lt=0.5)
    lags: int | None = Field(None, ge=0)
    trial_correlation: float = Field(0.0, ge=0, le=1)
    """Mean correlation of the results of the variants tried: alike variants are fewer tries. 0 counts each in full."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a forecast of direction has skill.

    Attributes
    ----------
    skill : True exactly where the one-sided test is significant.
    words : one sentence; it holds "no skill" exactly where ``skill`` is False.
    statistic, p_value : of the day-clustered Pesaran-Timmermann test; NaN where there are too few days.
    n_days : days the test rests on.
    trials, deflated_p_value : variants tried, and the p value after the correction for them; ``skill`` goes by it.
    """

    skill: bool
    words: str
    statistic: float
    p_value: float
    n_days: int
    trials: int = 1
    deflated_p_value: float = float("nan")

    @property
    def judged_p(self) -> float:
        """The p value that the verdict rests on."""
        return self.p_value if self.trials == 1 else self.deflated_p_value

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def accuracy_interval(outcomes: Outcomes, settings: BootstrapSettings | None = None) -> Interval:
    """Directional accuracy with a day-clustered block-bootstrap interval; NaN where nothing is labelled."""
    rows = judged(outcomes)
    right = (outcomes.predicted_direction[rows] == outcomes.direction[rows]).astype(np.float64)
    code, days = day_codes(outcomes.time[rows])
    sums = day_sums(np.stack([right, np.ones(len(right))], axis=1), code, len(days))

    def share(totals: FloatArray) -> FloatArray:
        return ratio(totals[..., 0], totals[..., 1])

    return bootstrap_statistic(sums, share, settings or BootstrapSettings())


def wilson_interval(successes: float, n: int, level: float = 0.95) -> Interval:
    """Wilson (1927) score interval of a share; it takes rows as independent, so on a panel it is too narrow."""
    from scipy import stats  # takes a second to import

    if n == 0:
        return Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
    z = float(stats.norm.ppf((1 + level) / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return Interval(value=share, lower=max(centre - half, 0.0), upper=min(centre + half, 1.0))


def skill_verdict(outcomes: Outcomes, settings: SignificanceSettings | None = None, *, trials: int = 1) -> Verdict:
    """Judge whether ``outcomes`` show skill in direction, by the day-clustered Pesaran-Timmermann test.

    Accuracy above 50 % alone is not skill: with a drift, "always up" has it too. With ``trials`` above 1 the p
    value is that of the best of so many tries (Sidak): a long search does not find skill where there is none.
    """
    settings = settings or SignificanceSettings()
    test = pesaran_timmermann(outcomes, lags=settings.lags)
    tries = effective_trials(trials, settings.trial_correlation)
    p = test.p_value if trials == 1 else sidak(test.p_value, tries)
    skill = bool(p < settings.alpha)
    said = p_words(p) if trials == 1 else f"{p_words(p)} as the best of {trials:,} variants tried"
    rows = judged(outcomes)
    n = int(rows.sum())
    right = float((outcomes.predicted_direction[rows] == outcomes.direction[rows]).mean()) if n else float("nan")
    numbers = f"accuracy {right:.1%} over {n:,} forecasts on {test.n:,} days"
    if n == 0:
        words = f"{outcomes.model} shows no skill: there is no forecast with a known outcome to judge"
    elif np.isnan(test.p_value):
        words = f"{outcomes.model} shows no skill: {numbers} is too little to judge"
    elif skill:
        words = f"{outcomes.model} shows skill: {numbers}, better than chance and drift ({said})"
    else:
        words = f"{outcomes.model} shows no skill: {numbers} is what chance and drift alone can give ({said})"
    return Verdict(
        skill=skill,
        words=words,
        statistic=test.statistic,
        p_value=test.p_value,
        n_days=test.n,
        trials=trials,
        deflated_p_value=p,
    )
