"""Stability: does an explanation stay what it is when inputs move by next to nothing?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation import Interval
from tradewind.evaluation.days import ratio
from tradewind.explain.probe import Explain, Probe
from tradewind.explain.quality.measures import mean_over_days, row_rank_correlation
from tradewind.explain.quality.settings import ExplanationQualitySettings


@dataclass(frozen=True, kw_only=True)
class Steadiness:
    """Explanations before and after small noise on every column.

    Attributes
    ----------
    rank : mean Spearman correlation of contributions before and after, with an interval over days.
    change : mean L1 change of contributions over their L1 size, with an interval.
    accounted : share of that change which is the change of the forecast itself (0: it is all the explanation's own).
    lipschitz, worst : local Lipschitz estimate, the largest change of contributions over the change of inputs (both
        Euclidean) among the draws of a row: median and maximum over rows (Alvarez-Melis and Jaakkola 2018).
    noise : standard deviation of the noise, training standard deviations. ``limit`` : of ``rank`` for the verdict.
    """

    rank: Interval
    change: Interval
    accounted: float
    lipschitz: float
    worst: float
    noise: float
    limit: float
    rows: int

    @property
    def passed(self) -> bool:
        """Whether explanations keep their order beyond the limit."""
        return bool(self.rank.lower >= self.limit)

    @property
    def words(self) -> str:
        """Return the finding as a sentence."""
        verdict = "explanations are stable" if self.passed else "explanations are not stable"
        return (
            f"{verdict}: under noise of {self.noise:g} standard deviations contributions keep their order at "
            f"{self.rank.value:.2f} and change by {self.change.value:.0%}, of which the forecast's own change "
            f"accounts for {self.accounted:.0%}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain = ("accounted", "lipschitz", "worst", "noise", "limit", "rows", "passed", "words")
        return {
            "rank": self.rank.to_dict(),
            "change": self.change.to_dict(),
            **{name: getattr(self, name) for name in plain},
        }


def steadiness(probe: Probe, explain: Explain, settings: ExplanationQualitySettings | None = None) -> Steadiness:
    """Explain the probe's rows as they are and with small noise, and compare.

    A draw of noise moves each column of a row by one amount on all bars of the window. Columns with at most two values
    over the probe's rows stay where they are: between its levels a flag has no small move, and trees cut right at them.

    Parameters
    ----------
    explain : contributions to the log odds of rows of a prepared dataset.
    """
    s = settings or ExplanationQualitySettings()
    m, q = len(probe), len(probe.names)
    places = np.arange(m)
    base = explain(*probe.dataset(probe.values, places))
    own = probe.own_odds()
    rng = np.random.default_rng(s.seed)
    moves = np.array([len(np.unique(column)) > 2 for column in probe.inputs.T])
    of = np.repeat(places, s.draws_of_noise)
    shift = rng.standard_normal((len(of), q)) * s.noise * moves
    windows = probe.shifted(of, shift)
    after = explain(*probe.dataset(windows, of))
    forecast = np.abs(probe.odds_of(windows, of) - own[of])
    change = after - base[of]
    moved = np.abs(change).sum(axis=1)
    time = probe.data.panel.time[probe.rows]

    def by_row(values: FloatArray) -> FloatArray:
        return np.asarray(values.reshape(m, s.draws_of_noise), dtype=np.float64)

    steep = by_row(ratio(np.linalg.norm(change, axis=1), np.linalg.norm(shift, axis=1))).max(axis=1)
    size = np.abs(base).sum(axis=1)
    relative = by_row(ratio(moved, size[of])).mean(axis=1)
    used = np.any(base != 0.0, axis=0) | np.any(after != 0.0, axis=0)  # what is given nothing has no rank to keep
    rank = by_row(row_rank_correlation(base[of][:, used], after[:, used])).mean(axis=1)
    return Steadiness(
        rank=mean_over_days(rank, time, s.bootstrap),
        change=mean_over_days(relative, time, s.bootstrap),
        accounted=float(min(1.0, forecast.sum() / moved.sum())) if moved.sum() > 0 else 1.0,
        lipschitz=float(np.nanmedian(steep)) if np.isfinite(steep).any() else float("nan"),
        worst=float(np.nanmax(steep)) if np.isfinite(steep).any() else float("nan"),
        noise=s.noise,
        limit=s.steady,
        rows=m,
    )
