"""Champion against challenger on the bars that both forecast, paired by day, tested whenever one looks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.evaluation.days import common_rows
from tradewind.evaluation.diebold_mariano import diebold_mariano
from tradewind.monitoring.performance.daily import daily_figures
from tradewind.monitoring.performance.join import JoinedRows
from tradewind.serving.rollout.means import BettingInterval, MixtureTest

_SIGNS = {"accuracy": 1.0, "log_loss": -1.0, "ic": 1.0}
_SCALES = {"accuracy": 0.02, "log_loss": 0.01, "ic": 0.05}
"""Size of a difference that one would like to see: the deviation of the mixture."""


class CompareSettings(Settings):
    """How versions are compared.

    Attributes
    ----------
    alpha : chance, over all time and all three statistics, of a difference that is none.
    burn_in : days before anything is said. ``least_symbols`` : a day with fewer shared rows is left out.
    """

    alpha: float = Field(0.05, gt=0, lt=1)
    burn_in: int = Field(30, ge=10)
    least_symbols: int = Field(5, ge=2)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The challenger's daily figure less the champion's, turned so that positive means the challenger is better.

    Attributes
    ----------
    mean : over the days. ``lower``, ``upper`` : interval that covers the true mean at all times together.
    p_value : always valid: it holds whenever one looks (mixture SPRT; asymptotic in the deviation).
    once : p-value of Diebold and Mariano, one-sided for the challenger: valid only where one looks once.
    days : days that it rests on.
    """

    mean: float
    lower: float
    upper: float
    p_value: float
    once: float
    days: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two versions on the bars that both forecast.

    Attributes
    ----------
    differences : ``accuracy``, ``log_loss``, ``ic`` -> difference.
    betting : interval of the accuracy's difference that holds exactly, for bounded values, with no approximation.
    verdict : ``challenger`` or ``champion`` where some statistic shows it better at ``alpha`` (Bonferroni) and none
        the other; ``mixed`` where they disagree; else ``undecided``.
    shared, days : rows and days compared. ``gaps`` : the daily differences, by statistic; NaN where a day has none.
    """

    differences: Mapping[str, Difference]
    betting: tuple[float, float]
    verdict: Literal["challenger", "champion", "mixed", "undecided"]
    shared: int
    days: TimeArray
    gaps: Mapping[str, FloatArray]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready but for NaN and infinity."""
        return {
            "verdict": self.verdict,
            "shared": self.shared,
            "days": len(self.days),
            "betting": list(self.betting),
            "differences": {name: asdict(one) for name, one in self.differences.items()},
        }


def compare_versions(
    champion: JoinedRows | Outcomes, challenger: JoinedRows | Outcomes, settings: CompareSettings | None = None
) -> Comparison:
    """Compare two versions on the (symbol, time) pairs that both forecast and whose label is known.

    The same rows give the same answer however often and whenever it is asked, and the chance that it ever names a
    better version where there is none is ``alpha`` at most. No day looks at a later one.
    """
    settings = settings or CompareSettings()
    first, second = common_rows(_outcomes(champion), _outcomes(challenger))
    known = np.isfinite(first.probability) & np.isfinite(second.probability) & np.isfinite(first.forward_return)
    first = first.select(known)
    # One truth for both: a label corrected for one version only would be a difference of labels, not of forecasts.
    second = replace(second.select(known), direction=first.direction, forward_return=first.forward_return)
    a, b = (daily_figures(one, settings.least_symbols) for one in (first, second))
    gaps = {name: sign * (b.values[name] - a.values[name]) for name, sign in _SIGNS.items()}
    differences = {name: _difference(name, gap[np.isfinite(gap)], settings) for name, gap in gaps.items()}
    interval = BettingInterval(bound=1.0, alpha=settings.alpha)
    for value in gaps["accuracy"][np.isfinite(gaps["accuracy"])]:
        interval.update(float(value))
    return Comparison(
        differences=differences,
        betting=interval.ends,
        verdict=_verdict(differences, settings.alpha / len(differences)),
        shared=len(first),
        days=a.days,
        gaps=gaps,
    )


def _outcomes(rows: JoinedRows | Outcomes) -> Outcomes:
    return rows if isinstance(rows, Outcomes) else rows.to_outcomes("version")


def _difference(name: str, gap: FloatArray, settings: CompareSettings) -> Difference:
    test = MixtureTest(scale=_SCALES[name], burn_in=settings.burn_in)
    for value in gap:
        test.update(float(value))
    low, high = test.interval(settings.alpha)
    return Difference(
        mean=test.mean if len(gap) else math.nan,
        lower=low,
        upper=high,
        p_value=min(1.0, math.exp(-test.peak)),
        once=diebold_mariano(gap).p_value,
        days=len(gap),
    )


def _verdict(
    differences: Mapping[str, Difference], alpha: float
) -> Literal["challenger", "champion", "mixed", "undecided"]:
    shown = {math.copysign(1.0, one.mean) for one in differences.values() if one.p_value <= alpha}
    if not shown:
        return "undecided"
    if len(shown) == 2:
        return "mixed"
    return "challenger" if shown == {1.0} else "champion"
