"""Both topics of the log as one thing to stand in, and the service's own time."""

from __future__ import annotations

from tradewind.core.clock import Clock
from tradewind.streaming.features.barfeed import BarFeed
from tradewind.streaming.features.newsfeed import NewsFeed
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.log.protocol import EventLog, Positions

LONGEST_LEAP = 60.0
"""Seconds by which the service's own time advances at most between two looks at the clock, which may jump."""


class Feeds:
    """Readers of ``bars`` and, where the service has them, ``news``."""

    def __init__(self, log: EventLog, settings: FeatureServiceSettings) -> None:
        self.bars = BarFeed(log)
        self.news = NewsFeed(log, settings.batch) if settings.news else None

    def positions(self) -> dict[tuple[str, int], int]:
        """Return where they stand."""
        return {**self.bars.positions(), **(self.news.positions() if self.news is not None else {})}

    def seek(self, positions: Positions) -> None:
        """Go on from ``positions``."""
        self.bars.seek({where: offset for where, offset in positions.items() if where[0] == "bars"})
        if self.news is not None:
            self.news.seek({where: offset for where, offset in positions.items() if where[0] == "news"})

    def lag(self) -> int:
        """Return how many messages lie ahead."""
        return self.bars.lag() + (self.news.lag() if self.news is not None else 0)

    def close(self) -> None:
        """Let go of the log."""
        self.bars.close()
        if self.news is not None:
            self.news.close()


class OwnTime:
    """Seconds that have passed for the service: the clock's, without its jumps."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._wall = clock, clock.now()
        self.seconds = 0.0

    def now(self) -> float:
        """Look at the clock and return the seconds."""
        wall = self._clock.now()
        self.seconds += min(max((wall - self._wall).total_seconds(), 0.0), LONGEST_LEAP)
        self._wall = wall
        return self.seconds
