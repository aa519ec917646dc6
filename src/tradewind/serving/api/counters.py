"""What the API counts: plain numbers, written by requests and read by whoever shows metrics."""

from __future__ import annotations

from collections import Counter

from tradewind.serving.watch.instruments import Buckets


class Counters:
    """Numbers since the start.

    Attributes
    ----------
    requests : answered, by (route, status); ``fast_200`` and ``fast_304`` of route ``forecast`` come on top.
    seconds : from request to answer, by route; of the fast path every 32nd is timed and counts 32 times, streams,
        which last as long as their readers, are not.
    rejected : turned away, by reason: rate, load, auth, drain.
    in_flight, streams : being answered, and open, now. slow : streams ended because their reader fell behind.
    """

    __slots__ = ("fast_200", "fast_304", "in_flight", "rejected", "requests", "seconds", "slow", "streams")

    def __init__(self) -> None:
        self.fast_200 = self.fast_304 = 0
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, Buckets] = {}
        self.rejected: Counter[str] = Counter({"rate": 0, "load": 0, "auth": 0, "drain": 0})
        self.in_flight = self.streams = self.slow = 0

    def answered(self, route: str, status: int, seconds: float | None) -> None:
        """Count an answer on the slow path; ``seconds`` None of a stream."""
        self.requests[route, status] += 1
        if seconds is not None:
            self.timed(route, seconds)

    def timed(self, route: str, seconds: float, times: int = 1) -> None:
        """Count the time of ``times`` answers."""
        buckets = self.seconds.get(route)
        if buckets is None:
            buckets = self.seconds[route] = Buckets()
        buckets.observe(seconds, times)

    def answers(self) -> dict[tuple[str, int], int]:
        """Return the number of answers by (route, status), the fast path's among them."""
        found = dict(self.requests)
        for status, number in ((200, self.fast_200), (304, self.fast_304)):
            if number:
                found["forecast", status] = found.get(("forecast", status), 0) + number
        return found
