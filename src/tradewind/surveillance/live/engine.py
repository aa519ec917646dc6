"""The live engine: orders of the log in, alerts of the log out, again and again until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tradewind.core.clock import Clock, SystemClock
from tradewind.core.errors import UsageError
from tradewind.streaming.log import EventLog, LogError
from tradewind.streaming.records import TOPICS, OrderEvent
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.book import TradeStyle, detect_style
from tradewind.surveillance.events import Problems, join_tables
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.live.checkpoint import Checkpoint, Marks, Place
from tradewind.surveillance.live.incoming import Arrived, Incoming
from tradewind.surveillance.live.metrics import LiveMetrics
from tradewind.surveillance.live.publishing import Publisher
from tradewind.surveillance.pipeline import Surveillance, SurveillanceSettings
from tradewind.surveillance.sessions import Sessions

logger = logging.getLogger(__name__)

ORDERS_TOPIC = TOPICS[OrderEvent]
Sink = Callable[[Sequence[Alert]], object]
"""Takes alerts that were just published, such as a store of cases; taking one twice must change nothing."""
POLLED = 20_000
"""Messages read at once."""
KEPT_DELAYS = 100_000
"""Delays of the newest alerts that are kept."""


@dataclass(frozen=True, kw_only=True)
class LiveSettings:
    """How the log is read.

    Attributes
    ----------
    patience : seconds an event waits for earlier ones of other partitions.
    style_events, style_seconds : the first events are held until so many have come, or so long, to find out how the
        source writes executions.
    checkpoint_seconds : between two checkpoints.
    warm_up : events read again on a restart; None reads all again from where the engine first began, and only that
        gives exactly the alerts of a process that was never stopped.
    """

    patience: float = 0.02
    style_events: int = 5_000
    style_seconds: float = 5.0
    checkpoint_seconds: float = 5.0
    warm_up: int | None = None


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What judges: the model, the sessions, and how alerts are raised."""

    model: SurveillanceModel
    sessions: Sessions
    settings: SurveillanceSettings = field(default_factory=SurveillanceSettings)


