"""A breaker: a part that fails is left alone for a while, longer each time, and then tried once."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Breaker:
    """Closed (calls go through), open (they do not), half open (one call tries); threads may share it.

    Parameters
    ----------
    failures : in a row that open it.
    pause, longest : seconds it stays open at first, doubled at each failed trial, and at most.
    monotonic : the clock, seconds.
    """

    def __init__(
        self, failures: int, pause: float, longest: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._pause, self._longest, self._now = failures, pause, longest, monotonic
        self._lock, self._failed, self._wait, self._until = Lock(), 0, pause, 0.0
        self._trying = False
        self.opened = 0

    @property
    def closed(self) -> bool:
        """Whether calls go through."""
        return self._failed < self._limit

    def allow(self) -> bool:
        """Return whether a call may be made now; its end must be told by :meth:`worked` or :meth:`failed`."""
        if self._failed < self._limit:
            return True
        with self._lock:
            if self._trying or self._now() < self._until:
                return False
            self._trying = True
            return True

    def worked(self) -> bool:
        """Tell that a call worked; return whether that closed the breaker."""
        if self._failed == 0:
            return False
        with self._lock:
            was_open = self._failed >= self._limit
            self._failed, self._wait, self._trying = 0, self._pause, False
            return was_open

    def failed(self) -> bool:
        """Tell that a call failed; return whether that opened the breaker."""
        with self._lock:
            self._failed += 1
            if self._failed < self._limit:
                return False
            newly = self._failed == self._limit
            if newly or self._trying:
                self._until = self._now() + self._wait
                self._wait = min(self._wait * 2, self._longest)
                self.opened += newly
            self._trying = False
            return newly
