"""Log-in attempts that fail make the next one wait: guessing passwords does not pay."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_KEPT = 10_000
_FORGET = 3600.0
_LONGEST = 300.0
FREE = {"pair": 5, "address": 20, "name": 50}
"""Failures without a wait: a name's are the most, so that nobody can lock others out by guessing for them."""


class Throttle:
    """Counts failures by name and address, by address, and by name; each has its own patience.

    After the free failures of a key its next attempt waits 1 s, then 2, 4, ... 300 s at most. An attempt that comes too
    early is refused without a look at the password. An hour without a failure makes all forgotten.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, name: str, address: str) -> int:
        """Return for how many seconds, rounded up, ``name`` from ``address`` has to wait; 0: not at all."""
        now = self._now()
        with self._lock:
            return math.ceil(max(self._left(key, now) for key in _keys(name, address)))

    def failed(self, name: str, address: str) -> None:
        """Note an attempt that failed."""
        now = self._now()
        with self._lock:
            for key in _keys(name, address):
                times, at = self._failed.pop(key, (0, now))
                self._failed[key] = (1 if now - at > _FORGET else times + 1, now)
            while len(self._failed) > _KEPT:
                self._failed.popitem(last=False)

    def passed(self, name: str, address: str) -> None:
        """Forget what failed of ``name`` from ``address``: they are who they say."""
        with self._lock:
            self._failed.pop(_keys(name, address)[0], None)

    def _left(self, key: tuple[str, str], now: float) -> float:
        times, at = self._failed.get(key, (0, now))
        over = times - FREE[key[0]]
        if over < 0 or now - at > _FORGET:
            return 0.0
        return max(at + min(2.0**over, _LONGEST) - now, 0.0)


def _keys(name: str, address: str) -> tuple[tuple[str, str], ...]:
    known = name.strip().casefold()
    return (("pair", f"{address} {known}"), ("address", address), ("name", known))
