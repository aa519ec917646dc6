"""Bars of schemes that are taken for each other, moved together: what one of them calls wrongly another may call right.

A bar set with its scheme alone counts every other scheme's deed as a false alert. The book of alerts hears all schemes
and calls a deed by the one that argues best, so bars that are precise together may lie lower.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.alerting.settings import FAMILIES
from tradewind.surveillance.learning.bars import bounds, earned
from tradewind.surveillance.learning.judging import Heard
from tradewind.surveillance.learning.model import moved
from tradewind.surveillance.learning.settings import LearningSettings
from tradewind.surveillance.learning.table import CandidateTable
from tradewind.surveillance.learning.threshold import Threshold
from tradewind.surveillance.schemes import Scheme

SWEEPS = 2
"""Times every bar of a family is looked at again."""
OPTIONS = 10
"""Bars looked at for one scheme in a sweep."""
LOWEST = -3.0
"""How far below the bar found alone another is looked for, in log odds."""


def move_together(
    table: CandidateTable,
    scores: Mapping[Scheme, FloatArray],
    alone: Mapping[Scheme, Threshold],
    settings: LearningSettings,
) -> dict[Scheme, Threshold]:
    """Return bars at which each family of confusable schemes finds most, every scheme's alerts precise enough.

    ``scores`` : (n,) out-of-fold probabilities of each scheme's rows; ``alone`` : the bars of :func:`.bars.set_bars`.
    Coordinate ascent (one bar at a time, twice round): among bars at and below the present one that is taken at which
    the family's alerts, named as the book names them, find most planted episodes while the precision of each of its
    schemes keeps to the settings, or to what it was where that was out of reach.
    """
    bars = dict(alone)
    for family in FAMILIES:
        members = [scheme for scheme in Scheme if scheme in family and scheme in alone and alone[scheme].score < 1.0]
        if members:
            bars |= _family(table, {s: scores[s] for s in members}, {s: alone[s] for s in members}, settings)
    return bars


def _family(
    table: CandidateTable,
    scores: Mapping[Scheme, FloatArray],
    alone: Mapping[Scheme, Threshold],
    settings: LearningSettings,
) -> dict[Scheme, Threshold]:
    bars = {scheme: bar.score for scheme, bar in alone.items()}
    heard = Heard(
        table, scores, {scheme: min(_options(bar, settings.floor), default=bar) for scheme, bar in bars.items()}
    )
    best = heard.tally(bars)
    least = {s: min(settings.precision, float(bound)) for s, bound in bounds(best, settings, silent=1.0).items()}
    for _ in range(SWEEPS):
        for scheme in scores:
            for bar in _options(alone[scheme].score, settings.floor):
                if bar == bars[scheme]:
                    continue
                tried = {**bars, scheme: bar}
                count = heard.tally(tried)
                bound = bounds(count, settings, silent=1.0)
                precise = all(bound[s] >= least[s] for s in scores)
                rare = all(
                    count.kept[s] - count.true[s] <= settings.most_false_per_million * max(table.events, 1) / 1e6
                    for s in scores
                )
                if precise and rare and count.found > best.found:
                    bars, best = tried, count
    return earned(bars, best, bounds(best, settings, silent=1.0), settings)


def _options(bar: float, floor: float) -> list[float]:
    """Return bars from ``bar`` down, evenly in log odds, none below ``floor``."""
    lower = [moved(bar, float(by)) for by in np.linspace(0.0, LOWEST, OPTIONS)]
    return [one for one in lower if one >= floor]
