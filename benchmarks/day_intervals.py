"""Intervals of what models reach, and of what one has before another on the same rows: days redrawn, seeds averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import FloatArray
from tradewind.evaluation import BootstrapSettings, Interval, MetricsSettings
from tradewind.evaluation.bootstrap import bootstrap_statistic
from tradewind.evaluation.days import day_codes, day_sums
from tradewind.evaluation.totals import Total, totals_of

METRICS = ("accuracy", "mcc", "ic", "rank_ic")


def compare(first: Sequence[Outcomes], second: Sequence[Outcomes] = ()) -> dict[str, list[float]]:
    """Return value and 95 % bounds of each metric of ``first``, or of ``first`` minus ``second`` where that is given.

    Each side holds one entry per seed, all over the same days; the value is the mean over the seeds. The bounds redraw
    blocks of five days, the same for both sides. A metric that one of them does not have is left out.
    """
    plus, minus = [_daily(outcomes) for outcomes in first], [_daily(outcomes) for outcomes in second]
    out = {}
    for metric in METRICS:
        if all(metric in part for part in (*plus, *minus)):
            found = _mean_statistic([part[metric] for part in plus], [part[metric] for part in minus])
            out[metric] = [round(value, 6) for value in (found.value, found.lower, found.upper)]
    return out


def _daily(outcomes: Outcomes) -> dict[str, tuple[Total, FloatArray]]:
    """Return each metric's statistic and its (D, k) sums over days."""
    code, days = day_codes(outcomes.time)
    totals = [total for total in totals_of(outcomes, MetricsSettings()) if total.name in METRICS]
    found = {total.name: (total, day_sums(total.columns, code, len(days))) for total in totals}
    return {name: pair for name, pair in found.items() if np.isfinite(pair[0].statistic(pair[1].sum(axis=0)))}


def _mean_statistic(plus: Sequence[tuple[Total, FloatArray]], minus: Sequence[tuple[Total, FloatArray]]) -> Interval:
    parts = [(1.0 / len(plus), *pair) for pair in plus] + [(-1.0 / len(minus), *pair) for pair in minus]
    bounds = np.cumsum([0, *(sums.shape[1] for _, _, sums in parts)])

    def statistic(t: FloatArray) -> FloatArray:
        values = [
            share * total.statistic(t[..., low:high])
            for (share, total, _), low, high in zip(parts, bounds[:-1], bounds[1:], strict=True)
        ]
        return np.sum(values, axis=0)

    return bootstrap_statistic(np.concatenate([sums for _, _, sums in parts], axis=1), statistic, BootstrapSettings())
