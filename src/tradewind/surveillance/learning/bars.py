"""The bar of each scheme, set on the alerts that out-of-fold scores raise, not on single candidates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.learning.judging import Heard, Tally
from tradewind.surveillance.learning.scheme_model import by_episode
from tradewind.surveillance.learning.settings import LearningSettings
from tradewind.surveillance.learning.table import CandidateTable
from tradewind.surveillance.learning.threshold import Threshold, between, lower_bound, threshold_for_cost
from tradewind.surveillance.schemes import Scheme

STEPS = 40
"""Bars tried for each scheme."""

NEVER = 1.01
"""A bar that no probability reaches."""


def set_bars(
    table: CandidateTable, scores: Mapping[Scheme, FloatArray], settings: LearningSettings
) -> dict[Scheme, Threshold]:
    """Return the bar of each scheme in ``scores``: (n,) out-of-fold probabilities of its table's rows.

    Bars between the scores of episodes are tried from the highest down. At each one the book of alerts is run on all
    markets with the scheme alone, and the lowest bar is taken at which its alerts are precise enough, with confidence,
    and false ones rare enough; where no bar is, the one with the highest bound, or silence where even that one's alerts
    are mostly false. Alerts of several schemes are fewer still: the book then drops those it takes for
    another's.
    """
    return {scheme: _bar(table, scheme, score, settings) for scheme, score in scores.items()}


def given_bars(
    table: CandidateTable, scores: Mapping[Scheme, FloatArray], bars: Mapping[Scheme, float], settings: LearningSettings
) -> dict[Scheme, Threshold]:
    """Return what ``bars`` earn out of fold, all schemes at once; ``settings`` give precision and confidence."""
    count = Heard(table, scores, bars).tally(bars)
    return earned({scheme: bars[scheme] for scheme in scores}, count, bounds(count, settings), settings)


def bounds(count: Tally, settings: LearningSettings, *, silent: float = 0.0) -> dict[Scheme, float]:
    """Return the lower bound of each scheme's precision; ``silent`` where it raised nothing."""
    schemes = list(count.kept)
    kept, true = (np.array([one[s] for s in schemes], dtype=np.int64) for one in (count.kept, count.true))
    bound = np.where(kept > 0, lower_bound(true, kept, settings.confidence), silent)
    return dict(zip(schemes, bound.tolist(), strict=True))


def earned(
    bars: Mapping[Scheme, float], count: Tally, bound: Mapping[Scheme, float], settings: LearningSettings
) -> dict[Scheme, Threshold]:
    """Return what ``bars`` earn, as alerts were counted at them."""
    return {
        s: Threshold(
            score=bar, reached=bound[s] >= settings.precision, kept=count.kept[s], true=count.true[s], bound=bound[s]
        )
        for s, bar in bars.items()
    }


def _bar(table: CandidateTable, scheme: Scheme, score: FloatArray, settings: LearningSettings) -> Threshold:
    part = table.schemes[scheme]
    known = np.isfinite(score)
    highest, label = by_episode(part.episodes[known], score[known], part.label[known])
    cost = settings.missed_cost.get(scheme)
    if cost is not None:
        return threshold_for_cost(highest, label, missed=cost, false_alert=1.0)
    if not label.any():
        return Threshold(score=NEVER, reached=False, kept=0, true=0, bound=0.0)
    tried = candidate_bars(highest, int(label.sum()), settings.floor)
    heard = Heard(table, {scheme: score}, {scheme: float(tried[-1])})
    counts = [heard.tally({scheme: float(bar)}) for bar in tried]
    kept: IntArray = np.array([one.kept[scheme] for one in counts], dtype=np.int64)
    true: IntArray = np.array([one.true[scheme] for one in counts], dtype=np.int64)
    bound = lower_bound(true, kept, settings.confidence)
    rare = (kept - true) / max(table.events, 1) * 1e6 <= settings.most_false_per_million
    enough = np.flatnonzero((bound >= settings.precision) & rare)
    pick = int(enough[-1]) if len(enough) else int(np.argmax(np.where(rare, bound, bound - 1.0)))
    if not len(enough) and true[pick] < settings.least_share * kept[pick]:
        return Threshold(score=NEVER, reached=False, kept=0, true=0, bound=0.0)
    return Threshold(
        score=float(tried[pick]),
        reached=bool(len(enough)),
        kept=int(kept[pick]),
        true=int(true[pick]),
        bound=float(bound[pick]),
    )


def candidate_bars(highest: FloatArray, positives: int, floor: float) -> FloatArray:
    """Return bars to try, falling: between scores of the first episodes, their number rising evenly.

    ``highest`` : (n,) best score of each episode; twice as many as there are ``positives`` are looked at, none below
    ``floor``.
    """
    ranked = np.unique(highest[highest >= floor])[::-1]
    if not len(ranked):
        return np.array([NEVER])
    many = min(len(ranked), max(2 * positives, 10))
    places = np.unique(np.linspace(0, many - 1, min(STEPS, many)).astype(int))
    below = [float(ranked[i + 1]) if i + 1 < len(ranked) else floor for i in places]
    return np.array([between(float(ranked[i]), low) for i, low in zip(places, below, strict=True)])
