"""Asks a running server how it does, and remembers what it said, so that every page shows the same past."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tradewind.web.views.oncall.health_shapes import HealthPoint
from tradewind.web.views.oncall.places import number

if TYPE_CHECKING:
    from tradewind.monitoring.live.scrape import Series

KEPT = 240
APART = 2.0
"""Seconds between two looks; who asks sooner is given the last."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a server said: ``ready`` None where nobody answered; ``series`` its metrics, empty where it has none."""

    at: datetime
    up: bool
    ready: bool | None = None
    reasons: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    series: Series = field(default_factory=dict)


class Probe:
    """Looks at the server at ``address`` when it is asked, at most every two seconds."""

    def __init__(self, address: str) -> None:
        import httpx

        self.address = address.rstrip("/")
        self._client = httpx.Client(base_url=self.address, timeout=1.5)
        self._points: deque[HealthPoint] = deque(maxlen=KEPT)
        self._last: Look | None = None
        self._lock = threading.Lock()

    def look(self) -> tuple[Look, list[HealthPoint]]:
        """Return the present state and the points so far, oldest first; a server that is down is a state as well."""
        with self._lock:
            now = datetime.now(UTC)
            before = self._last
            if before is None or (now - before.at).total_seconds() >= APART:
                self._last = self._asked(now)
                if before is not None and before.series and self._last.series:
                    self._points.append(_point(before, self._last))
            assert self._last is not None
            return self._last, list(self._points)

    def _asked(self, now: datetime) -> Look:
        import httpx

        try:
            ready = self._client.get("/health/ready")
            body = ready.json()
        except (httpx.HTTPError, ValueError):
            return Look(at=now, up=False)
        detail = body.get("detail")
        return Look(
            at=now,
            up=True,
            ready=bool(body.get("ready", ready.status_code == 200)),
            reasons=tuple(map(str, body.get("reasons", ()))),
            detail=detail if isinstance(detail, dict) else {},
            series=self._series(),
        )

    def _series(self) -> Series:
        import httpx

        from tradewind.monitoring.live.scrape import read_series

        try:
            answer = self._client.get("/metrics")
            answer.raise_for_status()
            return read_series(answer.text)
        except (httpx.HTTPError, ValueError):
            return {}


def total(series: Series, name: str) -> float:
    """Return the sum of a metric over its labels."""
    return sum(value for (one, _), value in series.items() if one == name)


def _point(before: Look, now: Look) -> HealthPoint:
    from tradewind.monitoring.live.scrape import sample_between

    seconds = max((now.at - before.at).total_seconds(), 1e-3)
    sample = sample_between(before.series, now.series, seconds)

    def grown(name: str) -> float:
        new, old = total(now.series, name), total(before.series, name)
        return new - old if new >= old else new

    hits, misses = grown("tradewind_cache_hits_total"), grown("tradewind_cache_misses_total")
    return HealthPoint(
        at=now.at.isoformat(),
        forecasts=grown("tradewind_predictions_total") / seconds,
        requests=sample.requests / seconds,
        errors=sample.errors / sample.requests if sample.requests else None,
        p50=number(sample.latency_p50),
        p99=number(sample.latency_p99),
        cache=hits / (hits + misses) if hits + misses else None,
        memory=number(sample.memory),
    )
