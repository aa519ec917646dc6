"""Accounts that belong together, meet or resemble one another, honestly: brokers, advisers, desks, hedgers."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.town import Town


def omnibus(town: Town, symbol: int) -> Play:
    """A broker's one account for many clients: both sides, all sizes, in all symbols, at times both at once."""
    dice, ex = town.dice, town.ex
    who, many = town.crowd.somebody(), dice.count(15, 150)
    span, waiting, meets = 0.95 * ex.left(), list[Order](), dice.uniform(0, 0.25)
    for _ in range(many):
        waiting = [order for order in waiting if order.left and order.price == ex.touch(order.symbol, order.side)]
        if waiting and dice.chance(meets):  # one client meets another
            ex.cross(waiting[0], who, -waiting[0].side, ex.usual(waiting[0].symbol))
        where = symbol if dice.chance(0.6) else dice.randrange(len(ex.stocks))
        side = dice.side()
        if dice.chance(0.5):
            ex.take(where, who, side, ex.usual(where), 1)
        else:
            order = ex.enter(where, who, side, ex.touch(where, side) - side * dice.randint(0, 2), ex.usual(where))
            ex.later(ex.pulse(where) * dice.spread(1, 60), partial(ex.cancel, order))
            waiting.append(order)
        if dice.chance(0.1):
            ex.take(where, who, -side, ex.usual(where), 1)
        yield dice.wait(span / many)


def allocate(town: Town, symbol: int) -> Play:
    """An adviser that buys one block for its families, each its part in one stroke: openly, and seldom."""
    dice, ex = town.dice, town.ex
    family, side = town.crowd.several(2, dice.choice((3, 5, 8))), dice.side()
    parts = [dice.spread(0.3, 3) for _ in family]
    for _ in range(dice.choice((1, 1, 2))):
        if dice.chance(0.5):
            for name, part in zip(family, parts, strict=True):
                ex.take(symbol, name, side, ex.shares(symbol, part), 1)
        else:
            price = ex.touch(symbol, side)
            orders = [
                ex.enter(symbol, name, side, price, ex.shares(symbol, part))
                for name, part in zip(family, parts, strict=True)
            ]
            yield ex.pulse(symbol) * dice.spread(2, 60)
            for order in orders:
                ex.cancel(order)
        yield 0.3 * town.world.seconds * dice.random()


def robots(town: Town, symbol: int) -> Play:
    """Many customers of one robot, rebalanced once in one go, each by its own need."""
    dice, ex = town.dice, town.ex
    side, pause = dice.side(), dice.spread(0.005, 2)
    for _ in range(dice.count(4, 40)):
        way = side if dice.chance(0.8) else -side
        ex.take(symbol, town.crowd.person().account, way, ex.usual(symbol), 0)
        yield dice.wait(pause)


def clocks(town: Town, symbol: int) -> Play:
    """Algorithms of strangers that all act by the clock, some buying and some selling, each roughly."""
    dice, ex = town.dice, town.ex
    every, rounds = max(ex.pulse(symbol) * dice.spread(3, 60), 1.0), dice.count(5, 40)
    orders = [(who, place % 2 * 2 - 1, dice.spread(0.4, 3)) for place, who in enumerate(town.crowd.several(3, 7))]
    stays, rough = dice.uniform(0.5, 0.95), dice.uniform(0.02, 0.3)
    for _ in range(rounds):
        for who, side, size in orders:
            if dice.chance(stays):
                act = partial(ex.take, symbol, who, side, ex.shares(symbol, size), 1)
                ex.later(every * rough * dice.random(), partial(_only, act))
        yield every


def _only(act: partial[int]) -> None:
    act()


def copy(town: Town, symbol: int) -> Play:
    """Somebody follows a stranger's trades, late and not always; the stranger knows nothing of it."""
    dice, ex = town.dice, town.ex
    leader, (copier, *_), side = town.crowd.person().account, town.crowd.several(1, 1), dice.side()
    slow = ex.pulse(symbol) * dice.spread(0.5, 8)
    for _ in range(dice.count(3, 18)):
        ex.take(symbol, leader, side, ex.usual(symbol), 1)
        if dice.chance(0.6):
            yield dice.wait(slow) + 0.5
            ex.take(symbol, copier, side, ex.usual(symbol), 1)
        yield ex.pulse(symbol) * dice.spread(1, 50)
        side = side if dice.chance(0.6) else -side


