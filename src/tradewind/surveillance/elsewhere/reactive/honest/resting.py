"""Honest orders that rest, move or are taken back: large and meant, on many levels, fleeting, chasing, part shown."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import Play


def patient(crowd: Crowd, symbol: int) -> Play:
    """Offer a large order, meant: left to be filled, brought nearer when it is not, withdrawn when the price leaves."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    side, size = draws.side(), draws.wide(3, 60)
    for _ in range(draws.whole(1, 10)):
        away = round(draws.uniform(0, 2.5) * venue.spread[symbol])
        order = venue.submit(symbol, who, side, venue.touch(symbol, side) - side * away, venue.shares(symbol, size))
        patience, fears = draws.wide(2, 300), draws.wide(1, 6)
        for _ in range(12):
            yield patience / 12
            far = side * (venue.touch(symbol, side) - order.price) / max(venue.spread[symbol], 1.0)
            if order.left == 0 or far > fears:
                break
            if draws.yes(0.12):
                order = venue.amend(order, order.price + side * round(min(far, 1.0)), order.left)
        done = order.filled > 0
        if draws.yes(0.6):
            venue.cancel(order)
        if draws.yes(0.15 if done else 0.3):  # what was not had is taken, on the same side
            venue.take(symbol, who, side, max(order.size - order.filled, 1) // 3 + 1, 1)
            return
        yield draws.wide(0.5, 200)


def two_sided(crowd: Crowd, symbol: int) -> Play:
    """Quote much on one side and little on the other while holding something; either may be hit, both are renewed."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    heavy, ratio, size, life = draws.side(), draws.wide(1, 15), draws.wide(0.4, 4), draws.wide(0.3, 60)
    for _ in range(draws.whole(4, 50)):
        orders = [
            venue.submit(
                symbol,
                who,
                side,
                venue.touch(symbol, side) - side * draws.choice([0, 0, 1, round(venue.spread[symbol])]),
                venue.shares(symbol, size * (ratio if side == heavy else 1) * draws.uniform(0.8, 1.2)),
            )
            for side in (1, -1)
        ]
        yield draws.wait(life)
        taken = sum(order.side * order.filled for order in orders)
        for order in orders:
            venue.cancel(order)
        if taken:
            heavy = -1 if taken > 0 else 1
        yield draws.wide(0.002, 3)


def ladder(crowd: Crowd, symbol: int) -> Play:
    """Stand on many levels to be had on a dip; refreshed now and then as a whole, on one side or on both."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    sides = (1, -1) if draws.yes(0.35) else (draws.side(),)
    levels, size, grows = draws.randint(2, 12), draws.wide(0.5, 8), draws.choice([0.0, draws.uniform(0, 0.5)])
    life, slow = draws.wide(3, 600), draws.choice([0.0, draws.wide(0.01, 1)])
    for _ in range(draws.whole(1, 12)):
        gap = max(1, round(venue.spread[symbol] * draws.wide(0.3, 2)))
        first = draws.choice([0, 1, gap])
        orders: list[Order] = []
        for side in sides:
            best = venue.touch(symbol, side)
            for level in range(levels):
                shares = venue.shares(symbol, size * (1 + grows * level))
                orders.append(venue.submit(symbol, who, side, best - side * (first + gap * level), shares))
                if slow:
                    yield draws.wait(slow)
        yield draws.wait(life)
        for order in orders:
            venue.cancel(order)
            if slow:
                yield draws.wait(slow)
        yield draws.wide(0.01, 90)


def requoting(crowd: Crowd, symbol: int) -> Play:
    """Follow the best price with quotes, dozens of times a second, as long as it is busy: fleeting, and often hit."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    pace, size, both = draws.wide(3, 300), draws.wide(0.2, 4), draws.yes(0.6)
    moves, far = draws.yes(0.5), draws.choice([0.0, 0.0, draws.uniform(0, 3)])
    for _ in range(draws.whole(1, 8)):
        side = draws.side()
        order: Order | None = None
        for _ in range(draws.whole(6, 160)):
            side = -side if both and draws.yes(0.5) else side
            inside = draws.yes(0.15) and venue.touch(symbol, -1) - venue.touch(symbol, 1) > 1
            price = venue.touch(symbol, side) + (
                side if inside else -side * round(draws.choice([0, 0, 0, 1]) + far * venue.spread[symbol])
            )
            if order is not None and moves and order.side == side and order.left > 0:
                order = venue.amend(order, price, order.left)
            else:
                if order is not None:
                    venue.cancel(order)
                order = venue.submit(symbol, who, side, price, venue.shares(symbol, size))
            yield draws.wait(1 / pace)
        if order is not None:
            venue.cancel(order)
        yield draws.wide(2, 900)


def chaser(crowd: Crowd, symbol: int) -> Play:
    """Want to buy or sell, and keep the order pegged to the best price until it is done; then another."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    side, size, look = draws.side(), draws.wide(0.8, 15), draws.wide(0.02, 5)
    for _ in range(draws.whole(1, 8)):
        order = venue.submit(symbol, who, side, venue.touch(symbol, side), venue.shares(symbol, size))
        for _ in range(draws.whole(8, 60)):
            yield draws.wait(look)
            if order.left == 0:
                break
            if order.price != venue.touch(symbol, side):
                order = venue.amend(order, venue.touch(symbol, side), order.left)
        if order.left and draws.yes(0.5):
            left = order.left
            venue.cancel(order)
            venue.take(symbol, who, side, left, 1)
        venue.cancel(order)
        yield draws.wide(1, 200)


def iceberg(crowd: Crowd, symbol: int) -> Play:
    """Show a part, and the next when it is gone."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    side, part = draws.side(), draws.wide(0.5, 5)
    price = venue.touch(symbol, side)
    for _ in range(draws.whole(4, 40)):
        order = venue.submit(symbol, who, side, price, venue.shares(symbol, part))
        for _ in range(20):
            yield draws.wide(0.05, 8)
            if order.left == 0:
                break
        venue.cancel(order)
        price = venue.touch(symbol, side)
