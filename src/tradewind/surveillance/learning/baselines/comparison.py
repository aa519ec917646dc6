"""Ours beside rules alone and beside PyOD, at the same precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.core.plain import finite
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation, evaluate_alerts
from tradewind.surveillance.learning.baselines.anomalies import AnomalyResult, best_anomaly
from tradewind.surveillance.learning.judging import judge
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.table import CandidateTable
from tradewind.surveillance.schemes import Scheme

LOWEST = 0.1
"""Bar from which alerts of either side are raised before the curve is drawn."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Recall at the stated precision: of one scheme, or ``overall``.

    ``anomalies_name`` : PyOD's best detector for it, chosen knowing the truth.
    """

    name: str
    planted: int
    ours: float
    rules: float
    anomalies: float
    anomalies_name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """One row a planted scheme, and one for all. ``precision`` : at which recall is read off."""

    precision: float
    rows: tuple[Compared, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = finite({"precision": self.precision, "rows": [asdict(row) for row in self.rows]})
        return plain

    def words(self) -> str:
        """Return the table as lines of text."""
        head = f"{'scheme':<22}{'planted':>8}{'ours':>8}{'rules':>8}{'PyOD':>8}  best of PyOD"
        lines = [
            f"{row.name:<22}{row.planted:>8}{_percent(row.ours):>8}{_percent(row.rules):>8}{_percent(row.anomalies):>8}"
            f"  {row.anomalies_name}"
            for row in self.rows
        ]
        return "\n".join([f"recall (%) at a precision of {100 * self.precision:g} %", head, *lines])


def model_scores(table: CandidateTable, model: SurveillanceModel) -> dict[Scheme, FloatArray]:
    """Return the model's probabilities of all rows, by scheme."""
    return {
        scheme: model.models[scheme].score(part.values, part.rule)[0] if len(part) else np.empty(0)
        for scheme, part in table.schemes.items()
        if scheme in model.models
    }


def rule_scores(table: CandidateTable) -> dict[Scheme, FloatArray]:
    """Return the rules' scores of all rows, by scheme: what alerts would be without any model."""
    return {scheme: part.rule for scheme, part in table.schemes.items()}


def compare(
    table: CandidateTable,
    scores: Mapping[Scheme, FloatArray],
    anomalies: Sequence[AnomalyResult] = (),
    *,
    precision: float = 0.95,
) -> Comparison:
    """Compare on markets that nothing was fitted on, or on out-of-fold ``scores`` of ``table``'s rows.

    Rules and models name the same candidates and go through the same book of alerts; ``anomalies`` are the results of
    :func:`~tradewind.surveillance.learning.baselines.anomalies.run_anomalies` on the same markets.
    """
    ours = evaluate_alerts(judge(table, scores, dict.fromkeys(scores, LOWEST)))
    ruled = rule_scores(table)
    rules = evaluate_alerts(judge(table, ruled, dict.fromkeys(ruled, LOWEST)))
    planted: list[Scheme | None] = [scheme for scheme, score in ours.schemes.items() if score.planted]
    return Comparison(
        precision=precision,
        rows=tuple(_row(scheme, ours, rules, anomalies, precision) for scheme in [*planted, None]),
    )


def _row(
    scheme: Scheme | None,
    ours: SurveillanceEvaluation,
    rules: SurveillanceEvaluation,
    anomalies: Sequence[AnomalyResult],
    precision: float,
) -> Compared:
    mine, ruled = (one.overall if scheme is None else one.schemes[scheme] for one in (ours, rules))
    name, recall = best_anomaly(anomalies, scheme, precision)
    return Compared(
        name=mine.name,
        planted=mine.planted,
        ours=mine.curve.recall_at_precision(precision),
        rules=ruled.curve.recall_at_precision(precision),
        anomalies=recall,
        anomalies_name=name,
    )


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f}"