def accident(town: Town, symbol: int) -> Play:
    """A firm whose two strategies meet once in a while, for a part, and go on."""
    dice, ex = town.dice, town.ex
    who, side = town.crowd.somebody(), dice.side()
    for _ in range(dice.choice((1, 1, 2))):
        best = ex.touch(symbol, side) + side * (1 if ex.room(symbol) > 0 else 0)
        order = ex.enter(symbol, who, side, best, ex.usual(symbol))
        yield dice.wait(4 * ex.pulse(symbol))
        if order.left and ex.touch(symbol, side) == order.price:
            ex.cross(order, who, -side, ex.usual(symbol))
        yield ex.pulse(symbol) * dice.spread(1, 10)
        ex.cancel(order)
        yield 0.4 * town.world.seconds * dice.random()


def counterparties(town: Town, symbol: int) -> Play:
    """Two who meet often for a reason: one provides what the other takes, always the same way round."""
    dice, ex = town.dice, town.ex
    giver, taker = (town.crowd.several(2, 2) * 2)[:2]
    side, look = dice.side(), ex.pulse(symbol) * dice.spread(1, 20)
    for _ in range(dice.count(3, 20)):
        best = ex.touch(symbol, side) + side * (1 if ex.room(symbol) > 0 else 0)
        order = ex.enter(symbol, giver, side, best, ex.usual(symbol))
        yield dice.wait(look)
        if dice.chance(0.6):
            ex.take(symbol, taker, -side, ex.usual(symbol), 0)
        yield dice.wait(look)
        ex.cancel(order)


def agency(town: Town, symbol: int) -> Play:
    """A broker that brings two clients together, now these and now those: between the best prices, owners change."""
    dice, ex = town.dice, town.ex
    for _ in range(dice.count(2, 14)):
        buyer, seller = town.crowd.person().account, town.crowd.person().account
        best = ex.touch(symbol, 1) + (1 if ex.room(symbol) > 0 else 0)
        if buyer != seller:
            size = ex.shares(symbol, dice.spread(0.5, 12))
            order = ex.enter(symbol, buyer, 1, best, size)
            yield dice.spread(0.0005, 1)
            if order.left and ex.touch(symbol, 1) == order.price:
                ex.cross(order, seller, -1, size)
            ex.cancel(order)
        yield ex.pulse(symbol) * dice.spread(1, 60)


def unlike_minds(town: Town, symbol: int) -> Play:
    """A few busy accounts that make most of the trading for a while, each by a mind of its own: they often meet."""
    dice, ex = town.dice, town.ex
    few, look = town.crowd.several(2, 5), ex.pulse(symbol) * dice.spread(0.1, 2)
    leans = [dice.uniform(0.1, 0.9) for _ in few]
    for _ in range(dice.count(15, 90)):
        place = dice.randrange(len(few))
        side = 1 if dice.chance(leans[place]) else -1
        if dice.chance(0.5):
            ex.take(symbol, few[place], side, ex.usual(symbol), 0)
        else:
            best = ex.touch(symbol, side) + side * (1 if ex.room(symbol) > 0 else 0)
            order = ex.enter(symbol, few[place], side, best, ex.usual(symbol))
            ex.later(10 * look, partial(ex.cancel, order))
        yield dice.wait(look)


def hedge(town: Town, symbol: int) -> Play:
    """Trade two symbols against each other where they have come apart, and back when they meet."""
    dice, ex = town.dice, town.ex
    who, other = town.crowd.somebody(), dice.randrange(len(ex.stocks))
    bar, state = dice.spread(0.5, 3), 0
    for _ in range(dice.count(5, 60)):
        yield dice.wait(4 * ex.memories[0])
        if other == symbol:
            wants = -1 if ex.drift(symbol, 2) > bar else 1 if ex.drift(symbol, 2) < -bar else 0
        else:
            apart = ex.drift(symbol, 1) - ex.drift(other, 1)
            wants = -1 if apart > bar else 1 if apart < -bar else 0
        if wants in (0, state):
            continue
        state = wants
        ex.take(symbol, who, wants, ex.shares(symbol, dice.spread(0.8, 5)), 1)
        yield dice.spread(0.0005, 0.5)
        if other != symbol:
            ex.take(other, who, -wants, ex.shares(other, dice.spread(0.8, 5)), 1)
