"""Predictions into the log, for other processes; a log that is away delays them and stops nothing."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence

from tradewind.core import TradewindError
from tradewind.streaming.log import EventLog, Producer
from tradewind.streaming.records import Prediction

logger = logging.getLogger("tradewind.serving.node")

MOST = 200_000
"""Predictions that may wait for a log that is away; the oldest are left out beyond it, and counted."""
PAUSE, LONGEST = 0.2, 10.0


class Publisher:
    """Writes predictions to their topic in a thread of its own, in the order they came."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: deque[Prediction] = deque(maxlen=MOST)
        self._wake, self._stop = threading.Event(), threading.Event()
        self.published = self.left_out = 0
        self.failing = False
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def publish(self, predictions: Sequence[Prediction]) -> None:
        """Queue ``predictions``; never waits."""
        self.left_out += max(0, len(self._waiting) + len(predictions) - MOST)
        self._waiting.extend(predictions)
        self._wake.set()

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, as far as that takes no longer than ``timeout``."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        producer: Producer | None = None
        pause = PAUSE
        while True:
            self._wake.wait()
            self._wake.clear()
            batch: list[Prediction] = []
            try:
                producer = producer or self._log.producer()
                while self._waiting:
                    batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), 1000))]
                    producer.send_many(batch)
                    self.published += len(batch)
                    batch = []
                if self._stop.is_set():
                    producer.close()
                    return
                self.failing, pause = False, PAUSE
            except TradewindError as error:  # what was queued in the writer is tried again by it; the rest waits here
                if not self.failing:
                    logger.warning("predictions wait for the log: %s", error)
                self.failing = True
                self._waiting.extendleft(reversed(batch))
                if self._stop.wait(pause):
                    return
                pause = min(2 * pause, LONGEST)
                self._wake.set()
