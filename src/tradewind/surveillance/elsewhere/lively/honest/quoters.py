"""Honest business with many or short-lived orders, or in which accounts meet: fades, icebergs, machines, hedges."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.venue import LivelyVenue, Play


def fade(crowd: Crowd, symbol: int) -> Play:
    """Offer large size, meant, and take it back when the price moves; sometimes having traded the other way."""
    venue = crowd.venue
    who, side, nature = _somebody(venue), venue.side(), venue.nature(symbol)
    for _ in range(round(venue.draw(1, 12))):
        away = round(nature.half * float(venue.rng.uniform(0, 2)))
        price = venue.touch(symbol, side) - side * away
        order = venue.submit(symbol, who, side, price, venue.shares(symbol, venue.draw(2, 30)))
        began, patience = venue.value(symbol), venue.draw(1, 120)
        for _ in range(20):
            yield patience / 20
            if order.left == 0 or abs(venue.value(symbol) - began) > nature.half:
                break
        if venue.chance(0.15):
            venue.take(symbol, who, -side, venue.shares(symbol, venue.draw(0.3, 2)), 1)
        venue.cancel(order)
        yield venue.draw(0.5, 90)
        if venue.chance(0.3):
            side = -side


def ladder(crowd: Crowd, symbol: int) -> Play:
    """Bid on several levels below the market, meant to be had on a dip; left standing, or moved along now and then."""
    venue = crowd.venue
    who, side, nature = _somebody(venue), venue.side(), venue.nature(symbol)
    gap, levels = max(1, round(nature.half * venue.draw(0.5, 3))), int(venue.rng.integers(3, 9))
    size = venue.draw(0.5, 8)
    for _ in range(round(venue.draw(1, 10))):
        best = venue.touch(symbol, side)
        orders = [
            venue.submit(symbol, who, side, best - side * gap * (k + 1), venue.shares(symbol, size))
            for k in range(levels)
        ]
        yield venue.draw(3, 400)
        for order in orders:
            venue.cancel(order)
        yield venue.draw(0.01, 60)


def iceberg(crowd: Crowd, symbol: int) -> Play:
    """Show a small part, and the next one when it is gone."""
    venue = crowd.venue
    who, side = _somebody(venue), venue.side()
    part = venue.draw(0.5, 3)
    for _ in range(round(venue.draw(5, 60))):
        order = venue.submit(symbol, who, side, venue.touch(symbol, side), venue.shares(symbol, part))
        for _ in range(30):
            yield venue.draw(0.05, 3)
            if order.left == 0:
                break
        venue.cancel(order)


def machine(crowd: Crowd, symbol: int) -> Play:
    """Follow the best price with one quote, dozens of times a second, for a second or some; then rest."""
    venue = crowd.venue
    who, nature = _somebody(venue), venue.nature(symbol)
    pace, size = venue.draw(4, 120), venue.draw(0.3, 5)
    for _ in range(round(venue.draw(1, 8))):
        side = venue.side()
        order = venue.submit(symbol, who, side, venue.touch(symbol, side), venue.shares(symbol, size))
        for _ in range(round(venue.draw(5, 90))):
            yield float(venue.rng.exponential(1 / pace))
            if order.left == 0:
                break
            away = int(venue.rng.integers(0, max(2, round(2 * nature.half))))
            order = venue.replace(order, venue.touch(symbol, side) - side * away, order.left)
        venue.cancel(order)
        yield venue.draw(2, 600)


def scalp(crowd: Crowd, symbol: int) -> Play:
    """Quote small on one side and larger on the other while holding something, and trade out: a small maker."""
    venue = crowd.venue
    who, nature = _somebody(venue), venue.nature(symbol)
    size, skew = venue.draw(0.3, 2), venue.draw(1, 6)
    for _ in range(round(venue.draw(5, 60))):
        side = venue.side()
        mine = [
            venue.submit(
                symbol,
                who,
                way,
                venue.touch(symbol, way) - way * int(venue.rng.integers(0, 1 + round(nature.half))),
                venue.shares(symbol, size * (skew if way == side else 1)),
            )
            for way in (1, -1)
        ]
        yield venue.draw(0.3, 30)
        for order in mine:
            venue.cancel(order)
        yield venue.draw(0.001, 5)


def hedge(crowd: Crowd, symbol: int) -> Play:
    """Trade two symbols against each other at the same moments."""
    venue = crowd.venue
    who, side = _somebody(venue), venue.side()
    other = (symbol + 1) % len(venue.books)
    for _ in range(round(venue.draw(2, 30))):
        venue.take(symbol, who, side, venue.shares(symbol, venue.draw(0.5, 3)))
        yield venue.draw(0.001, 0.5)
        venue.take(other, who, -side, venue.shares(other, venue.draw(0.5, 3)))
        yield venue.draw(1, 200)
        side = side if venue.chance(0.5) else -side


def copy(crowd: Crowd, symbol: int) -> Play:
    """Do what another does, seconds later; the other does not know."""
    venue = crowd.venue
    leader, copier, side = venue.anyone(), _somebody(venue), venue.side()
    slow = venue.draw(1, 20)
    for _ in range(round(venue.draw(3, 20))):
        venue.take(symbol, leader, side, venue.shares(symbol, venue.draw(0.5, 4)))
        if venue.chance(0.7):
            yield slow * venue.draw(0.6, 1.6)
            venue.take(symbol, copier, side, venue.shares(symbol, venue.draw(0.3, 3)))
        yield venue.draw(3, 200)
        side = side if venue.chance(0.6) else -side


def shared(crowd: Crowd, symbol: int) -> Play:
    """A broker that deals one client's order out to two accounts at a time, a few times: openly."""
    venue = crowd.venue
    accounts, side = [_somebody(venue), _somebody(venue)], venue.side()
    for _ in range(int(venue.rng.integers(1, 4))):
        for account in accounts:
            venue.take(symbol, account, side, venue.shares(symbol, venue.draw(0.5, 2)), 2)
            yield venue.draw(0.01, 3)
        yield venue.draw(20, 600)


def two_desks(crowd: Crowd, symbol: int) -> Play:
    """A firm whose desks, that do not know of each other, meet once or twice."""
    venue = crowd.venue
    who, side = _somebody(venue), venue.side()
    for _ in range(int(venue.rng.integers(1, 4))):
        best = venue.touch(symbol, side)
        inside = venue.touch(symbol, -side) - best != side
        order = venue.submit(symbol, who, side, best + side * inside, venue.shares(symbol, venue.draw(0.5, 4)))
        yield venue.draw(0.5, 120)
        venue.take(symbol, who, -side, venue.shares(symbol, venue.draw(0.5, 3)))
        yield venue.draw(0.5, 30)
        venue.cancel(order)
        yield venue.draw(30, 900)


def _somebody(venue: LivelyVenue) -> str:
    return venue.newcomer() if venue.chance(0.4) else venue.anyone()
