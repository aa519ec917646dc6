"""How busy a market is over its sessions: shapes of a day, sudden regimes, halts, nights with gaps."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Play, Venue

_PARTS = 240


class Climate:
    """The pace by the time of day, 1 on average; ``stirred`` is a factor by symbol that events raise for a while."""

    def __init__(self, venue: Venue) -> None:
        world, draws = venue.world, venue.draws
        self._venue = venue
        self.stirred = [1.0 for _ in world.papers]
        shape = [_shape(world.shape, (k + 0.5) / _PARTS, world.swing) for k in range(_PARTS)]
        self._pace: list[float] = []
        for _ in range(world.sessions):
            breaks = sorted(draws.random() for _ in range(world.regimes))
            levels = [draws.wide(0.3, 3.0) for _ in range(world.regimes + 1)] if world.regimes else [1.0]
            day = draws.wide(0.7, 1.4)
            self._pace += [day * base * levels[sum(b < k / _PARTS for b in breaks)] for k, base in enumerate(shape)]
        mean = sum(self._pace) / len(self._pace)
        self._pace = [max(pace / mean, 0.05) for pace in self._pace]
        for _ in range(world.halts):
            begins = (draws.randrange(world.sessions) + draws.uniform(0.1, 0.8)) * world.seconds
            lasts = min(draws.wide(20, 600), 0.06 * world.seconds)
            venue.halts.append((int(begins * SECOND), int((begins + lasts) * SECOND)))
        venue.halts.sort()

    def pace(self, symbol: int) -> float:
        """Return how busy it is now."""
        place = self._venue.now * _PARTS // self._venue.session
        return self._pace[min(place, len(self._pace) - 1)] * self.stirred[symbol]


def _shape(name: str, place: float, swing: float) -> float:
    """Return the pace at a place of the session, before it is scaled."""
    if name == "smile":
        return 1 + 1.5 * swing * ((2 * place - 1) ** 2 - 1 / 3)
    if name == "open":
        return 1 + 4 * swing * math.exp(-12 * place)
    if name == "close":
        return 1 + 4 * swing * math.exp(-15 * (1 - place))
    if name == "lunch":
        return (1 - 0.85 * swing) if 0.42 < place < 0.58 else 1.0
    return 1.0


def nights(venue: Venue, crowd: Crowd) -> Play:
    """Open each session with new orders, away from the last close; end it by taking all back, where it is so."""
    world, draws = venue.world, venue.draws
    for symbol in range(len(world.papers)):
        crowd.fill(symbol, 1.0)
    for day in range(world.sessions):
        yield (day + 1) * world.seconds - 0.002 - venue.now / SECOND
        if world.day_orders:
            for book in venue.books:
                for side in (1, -1):
                    for order in book[side].orders():
                        venue.cancel(order, at_once=True)
        yield 0.0021
        for symbol in range(len(world.papers)):
            gap = draws.gauss(0, world.gaps) * venue.spread[symbol]
            if world.day_orders:
                venue.middle[symbol] = max(venue.middle[symbol] + gap, 40.0)
                crowd.fill(symbol, 0.7)
            else:
                crowd.pull(symbol, venue.middle[symbol] + gap, 0.8, draws.wide(0.003, 0.03) * world.seconds)
