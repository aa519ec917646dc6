"""Puts the running monitor together: log, registry, metrics, watchers, journal, alerts."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server

from tradewind.core import Settings, TradewindError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.features import LabelSettings
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.live import Beside, LiveLoop, LiveSettings, LiveSlices, MetricsScraper, ScrapeError
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.regime import RegimeWatcher, RegimeWatcherSettings
from tradewind.monitoring.slices import ServiceSample
from tradewind.monitoring.watcher import Watcher
from tradewind.registry.reader import RegistryReader
from tradewind.serving.node.deployment import FileSource
from tradewind.streaming.log import open_log

logger = logging.getLogger(__name__)


class MonitorSettings(Settings):
    """The file of `tradewind monitor --settings`.

    Attributes
    ----------
    features : names the watchers see; those of the model.
    patience : seconds a slice waits for its forecasts; ``grace``: for missing bars.
    label : how forecasts are judged. ``news``, ``fear``: whether the log has them.
    keep_days : how long the journal keeps slices.
    regime : bounds of the watcher of the market. ``alerts``: who is told, and when.
    """

    features: tuple[str, ...] = ()
    patience: float = 5.0
    grace: float = 0.25
    label: LabelSettings = LabelSettings()
    news: bool = False
    fear: bool = False
    keep_days: int = 730
    regime: RegimeWatcherSettings = RegimeWatcherSettings()
    alerts: AlertSettings = AlertSettings()


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
    settings: Path | None = None


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
    rules = MonitorSettings() if places.settings is None else MonitorSettings.from_toml(places.settings)
    universe = FileSource(places.deployment).universe
    live = LiveSettings(
        symbols=universe.symbols,
        sectors=universe.sectors,
        **{name: getattr(rules, name) for name in ("features", "patience", "grace", "label", "news", "fear")},
    )
    journal, store = Journal(places.journal, keep_days=rules.keep_days), AlertStore(places.store)
    manager, stop = AlertManager(rules.alerts, store), threading.Event()
    beside = Beside(champion=_champion(places), service=_service(places))
    with open_log(places.log) as log:
        source = LiveSlices(log, live, after=journal.last(), beside=beside)
        loop = LiveLoop(
            live=source,
            watcher=Monitor([RegimeWatcher(rules.regime), *watchers]),
            journal=journal,
            take=manager.take,
        )
        try:
            remembered = loop.remember()
            if port is not None:
                start_http_server(port, addr="127.0.0.1", registry=loop.metrics.registry)
            if once:
                loop.once()
            else:
                _until_stopped(loop, Courier.of(store.outbox, rules.alerts), stop)
        finally:
            source.close()
    return {"remembered": remembered, "slices": loop.slices, "findings": loop.findings}


def _until_stopped(loop: LiveLoop, courier: Courier, stop: threading.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    courier.start()
    try:
        loop.run(stop)
    finally:
        courier.stop()


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
