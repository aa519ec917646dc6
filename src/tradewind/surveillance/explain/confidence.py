"""How far an alert's score can be trusted: the model's record out of sample, and what argued for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.learning import SurveillanceModel

PIECES: Mapping[str, str] = {
    "rule": "the textbook rule",
    "trees": "the boosted trees",
    "line": "the straight line through few features",
    "anomaly": "how unlike the usual candidate it is",
    "calibration": "the base rate and calibration",
}


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """An alert's score and the record behind scores like it.

    Attributes
    ----------
    score : calibrated probability. ``bar`` : least score of an alert; NaN where it is not known.
    precision_bound : lower bound of the precision at the bar, out of sample; ``alerts``, ``true`` : the alerts it was
        counted on, and those that were true. NaN and 0 where there is no record.
    pieces : what each part of the model argues, log odds, the strongest first.
    """

    score: float
    bar: float
    precision_bound: float
    alerts: int
    true: int
    pieces: tuple[tuple[str, float], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Return it in sentences."""
        said = [f"The model holds the episode for what it says with a calibrated probability of {chance(self.score)}."]
        if not math.isnan(self.bar):
            said.append(f"The least score at which an alert of this scheme is raised is {chance(self.bar)}.")
        if self.alerts:
            said.append(
                f"Out of sample, {self.true:,} of {self.alerts:,} episodes at or above that score were true "
                f"({self.true / self.alerts:.1%}; lower bound {self.precision_bound:.1%})."
            )
        else:
            said.append("No record of the model's precision was given with this file.")
        return tuple(said)


def chance(probability: float) -> str:
    """Return a probability as percent; one that would round to certainty says that it is none."""
    if probability >= 0.9995:
        return "above 99.9%"
    return "below 0.1%" if probability < 0.0005 else f"{probability:.1%}"


def confidence(
    alert: Alert, model: SurveillanceModel | None = None, record: Mapping[str, Any] | None = None
) -> Confidence:
    """Return the score of ``alert`` with the record of scores like it.

    Parameters
    ----------
    record : what ``training.json`` of the model holds (``Trained.to_dict``).
    """
    scheme = dict((record or {}).get("schemes", {}).get(alert.scheme.value, {}))
    bar = math.nan if model is None else float(model.thresholds.get(alert.scheme, math.nan))
    bar = float(scheme.get("threshold", bar)) if math.isnan(bar) else bar
    pieces = sorted(alert.contributions.items(), key=lambda item: -abs(item[1]))
    return Confidence(
        score=alert.score,
        bar=bar,
        precision_bound=float(scheme.get("precision_bound", math.nan)),
        alerts=int(scheme.get("alerts_at_threshold", 0)),
        true=int(scheme.get("true_at_threshold", 0)),
        pieces=tuple((PIECES.get(name, name.replace("_", " ")), float(value)) for name, value in pieces),
    )
