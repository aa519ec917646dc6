"""A server without its API: everything it holds, opened in order, closed in the opposite one."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from filelock import FileLock, Timeout

from tradewind.core import Event, OutputError, Severity, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.api.shapes import forecast_json
from tradewind.serving.cache import Entry, PredictionCache, open_cache
from tradewind.serving.contracts import AuditSink, Status
from tradewind.serving.node.beside import Beside
from tradewind.serving.node.children import Answering, Child
from tradewind.serving.node.deployment import FileSource
from tradewind.serving.node.explaining import ChildExplaining
from tradewind.serving.node.features import FeatureSide, feature_names, open_feature_store
from tradewind.serving.node.follower import Follower
from tradewind.serving.node.forecasts import NodeForecasts
from tradewind.serving.node.hub import Hub
from tradewind.serving.node.outcomes import MOVE, Outcomes
from tradewind.serving.node.parity import last_parity
from tradewind.serving.node.predictor import Predictor, PredictorMeters
from tradewind.serving.node.publisher import Publisher
from tradewind.serving.node.rows import LiveRows, Rows, StoredRows
from tradewind.serving.node.settings import NodeSettings
from tradewind.serving.node.silence import Unrecorded
from tradewind.serving.node.trial import Trial
from tradewind.serving.node.versions import BESIDE, Versions
from tradewind.serving.rollout import Hooks, ReviewList, Rollout
from tradewind.serving.runtime import Batcher, LoadedModel
from tradewind.serving.watch.spool import Spool
from tradewind.serving.watch.traces import Tracer
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log import EventLog, open_log
from tradewind.streaming.records import Prediction

logger = logging.getLogger("tradewind.serving.node")

LEAST_WINDOW = 60
"""Bars of features kept a symbol at least, so that a later version may look back further than the first."""
STALE = 3.0
"""A feature service that has not stepped for so many seconds is not ready."""


@dataclass(eq=False)
class Node:
    """The parts of one server. :meth:`open` opens them, in the event loop that serves; :meth:`close` lets go.

    ``decide`` takes the decision to promote a version (see :class:`~tradewind.serving.rollout.Hooks`); ``connectors``
    tells how connectors do, as their snapshots.
    """

    settings: NodeSettings
    clock: Clock = field(default_factory=SystemClock)
    hooks: Hooks = field(default_factory=Hooks)
    connectors_state: Callable[[], Iterable[Mapping[str, Any]]] = tuple
    log: EventLog = field(init=False)
    source: FileSource = field(init=False)
    versions: Versions = field(init=False)
    cache: PredictionCache = field(init=False)
    batcher: Batcher = field(init=False)
    hub: Hub = field(init=False)
    forecasts: NodeForecasts = field(init=False)
    meters: PredictorMeters = field(default_factory=PredictorMeters)
    tracer: Tracer = field(init=False)
    trial: Trial = field(init=False)
    features: FeatureSide | None = None
    follower: Follower | None = None
    predictor: Predictor | None = None
    beside: Beside | None = None
    spool: Spool | None = None
    publisher: Publisher | None = None
    auditor: Child | None = None
    explainer: Answering | None = None
    _parts: ExitStack = field(default_factory=ExitStack)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _since: float = 0.0

    def open(self) -> None:
        """Open everything and begin to read; call it in the loop that serves.

        Raises
        ------
        UsageError : another server uses the state folder, or no model can be served.
        InputError : the deployment is absent or damaged. LogError : no broker answers. OutputError : the state folder
            cannot be written.
        """
        try:
            self._open()
        except BaseException:
            self.close_now()
            raise

    def _open(self) -> None:
        settings = self.settings
        self._lock_state()
        self.tracer = Tracer(settings.traces)
        self._parts.callback(self.tracer.close)
        self.source = FileSource(settings.deployment)
        self.versions = Versions(self.source)
        self.log = open_log(settings.log_place)
        self._parts.callback(self.log.close)
        store = None if settings.role == "api" else settings.state / "predictions.db"
        self.cache = open_cache(store=store, redis=settings.redis, emit=self._told, encode=_entry)
        self._parts.callback(self.cache.close)
        self.hub = Hub(asyncio.get_running_loop())
        self.batcher = Batcher(lambda ref: self.versions.shelf.hold(ref), settings.batch)
        self.trial = Trial(
            settings=settings, versions=self.versions, hooks=self.hooks, clock=self.clock, emit=self._told
        )
        audit = self._open_audit()
        rows, explaining = self._open_features() if settings.role != "api" else (self._follow(), None)
        self.forecasts = NodeForecasts(
            universe=self.source.universe,
            rows=rows,
            versions=self.versions,
            cache=self.cache,
            batcher=self.batcher,
            audit=audit,
            hub=self.hub,
            explaining=explaining,
            choose=self.trial.choose,
            observe=self.trial.observe,
            ready=self.status,
            clock=self.clock,
        )
        self._begin("reload", self._reload)
        self._begin("rollout", partial(self.trial.run, self._stop))
        self._since = time.monotonic()

    # -- parts --------------------------------------------------------------------------------------------------------

    def _lock_state(self) -> None:
        state = self.settings.state
        try:
            state.mkdir(parents=True, exist_ok=True)
            lock = FileLock(state / ".lock")
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UsageError(
                "another server uses this folder", file=state, fix="stop it, or give this one another --state"
            ) from error
        except OSError as error:
            raise OutputError(
                f"the server cannot keep its state here ({error.strerror or error})",
                file=state,
                fix="choose a folder you may write to with --state",
            ) from error
        self._parts.callback(lock.release)

    def _open_audit(self) -> AuditSink:
        if not self.settings.auditor:
            return Unrecorded()
        folder = self.settings.state / "spool"
        self.spool = Spool(folder, self.settings.spool)
        command = [*self.settings.auditor, "--spool", str(folder), "--writer", self.spool.name]
        self.auditor = Child(command, "the auditor")
        self._parts.callback(self.auditor.close)  # after the spool: it takes in what was written last
        self._parts.callback(self.spool.close)
        return self.spool

    def _open_features(self) -> tuple[Rows, ChildExplaining | None]:
        settings, universe = self.settings, self.source.universe
        names = feature_names(settings, self.versions)
        windows = FeatureWindows(len(universe.symbols), names, max(self.versions.window(), LEAST_WINDOW))
        self.versions.limit(frozenset(names), windows.window)
        review = ReviewList(settings.state / "review.db")
        self._parts.callback(review.close)
        self.beside = Beside(
            universe=universe,
            windows=windows,
            versions=self.versions,
            rule=settings.agreement,
            emit=self._told,
            review=review,
        )
        self._parts.callback(self.beside.close)
        self.publisher = Publisher(self.log) if settings.publish else None
        if self.publisher is not None:
            self._parts.callback(self.publisher.close)
        outcomes = None
        if self.trial.rollout is not None:
            outcomes = Outcomes(universe=universe, rollout=self.trial.rollout, column=names.index(MOVE))
        self.predictor = Predictor(
            universe=universe,
            windows=windows,
            versions=self.versions,
            cache=self.cache,
            publish=self.hub.publish,
            publish_all=self._spread(outcomes),
            beside=self.beside,
            clock=self.clock,
            tracer=self.tracer,
            meters=self.meters,
        )
        self.features = FeatureSide(
            settings=settings,
            universe=universe,
            names=names,
            models=self.versions.models(),
            log=self.log,
            store=open_feature_store(settings, universe, names),
            windows=windows,
            clock=self.clock,
            listeners=[*([outcomes.on_slice] if outcomes else []), self.predictor.on_slice],
            amended=[self.predictor.on_amended],
            before_checkpoint=[self._all_kept],
            begin=self.predictor.start,
        )
        self.predictor.kept = self.features.blocks
        self.versions.warm = self._warmed
        self.features.start()
        self._parts.callback(self.features.close)
        explaining = None
        if settings.explainer:
            self.explainer = Answering(settings.explainer, "the explainer")
            explaining = ChildExplaining(
                universe=universe, windows=windows, features=self.features, source=self.source, child=self.explainer
            )
        return LiveRows(universe=universe, windows=windows), explaining

    def _follow(self) -> Rows:
        if self.settings.redis is None:
            raise UsageError(
                "a server of role api reads features from Redis", field="redis", fix="give --redis, or --role all"
            )
        names = feature_names(self.settings, self.versions)
        store = open_feature_store(self.settings, self.source.universe, names)
        self._parts.callback(store.close)
        self.follower = Follower(self.log, self.cache, self.hub, lambda: self.versions.champion)
        self.follower.start()
        self._parts.callback(self.follower.close)
        return StoredRows(universe=self.source.universe, store=store)

    def _spread(self, outcomes: Outcomes | None) -> Callable[[Sequence[Prediction]], None]:
        takers = [part for part in (self.publisher and self.publisher.publish, outcomes and outcomes.remember) if part]

        def spread(predictions: Sequence[Prediction]) -> None:
            for take in takers:
                take(predictions)

        return spread

    # -- what runs beside ---------------------------------------------------------------------------------------------

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _reload(self) -> None:
        while not self._stop.wait(self.settings.reload_every):
            try:
                self.reload()
            except Exception:  # one reload that fails must not be the last
                logger.exception("what was deployed could not be taken in")

    def reload(self) -> Mapping[str, Any]:
        """Take in what was deployed since, and return what was done."""
        found = self.versions.refresh()
        self.trial.end_outlived()
        if found.loaded and self.predictor is not None:  # a slice may have closed while they were warmed
            for ref, role in self.versions.answering().items():
                if ref in found.loaded:
                    self.predictor.answer_newest(self.versions.shelf.get(ref), role)
        return {"loaded": list(found.loaded), "dropped": list(found.dropped), "failed": dict(found.failed)}

    def _warmed(self, model: LoadedModel) -> None:
        role = next((name for name, ref in self.source.current().items() if ref == model.ref), "")
        if self.predictor is not None and role and role not in BESIDE:
            self.predictor.answer_newest(model, role)

    def _all_kept(self) -> None:
        if not self.cache.flush(10.0):
            raise OutputError("predictions wait to be written, so there is no checkpoint before they are")

    def _told(self, event: Event) -> None:
        level = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING}.get(event.severity, logging.ERROR)
        logger.log(level, "%s: %s", event.kind, event.message, extra={"event": event.to_dict()})
        self.hooks.emit(event)

    @property
    def rollout(self) -> Rollout | None:
        """The experiment that runs or ran."""
        return self.trial.rollout

    # -- state --------------------------------------------------------------------------------------------------------

    def up(self) -> float:
        """Return seconds since it was opened."""
        return time.monotonic() - self._since

    def connectors(self) -> Iterable[Mapping[str, Any]]:
        """Return name, counts and state of each connector."""
        for one in self.connectors_state():
            last = one.get("last_success")
            yield {**one, "up": one["state"] == "running", "last_success": None if last is None else last / 1e6}

    def degraded(self) -> dict[str, bool]:
        """Return store -> whether it cannot be reached."""
        found: dict[str, bool] = {}
        stats = self.cache.stats()
        if "l2" in stats:
            found["redis"] = not stats["l2"]["up"]
        found["predictions"] = bool(stats["writing"]["failures"] and stats["writing"]["waiting"])
        if self.features is not None:
            state = self.features.status()
            found["features"] = bool(state["store"]["degraded"] or state["store"]["failure"])
            found["log"] = state["lag"] is None
        if self.publisher is not None:
            found["log"] = found.get("log", False) or self.publisher.failing
        return found

    def status(self) -> Status:
        """Return whether requests may come, and how everything does."""
        reasons = []
        detail: dict[str, Any] = {"models": self.versions.shelf.roles(), "degraded": self.degraded()}
        if self.features is not None:
            state = self.features.status()
            detail["features"] = {key: state[key] for key in ("lag", "last_slice", "late", "refused", "fault")}
            if not self.features.caught_up:
                reasons.append("features are being caught up with the log")
        if self.follower is not None and not self.follower.caught_up:
            reasons.append("predictions are being read from the log")
        if self.rollout is not None:
            detail["rollout"] = self.rollout.stats()
        if self.auditor is not None:
            detail["auditor"] = {"alive": self.auditor.alive, "restarts": self.auditor.restarts}
        night = last_parity(self.settings.state)
        if night is not None:
            detail["parity"] = night
        found = list(self.connectors())
        if found:
            detail["connectors"] = {one["name"]: one["state"] for one in found}
        return Status(ready=not reasons, reasons=tuple(reasons), detail=detail)

    # -- end ----------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Let go of everything, the last lines into the audit log included."""
        self.hub.close()
        await self.batcher.close()
        if self.cache.l2 is not None:
            await self.cache.l2.close_reader()
        if self.explainer is not None:
            await self.explainer.close()
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """Stop the threads and close what is open."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._parts.close()


def _entry(prediction: Prediction, flag: str = "") -> Entry:
    """Return what the cache holds: the bytes that the API sends."""
    return Entry(prediction, forecast_json(prediction), b"", flag)
