"""Does a model know its training rows better than the future? The gap, the learning curve, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, day_weights, interval
from tradewind.evaluation.days import day_codes, day_sums, judged, ratio
from tradewind.evaluation.forecast_metrics import forecast_metrics


class OverfitSettings(Settings):
    """A gap of accuracy is named overfitting when it exceeds ``tolerance`` and its interval lies above zero."""

    tolerance: float = Field(0.05, ge=0, le=1)


@dataclass(frozen=True, kw_only=True)
class Overfit:
    """Train against test.

    Attributes
    ----------
    train, test : accuracy, brier, log_loss, auc, ic of the training and the test rows.
    gap : train minus test accuracy with its day-clustered interval.
    overfits : True where the gap is named overfitting; ``words`` say so ("overfits" appears exactly then).
    """

    model: str
    train: dict[str, float]
    test: dict[str, float]
    gap: Interval
    overfits: bool
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


class CurvePoint(Protocol):
    """A point of a learning curve: the ``share`` of the training window used and the two accuracies."""

    @property
    def share(self) -> float:
        """Share of the training window, in (0, 1]."""
        ...

    @property
    def train_accuracy(self) -> float:
        """Accuracy on the training rows."""
        ...

    @property
    def test_accuracy(self) -> float:
        """Accuracy on the test rows."""
        ...


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """Shares of the training window, train and test accuracy at each, and what the curve says."""

    share: tuple[float, ...]
    train_accuracy: tuple[float, ...]
    test_accuracy: tuple[float, ...]
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return asdict(self)


def _accuracy_draws(outcomes: Outcomes, settings: BootstrapSettings) -> FloatArray:
    rows = judged(outcomes)
    code, days = day_codes(outcomes.time[rows])
    if not len(days):
        return np.full(settings.draws, np.nan)
    right = (outcomes.predicted_direction[rows] == outcomes.direction[rows]).astype(np.float64)
    sums = day_sums(np.stack([right, np.ones(len(right))], axis=1), code, len(days))
    drawn = day_weights(len(days), settings) @ sums
    return ratio(drawn[:, 0], drawn[:, 1])


def train_test_gap(
    train: Outcomes,
    test: Outcomes,
    *,
    settings: OverfitSettings | None = None,
    bootstrap: BootstrapSettings | None = None,
) -> Overfit:
    """Compare in-sample ``train`` forecasts with out-of-sample ``test`` forecasts of the same model."""
    settings, bootstrap = settings or OverfitSettings(), bootstrap or BootstrapSettings()
    names = ("accuracy", "brier", "log_loss", "auc", "ic")
    sides = []
    for outcomes in (train, test):
        found = forecast_metrics(outcomes)
        sides.append({name: float(getattr(found, name)) for name in names})
    difference = sides[0]["accuracy"] - sides[1]["accuracy"]
    other = bootstrap.model_copy(update={"seed": bootstrap.seed + 1})
    gap = interval(difference, _accuracy_draws(train, bootstrap) - _accuracy_draws(test, other), bootstrap.level)
    overfits = bool(gap.value > settings.tolerance and gap.lower > 0)
    if np.isnan(difference):
        words = f"{test.model}: no gap between train and test can be measured"
    else:
        numbers = f"accuracy {sides[0]['accuracy']:.1%} in training against {sides[1]['accuracy']:.1%} out of sample"
        said = "overfits" if overfits else "shows no clear overfitting"
        words = f"{test.model} {said}: {numbers} (gap {gap.value:+.1%}, {gap.lower:+.1%} to {gap.upper:+.1%})"
    return Overfit(model=test.model, train=sides[0], test=sides[1], gap=gap, overfits=overfits, words=words)


def learning_curve_record(points: Sequence[CurvePoint]) -> LearningCurve:
    """Order ``points`` by share and say whether more history helped."""
    ordered = sorted(points, key=lambda point: point.share)
    test = tuple(float(point.test_accuracy) for point in ordered)
    if len(ordered) < 2:
        words = "too few points for a learning curve"
    else:
        rise = test[-1] - test[0]
        told = "rose" if rise > 0.005 else "fell" if rise < -0.005 else "hardly moved"
        words = (
            f"from {ordered[0].share:.0%} to {ordered[-1].share:.0%} of the training window the test accuracy {told} "
            f"({test[0]:.1%} to {test[-1]:.1%})"
        )
    return LearningCurve(
        share=tuple(float(point.share) for point in ordered),
        train_accuracy=tuple(float(point.train_accuracy) for point in ordered),
        test_accuracy=test,
        words=words,
    )
