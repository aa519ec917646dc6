"""Honest accounts that meet or go together: a broker's clients, one house's desks, an adviser's accounts, copiers."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import Play


def broker(crowd: Crowd, symbol: int) -> Play:
    """Cross one client with another, each pair once, at a price within the market: the owner does change."""
    venue, draws = crowd.venue, crowd.venue.draws
    for _ in range(draws.whole(1, 5)):
        buyer, seller = crowd.members.some(2, 2)
        side, bid, ask = draws.side(), venue.touch(symbol, 1), venue.touch(symbol, -1)
        price = draws.randint(bid + 1, ask - 1) if ask - bid > 1 else venue.touch(symbol, side)
        first, second = (buyer, seller) if side > 0 else (seller, buyer)
        order = venue.submit(symbol, first, side, price, venue.shares(symbol, draws.wide(1, 25)))
        yield draws.wide(0.0005, 4)
        before = venue.books[symbol][side].ahead(order) if order.left > 0 else 0
        if order.left > 0 and before < order.left:
            venue.take(symbol, second, -side, order.left + before, max(side * (venue.touch(symbol, side) - price), 0))
        if draws.yes(0.7):
            venue.cancel(order)
        yield draws.wide(30, 2_000)


def same_house(crowd: Crowd, symbol: int) -> Play:
    """Two desks of a house, or one account's two strategies, that meet once or twice by accident among other trades."""
    venue, draws = crowd.venue, crowd.venue.draws
    who = crowd.members.some(1, 2)
    for _ in range(draws.whole(2, 6)):
        side = draws.side()
        order = venue.submit(symbol, who[0], side, venue.touch(symbol, side), venue.shares(symbol, draws.wide(0.5, 5)))
        yield draws.wide(1, 120)
        if draws.yes(0.5):
            way = draws.side() if draws.yes(0.5) else -side
            venue.take(symbol, who[-1], way, venue.shares(symbol, draws.wide(0.3, 3)), 0)
        yield draws.wide(1, 200)
        venue.cancel(order)
        yield draws.wide(5, 600)


def adviser(crowd: Crowd, symbol: int) -> Play:
    """Do for several clients what one has decided for all, pro rata and one after another: once, or once more later.

    It has no reason to hide, and none to go on for round after round.
    """
    venue, draws = crowd.venue, crowd.venue.draws
    clients, side, late = crowd.members.some(2, 8), draws.side(), draws.wide(0.005, 2)
    parts = [draws.wide(0.4, 4) for _ in clients]
    for _ in range(draws.choice([1, 1, 2])):
        waits = draws.yes(0.3)
        for client, part in zip(clients, parts, strict=True):
            shares = venue.shares(symbol, part)
            if waits:
                venue.submit(symbol, client, side, venue.touch(symbol, side), shares)
            else:
                venue.take(symbol, client, side, shares, 2)
            yield draws.wait(late)
        side = -side
        yield draws.wide(0.05, 0.4) * venue.world.seconds


def on_the_minute(crowd: Crowd, symbol: int) -> Play:
    """Programs of people who do not know each other, that all act on the same round times, each its own way."""
    venue, draws = crowd.venue, crowd.venue.draws
    people = crowd.members.some(3, 12)
    sides = {name: 1 if number % 2 else -1 for number, name in enumerate(people)}
    every = draws.choice([5.0, 10.0, 30.0, 60.0, 60.0, 300.0])
    slack, joins = draws.wide(0.01, 0.6), draws.uniform(0.3, 0.9)
    for _ in range(draws.whole(5, 40)):
        acting = [name for name in people if draws.yes(joins)]
        draws.shuffle(acting)
        for name in acting:
            yield draws.wait(slack)
            venue.take(symbol, name, sides[name], venue.shares(symbol, draws.wide(0.3, 2)), 0)
            if draws.yes(0.1):
                sides[name] = -sides[name]
        yield every - venue.now / 1e9 % every


def copier(crowd: Crowd, symbol: int) -> Play:
    """Do what a known trader does, seconds later and not always; the trader does not know."""
    venue, draws = crowd.venue, crowd.venue.draws
    leader, copying = crowd.members.some(2, 2)
    slow, side = draws.wide(3, 40), draws.side()
    for _ in range(draws.whole(4, 25)):
        venue.take(symbol, leader, side, venue.shares(symbol, draws.wide(0.5, 4)), 1)
        if draws.yes(0.6):
            yield slow * draws.wide(0.5, 2)
            venue.take(symbol, copying, side, venue.shares(symbol, draws.wide(0.3, 3)), 1)
        yield draws.wide(3, 300)
        side = side if draws.yes(0.6) else -side


def pairs(crowd: Crowd, symbol: int) -> Play:
    """Trade two symbols against each other at the same moments."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    other, side = draws.randrange(len(venue.books)), draws.side()
    for _ in range(draws.whole(3, 30) if other != symbol else 0):
        venue.take(symbol, who, side, venue.shares(symbol, draws.wide(0.5, 4)))
        yield draws.wait(0.05)
        venue.take(other, who, -side, venue.shares(other, draws.wide(0.5, 4)))
        yield draws.wide(1, 300)
        side = side if draws.yes(0.4) else -side
