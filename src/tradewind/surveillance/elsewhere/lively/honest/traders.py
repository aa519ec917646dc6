"""Honest business that moves prices or comes late: executors, buyers on the close, followers, stops, blocks, luck."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.venue import SECOND, LivelyVenue, Play


def execute(crowd: Crowd, symbol: int) -> Play:
    """Work a large order: evenly, with the volume, or ever faster; taking, waiting or both."""
    venue = crowd.venue
    who, side = _somebody(venue), venue.side()
    span = min(venue.draw(30, 7_200), 0.98 * venue.left())
    slices = round(venue.draw(5, 80))
    size, waits, rush = venue.draw(0.4, 4), float(venue.rng.uniform(0, 1)), float(venue.rng.uniform(0, 1.5))
    until, regular = venue.now / SECOND + span, venue.chance(0.3)
    for number in range(slices):
        order = None
        if venue.chance(waits):
            order = venue.submit(
                symbol, who, side, venue.touch(symbol, side), venue.shares(symbol, size * venue.draw(0.6, 1.6))
            )
        else:
            venue.take(symbol, who, side, venue.shares(symbol, size * venue.draw(0.6, 1.6)), 2)
        pause = span / slices * (1 + rush) * (1 - (number + 0.5) / slices) ** rush
        yield pause if regular else float(venue.rng.exponential(max(pause, 0.01)))
        if order is not None and order.left:
            venue.cancel(order)
            if venue.chance(0.5):
                venue.take(symbol, who, side, order.size - order.filled, 1)
        if venue.now / SECOND > until:
            return


def on_close(crowd: Crowd, symbol: int) -> Play:
    """Buy or sell until the close, with others who must do so too: funds that are measured against it."""
    venue = crowd.venue
    window = min(venue.draw(5, 900), 0.2 * venue.settings.seconds)
    yield max(0.0, venue.left() - window)
    side, funds = venue.side(), [_somebody(venue) for _ in range(int(venue.rng.integers(1, 6)))]
    orders, size = round(venue.draw(2, 40)), venue.draw(0.5, 6)
    for _ in range(orders):
        if venue.left() < 0.3 or venue.left() > window + 1:
            return
        who = funds[int(venue.rng.integers(len(funds)))]
        if venue.chance(0.6):
            venue.take(symbol, who, side, venue.shares(symbol, size * venue.draw(0.5, 2)), 3)
        else:
            venue.submit(symbol, who, side, venue.touch(symbol, side), venue.shares(symbol, size))
        yield float(venue.rng.exponential(window / orders))


def follow(crowd: Crowd, symbol: int) -> Play:
    """Trade with a move, or against it, and leave later: a burst of one's own that others may follow."""
    venue = crowd.venue
    who, trusts = _somebody(venue), venue.chance(0.6)
    half, bar = venue.nature(symbol).half, venue.draw(1.5, 8)
    look = venue.draw(2, 120)
    for _ in range(int(venue.rng.integers(2, 12))):
        before = venue.value(symbol)
        yield look
        moved = (venue.value(symbol) - before) / (2 * half)
        if abs(moved) < bar:
            continue
        side, held = (1 if moved > 0 else -1) * (1 if trusts else -1), 0
        for _ in range(round(venue.draw(1, 8))):
            held += venue.take(symbol, who, side, venue.shares(symbol, venue.draw(0.5, 5)))
            yield venue.draw(0.02, 2)
        yield venue.draw(1, 600)
        while held > 0:
            size = min(held, venue.shares(symbol, 4))
            held -= max(venue.take(symbol, who, -side, size), 1)
            yield venue.draw(0.1, 20)


def stops(crowd: Crowd, symbol: int) -> Play:
    """A cascade of stop-loss orders of many: one way, fast, and it reverts."""
    venue = crowd.venue
    side, nature = venue.side(), venue.nature(symbol)
    size, pause = venue.draw(0.5, 4), venue.draw(0.01, 0.8)
    for _ in range(round(venue.draw(5, 40))):
        venue.take(symbol, venue.anyone(), side, venue.shares(symbol, size * venue.draw(0.5, 2)))
        venue.move(symbol, side * nature.half * 0.12, 0.1)
        yield float(venue.rng.exponential(pause))


def block(crowd: Crowd, symbol: int) -> Play:
    """Sell or buy a block in one's own name, in few large orders; others then stand back a while."""
    venue = crowd.venue
    who, side = _somebody(venue), venue.side()
    for _ in range(int(venue.rng.integers(1, 6))):
        venue.take(symbol, who, side, venue.shares(symbol, venue.draw(5, 40)))
        yield venue.draw(0.05, 30)
    venue.busy *= 0.3
    yield venue.draw(5, 120)
    venue.busy /= 0.3


def swing(crowd: Crowd, symbol: int) -> Play:
    """Buy, hold and sell again, whatever happens meanwhile: day traders, some lucky before news."""
    venue = crowd.venue
    who, side, held = _somebody(venue), venue.side(), 0
    size, pieces, pause = venue.draw(1, 10), round(venue.draw(1, 12)), venue.draw(0.3, 60)
    for _ in range(pieces):
        held += venue.take(symbol, who, side, venue.shares(symbol, size))
        yield float(venue.rng.exponential(pause))
    if venue.chance(0.25):
        venue.publish(symbol, side)
        if venue.chance(0.4):
            venue.move(symbol, side * venue.nature(symbol).half * venue.draw(0.5, 6))
    yield venue.draw(5, 1_500)
    while held > 0:
        held -= max(venue.take(symbol, who, -side, min(held, venue.shares(symbol, size))), 1)
        yield float(venue.rng.exponential(pause))


def rally(crowd: Crowd, symbol: int) -> Play:
    """A symbol that many buy for reasons, rises, and of which holders sell some: no one's doing."""
    venue = crowd.venue
    side, nature = (1 if venue.chance(0.7) else -1), venue.nature(symbol)
    steps = round(venue.draw(20, 150))
    span = min(venue.draw(60, 3_600), 0.8 * venue.left())
    aim = nature.half * venue.draw(2, 20)
    if venue.chance(0.6):
        venue.publish(symbol, side)
    for _ in range(steps):
        venue.move(symbol, side * aim / steps, 0.9)
        crowd.take(symbol, side)
        yield float(venue.rng.exponential(span / steps))
    if venue.chance(0.4):
        for _ in range(steps // 2):
            venue.move(symbol, -side * aim / steps, 0.9)
            crowd.take(symbol, -side)
            yield float(venue.rng.exponential(span / steps))


def _somebody(venue: LivelyVenue) -> str:
    return venue.newcomer() if venue.chance(0.4) else venue.anyone()
