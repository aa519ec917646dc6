"""Which honest business there is in a market, how much of it, and when."""

from __future__ import annotations

from collections.abc import Callable

from tradewind.surveillance.elsewhere.reactive.climate import Climate
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.honest import meetings, movers, news, resting
from tradewind.surveillance.elsewhere.reactive.venue import Play

Business = Callable[[Crowd, int], Play]

BUSINESS: tuple[tuple[Business, float, float], ...] = (
    (resting.patient, 0.5, 8),
    (resting.two_sided, 0.3, 5),
    (resting.ladder, 0.5, 6),
    (resting.requoting, 0.4, 6),
    (resting.chaser, 0.3, 5),
    (resting.iceberg, 0.2, 3),
    (movers.accumulate, 0.5, 7),
    (movers.rebalance, 0.5, 5),
    (movers.cascade, 0.3, 4),
    (movers.momentum, 0.5, 6),
    (movers.block, 0.3, 5),
    (movers.day_trader, 0.5, 8),
    (movers.rally, 0.1, 2),
    (meetings.broker, 0.5, 7),
    (meetings.same_house, 0.5, 7),
    (meetings.adviser, 0.4, 5),
    (meetings.on_the_minute, 0.2, 2),
    (meetings.copier, 0.2, 2),
    (meetings.pairs, 0.1, 2),
)
"""Each business, and between which means its number in a market is drawn."""


def start_honest(crowd: Crowd, climate: Climate) -> None:
    """Let the honest business of a market begin, each at a time of its own."""
    venue, draws, world = crowd.venue, crowd.venue.draws, crowd.venue.world
    for business, least, most in BUSINESS:
        for _ in range(draws.count(draws.wide(least, most))):
            symbol = venue.symbol() if draws.yes(0.5) else draws.randrange(len(venue.books))
            at = (draws.randrange(world.sessions) + draws.uniform(0.0, 0.93)) * world.seconds
            if business is movers.rebalance:
                at -= 0.3 * (at % world.seconds)
            venue.start(at, business(crowd, symbol))
    kinds = ((world.news, True, True), (world.empty_news, True, False), (world.shocks, False, True))
    for count, told, moves in kinds:
        for _ in range(count):
            at = draws.uniform(0.02, 0.97) * world.length
            play = news.happening(crowd, climate, draws.randrange(len(venue.books)), told=told, moves=moves)
            venue.start(at, play)
    for _ in range(world.flashes):
        venue.start(draws.uniform(0.05, 0.9) * world.length, news.flash(crowd, climate, venue.symbol()))
