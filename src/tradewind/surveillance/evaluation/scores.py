"""How good alerts are: precision, recall and false alerts, scheme by scheme and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.core.plain import finite
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.evaluation.curves import PrecisionRecall, precision_recall
from tradewind.surveillance.evaluation.intervals import Interval, cluster_interval, wilson_interval
from tradewind.surveillance.evaluation.matching import TOLERANCE, match
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OVERALL = "overall"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One market's alerts beside its truth.

    Attributes
    ----------
    market : its name.
    alerts : the last revision of each.
    truth : what was planted.
    events : how many events it had.
    """

    market: str
    alerts: tuple[Alert, ...]
    truth: tuple[Planted, ...]
    events: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SchemeScore:
    """How alerts of one scheme (or all) did.

    Attributes
    ----------
    name : the scheme's value, or ``overall``.
    planted, found : episodes, and those met by a true alert.
    alerts, true_alerts : alerts, and those that meet an episode.
    repeated : true alerts beyond the first of their episode.
    precision, recall : with Wilson's interval, which takes alerts (episodes) as independent.
    precision_markets, recall_markets : with an interval over markets drawn with replacement.
    curve : precision against recall as the threshold rises from the one that the alerts were raised with.
    false_per_million : false alerts per million events.
    """

    name: str
    planted: int
    found: int
    alerts: int
    true_alerts: int
    repeated: int
    precision: Interval
    recall: Interval
    precision_markets: Interval
    recall_markets: Interval
    curve: PrecisionRecall
    false_per_million: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for ``evaluation.json``; the curve is thinned to at most 100 points."""
        points = len(self.curve.threshold)
        shown = np.unique(np.linspace(0, points - 1, min(100, points)).astype(int))
        return {
            "planted": self.planted,
            "found": self.found,
            "alerts": self.alerts,
            "true_alerts": self.true_alerts,
            "repeated": self.repeated,
            "precision": _interval(self.precision, self.precision_markets),
            "recall": _interval(self.recall, self.recall_markets),
            "recall_at_precision_95": self.curve.recall_at_precision(0.95),
            "average_precision": self.curve.average_precision,
            "false_per_million_events": self.false_per_million,
            "curve": {
                "threshold": self.curve.threshold[shown].tolist(),
                "precision": self.curve.precision[shown].tolist(),
                "recall": self.curve.recall[shown].tolist(),
            },
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveillanceEvaluation:
    """How alerts did on several markets.

    Attributes
    ----------
    schemes : one score for each scheme that was planted or alerted of.
    overall : all schemes together.
    markets, events : how many there were.
    tolerance_ns : by how much an alert may miss an episode's span.
    """

    schemes: dict[Scheme, SchemeScore]
    overall: SchemeScore
    markets: int
    events: int
    tolerance_ns: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, NaN as None."""
        plain: dict[str, Any] = finite(
            {
                "markets": self.markets,
                "events": self.events,
                "tolerance_ns": self.tolerance_ns,
                OVERALL: self.overall.to_dict(),
                "schemes": {scheme.value: score.to_dict() for scheme, score in self.schemes.items()},
            }
        )
        return plain


@dataclass(frozen=True, eq=False)
class _Pooled:
    """Alerts and episodes of all markets end to end; ``market`` numbers give the cluster of each.

    ``fresh`` : 1 for an alert that is the first to meet an episode.
    """

    alert_scheme: list[Scheme]
    score: FloatArray
    true: BoolArray
    alert_market: FloatArray
    planted_scheme: list[Scheme]
    best: FloatArray
    planted_market: FloatArray
    fresh: FloatArray


def evaluate_alerts(
    judged: Sequence[Judged], *, tolerance_ns: int = TOLERANCE, evasive: bool | None = None
) -> SurveillanceEvaluation:
    """Score the alerts of ``judged`` markets.

    ``evasive`` : count the recall of episodes that were played to escape (True) or plainly (False) alone; an alert is
    true where it meets any episode.
    """
    schemes = {a.scheme for one in judged for a in one.alerts} | {p.scheme for one in judged for p in one.truth}
    pooled = _pool(judged, tolerance_ns, evasive)
    events = sum(one.events for one in judged)
    return SurveillanceEvaluation(
        schemes={s: _score(pooled, len(judged), events, s) for s in Scheme if s in schemes},
        overall=_score(pooled, len(judged), events, None),
        markets=len(judged),
        events=events,
        tolerance_ns=tolerance_ns,
    )


def _pool(judged: Sequence[Judged], tolerance_ns: int, evasive: bool | None) -> _Pooled:
    parts: list[tuple[FloatArray, ...]] = []
    alert_scheme: list[Scheme] = []
    planted_scheme: list[Scheme] = []
    for number, one in enumerate(judged):
        met = match(one.alerts, one.truth, tolerance_ns=tolerance_ns)
        score = np.array([alert.score for alert in one.alerts])
        counted = np.array([evasive is None or p.evasive is evasive for p in one.truth], dtype=bool)
        alert_scheme += [alert.scheme for alert in one.alerts]
        planted_scheme += [p.scheme for p, take in zip(one.truth, counted, strict=True) if take]
        first = np.zeros(met.alerts)
        seen: set[int] = set()
        for a, p in zip(met.alert.tolist(), met.planted.tolist(), strict=True):
            first[a] = max(first[a], float(p not in seen))
            seen.add(p)
        parts.append(
            (
                score,
                met.true.astype(float),
                np.full(met.alerts, float(number)),
                met.best(score)[counted],
                np.full(int(counted.sum()), float(number)),
                first,
            )
        )
    columns = [np.concatenate([part[i] for part in parts]) if parts else np.empty(0) for i in range(6)]
    score, true, alert_market, best, planted_market, first = columns
    return _Pooled(alert_scheme, score, true > 0, alert_market, planted_scheme, best, planted_market, first)


def _score(pooled: _Pooled, markets: int, events: int, scheme: Scheme | None) -> SchemeScore:
    alert = np.array([scheme is None or s is scheme for s in pooled.alert_scheme], dtype=bool)
    episode = np.array([scheme is None or s is scheme for s in pooled.planted_scheme], dtype=bool)
    true, best = pooled.true[alert], pooled.best[episode]
    found = np.isfinite(best)

    def per_market(number: FloatArray, weight: BoolArray | None = None) -> FloatArray:
        counted: FloatArray = np.bincount(number.astype(np.int64), weight, minlength=markets).astype(np.float64)
        return counted

    alert_market, planted_market = pooled.alert_market[alert], pooled.planted_market[episode]
    return SchemeScore(
        name=OVERALL if scheme is None else scheme.value,
        planted=len(best),
        found=int(found.sum()),
        alerts=len(true),
        true_alerts=int(true.sum()),
        repeated=int(true.sum() - pooled.fresh[alert].sum()),
        precision=wilson_interval(float(true.sum()), len(true)),
        recall=wilson_interval(float(found.sum()), len(best)),
        precision_markets=cluster_interval(per_market(alert_market, true), per_market(alert_market)),
        recall_markets=cluster_interval(per_market(planted_market, found), per_market(planted_market)),
        curve=precision_recall(pooled.score[alert], true, best),
        false_per_million=float((~true).sum()) / events * 1e6 if events else float("nan"),
    )


def _interval(wilson: Interval, markets: Interval) -> dict[str, float | list[float]]:
    return {
        "value": wilson.value,
        "wilson": [wilson.lower, wilson.upper],
        "over_markets": [markets.lower, markets.upper],
    }
