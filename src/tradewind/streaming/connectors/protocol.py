"""What a connector is, and what the connectors of one process share."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tradewind.core.clock import Clock, SystemClock
from tradewind.quality.stream import StreamChecker
from tradewind.streaming.connectors.backoff import FullJitter
from tradewind.streaming.connectors.delivery import Batch, Delivery, EventSink, deliver_surely, log_event
from tradewind.streaming.connectors.mapping import Mapper
from tradewind.streaming.connectors.pace import HostRates, Pace, SystemPace, unless
from tradewind.streaming.connectors.secrets import Secrets
from tradewind.streaming.connectors.settings import ConnectorSettings
from tradewind.streaming.connectors.status import ConnectorStatus
from tradewind.streaming.connectors.store import DeadLetters, Store
from tradewind.streaming.log.protocol import EventLog, Producer
from tradewind.streaming.records import Record


class Connector(Protocol):
    """Fills a topic of the log from one outside source, until told to stop."""

    @property
    def name(self) -> str:
        """Return its name, unique among the connectors of a process."""
        ...

    @property
    def status(self) -> ConnectorStatus:
        """Return the live counters."""
        ...

    async def run(self, producer: Producer, stop: asyncio.Event, *, log: EventLog | None = None) -> None:
        """Deliver items until ``stop`` is set; faults of the source and of the log are waited out.

        ``log`` is what ``producer`` writes to: with it, an item is written once whatever is killed and whenever;
        without it, the items of one page may be written twice after a fault of the log or a kill.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the connectors of one process share.

    ``state`` is the folder for cursors and dead letters. ``on_event`` is told what the quality checks find and of
    gaps; it may be called from another thread.
    """

    state: Path
    clock: Clock = field(default_factory=SystemClock)
    pace: Pace = field(default_factory=SystemPace)
    on_event: EventSink = log_event
    rates: HostRates | None = None

    def host_rates(self) -> HostRates:
        """Return the shared limiter, or one for this connector alone."""
        return self.rates or HostRates(self.pace)


class Base:
    """What polling and subscribing have in common: settings, secrets, mapping, status, and sure delivery."""

    def __init__(self, settings: ConnectorSettings, around: Surroundings, *, kind: str, secrets: Secrets) -> None:
        self.settings, self.around, self.secrets = settings, around, secrets
        self.mapper = Mapper(settings, clock=around.clock)
        self.status = ConnectorStatus(name=settings.name, kind=kind, topic=settings.topic)
        self.jitter = FullJitter(settings.retry, random.Random(f"{settings.name}/{settings.retry.seed}"))

    @property
    def name(self) -> str:
        """Return its name."""
        return self.settings.name

    def open_store(self) -> Store:
        """Return the connector's memory, opened."""
        return Store(self.around.state / f"{self.name}.sqlite", remember=self.settings.remember)

    async def open_delivery(self, store: Store, producer: Producer, log: EventLog | None) -> Delivery:
        """Return what delivers to ``producer``, with anything a killed process left settled."""
        dead = DeadLetters(self.around.state / "dead" / f"{self.settings.topic}.jsonl")
        delivery = Delivery(store, dead, producer, self.status, log=log)
        delivery.on_event = self.around.on_event
        if self.settings.check and self.settings.topic == "bars":
            delivery.checker = StreamChecker(calendar=self.settings.time.calendar)
        await asyncio.to_thread(delivery.recover)
        return delivery

    async def deliver(self, delivery: Delivery, batch: Batch, stop: asyncio.Event) -> list[Record]:
        """Deliver ``batch``, waiting while the log is away; ``Stopped`` where ``stop`` is set meanwhile."""
        before = self.status.state

        async def sleep(tries: int) -> None:
            await unless(stop, self.around.pace.sleep(self.jitter.after(tries)))

        def fault(words: str) -> None:
            self.status.state = "log-unavailable"
            self.status.problem = self.secrets.redact(words)

        new = await deliver_surely(delivery, batch, sleep=sleep, on_fault=fault)
        self.status.state = before
        return list(new)

    def now(self) -> int:
        """Return microseconds since 1970 UTC."""
        return int(self.around.clock.now().timestamp() * 1e6)
