"""Add to an evaluation how the groups fare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tradewind.core import Outcomes
from tradewind.evaluation.evaluation import Evaluation
from tradewind.evaluation.parity import ParityPoint, group_parity, parity_curve_record


def with_parity_measured(
    evaluation: Evaluation, outcomes: Mapping[str, Outcomes], by: str, curve: Sequence[ParityPoint] = ()
) -> Evaluation:
    """Return ``evaluation`` with parity of its primary model among groups ``by``, and with the trade-off ``curve``.

    ``by`` : ``sector``, ``size_bucket`` or ``both``. ``curve`` : forecasts under growing strengths; may be empty.
    """
    bootstrap, metrics = evaluation.settings.bootstrap, evaluation.settings.metrics
    return replace(
        evaluation,
        parity=group_parity(outcomes[evaluation.primary], by, bootstrap=bootstrap),
        parity_curve=parity_curve_record(curve, by, metrics=metrics, bootstrap=bootstrap) if curve else None,
    )