class LiveEngine:
    """Reads the topic ``orders`` and publishes alerts to ``alerts_surveillance``.

    Every alert is durable in the log before the checkpoint passes the events it rests on, and what is in the log is
    not published again: a process that dies anywhere and starts again neither loses nor repeats an alert.

    Parameters
    ----------
    log : opened and closed by the caller.
    judge : what judges.
    folder : of the checkpoint.
    sinks : told of what is published, after it is.
    """

    def __init__(
        self,
        log: EventLog,
        judge: Judge,
        folder: Path,
        *,
        settings: LiveSettings | None = None,
        sinks: Sequence[Sink] = (),
        clock: Clock | None = None,
    ) -> None:
        self.settings, self.metrics, self.problems = settings or LiveSettings(), LiveMetrics(), Problems()
        self.delays: deque[float] = deque(maxlen=KEPT_DELAYS)
        self.events = 0
        self.alerts: dict[str, Alert] = {}
        self._log, self._judge, self._folder, self._sinks = log, judge, folder, tuple(sinks)
        self._clock = clock or SystemClock()
        self._consumer = log.consumer([ORDERS_TOPIC], group=None)
        self._publisher = Publisher(log, judge.model.id)
        self._incoming = Incoming(self.problems, self.settings.patience, time.monotonic)
        self._surveillance: Surveillance | None = None
        self._first: list[Arrived] = []
        self._began: float | None = None
        self._saved_at = time.monotonic()
        self._before = Checkpoint.load(folder)
        start = dict.fromkeys(log.ends(ORDERS_TOPIC), 0)
        if self._before is not None:
            if self._before.model != judge.model.id:
                raise UsageError(
                    f"the checkpoint is of model {self._before.model}, this is {judge.model.id}",
                    file=folder,
                    fix="name another --state for another model",
                )
            start |= self._before.anchor
            self._consumer.seek(start)
        self._marks = Marks(self.settings.warm_up, start)
        self._whole = self._before is None or self._before.whole
        self._safe: dict[Place, int] = dict(start)

    @property
    def catching_up(self) -> bool:
        """Whether what is read now was read by a process before."""
        return self._before is not None and any(
            self._safe.get(place, 0) < offset for place, offset in self._before.positions.items()
        )

    def lag(self) -> int:
        """Return how many messages of the log are not read yet."""
        return self._consumer.lag()

    def step(self, timeout: float = 0.05) -> list[Alert]:
        """Read what is there, judge it, and return the alerts published."""
        messages = self._consumer.poll(POLLED, timeout if not len(self._incoming) else 0.002)
        self._incoming.add(messages)
        arrived = self._incoming.ready(self._consumer.positions(), self._log.ends(ORDERS_TOPIC))
        told = self._take(arrived)
        if self._surveillance is not None:
            self._safe = self._incoming.safe(self._consumer.positions())
            self._marks.pass_by(self.events, self._safe)
            self._keep()
        self.metrics.held.set(len(self._incoming))
        self.metrics.lag.set(self._consumer.lag())
        return told

    def once(self) -> int:
        """Judge everything the log holds, complete what is still open, and return the number of events."""
        while self._consumer.lag() or len(self._incoming):
            self.step()
        self._take(self._incoming.rest())
        if self._first:
            self._begin()
        if self._surveillance is not None:
            self._publish(self._surveillance.finish(), None)
        self._safe = dict(self._consumer.positions())
        self._keep(force=True)
        return self.events

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set; a log that cannot be read for a while is tried again."""
        while not stop.is_set():
            try:
                self.step()
            except LogError as error:
                logger.warning("%s; trying again", error.problem)
                stop.wait(1.0)
        self._keep(force=True)

    def close(self) -> None:
        """Let go of the log."""
        self._consumer.close()
        self._publisher.close()

    def _take(self, arrived: Arrived | None) -> list[Alert]:
        if self._surveillance is None:
            return self._wait_for_style(arrived)
        return [] if arrived is None else self._judged(arrived)

    def _wait_for_style(self, arrived: Arrived | None) -> list[Alert]:
        """Hold the first events until they show how executions are written, where no checkpoint says it."""
        if arrived is not None:
            self._first.append(arrived)
            self._began = time.monotonic() if self._began is None else self._began
        if not self._first or self._began is None:
            return []
        enough = sum(map(len, self._first)) >= self.settings.style_events
        late = time.monotonic() - self._began >= self.settings.style_seconds
        return self._begin() if enough or late or self._before is not None else []

    def _begin(self) -> list[Alert]:
        first, self._first = self._first, []
        events = join_tables([one.events for one in first])
        style = detect_style(events) if self._before is None else self._before.style
        self.style: TradeStyle = style
        self._surveillance = Surveillance(
            self._judge.model,
            self._judge.sessions,
            settings=self._judge.settings,
            problems=self.problems,
            style=style,
        )
        return [alert for one in first for alert in self._judged(one)]

    def _judged(self, arrived: Arrived) -> list[Alert]:
        """Judge events and publish; those of a shorter stretch read again raise what was told better before."""
        known = 0 if self._whole else self._read_before(arrived)
        if known:
            self._update(arrived.take(slice(0, known)))
        if known == len(arrived):
            return []
        rest = arrived.take(slice(known, None))
        return self._publish(self._update(rest), rest)

    def _read_before(self, arrived: Arrived) -> int:
        """Return how many events from the first on a process before this one has judged."""
        if self._before is None:
            return 0
        reached = {part: offset for (_, part), offset in self._before.positions.items()}
        ends = np.array([reached.get(part, 0) for part in arrived.place.tolist()], dtype=np.int64)
        new = np.flatnonzero(arrived.offset >= ends)
        return int(new[0]) if len(new) else len(arrived)

    def _update(self, arrived: Arrived) -> list[Alert]:
        assert self._surveillance is not None, "made before it is asked"
        found = self._surveillance.update(arrived.events)
        self.events += len(arrived)
        self.metrics.events.inc(len(arrived))
        self.metrics.last.set(float(arrived.events.time[-1]) / 1e9)
        for code, count in self.problems.counts().items():
            self.metrics.problems.labels(code).set(count)
        return found

    def _publish(self, found: Sequence[Alert], arrived: Arrived | None) -> list[Alert]:
        now = int(self._clock.now().timestamp() * 1_000_000)
        new = self._publisher.publish(found, now, renumber=not self._whole)
        if not new:
            return []
        done = int(self._clock.now().timestamp() * 1_000_000)
        for alert in new:
            self.alerts[alert.id] = alert
            if alert.revision > 0:
                self.metrics.revisions.inc()
                continue
            self.metrics.alerts.labels(alert.scheme.value, alert.tier.value).inc()
            if arrived is not None:
                row = int(np.searchsorted(arrived.events.time, alert.known_at, side="right")) - 1
                delay = (done - int(arrived.written_at[max(row, 0)])) / 1e6
                self.delays.append(delay)
                self.metrics.delay.observe(max(delay, 0.0))
        for sink in self._sinks:
            sink(new)
        return new

    def _keep(self, *, force: bool = False) -> None:
        """Save a checkpoint where it is time, and nothing before it is still held."""
        if self._surveillance is None or self.catching_up:
            return
        if not force and time.monotonic() - self._saved_at < self.settings.checkpoint_seconds:
            return
        Checkpoint(
            model=self._judge.model.id,
            anchor=self._marks.anchor,
            whole=self._whole and not self._marks.moved,
            positions=self._safe,
            style=self.style,
            events=self.events,
        ).save(self._folder)
        self._saved_at = time.monotonic()
