"""What a model sees of deeds: which it finds, and how near each comes to its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.evaluation.intervals import Interval, cluster_interval, wilson_interval
from tradewind.surveillance.evaluation.matching import match
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation, evaluate_alerts
from tradewind.surveillance.learning.judging import judge
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.table import CandidateTable
from tradewind.surveillance.schemes import Scheme


@dataclass(frozen=True, kw_only=True, eq=False)
class Sight:
    """What is seen of the deeds of some markets, d of them, market by market.

    Attributes
    ----------
    found : (d,) whether an alert meets the deed.
    suspicion : (d,) how near the deed's best candidate comes to the bar: the odds of its score over the sum of these
        and the bar's, so 0.5 at the bar; 0 where no candidate meets it.
    market : (d,) position of its market.
    """

    found: BoolArray
    suspicion: FloatArray
    market: IntArray


@dataclass(frozen=True, kw_only=True)
class Recall:
    """Deeds and those found, market by market."""

    found: tuple[int, ...]
    deeds: tuple[int, ...]

    @classmethod
    def of(cls, sights: Sequence[Sight]) -> Recall:
        """Count; every sight's markets are different ones, but markets of one seed at several points are too."""
        pairs = [
            (int(sight.found[sight.market == m].sum()), int((sight.market == m).sum()))
            for sight in sights
            for m in np.unique(sight.market)
        ]
        return cls(found=tuple(f for f, _ in pairs), deeds=tuple(d for _, d in pairs))

    @property
    def share(self) -> float:
        """Found deeds of all; NaN without deeds."""
        return sum(self.found) / sum(self.deeds) if sum(self.deeds) else float("nan")

    @property
    def interval(self) -> Interval:
        """The share with the wider of two 95 % intervals: Wilson's over deeds, and over markets drawn again.

        The second alone is a point where all markets agree.
        """
        if not sum(self.deeds):
            return Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
        deeds = wilson_interval(float(sum(self.found)), sum(self.deeds))
        markets = cluster_interval(np.array(self.found, dtype=float), np.array(self.deeds, dtype=float))
        return Interval(value=deeds.value, lower=min(deeds.lower, markets.lower), upper=max(deeds.upper, markets.upper))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        bounds = self.interval
        return {
            "found": sum(self.found),
            "deeds": sum(self.deeds),
            "markets": len(self.deeds),
            "recall": {"value": bounds.value, "lower": bounds.lower, "upper": bounds.upper},
            "found_by_market": list(self.found),
            "deeds_by_market": list(self.deeds),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Recall:
        """Return what :meth:`to_dict` told."""
        return cls(found=tuple(plain["found_by_market"]), deeds=tuple(plain["deeds_by_market"]))

    def __add__(self, other: Recall) -> Recall:
        return Recall(found=self.found + other.found, deeds=self.deeds + other.deeds)


def scores_of(model: SurveillanceModel, table: CandidateTable) -> dict[Scheme, FloatArray]:
    """Return the model's probability of every candidate, by scheme; schemes it has no model of are left out."""
    return {
        scheme: model.models[scheme].score(part.values, part.rule)[0] if len(part) else np.empty(0)
        for scheme, part in table.schemes.items()
        if scheme in model.models
    }


def look(model: SurveillanceModel, table: CandidateTable) -> Sight:
    """Return what ``model`` sees of the deeds in ``table``."""
    scores = scores_of(model, table)
    first = np.concatenate([[0], np.cumsum([len(m.truth) for m in table.markets])]).astype(np.int64)
    best = np.zeros(int(first[-1]))
    for scheme, score in scores.items():
        part = table.schemes[scheme]
        rows = np.flatnonzero(part.label)
        near = nearness(score[rows], model.thresholds.get(scheme, 1.0))
        np.maximum.at(best, first[part.market[rows]] + part.planted[rows], near)
    judged = judge(table, scores, model.thresholds)
    found = [match(one.alerts, one.truth).found for one in judged]
    market = np.repeat(np.arange(len(table.markets)), np.diff(first)).astype(np.int64)
    return Sight(found=np.concatenate([*found, np.empty(0, dtype=bool)]), suspicion=best, market=market)


def nearness(score: FloatArray, bar: float) -> FloatArray:
    """Return for (n,) probabilities how near they come to ``bar``, in [0, 1], 0.5 at it; 0 where none can reach it."""
    if bar >= 1.0:
        return np.zeros_like(score)
    score = np.clip(score, 1e-9, 1 - 1e-9)
    odds, least = score / (1 - score), max(bar, 1e-9) / (1 - max(bar, 1e-9))
    return np.asarray(odds / (odds + least))


def evaluate(model: SurveillanceModel, table: CandidateTable) -> SurveillanceEvaluation:
    """Score the alerts of ``model`` on the markets of ``table``."""
    return evaluate_alerts(judge(table, scores_of(model, table), model.thresholds))
