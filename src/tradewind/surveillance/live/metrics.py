"""What live surveillance tells of itself, as Prometheus reads it."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

DELAYS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)
"""Bucket bounds of an alert's delay, seconds."""


@dataclass(eq=False)
class LiveMetrics:
    """Counters of one live engine, in a registry of its own."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=False))

    def __post_init__(self) -> None:
        """Make the instruments."""
        at, of = "tradewind_surveillance", self.registry
        self.events = Counter(f"{at}_events", "Events of orders judged.", registry=of)
        self.alerts = Counter(f"{at}_alerts", "Alerts raised, not their revisions.", ["scheme", "tier"], registry=of)
        self.revisions = Counter(f"{at}_alert_revisions", "Later revisions of alerts.", registry=of)
        self.problems = Gauge(f"{at}_problems", "Findings about the events so far.", ["code"], registry=of)
        self.lag = Gauge(f"{at}_lag", "Messages of the log not read yet.", registry=of)
        self.held = Gauge(f"{at}_held", "Events held back for their order in time.", registry=of)
        self.last = Gauge(f"{at}_last_event_timestamp_seconds", "Time of the newest event judged.", registry=of)
        self.delay = Histogram(
            f"{at}_alert_delay_seconds",
            "From the log taking an event to the alert it raised being published.",
            buckets=DELAYS,
            registry=of,
        )
