"""Playing recorded events into the log at the pace of the market, or as fast as it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.streaming.log import EventLog
from tradewind.surveillance.events import EventTable
from tradewind.surveillance.events.records import records_from_events

TICK = 0.01
"""Seconds of the clock whose events are written together."""
PAUSE = 2.0
"""Seconds of the clock after which a longer silence of the market is cut short: nobody waits through a night."""
BATCH = 5_000


def play(
    tables: Iterable[EventTable],
    log: EventLog,
    *,
    speed: float | None = None,
    stop: threading.Event | None = None,
    on_events: Callable[[int], None] | None = None,
) -> int:
    """Write events to the topic ``orders`` and return how many; ends early where ``stop`` is set.

    Parameters
    ----------
    speed : market seconds in a second of the clock; None writes as fast as it goes.
    on_events : told how many are written so far.

    Raises
    ------
    UsageError : ``speed`` is not above 0.
    """
    if speed is not None and not speed > 0:
        raise UsageError(f"speed {speed:g} is not above 0", fix="give 1x, 10x or max")
    stopped, count = stop or threading.Event(), 0
    producer = log.producer()
    pace = None if speed is None else _Pace(speed, stopped)
    try:
        for table in tables:
            for start, end in _batches(table, speed):
                if stopped.is_set():
                    return count
                if pace is not None:
                    pace.wait_for(int(table.time[start]))
                producer.send_many(records_from_events(table.take(slice(start, end))))
                count += end - start
                if on_events is not None:
                    on_events(count)
    finally:
        producer.flush()
        producer.close()
    return count


class _Pace:
    """Waits until the clock has come as far as the market, silences cut short."""

    def __init__(self, speed: float, stop: threading.Event) -> None:
        self._speed, self._stop = speed, stop
        self._due, self._last = 0.0, 0

    def wait_for(self, market: int) -> None:
        if self._last == 0:
            self._due = time.monotonic()
        else:
            self._due += min((market - self._last) / 1e9 / self._speed, PAUSE)
        self._last = market
        ahead = self._due - time.monotonic()
        if ahead > 0:
            self._stop.wait(ahead)


def _batches(table: EventTable, speed: float | None) -> list[tuple[int, int]]:
    """Return the stretches of rows that are written together."""
    if not len(table):
        return []
    if speed is None:
        cuts = np.arange(0, len(table), BATCH)
    else:
        tick = table.time // max(int(TICK * speed * 1e9), 1)
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(tick)) + 1])
    return list(zip(cuts.tolist(), [*cuts[1:].tolist(), len(table)], strict=True))
