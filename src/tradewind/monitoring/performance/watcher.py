"""Holds what was served against what was promised."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray
from tradewind.core.plain import finite
from tradewind.evaluation.forecast_metrics import MetricsSettings, forecast_metrics
from tradewind.monitoring.drift.psi import psi
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.performance.daily import SAID, daily_figures
from tradewind.monitoring.performance.expectation import Expectation
from tradewind.monitoring.performance.join import JoinedRows
from tradewind.monitoring.performance.settings import PerformanceSettings
from tradewind.monitoring.performance.settling import Overdue, SettledDay, Settling
from tradewind.monitoring.performance.slope import calibration_line
from tradewind.monitoring.performance.streams import findings_of, make_streams
from tradewind.monitoring.slices import Slice

Regime = Callable[[Slice], str | None]


class PerformanceWatcher:
    """Judges each day's forecasts once their labels are there, and what they say at once.

    It follows what callers were told: the first version of each slice, or ``version``. Days are judged in order, each
    once: when ``complete`` of its labels are known, or after ``patience``. Labels that come or are corrected later
    enter the rolling figures, not the tests.

    Kinds: ``accuracy_drop`` (accuracy, Brier score; by sector and regime too), ``ic_drop``, ``calibration_drift``,
    ``prediction_shift``, ``labels_overdue``.

    Parameters
    ----------
    expectation : what was measured at approval.
    regime : names the regime of a slice from what the slice and those before hold; a name that ``expectation`` has no
        promise for, or None, is watched in no group.
    """

    name = "performance"

    def __init__(
        self,
        expectation: Expectation,
        settings: PerformanceSettings | None = None,
        *,
        version: str | None = None,
        regime: Regime | None = None,
    ) -> None:
        from river.drift import PageHinkley  # takes seconds to import

        self.settings = settings or PerformanceSettings()
        self.expectation, self._regime = expectation, regime
        self.settling = Settling(self.settings.settling, version=version)
        self._streams = make_streams(expectation, self.settings)
        self._said: deque[FloatArray] = deque(maxlen=self.settings.window)
        self._judged: deque[tuple[np.datetime64, str]] = deque(maxlen=self.settings.window)
        self._page_hinkley = PageHinkley(mode="down", min_instances=20, threshold=1.0)
        self._overdue, self._psi = Overdue(forecasts=0, days=0, oldest=None, share=0.0), float("nan")

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in forecasts and labels and return what is worse than expected."""
        said = self.settling.add(one, self._regime(one) if self._regime else None)
        if said is not None:
            self._say(said)
        for day in self.settling.settled():
            self._judged.append((day.time, day.version))
            self._take(day)
        found = [self._with_calibration(finding) for finding in findings_of(self._streams, one)]
        found.extend(self._shifted(one))
        found.extend(self._late(one))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return rolling figures, the level of each test (1 is an alarm) and what is overdue."""
        levels = {
            f"{stream.meaning.statistic}{'+' if stream.meaning.side > 0 else '-'}"
            + "".join(f" {key}={value}" for key, value in stream.subject.items() if key != "metric"): stream.cusum.level
            for stream in self._streams
        }
        plain: dict[str, Any] = finite(
            {
                "rolling": self.rolling(),
                "levels": levels,
                "psi": self._psi,
                "overdue": self._overdue.forecasts,
                "label_delay": self.settling.delay.usual,
                "page_hinkley_accuracy": bool(self._page_hinkley.drift_detected),
            }
        )
        return plain

    def rolling(self) -> dict[str, float]:
        """Return the figures of the last ``window`` days judged, with what is known of them now; empty of none."""
        rows = JoinedRows.concatenate([self.settling.join.at(version, time) for time, version in self._judged])
        if not len(rows):
            return {}
        outcomes = rows.to_outcomes("served")
        metrics = forecast_metrics(outcomes, MetricsSettings(calibration_bins=self.settings.calibration_bins))
        known = outcomes.labelled & np.isfinite(outcomes.probability)
        intercept, slope = calibration_line(outcomes.probability[known], outcomes.direction[known])
        daily = daily_figures(outcomes, self.settings.least_symbols).values
        return {
            "days": float(len(self._judged)),
            "accuracy": metrics.accuracy,
            "brier": metrics.brier,
            "log_loss": metrics.log_loss,
            "calibration_error": metrics.calibration_error,
            "calibration_intercept": intercept,
            "calibration_slope": slope,
            **{name: _mean(daily[name]) for name in ("ic", *sorted(SAID))},
        }

    def _say(self, rows: JoinedRows) -> None:
        daily = daily_figures(rows.to_outcomes("served"), self.settings.least_symbols).values
        for stream in self._streams:
            if stream.meaning.statistic in SAID and len(daily["accuracy"]):
                stream.update(float(daily[stream.meaning.statistic][0]))
        self._said.append(self.expectation.histogram(rows.probability))

    def _take(self, day: SettledDay) -> None:
        outcomes = day.rows.to_outcomes("served")
        least = self.settings.least_symbols
        daily = daily_figures(outcomes, least).values
        if not len(daily["accuracy"]):
            return
        if np.isfinite(daily["accuracy"][0]):
            promise = self.expectation.overall["accuracy"]
            scaled = float((daily["accuracy"][0] - promise.value) / promise.deviation)
            self._page_hinkley.update(scaled)  # type: ignore[no-untyped-call]
        for stream in self._streams:
            sector = stream.subject.get("sector")
            if sector is not None:
                part = daily_figures(outcomes.select(outcomes.sector == sector), min(least, 2)).values["accuracy"]
                stream.update(float(part[0]) if len(part) else float("nan"))
            elif "regime" in stream.subject:
                stream.update(float(daily["accuracy"][0]) if stream.subject["regime"] == day.regime else float("nan"))
            elif stream.meaning.statistic not in SAID:
                stream.update(float(daily[stream.meaning.statistic][0]))

    def _with_calibration(self, finding: Finding) -> Finding:
        if finding.kind != "calibration_drift":
            return finding
        names = ("calibration_error", "calibration_intercept", "calibration_slope")
        rolling = self.rolling()
        return replace(finding, evidence={**finding.evidence, **{name: rolling.get(name) for name in names}})

    def _shifted(self, one: Slice) -> Iterator[Finding]:
        if len(self._said) < self.settings.window:
            return
        self._psi = float(psi(self.expectation.counts, np.sum(self._said, axis=0)))
        # Few windows tell little of how far one may stray: twice the error of the largest is allowed for.
        largest = self.expectation.largest_psi * (1 + 2 * self.expectation.psi_error)
        limit = max(self.settings.psi, self.settings.psi_factor * largest)
        if self._psi > limit:
            yield Finding(
                kind="prediction_shift",
                area=Area.PERFORMANCE,
                severity=Severity.WARNING,
                message=(
                    f"the probabilities of the last {len(self._said)} days are distributed otherwise than at approval "
                    f"(PSI {self._psi:.2f}, limit {limit:.2f})"
                ),
                time=bar_time(one),
                known_at=one.known_at,
                subject={"metric": "probability"},
                statistic=self._psi,
                threshold=limit,
                evidence={"days": len(self._said), "largest_at_approval": self.expectation.largest_psi},
            )

    def _late(self, one: Slice) -> Iterator[Finding]:
        self._overdue = late = self.settling.overdue()
        if late.share < self.settings.settling.overdue_share or late.oldest is None:
            return
        yield Finding(
            kind="labels_overdue",
            area=Area.DATA_QUALITY,
            severity=Severity.ERROR if late.share >= 0.9 else Severity.WARNING,
            message=(
                f"{late.share:.0%} of the labels due with this slice have not come; {late.forecasts} forecasts of "
                f"{late.days} days wait, the oldest of {late.oldest.astype('datetime64[D]')}"
            ),
            time=bar_time(one),
            known_at=one.known_at,
            subject={"feed": "labels"},
            statistic=late.share,
            threshold=self.settings.settling.overdue_share,
            evidence={
                "overdue": late.forecasts,
                "days": late.days,
                "oldest": str(late.oldest),
                "usual_delay": self.settling.delay.usual,
            },
        )


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
