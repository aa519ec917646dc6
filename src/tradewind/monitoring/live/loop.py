"""The running monitor: slices in, findings kept and handed on, again and again until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from tradewind.core.clock import Clock, SystemClock
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.live.acting import Done, Duty
from tradewind.monitoring.live.source import LiveSlices
from tradewind.monitoring.watcher import Watcher
from tradewind.streaming.log import LogError

logger = logging.getLogger(__name__)

Take = Callable[[Sequence[Finding], datetime], Sized]
"""Hands findings on, at a time, and returns what people are told; such as ``AlertManager.take``."""
PAUSE = 1.0
QUIET = 20
"""Steps without a slice after which a log that is read to its end has nothing more to give."""


@dataclass(eq=False)
class MonitorMetrics:
    """What the monitor tells of itself, as Prometheus reads it; of a registry of its own."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=False))

    def __post_init__(self) -> None:
        """Make the instruments."""
        self.slices = Counter("tradewind_monitor_slices", "Slices looked at.", registry=self.registry)
        self.findings = Counter("tradewind_monitor_findings", "Findings.", ["kind"], registry=self.registry)
        self.alerts = Counter("tradewind_monitor_alerts", "Notifications to people.", registry=self.registry)
        self.actions = Counter("tradewind_monitor_actions", "Actions taken.", ["kind"], registry=self.registry)
        self.lag = Gauge("tradewind_monitor_lag", "Messages of the log not read yet.", registry=self.registry)
        self.last = Gauge(
            "tradewind_monitor_last_slice_timestamp_seconds", "Time of the newest slice.", registry=self.registry
        )


@dataclass(kw_only=True, eq=False)
class LiveLoop:
    """Shows the slices of ``live`` to ``watcher``, hands findings to ``take`` and keeps both in ``journal``.

    Findings are handed on first and the slice is kept after it: a process that dies between looks at the slice again,
    and an alert that is there already is not told anew. ``duties`` act after the watchers and before anybody is told;
    what other threads leave with :meth:`leave` is told with the next step.
    """

    live: LiveSlices
    watcher: Watcher
    journal: Journal
    take: Take
    metrics: MonitorMetrics = field(default_factory=MonitorMetrics)
    clock: Clock = field(default_factory=SystemClock)
    duties: Sequence[Duty] = ()
    slices: int = 0
    findings: int = 0
    actions: int = 0
    _left: deque[Done] = field(default_factory=deque)

    def leave(self, done: Done) -> None:
        """Leave what a job did, from any thread."""
        self._left.append(done)

    def remember(self) -> int:
        """Show the watchers the slices that are kept, and tell nobody; return how many. Call it once, before the rest.

        Equal slices give equal findings, so that the watchers stand where those of the process before stood.
        """
        count = 0
        for one in self.journal.slices():
            self.watcher.observe(one)
            count += 1
        return count

    def step(self, timeout: float = 0.1) -> int:
        """Look at the slices that are whole now; return how many there were."""
        count = 0
        for one in self.live.step(timeout):
            found = list(self.watcher.observe(one))
            for duty in self.duties:
                done = duty.act(one, tuple(found))
                self._keep(done.actions)
                found += done.findings
            self._tell(found)
            self.journal.write(one, found)
            for finding in found:
                self.metrics.findings.labels(finding.kind).inc()
            self.metrics.slices.inc()
            self.slices, self.findings = self.slices + 1, self.findings + len(found)
            self.metrics.last.set(one.known_at.timestamp())
            count += 1
        self.metrics.lag.set(self.live.lag())
        self.hear()
        return count

    def once(self) -> int:
        """Look at everything the log holds, and return the number of slices."""
        total = quiet = 0
        while quiet < QUIET or self.live.lag():
            found = self.step(0.05)
            total, quiet = total + found, 0 if found else quiet + 1
        return total

    def run(self, stop: threading.Event, every: float = 60.0) -> None:
        """Go on until ``stop`` is set; without slices ``take`` is called every ``every`` seconds, for time alone."""
        told = self.clock.now()
        while not stop.is_set():
            try:
                self.step(0.5)
            except LogError as error:
                logger.warning("the event log cannot be read, trying again: %s", error)
                stop.wait(PAUSE)
            if (self.clock.now() - told).total_seconds() >= every:
                told = self.clock.now()
                self._tell([])

    def hear(self) -> None:
        """Keep and tell what was left by other threads."""
        while self._left:
            done = self._left.popleft()
            self._keep(done.actions)
            self._tell(done.findings)

    def _tell(self, found: Sequence[Finding]) -> None:
        self.metrics.alerts.inc(len(self.take(found, self.clock.now())))

    def _keep(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self.journal.act(action)
            self.metrics.actions.labels(action.kind).inc()
            self.actions += 1
