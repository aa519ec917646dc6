"""Alerts from the rules alone, without a trained model: a baseline, and a way to run where no model may be used."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.alerting.claim import log_odds
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.learning.described import Described
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.schemes import Scheme

RULE_BAR = 0.9
"""Score of a rule from which it raises an alert: nearly all of the textbook's conditions hold."""


class RulesOnly(SurveillanceModel):
    """Takes the rule's own score of each candidate for its probability; nothing is learned, nothing calibrated."""

    def score(self, described: Described) -> list[Scored]:
        """Return the candidates with the scores of their rules."""
        return [
            Scored(
                candidate=candidate,
                known_at=int(at),
                score=float(candidate.rule),
                pieces=np.array([log_odds(candidate.rule)]),
                piece_names=("rule",),
            )
            for candidate, at in zip(described.candidates, described.known_at, strict=True)
        ]


def rules_only(bar: float = RULE_BAR) -> RulesOnly:
    """Return what raises an alert for every rule whose score reaches ``bar``."""
    return RulesOnly(models={}, thresholds=dict.fromkeys(Scheme, bar), about={"name": "rules alone"})
