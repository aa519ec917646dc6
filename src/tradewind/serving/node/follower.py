"""The predictions that another server makes, read from the log, made visible here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from tradewind.serving.cache import PredictionCache
from tradewind.serving.node.hub import Hub
from tradewind.streaming.log import EventLog, LogError
from tradewind.streaming.records import Prediction

logger = logging.getLogger("tradewind.serving.node")

PAUSE, LONGEST = 0.2, 10.0


class Follower:
    """Reads the topic ``predictions`` from its start to its end and on, in a thread."""

    def __init__(self, log: EventLog, cache: PredictionCache, hub: Hub, champion: Callable[[], str]) -> None:
        self._log, self._cache, self._hub, self._champion = log, cache, hub, champion
        self.caught_up, self.followed = False, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = PAUSE
        while not self._stop.is_set():
            try:
                consumer = self._log.consumer(["predictions"], group=None)
                try:
                    while not self._stop.is_set():
                        found = [m.record for m in consumer.poll(1000, 0.05) if isinstance(m.record, Prediction)]
                        pause = PAUSE
                        self._take(found)
                        if not found and not self.caught_up:
                            self.caught_up = consumer.lag() == 0
                finally:
                    consumer.close()
            except LogError as error:
                logger.warning("predictions cannot be read, trying again in %.1f s: %s", pause, error)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST)

    def _take(self, found: list[Prediction]) -> None:
        if not found:
            return
        self.followed += len(found)
        self._cache.l1.put(found)
        if self.caught_up:
            champion = self._champion()
            self._hub.publish([one for one in found if one.model == champion])
