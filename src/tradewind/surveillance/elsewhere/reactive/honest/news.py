"""What happens to a symbol: news with and without a move, moves without news, a flash that recovers."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.climate import Climate
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Play


def happening(crowd: Crowd, climate: Climate, symbol: int, *, told: bool, moves: bool) -> Play:
    """Let news come out, or something be known without any; quick readers take first, the crowd is drawn after them."""
    venue, draws, side = crowd.venue, crowd.venue.draws, crowd.venue.draws.side()
    tone = draws.choice([side, side, side, 0])
    late = told and moves and draws.yes(0.2)
    if told and not late:
        venue.publish(symbol, tone)
        if draws.yes(0.3):
            venue.later(draws.wide(0.5, 200), lambda: venue.publish(symbol, tone))
    if not moves:
        return
    yield draws.wide(0.005, 3)
    span = draws.wide(0.002, 0.05) * venue.world.seconds
    aim = venue.middle[symbol] + side * venue.spread[symbol] * draws.wide(2, 30)
    crowd.pull(symbol, aim, draws.uniform(0.3, 0.6), span)
    stir = draws.wide(1.3, 6)
    climate.stirred[symbol] *= stir
    readers = [crowd.members.somebody() for _ in range(draws.randint(0, 7))]
    slow = draws.wide(0.01, 3)
    for reader in readers:
        yield draws.wait(slow)
        venue.take(symbol, reader, side, venue.shares(symbol, draws.wide(0.6, 20)))
        if draws.yes(0.4):
            venue.start(venue.now / SECOND + draws.wide(2, 600), _sell(crowd, symbol, reader, -side))
    if late:
        yield draws.wide(0.5, 60)
        venue.publish(symbol, tone)
    yield span
    climate.stirred[symbol] /= stir


def _sell(crowd: Crowd, symbol: int, who: str, side: int) -> Play:
    """Close what was opened on news, in some pieces."""
    venue, draws = crowd.venue, crowd.venue.draws
    for _ in range(draws.randint(1, 5)):
        venue.take(symbol, who, side, venue.shares(symbol, draws.wide(0.6, 8)))
        yield draws.wide(0.3, 30)


def flash(crowd: Crowd, climate: Climate, symbol: int) -> Play:
    """Empty one side of the book, sweep what is left, and recover (the mechanism of 6 May 2010, in small)."""
    venue, draws, side = crowd.venue, crowd.venue.draws, crowd.venue.draws.side()
    began = venue.middle[symbol]
    live = [order for order in crowd.states[symbol].live if order.side == -side]
    for order in live:
        if draws.yes(0.7):
            venue.cancel(order)
            if draws.yes(0.2):
                yield draws.wait(0.01)
    stir = draws.wide(1.5, 6)
    climate.stirred[symbol] *= stir
    for _ in range(draws.randint(4, 25)):
        crowd.take(symbol, side)
        yield draws.wait(draws.wide(0.01, 1))
    yield draws.wide(0.1, 10)
    crowd.pull(symbol, began, draws.uniform(0.3, 0.6), draws.wide(10, 300))
    crowd.follow(symbol, -side, draws.randint(2, 15), draws.wide(1, 30))
    yield draws.wide(5, 100)
    climate.stirred[symbol] /= stir
