"""Tells when forecasts will be right less often than expected, before their labels are known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tradewind.core import InputError, Outcomes, Severity
from tradewind.core.arrays import FloatArray
from tradewind.core.plain import finite
from tradewind.evaluation.days import judged
from tradewind.models.calibration import CalibrationSettings, Calibrator
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.performance.cusum import Cusum
from tradewind.monitoring.performance.daily import daily_figures
from tradewind.monitoring.performance.estimate import ASSUMPTION, design_effect, expected_performance
from tradewind.monitoring.performance.expectation import LAGS, Promise
from tradewind.monitoring.performance.settings import EstimateSettings
from tradewind.monitoring.slices import Slice


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimateReference:
    """What the estimate is held against.

    Attributes
    ----------
    calibrator : maps served probabilities to calibrated ones.
    confidence : promise of a day's estimated accuracy. ``design`` : design effect of the accuracy realised.
    """

    calibrator: Calibrator
    confidence: Promise
    design: float

    @classmethod
    def from_outcomes(cls, outcomes: Outcomes, *, least_symbols: int = 5) -> EstimateReference:
        """Fit on ``outcomes``, out of sample, of at least 30 days; InputError where there are too few."""
        rows = outcomes.select(judged(outcomes))
        calibrator = Calibrator(CalibrationSettings(intercept="centred"))
        calibrator.fit(rows.probability, rows.direction, groups=rows.time)
        mapped = replace(outcomes, probability=calibrator.transform(outcomes.probability))
        promise = Promise.of(daily_figures(mapped, least_symbols).values["confidence"], lags=LAGS)
        if promise is None:
            raise InputError(
                "an estimate needs 30 days of forecasts that are not all equal",
                field="outcomes",
                fix="give the out-of-sample outcomes of a longer span",
            )
        return cls(calibrator=calibrator, confidence=promise, design=design_effect(outcomes))


class ExpectedAccuracyWatcher:
    """Estimates the accuracy of each slice's forecasts by CBPE and watches it for a lasting fall.

    Kind: ``expected_accuracy_drop``. It is blind to concept drift: see :data:`ASSUMPTION`.
    """

    name = "expected_accuracy"

    def __init__(self, reference: EstimateReference, settings: EstimateSettings | None = None) -> None:
        self.settings, self.reference = settings or EstimateSettings(), reference
        promise = reference.confidence
        self._cusum = Cusum(
            centre=promise.value,
            deviation=promise.deviation * promise.inflation,
            side=-1,
            tolerance=self.settings.tolerance + promise.allowance,
            shifts=(self.settings.shift,),
            alarms_per_year=self.settings.false_alarms_per_year,
        )
        self._window: deque[FloatArray] = deque(maxlen=self.settings.window)

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in what callers were told and return whether it will be right less often than expected."""
        if one.served:
            p = self.reference.calibrator.transform(one.served[0].probability)
            p = p[np.isfinite(p)]
            if len(p) >= self.settings.least_symbols:
                self._window.append(p)
                self._cusum.update(float(np.maximum(p, 1 - p).mean()))
        return [self._finding(one)] if self._cusum.alarmed and self._cusum.count >= self.settings.least_days else []

    def state(self) -> Mapping[str, Any]:
        """Return the estimate over the window and the level of the test (1 is an alarm)."""
        plain: dict[str, Any] = finite({"level": self._cusum.level, "days": len(self._window), **self._estimate()})
        return plain

    def _estimate(self, days: int | None = None) -> dict[str, Any]:
        some = list(self._window)[-(days or len(self._window)) :]
        p = np.concatenate(some) if some else np.empty(0)
        return asdict(expected_performance(p, design=self.reference.design, level=self.settings.level))

    def _finding(self, one: Slice) -> Finding:
        days, promise = max(1, min(self._cusum.run, len(self._window))), self.reference.confidence
        estimate = self._estimate(days)
        effect = (estimate["accuracy"] - promise.value) / promise.deviation
        return Finding(
            kind="expected_accuracy_drop",
            area=Area.PERFORMANCE,
            severity=Severity.WARNING,
            message=(
                f"the forecasts of the last {days} days are expected to be right {estimate['accuracy']:.1%} of the "
                f"time ({estimate['lower']:.1%} to {estimate['upper']:.1%}) where {promise.value:.1%} is usual, if "
                f"{ASSUMPTION}"
            ),
            time=bar_time(one),
            known_at=one.known_at,
            subject={"metric": "expected_accuracy"},
            statistic=self._cusum.level,
            threshold=1.0,
            p_value=self._cusum.p_value(),
            evidence=finite({**estimate, "expected": promise.value, "effect": effect, "assumes": ASSUMPTION}),
        )
