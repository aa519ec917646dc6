"""The bars of a fitted model set anew on labelled markets of the venue it is to watch.

What a model has learned holds on a market it never saw better than the bars do: how many honest look-alikes there are,
and how alike, is a matter of the venue. A few dozen episodes of each scheme tell where the bars belong there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.errors import UsageError
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.evaluation.scores import Judged, SurveillanceEvaluation, evaluate_alerts
from tradewind.surveillance.learning.bars import NEVER, candidate_bars, set_bars
from tradewind.surveillance.learning.floors import above
from tradewind.surveillance.learning.joint_bars import move_together
from tradewind.surveillance.learning.judging import Heard, judge
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.scheme_model import by_episode
from tradewind.surveillance.learning.settings import LearningSettings
from tradewind.surveillance.learning.table import CandidateTable, joined
from tradewind.surveillance.schemes import Scheme

LEAST_EPISODES = 10
"""Episodes of a scheme from which a bar is found; with fewer the present one stays, or rises."""
SURE = 0.95
"""How sure it must be that false alerts are too many before a bar rises for them."""
FOLDS = 5
"""Parts that markets are cut into to measure bars on markets they were not set on."""


@dataclass(frozen=True, kw_only=True)
class VenueBar:
    """The bar of one scheme: where it was, where it is, of how many episodes, and how it came about.

    ``how`` : ``found``; ``kept``, for want of episodes; ``raised``, for there was too much that is false at the present
    one; ``silent``, where no bar can be afforded.
    """

    before: float
    after: float
    episodes: int
    how: str


@dataclass(frozen=True, kw_only=True, eq=False)
class VenueBars:
    """A model with the bars of a venue, and what bars set so are worth there.

    Attributes
    ----------
    model, old : with the new bars and with those before; nothing else differs but what ``about`` says.
    bars : of each scheme.
    before : alerts at the bars before.
    after : alerts of each market at bars set on the others; None of a single market, which has no others,
        and where nothing was measured.
    """

    model: SurveillanceModel
    old: SurveillanceModel
    bars: Mapping[Scheme, VenueBar]
    before: SurveillanceEvaluation
    after: SurveillanceEvaluation | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model": self.model.id,
            "old_model": self.old.id,
            "bars": {scheme.value: vars(bar).copy() for scheme, bar in self.bars.items()},
            "before": self.before.to_dict(),
            "after": None if self.after is None else self.after.to_dict(),
        }


def set_venue_bars(
    model: SurveillanceModel,
    markets: Sequence[CandidateTable],
    settings: LearningSettings | None = None,
    *,
    measure: bool = True,
    progress: Progress | None = None,
) -> VenueBars:
    """Return ``model`` with its bars set on ``markets``, labelled candidates of a market (or day) each.

    A scheme of which :data:`LEAST_EPISODES` are known gets the bar at which alerts are as precise as ``settings`` ask.
    Of others nothing is known but what is false: their bar rises where false alerts are too many. Calm markets, in
    which nothing is planted, are therefore of use too. With ``measure``, what this is worth is found on markets left
    out in turn, which takes most of the time.

    Raises
    ------
    UsageError : there is no market, or none of them holds a candidate of a scheme the model knows.
    """
    settings, shown = settings or LearningSettings(), progress or NoProgress()
    _check(model, markets)
    known = [_Scored(table, _scores(model, table)) for table in markets]
    part = _parts(markets)
    rounds = int(part.max()) + 1 if measure and len(markets) > 1 else 0
    judged: list[Judged] = []
    for number in range(rounds):
        there = _together([one for one, of in zip(known, part, strict=True) if of != number])
        left = _together([one for one, of in zip(known, part, strict=True) if of == number])
        bars = _bars(model.thresholds, there, settings)
        judged += judge(left.table, left.scores, {scheme: bar.after for scheme, bar in bars.items()})
        shown.update("measure", number + 1, rounds + 1)
    all_of = _together(known)
    whole = all_of.table
    bars = _bars(model.thresholds, all_of, settings)
    before = evaluate_alerts(judge(whole, all_of.scores, model.thresholds))
    shown.update("measure", rounds + 1, rounds + 1)
    about = {**model.about, "bars_of": {"markets": len(whole.markets), "events": whole.events, "replaces": model.id}}
    return VenueBars(
        model=replace(model, thresholds={scheme: bar.after for scheme, bar in bars.items()}, about=about),
        old=model,
        bars=bars,
        before=before,
        after=evaluate_alerts(judged) if judged else None,
    )


class _Scored(NamedTuple):
    """Candidates and, by scheme, what the model says of their rows."""

    table: CandidateTable
    scores: Mapping[Scheme, FloatArray]


def _together(parts: Sequence[_Scored]) -> _Scored:
    names = dict.fromkeys(scheme for one in parts for scheme in one.scores)
    scores = {s: np.concatenate([one.scores[s] for one in parts if s in one.scores]) for s in names}
    return _Scored(joined([one.table for one in parts]), scores)


def _check(model: SurveillanceModel, markets: Sequence[CandidateTable]) -> None:
    if not markets:
        raise UsageError("no market is given", field="markets", fix="give labelled markets of the venue")
    if not any(len(part) for table in markets for scheme, part in table.schemes.items() if scheme in model.models):
        raise UsageError(
            "the markets hold nothing that the model could judge", field="markets", fix="give longer or busier ones"
        )


def _parts(markets: Sequence[CandidateTable]) -> IntArray:
    """Return (markets,) the part each is left out with; what is planted is spread evenly."""
    planted = np.array([sum(len(one.truth) for one in table.markets) for table in markets])
    place = np.zeros(len(markets), dtype=np.int64)
    place[np.argsort(-planted, kind="stable")] = np.arange(len(markets)) % min(FOLDS, len(markets))
    return place


def _scores(model: SurveillanceModel, table: CandidateTable) -> dict[Scheme, FloatArray]:
    parts = {scheme: table.schemes[scheme] for scheme in model.models if scheme in table.schemes}
    scores = {s: model.models[s].score(p.values, p.rule)[0] if len(p) else np.zeros(0) for s, p in parts.items()}
    return above(table, scores, model.floors)


def _bars(thresholds: Mapping[Scheme, float], there: _Scored, settings: LearningSettings) -> dict[Scheme, VenueBar]:
    """Return a bar for each scheme that has one, set on all that is ``there``."""
    table, scores = there
    planted = {s: sum(deed.scheme is s for market in table.markets for deed in market.truth) for s in scores}
    known = {s: one for s, one in scores.items() if planted[s] >= LEAST_EPISODES and table.schemes[s].label.any()}
    found = move_together(table, known, set_bars(table, known, settings), settings)
    bars = {}
    for scheme, present in thresholds.items():
        if scheme in found:
            after = found[scheme].score
            how = "found" if after < 1.0 else "silent"
        else:
            after = present if scheme not in scores else _quiet(table, scheme, scores[scheme], present, settings)
            how = "kept" if after == present else "raised" if after < 1.0 else "silent"
        bars[scheme] = VenueBar(before=present, after=after, episodes=planted.get(scheme, 0), how=how)
    return bars


def _quiet(
    table: CandidateTable, scheme: Scheme, score: FloatArray, present: float, settings: LearningSettings
) -> float:
    """Return the lowest bar, ``present`` or above, with no more false alerts than the rate asked for explains."""
    from scipy.stats import poisson  # takes a second to import

    most = poisson.ppf(SURE, settings.most_false_per_million * table.events / 1e6)
    highest, _ = by_episode(table.schemes[scheme].episodes, score, table.schemes[scheme].label)
    above_it = np.unique(highest[highest >= present])
    rising = candidate_bars(above_it, len(above_it), present)[::-1].tolist()
    heard = Heard(table, {scheme: score}, {scheme: present})
    for bar in (present, *(one for one in rising if one > present)):
        count = heard.tally({scheme: bar})
        if count.kept[scheme] - count.true[scheme] <= most:
            return float(bar)
    return NEVER
