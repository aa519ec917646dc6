"""Puts the running monitor together: log, registry, metrics, watchers, journal, alerts."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server

from tradewind.cli.registry_access import open_registry, signer
from tradewind.core import TradewindError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.features import LabelSettings
from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.monitoring.alerts import AlertManager, AlertStore, Courier
from tradewind.monitoring.composition import References, make_monitor
from tradewind.monitoring.jobs import JobScheduler, JobStore, JobTick, job_findings
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.live import (
    Beside,
    Done,
    LiveLoop,
    LiveSettings,
    LiveSlices,
    MetricsScraper,
    RollbackDuty,
    ScrapeError,
)
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.retraining.rollback import Guarded, RollbackGuard
from tradewind.monitoring.running import Around, LiveRules, MonitorFile, jobs_of
from tradewind.monitoring.slices import ServiceSample
from tradewind.monitoring.watcher import Watcher
from tradewind.registry.reader import RegistryReader
from tradewind.serving.node.deployment import FileSource
from tradewind.streaming.log import open_log

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class MonitorPlaces:
    """Where everything is, as the flags of `tradewind monitor` say."""

    log: str
    deployment: Path
    journal: Path
    store: Path
    registry: str | None = None
    model: str | None = None
    metrics: str | None = None
    references: Path | None = None
    settings: Path | None = None
    operator: str | None = None
    audit: str | None = None


def watch(
    places: MonitorPlaces, *, once: bool, port: int | None = None, watchers: Sequence[Watcher] = ()
) -> dict[str, Any]:
    """Run until the log ends (``once``) or a signal comes; return counts. ``watchers`` come on top of the usual.

    Raises
    ------
    UsageError : a registry without a model, or the other way round; settings that do not fit.
    """
    if (places.registry is None) != (places.model is None):
        raise UsageError("a registry and a model belong together", fix="give --registry and --model, or neither")
    if places.operator is not None and places.model is None:
        raise UsageError("--rollback needs to know what is guarded", fix="add --registry and --model")
    rules = MonitorFile() if places.settings is None else MonitorFile.from_toml(places.settings)
    references = None if places.references is None else References.load(places.references)
    journal, store = Journal(places.journal, keep_days=rules.live.keep_days), AlertStore(places.store)
    manager, stop, champion = AlertManager(rules.alerts, store), threading.Event(), _champion(places)
    _warn(references, champion)
    jobs = jobs_of(
        rules.jobs, Around(journal=journal, drift=None if references is None else references.drift, clock=SystemClock())
    )
    duties = _duties(places, rules, journal)
    beside = Beside(champion=champion, service=_service(places))
    with open_log(places.log) as log:
        source = LiveSlices(log, _live(places, rules.live, references), after=journal.last(), beside=beside)
        loop = LiveLoop(
            live=source,
            watcher=Monitor([*make_monitor(references, rules.watchers).watchers, *watchers]),
            journal=journal,
            take=manager.take,
            duties=duties,
        )
        try:
            remembered = loop.remember()
            if port is not None:
                start_http_server(port, addr="127.0.0.1", registry=loop.metrics.registry)
            keeper = JobKeeper(JobScheduler(JobStore(rules.jobs.store), jobs), loop) if jobs else None
            if once:
                loop.once()
                if keeper is not None:
                    keeper.once()
            else:
                _until_stopped(loop, Courier.of(store.outbox, rules.alerts), stop, keeper)
        finally:
            source.close()
    return {"remembered": remembered, "slices": loop.slices, "findings": loop.findings, "actions": loop.actions}


class JobKeeper:
    """Runs the jobs in a thread of its own; what people must hear of them goes the way of all findings."""

    def __init__(self, scheduler: JobScheduler, loop: LiveLoop) -> None:
        self._scheduler, self._loop = scheduler, loop

    def once(self) -> None:
        """Make what is due now."""
        for tick in self._scheduler.tick():
            self._tell(tick)
        self._loop.hear()
        self._scheduler.store.close()

    def start(self, stop: threading.Event) -> threading.Thread:
        """Keep the jobs until ``stop`` is set."""
        keep = threading.Thread(
            target=self._scheduler.run, args=(lambda seconds: not stop.wait(seconds), self._tell), name="jobs"
        )
        keep.start()
        return keep

    def _tell(self, tick: JobTick) -> None:
        now = SystemClock().now()
        action = Action(kind="job", at=now, details=tick.to_dict())
        self._loop.leave(Done(actions=(action,), findings=job_findings([tick], now)))


def _until_stopped(loop: LiveLoop, courier: Courier, stop: threading.Event, keeper: JobKeeper | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    courier.start()
    jobs = None if keeper is None else keeper.start(stop)
    try:
        loop.run(stop)
    finally:
        stop.set()
        if jobs is not None:
            jobs.join()
            loop.hear()
        courier.stop()


def _live(places: MonitorPlaces, rules: LiveRules, references: References | None) -> LiveSettings:
    universe = FileSource(places.deployment).universe
    told = {} if references is None else references.about.get("label") or {}
    names = () if references is None else references.drift.names
    return LiveSettings(
        symbols=universe.symbols,
        sectors=universe.sectors,
        features=rules.features or names,
        grace=rules.grace,
        patience=rules.patience,
        label=rules.label or LabelSettings(**told),
        news=rules.news,
        fear=rules.fear,
    )


def _duties(places: MonitorPlaces, rules: MonitorFile, journal: Journal) -> tuple[RollbackDuty, ...]:
    if places.operator is None or places.model is None:
        return ()
    place = place_of(places.audit)

    def tell(kind: str, body: Mapping[str, Any]) -> None:
        if place is not None:
            with AuditLog.open(place, key=KeyRing.of_environment()) as log:
                log.append(kind, body)

    guarded = Guarded(
        name=places.model, operator=signer(places.operator), state=journal.folder / f"guard-{places.model}.json"
    )
    guard = RollbackGuard(open_registry(places.registry, audit=places.audit), guarded, rules.rollback, tell=tell)
    return (RollbackDuty(guard, journal, fresh=timedelta(hours=rules.live.fresh_hours)),)


def _warn(references: References | None, champion: Callable[[], str | None]) -> None:
    if references is None:
        logger.warning("no references are given: drift and performance are not watched")
        return
    made, served = references.about.get("model"), champion()
    if served is not None and served != made:
        logger.warning("the references are of %s and the champion is %s: prepare its own", made, served)


def _champion(places: MonitorPlaces) -> Callable[[], str | None]:
    if places.registry is None or places.model is None:
        return lambda: None
    reader, name = RegistryReader(places.registry, clock=SystemClock()), places.model

    def champion() -> str | None:
        try:
            version = reader.champion(name)
        except TradewindError as error:
            logger.warning("the registry cannot be read, the champion is not known: %s", error)
            return None
        return None if version is None else f"{name}/{version}"

    return champion


def _service(places: MonitorPlaces) -> Callable[[], ServiceSample | None]:
    if places.metrics is None:
        return lambda: None
    scraper = MetricsScraper(places.metrics)

    def service() -> ServiceSample | None:
        try:
            return scraper.sample()
        except ScrapeError as error:
            logger.warning("%s; the slice says nothing of the service", error)
            return None

    return service
