"""One round of hardening: what was measured, and whether the new model may take the old one's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core.plain import finite
from tradewind.surveillance.adversary.sight import Recall, Sight
from tradewind.surveillance.evaluation.intervals import Interval
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation
from tradewind.surveillance.schemes import Scheme


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One model on the markets that no round learns from.

    Attributes
    ----------
    precision, recall : of ordinary play, with intervals over markets.
    variants : recall of sly variants drawn at random, by market, and ``variants_precision`` of the alerts there.
    """

    precision: Interval
    recall: Interval
    variants: Recall
    variants_precision: Interval

    @classmethod
    def of(cls, ordinary: SurveillanceEvaluation, sly: Sight, sly_alerts: SurveillanceEvaluation) -> Measure:
        """Return the measure from what a model said of both kinds of markets."""
        return cls(
            precision=ordinary.overall.precision_markets,
            recall=ordinary.overall.recall_markets,
            variants=Recall.of([sly]),
            variants_precision=sly_alerts.overall.precision_markets,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "precision": _plain(self.precision),
            "recall": _plain(self.recall),
            "variants": self.variants.to_dict(),
            "variants_precision": _plain(self.variants_precision),
        }


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round.

    Attributes
    ----------
    number : from 1.
    before_model, after_model : ids.
    before, after : both models on the same markets.
    attack_before : recall, by scheme, of the old model under the attack on it, on markets fresh to the search.
    attack_after : of the new one under an attack led against it from other seeds. Neither was learnt from before it was
        measured.
    accepted, why : whether the new model is kept, and the reason in words.
    """

    number: int
    before_model: str
    after_model: str
    before: Measure
    after: Measure
    attack_before: Mapping[Scheme, Recall]
    attack_after: Mapping[Scheme, Recall]
    accepted: bool
    why: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, NaN as None."""
        plain: dict[str, Any] = finite(
            {
                "number": self.number,
                "before_model": self.before_model,
                "after_model": self.after_model,
                "before": self.before.to_dict(),
                "after": self.after.to_dict(),
                "attack_before": {s.value: r.to_dict() for s, r in self.attack_before.items()},
                "attack_after": {s.value: r.to_dict() for s, r in self.attack_after.items()},
                "accepted": self.accepted,
                "why": self.why,
            }
        )
        return plain


def decide(
    before: Measure, after: Measure, attack: tuple[Recall, Recall], allowed: tuple[float, float]
) -> tuple[bool, str]:
    """Return whether the new model may take the old one's place, and why.

    Precision of ordinary play may not fall by more than ``allowed[0]``, recall by more than ``allowed[1]``; evasive
    recall must rise, under attack (``attack``: before, after) or on sly variants, and fall in neither by more than
    ``allowed[1]``. An old model that raises no alert has no precision to lose; a new one that raises none is refused.
    """
    if np.isnan(after.precision.value):
        return False, "the new model raises no alert on ordinary play"
    lost = before.precision.value - after.precision.value
    if lost > allowed[0]:
        return False, f"precision of ordinary play falls by {lost:.1%}"
    lost = before.recall.value - after.recall.value
    if lost > allowed[1]:
        return False, f"recall of ordinary play falls by {lost:.1%}"
    gains = {"under attack": _gain(*attack), "of sly variants": _gain(before.variants, after.variants)}
    for name, gain in gains.items():
        if gain < -allowed[1]:
            return False, f"recall {name} falls by {-gain:.1%}"
    if max(gains.values()) <= 0:
        return False, "evasive recall does not rise"
    return True, "; ".join(
        f"recall {name} {'rises' if gain >= 0 else 'falls'} by {abs(gain):.1%}" for name, gain in gains.items()
    )


def _gain(before: Recall, after: Recall) -> float:
    """Return by how much recall rises; nothing where one is not known: a search that finds no way proves nothing."""
    gain = after.share - before.share
    return 0.0 if np.isnan(gain) else gain


def _plain(interval: Interval) -> dict[str, float]:
    return {"value": interval.value, "lower": interval.lower, "upper": interval.upper}
