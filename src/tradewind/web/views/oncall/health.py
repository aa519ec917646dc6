"""Puts together whether the service is well: from the server, the deployment and the journal, the worst first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from tradewind.core import Severity
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import Slice
from tradewind.web.views.oncall.alerting import incidents_of
from tradewind.web.views.oncall.health_shapes import HealthCheck, HealthPoint, OncallHealth, ServedRole, Tone
from tradewind.web.views.oncall.places import alerts_of, journal_of, number
from tradewind.web.views.oncall.probe import Look, Probe, total
from tradewind.web.views.oncall.recent import RecentSlices
from tradewind.web.workspace import Workspace

ORDER: dict[Tone, int] = {"bad": 0, "warn": 1, "unknown": 2, "ok": 3}
STALE = timedelta(days=4)
"""Older than a long weekend: no bar of a daily feed is this old while all is well."""
SLOW = 0.05
"""Seconds that 99 of 100 answers must stay below: the latency guardrail of a roll-out."""
ERRORS = 0.01
TENTH = 0.1
"""Share of the universe from which on missing bars wake somebody, by the run-book."""


class Health:
    """Answers for one workspace; keeps the probe of its server and the newest slices of its journal."""

    def __init__(self, place: Workspace) -> None:
        self._place = place
        self._probe = Probe(place.server) if place.server else None
        self._recent = RecentSlices()
        self._lock = threading.Lock()

    def now(self) -> OncallHealth:
        """Return the state; what cannot be known is said to be unknown."""
        look, live = self._probe.look() if self._probe else (None, [])
        slices = self._slices()
        newest = slices[-1] if slices else None
        forecast = next((one.made_at for s in reversed(slices) for one in s.served[:1]), None)
        kept = [_kept(one) for one in slices if one.service is not None]
        checks = [*_server(self._place.server, look), *_rates(live, kept, look), *_ages(newest, forecast, look)]
        checks += [*_parts(look), *_bars(newest), *self._alerts()]
        return OncallHealth(
            as_of=datetime.now(UTC).isoformat(),
            server=self._place.server,
            up=None if look is None else look.up,
            ready=None if look is None else look.ready,
            reasons=list(look.reasons) if look else [],
            checks=sorted(checks, key=lambda one: ORDER[one.tone]),
            live=live,
            kept=kept,
            versions=self._versions(look, newest),
            newest_bar=bar_time(newest).isoformat() if newest else None,
            newest_forecast=forecast.isoformat() if forecast else None,
            newest_feature=newest.known_at.isoformat() if newest else None,
        )

    def look(self) -> Look | None:
        """Return what the server says now; None where none is named."""
        return self._probe.look()[0] if self._probe else None

    def _alerts(self) -> Iterator[HealthCheck]:
        if not self._place.alerts.exists():
            return
        store = alerts_of(self._place)
        try:
            state = store.read()
        finally:
            store.close()
        waiting = [one for one in incidents_of(state) if one.standing in {"open", "escalated"}]
        if not waiting:
            yield _check("Alerts", "ok", "none waits", "No incident is open that nobody looks at.", "the alerts")
            return
        first = waiting[0]
        grave = first.severity in {Severity.ERROR, Severity.CRITICAL}
        says = f"{first.severity.value}: {first.title.replace('_', ' ').replace('=', ' ')}."
        yield _check("Alerts", "bad" if grave else "warn", f"{len(waiting)} open", says, "the alerts", first.runbook)

    def _slices(self) -> list[Slice]:
        if not self._place.journal.is_dir():
            return []
        with self._lock:
            return self._recent.newest(journal_of(self._place), 120)

    def _versions(self, look: Look | None, newest: Slice | None) -> list[ServedRole]:
        from tradewind.serving.node.deployment import Deployment

        known: dict[str, Any] = {}
        path = self._place.serving / "deployment.json"
        roles: dict[str, str] = {}
        if path.exists():
            try:
                deployment = Deployment.model_validate_json(path.read_bytes())
            except ValueError:
                return [ServedRole(role="deployment", ref="unreadable", words=f"{path} is damaged: deploy again")]
            known, roles = dict(deployment.versions), dict(deployment.roles)
        served = look.detail.get("models") if look else None
        if isinstance(served, dict):
            roles = {str(role): str(ref) for role, ref in served.items()}
        if not roles and newest is not None:
            return [
                ServedRole(role=one.role, ref=one.version, words="as the newest slice of the journal shows")
                for one in newest.served
            ]
        return [
            ServedRole(role=role, ref=ref, words=known[ref].words if ref in known else "")
            for role, ref in roles.items()
        ]


def _kept(one: Slice) -> HealthPoint:
    sample = one.service
    assert sample is not None
    made = sum(map(len, one.served))
    return HealthPoint(
        at=bar_time(one).isoformat(),
        forecasts=made / sample.seconds if sample.seconds > 0 else None,
        requests=sample.requests / sample.seconds if sample.seconds > 0 else None,
        errors=sample.errors / sample.requests if sample.requests else None,
        p50=number(sample.latency_p50),
        p99=number(sample.latency_p99),
        cache=None,
        memory=number(sample.memory),
    )


def _check(name: str, tone: Tone, value: str, says: str, source: str, runbook: str | None = None) -> HealthCheck:
    return HealthCheck(name=name, tone=tone, value=value, says=says, source=source, runbook=runbook)


def _server(address: str | None, look: Look | None) -> Iterator[HealthCheck]:
    if address is None or look is None:
        yield _check(
            "Server", "unknown", "not asked", "No server is named; start the dashboard with --server URL.", "settings"
        )
        return
    source = f"{address}/health/ready"
    if not look.up:
        yield _check("Server", "bad", "down", f"Nobody answers at {address}.", source, "forecasts-missing")
        return
    yield _check("Server", "ok", "up", "The process answers.", source)
    if look.ready:
        yield _check("Ready", "ok", "ready", "Requests may come.", source)
    else:
        yield _check("Ready", "bad", "not ready", "; ".join(look.reasons) or "It gives no reason.", source, "lag")


def _rates(live: list[HealthPoint], kept: list[HealthPoint], look: Look | None) -> Iterator[HealthCheck]:
    point, source = (live[-1], "the server's metrics") if live else (kept[-1] if kept else None, "the journal")
    if look is not None and look.up and not live:
        yield _check("Rates", "unknown", "first look", "Rates are known from the second look on.", "/metrics")
    if point is None:
        return
    if point.p99 is not None:
        slow = point.p99 > SLOW
        says = f"99 of 100 answers take less; the limit of a roll-out is {SLOW * 1000:.0f} ms."
        yield _check("Latency p99", "bad" if slow else "ok", f"{point.p99 * 1000:.1f} ms", says, source, "latency")
    if point.errors is not None:
        bad = point.errors > ERRORS
        yield _check(
            "Errors",
            "bad" if bad else "ok",
            f"{point.errors:.3%}",
            f"Share of answers that failed; above {ERRORS:.0%} is an error.",
            source,
            "error-rate",
        )


def _ages(newest: Slice | None, forecast: datetime | None, look: Look | None) -> Iterator[HealthCheck]:
    now = datetime.now(UTC)
    served = look.detail.get("features", {}) if look else {}
    told = served.get("last_slice") if isinstance(served, dict) else None
    if told is not None:
        at: datetime | None = datetime.fromtimestamp(float(told) / 1e6, UTC)
        source = "the server"
    else:
        at, source = (bar_time(newest), "the journal") if newest else (None, "the journal")
    yield _age("Newest bar", now, at, source, "feed-silent")
    yield _age("Newest forecast", now, forecast, "the journal", "forecasts-missing")


def _age(name: str, now: datetime, at: datetime | None, source: str, section: str) -> HealthCheck:
    if at is None:
        return _check(name, "unknown", "none", "Nothing is kept of it.", source)
    age = now - at
    days = age.days
    words = (
        f"{days} d {age.seconds // 3600} h old"
        if days
        else f"{age.seconds // 3600} h {age.seconds % 3600 // 60} min old"
    )
    stale = age > STALE
    says = "Older than a long weekend." if stale else "Within what daily bars allow."
    return _check(name, "bad" if stale else "ok", words, f"{says} {at:%Y-%m-%d %H:%M} UTC.", source, section)


def _bars(newest: Slice | None) -> Iterator[HealthCheck]:
    if newest is None or not newest.expected:
        return
    came, due = len(newest), len(newest.expected)
    absent = 1 - came / due
    tone: Tone = "bad" if absent > TENTH else "warn" if absent > 0 else "ok"
    says = f"Bars of the newest session that came; {due} symbols should have one."
    yield _check("Bars that came", tone, f"{came} of {due}", says, "the journal", "bars-missing")


def _parts(look: Look | None) -> Iterator[HealthCheck]:
    if look is None or not look.up:
        return
    degraded = look.detail.get("degraded", {})
    for name, bad in islice(degraded.items() if isinstance(degraded, dict) else (), 20):
        says = "It cannot be reached; answers go on without it." if bad else "It answers."
        yield _check(f"Store {name}", "warn" if bad else "ok", "degraded" if bad else "well", says, "/health/ready")
    lag = look.series.get(("tradewind_log_lag", ()))
    if lag is not None:
        yield _check(
            "Lag", "warn" if lag > 1000 else "ok", f"{lag:.0f}", "Messages of the log not read yet.", "/metrics", "lag"
        )
    refused = total(look.series, "tradewind_audit_refused_total")
    if refused:
        yield _check("Audit spool", "warn", f"{refused:.0f} waited", "Lines had to wait for room.", "/metrics")
