"""Counts of requests an arm and window: plain numbers, cheap enough for the fastest answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Counts:
    """``requests`` of an arm in a window, how many ``failed`` and how many were ``slow`` (above the latency limit)."""

    requests: int = 0
    failed: int = 0
    slow: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both."""
        return Counts(
            requests=self.requests + other.requests, failed=self.failed + other.failed, slow=self.slow + other.slow
        )


class Meter:
    """Counts requests of ``arms``; one slower than ``limit`` seconds (None: none) is slow."""

    def __init__(self, arms: Sequence[str], limit: float | None) -> None:
        self._arms, self._limit = tuple(arms), float("inf") if limit is None else limit
        self._counts = self._empty()

    def _empty(self) -> dict[str, list[int]]:
        return {arm: [0, 0, 0] for arm in self._arms}

    def observe(self, arm: str, seconds: float, failed: bool = False) -> None:
        """Count one request that ``arm`` answered; an arm that is not of the experiment is not counted."""
        found = self._counts.get(arm)
        if found is None:
            return
        found[0] += 1
        if failed:
            found[1] += 1
        if seconds > self._limit:
            found[2] += 1

    def cut(self) -> Mapping[str, Counts]:
        """Return the counts since the last cut and begin anew."""
        old, self._counts = self._counts, self._empty()
        return {arm: Counts(requests=n, failed=failed, slow=slow) for arm, (n, failed, slow) in old.items()}
