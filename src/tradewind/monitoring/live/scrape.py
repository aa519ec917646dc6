"""How a served node does, from its Prometheus metrics: differences between two looks, quantiles of the time between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tradewind.core import TradewindError
from tradewind.core.clock import Clock, SystemClock
from tradewind.monitoring.slices import ServiceSample

REQUESTS, SECONDS = "tradewind_http_requests_total", "tradewind_http_request_seconds_bucket"
REJECTED, OVERLOAD = "tradewind_http_rejected_total", "load"
MEMORY, LAG = "tradewind_resident_bytes", "tradewind_log_lag"
DEPENDENCIES = {"model": "tradewind_predict_seconds_bucket", "event_log": "tradewind_bar_to_prediction_seconds_bucket"}

Series = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class ScrapeError(TradewindError):
    """The metrics cannot be read now."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    at: datetime
    series: Series


class MetricsScraper:
    """Reads the metrics at ``url``; every :meth:`sample` tells of the time since the one before.

    A counter that fell was reset by a restart of the server: what it holds now is what was counted since.
    """

    def __init__(self, url: str, *, client: httpx.Client | None = None, clock: Clock | None = None) -> None:
        self.url = url
        self._client = client or httpx.Client(timeout=5.0)
        self._clock = clock or SystemClock()
        self._before: _Look | None = None

    def sample(self) -> ServiceSample | None:
        """Return how the service did since the call before; None at the first.

        Raises
        ------
        ScrapeError : nobody answers, or not with metrics.
        """
        try:
            answer = self._client.get(self.url)
            answer.raise_for_status()
            series = read_series(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            raise ScrapeError(f"the metrics at {self.url} cannot be read ({type(error).__name__})") from error
        now, before = _Look(at=self._clock.now(), series=series), self._before
        self._before = now
        if before is None:
            return None
        return sample_between(before.series, now.series, (now.at - before.at).total_seconds())


def read_series(text: str) -> Series:
    """Return the value of every sample of an exposition; ValueError where it is none."""
    return {
        (one.name, tuple(sorted(one.labels.items()))): float(one.value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def sample_between(before: Series, now: Series, seconds: float) -> ServiceSample:
    """Return how the service did between two looks, ``seconds`` apart."""
    grown = {
        key: value - before.get(key, 0.0) if value >= before.get(key, 0.0) else value for key, value in now.items()
    }

    def total(name: str, label: str = "", begins: str = "") -> int:
        found = (value for (one, labels), value in grown.items() if one == name and _has(labels, label, begins))
        return round(sum(found))

    def gauge(name: str) -> float:
        return now.get((name, ()), float("nan"))

    return ServiceSample(
        seconds=seconds,
        requests=total(REQUESTS),
        errors=total(REQUESTS, "status", "5"),
        rejected=total(REJECTED, "reason", OVERLOAD),
        latency_p50=_quantile(grown, SECONDS, 0.5),
        latency_p99=_quantile(grown, SECONDS, 0.99),
        memory=gauge(MEMORY),
        lag=gauge(LAG),
        dependencies={
            name: value
            for name, bucket in DEPENDENCIES.items()
            if not math.isnan(value := _quantile(grown, bucket, 0.99))
        },
    )


def _has(labels: tuple[tuple[str, str], ...], label: str, begins: str) -> bool:
    return not label or any(name == label and value.startswith(begins) for name, value in labels)


def _quantile(grown: Series, name: str, share: float) -> float:
    """Return the quantile by linear interpolation within its bucket; the last bound beyond it; NaN without values."""
    counts: dict[float, float] = {}
    for (one, labels), value in grown.items():
        if one == name:
            bound = float(dict(labels)["le"])
            counts[bound] = counts.get(bound, 0.0) + value
    bounds = sorted(counts)
    if not bounds or counts[bounds[-1]] <= 0:
        return float("nan")
    wanted, low, below = share * counts[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        if counts[bound] >= wanted:
            if math.isinf(bound):
                return low
            inside = counts[bound] - below
            return low + (bound - low) * ((wanted - below) / inside if inside > 0 else 1.0)
        low, below = bound, counts[bound]
    return low
