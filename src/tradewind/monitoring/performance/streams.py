"""The statistics that are watched, each with what it means when it moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tradewind.core import Severity
from tradewind.evaluation.hac import hac_mean
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.performance.cusum import Cusum
from tradewind.monitoring.performance.expectation import Expectation, Promise
from tradewind.monitoring.performance.settings import PerformanceSettings
from tradewind.monitoring.slices import Slice


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What it means when a statistic moves to a side: kind of finding and the words for it."""

    statistic: str
    side: int
    kind: str
    words: str
    relative: bool = False


OVERALL = (
    Meaning(statistic="accuracy", side=-1, kind="accuracy_drop", words="accuracy"),
    Meaning(statistic="brier", side=1, kind="accuracy_drop", words="Brier score"),
    Meaning(statistic="ic", side=-1, kind="ic_drop", words="daily rank correlation with returns"),
    Meaning(statistic="slope_score", side=-1, kind="calibration_drift", words="score of the calibration's slope"),
    Meaning(statistic="large", side=1, kind="calibration_drift", words="outcome less probability"),
    Meaning(statistic="large", side=-1, kind="calibration_drift", words="outcome less probability"),
    Meaning(statistic="mean_probability", side=1, kind="prediction_shift", words="mean probability"),
    Meaning(statistic="mean_probability", side=-1, kind="prediction_shift", words="mean probability"),
    Meaning(statistic="dispersion", side=1, kind="prediction_shift", words="dispersion of the probabilities"),
    Meaning(statistic="dispersion", side=-1, kind="prediction_shift", words="dispersion of the probabilities"),
)
_GROUP = OVERALL[0]


class Stream:
    """One statistic of all rows, a sector or a regime against its promise."""

    def __init__(
        self,
        meaning: Meaning,
        promise: Promise,
        subject: dict[str, str],
        cusum: Cusum,
        settings: PerformanceSettings,
    ) -> None:
        self.meaning, self.promise, self.subject, self.cusum = meaning, promise, subject, cusum
        self._settings = settings
        self._values: deque[float] = deque(maxlen=252)

    def update(self, value: float) -> None:
        """Take in a day's figure; NaN changes nothing."""
        if np.isfinite(value):
            self._values.append(value)
        self.cusum.update(value)

    @property
    def alarmed(self) -> bool:
        """Whether a finding is due."""
        return self.cusum.alarmed and self.cusum.count >= self._settings.least_days

    def rolling(self) -> float:
        """Return the mean of the last ``window`` days; NaN of none."""
        some = list(self._values)[-self._settings.window :]
        return float(np.mean(some)) if some else float("nan")

    def finding(self, one: Slice) -> Finding:
        """Return what the alarm says, at the slice with which it is known."""
        from scipy import stats  # takes a second to import

        run = max(1, min(self.cusum.run, len(self._values)))
        since = np.array(list(self._values)[-run:])
        seen, promised = float(since.mean()), self.promise
        effect = (seen - promised.value) / promised.deviation
        mean = hac_mean(since - promised.value, floor=True)
        tail = float(stats.t.sf(self.meaning.side * mean.statistic, run - 1)) if mean.error > 0 else float("nan")
        calibration = self.meaning.kind == "calibration_drift"
        severe = abs(effect) >= 1 and not calibration
        about = ", ".join(f"{key} {value}" for key, value in self.subject.items() if key != "metric")
        return Finding(
            kind=self.meaning.kind,
            area=Area.PERFORMANCE,
            severity=Severity.ERROR if severe else Severity.WARNING,
            message=(
                f"{self.meaning.words}{f' ({about})' if about else ''} has been {seen:.4g} over {run} days where "
                f"{promised.value:.4g} is expected ({effect:+.2f} daily standard deviations)"
            ),
            time=bar_time(one),
            known_at=one.known_at,
            subject=self.subject,
            statistic=self.cusum.level,
            threshold=1.0,
            p_value=self.cusum.p_value(),
            evidence={
                "seen": seen,
                "expected": promised.value,
                "expected_error": promised.error,
                "daily_deviation": promised.deviation,
                "effect": effect,
                "days": run,
                "rolling": self.rolling(),
                "hac_p_value": tail,
            },
        )


def make_streams(expectation: Expectation, settings: PerformanceSettings) -> list[Stream]:
    """Return a stream for each statistic that was promised; they share the false alarms evenly."""
    group_names = [(kind, name) for kind, some in sorted(expectation.groups.items()) for name in sorted(some)]
    kept = settings.slices_share if group_names else 0.0
    each = settings.false_alarms_per_year * (1 - kept) / len(OVERALL)
    streams = []
    for meaning in OVERALL:
        promise = expectation.overall.get(meaning.statistic)
        if promise is not None:
            subject = {"metric": meaning.statistic}
            streams.append(_stream(meaning, promise, subject, each, settings))
    for kind, name in group_names:
        part = settings.false_alarms_per_year * kept / len(group_names)
        streams.append(_stream(_GROUP, expectation.groups[kind][name], {kind: name}, part, settings))
    return streams


def _stream(
    meaning: Meaning, promise: Promise, subject: dict[str, str], alarms: float, settings: PerformanceSettings
) -> Stream:
    cusum = Cusum(
        centre=promise.value,
        deviation=promise.deviation * promise.inflation,
        side=meaning.side,
        tolerance=_tolerance(meaning.statistic, promise, settings) + promise.allowance,
        shifts=settings.shifts,
        alarms_per_year=alarms,
    )
    return Stream(meaning, promise, subject, cusum, settings)


def _tolerance(statistic: str, promise: Promise, settings: PerformanceSettings) -> float:
    absolute = {
        "accuracy": settings.tolerance_accuracy,
        "brier": settings.tolerance_brier,
        "ic": settings.tolerance_ic,
        "large": settings.tolerance_large,
        "mean_probability": settings.tolerance_mean,
    }
    relative = settings.tolerance_relative * (promise.value if statistic == "dispersion" else promise.deviation)
    return absolute.get(statistic, relative)


def findings_of(streams: list[Stream], one: Slice) -> Iterator[Finding]:
    """Yield what the alarmed streams say."""
    for stream in streams:
        if stream.alarmed:
            yield stream.finding(one)
