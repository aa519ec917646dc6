"""The feature side of a server: engine, windows, store and service, run by one thread that comes back after a fault."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradewind.core import OutputError
from tradewind.core.clock import Clock
from tradewind.features import REGISTRY
from tradewind.features.online import warm_up
from tradewind.serving.node.deployment import Universe
from tradewind.serving.node.outcomes import MOVE
from tradewind.serving.node.settings import NodeSettings
from tradewind.serving.node.versions import Versions
from tradewind.serving.runtime import LoadedModel, engine_for, with_heads
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.delivery import Listener
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.stores.redis import RedisSettings, RedisStore
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.features.stores.tiered import TieredStore
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log import EventLog, LogError

logger = logging.getLogger("tradewind.serving.node")

IDLE = 0.05
"""Seconds that a step waits for bars."""
PAUSE, LONGEST = 0.1, 10.0


def feature_names(settings: NodeSettings, versions: Versions) -> tuple[str, ...]:
    """Return the features that are computed, the move that outcomes are read from among them."""
    if settings.features == "model":
        names = tuple(dict.fromkeys([*versions.features(), MOVE]))
    else:
        inputs = ("bars", *(("news",) if settings.news else ()), *(("fear",) if settings.fear else ()))
        names = REGISTRY.names(inputs=inputs)
    return with_heads(versions.models(), names)


def open_feature_store(settings: NodeSettings, universe: Universe, names: Sequence[str]) -> FeatureStore:
    """Return the store: the file of this server, behind Redis where there is one; of an ``api`` server Redis alone."""
    symbols = universe.symbols
    shared = None if settings.redis is None else RedisStore(RedisSettings(url=settings.redis), symbols, names)
    if settings.role == "api" and shared is not None:
        return shared
    whole = SqliteStore(settings.state / "features.db", symbols, names)
    return whole if shared is None else TieredStore(shared, whole)


@dataclass(kw_only=True, eq=False)
class FeatureSide:
    """Runs the feature service in a thread.

    Attributes
    ----------
    models : versions whose text models give columns.
    listeners, amended, before_checkpoint : as those of the service.
    begin : called in the thread before its first step, and again after a fault.
    """

    settings: NodeSettings
    universe: Universe
    names: tuple[str, ...]
    models: Sequence[LoadedModel]
    log: EventLog
    store: FeatureStore
    windows: FeatureWindows
    clock: Clock
    listeners: Sequence[Listener] = ()
    amended: Sequence[Callable[[int], None]] = ()
    before_checkpoint: Sequence[Callable[[], None]] = ()
    begin: Callable[[], None] = lambda: None
    service: FeatureService = field(init=False)
    caught_up: bool = False
    fault: str | None = None
    faults: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Go on where the last checkpoint stands."""
        self.service = self._made()

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._run, name="features", daemon=True)
        self._thread.start()

    def blocks(self) -> Sequence[FeatureBlock]:
        """Return the slices that can still be corrected, oldest first."""
        return self.service.timeline.blocks

    def close(self) -> None:
        """Stop reading, write a checkpoint, let go."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.service.close()
        except OutputError as error:
            logger.error("no checkpoint at the end: %s; the next start goes on from the one before", error)
        self.store.close()

    def status(self) -> dict[str, Any]:
        """Return how the service does."""
        return {**self.service.status(), "caught_up": self.caught_up, "fault": self.fault, "faults": self.faults}

    def _made(self) -> FeatureService:
        settings = self.settings
        universe = self.universe
        engine = engine_for(
            self.models, universe.symbols, universe.sectors, self.names, fear=settings.fear, news=settings.news
        )
        rules = FeatureServiceSettings(
            grace=settings.grace,
            keep=settings.keep,
            checkpoint_every=settings.checkpoint_every,
            folder=settings.state / "features",
            fear=settings.fear,
            news=settings.news,
            too_old=settings.too_old,
        )
        service = FeatureService(self.log, engine, self.store, rules, self.clock, windows=self.windows)
        service.listeners.extend(self.listeners)
        service.amended.extend(self.amended)
        service.before_checkpoint.extend(self.before_checkpoint)
        return service

    def _run(self) -> None:
        warm_up()  # on a machine that never ran the features this compiles them, before anybody is told it is ready
        _warm_windows()
        pause = PAUSE
        while not self._stop.is_set():
            try:
                self.begin()
                while not self._stop.is_set():
                    self._step()
                    pause = PAUSE
            except LogError as error:
                self.fault = f"the event log cannot be read: {error}"
                logger.warning("%s; trying again in %.1f s", self.fault, pause)
            except Exception as error:  # what is in memory cannot be trusted now: go back to the last checkpoint
                self.fault, self.caught_up = f"{type(error).__name__}: {error}", False
                logger.exception("the feature service failed; it begins again from its last checkpoint")
                self.faults += 1
                self.service.abandon()
                self._stop.wait(pause)
                self._begin_again()
            self._stop.wait(pause)
            pause = min(2 * pause, LONGEST)

    def _step(self) -> None:
        read = self.service.step(IDLE)
        self.fault = None
        if not read and not self.caught_up:
            self.caught_up = self.service.status()["lag"] == 0

    def _begin_again(self) -> None:
        pause = PAUSE
        while not self._stop.is_set():
            try:
                self.service = self._made()
                return
            except Exception:  # the log or the disk is away too: nothing to do but to try again
                logger.exception("the feature service cannot begin again yet")
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST)


def _warm_windows() -> None:
    """Compile what moves rows in and out of windows."""
    windows = FeatureWindows(1, ("x",), 2)
    one = np.zeros(1, dtype=np.int64)
    block = FeatureBlock(
        time=1,
        code=one,
        known_at=one,
        values=np.zeros((1, 1), dtype=np.float32),
        scale=np.zeros(1),
        occasion=np.zeros(1, dtype=bool),
        revision=np.zeros(1, dtype=np.int32),
    )
    windows.put(block)
    windows.rows(one, None, 1)
