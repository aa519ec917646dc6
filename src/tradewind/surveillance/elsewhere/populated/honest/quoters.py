"""Honest business of many orders or short-lived ones: repricers, ladders, small makers, machines."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.town import Town


def nervous(town: Town, symbol: int) -> Play:
    """Offer much, meant, and take it back when the price moves; once, perhaps, having changed one's mind."""
    dice, ex = town.dice, town.ex
    who, side, look = town.crowd.somebody(), dice.side(), ex.pulse(symbol) * dice.spread(0.2, 6)
    big, times = dice.spread(2, 30), dice.count(1, 14)
    turn = dice.randrange(2 * times)
    for number in range(times):
        away = round(ex.gap[symbol] * dice.uniform(0, 1.2))
        order = ex.enter(symbol, who, side, ex.touch(symbol, side) - side * away, ex.shares(symbol, big))
        began = ex.mid(symbol)
        for _ in range(25):
            yield look / 3
            if not order.left or abs(ex.mid(symbol) - began) > 0.6 * ex.gap[symbol]:
                break
        ex.cancel(order)
        if number == turn and dice.chance(0.6):
            ex.take(symbol, who, -side, ex.usual(symbol), 1)
        yield dice.wait(3 * look)
        side = -side if dice.chance(0.25) else side


def ladder(town: Town, symbol: int) -> Play:
    """Bid on many levels to be had on a dip: standing long, renewed seldom, taken what comes."""
    dice, ex = town.dice, town.ex
    who, side, gap = town.crowd.somebody(), dice.side(), max(1, round(ex.gap[symbol] * dice.spread(0.15, 1.5)))
    levels, size, rising = dice.randint(3, 10), dice.spread(0.5, 8), dice.chance(0.5)
    for _ in range(dice.count(1, 10)):
        best = ex.touch(symbol, side)
        orders = [
            ex.enter(symbol, who, side, best - side * gap * k, ex.shares(symbol, size * (1 + 0.3 * k * rising)))
            for k in range(1, levels + 1)
        ]
        yield ex.pulse(symbol) * dice.spread(2, 150)
        for order in orders:
            ex.cancel(order)
        yield dice.spread(0.01, 30)


def scalp(town: Town, symbol: int) -> Play:
    """Quote both sides, more on the one that would unload, and take when too full: a maker of no name."""
    dice, ex = town.dice, town.ex
    who, size, skew = town.crowd.somebody(), dice.spread(0.4, 3), dice.spread(1, 6)
    look, levels = ex.pulse(symbol) * dice.spread(0.3, 8), dice.choice((1, 1, 2, 4))
    for _ in range(dice.count(6, 60) // levels):
        full = ex.held.get((who, symbol), 0) / ex.stocks[symbol].unit
        orders = []
        for side in (1, -1):
            much = size * (skew if side * full < -size else 1.0)
            best = ex.touch(symbol, side) - side * dice.randint(0, 2)
            gap = max(1, round(ex.gap[symbol] * 0.4))
            orders += [
                ex.enter(symbol, who, side, best - side * k * gap, ex.shares(symbol, much)) for k in range(levels)
            ]
        yield dice.wait(look)
        for order in orders:
            ex.cancel(order)
        if abs(full) > 8 * size:
            ex.take(symbol, who, -1 if full > 0 else 1, ex.shares(symbol, abs(full) / 2), 1)
        yield dice.wait(0.1 * look)


def machine(town: Town, symbol: int) -> Play:
    """Chase the best price with one order, scores of times a second, and rest: a machine that fights another."""
    dice, ex = town.dice, town.ex
    who, pace, size = town.crowd.somebody(), dice.spread(4, 250), dice.spread(0.3, 4)
    wide = max(2, round(ex.gap[symbol]))
    for _ in range(dice.count(1, 8)):
        side = dice.side()
        order = ex.enter(symbol, who, side, ex.touch(symbol, side), ex.shares(symbol, size))
        for _ in range(dice.count(5, 120)):
            yield dice.wait(1 / pace)
            if not order.left:
                break
            order = ex.replace(order, ex.touch(symbol, side) - side * dice.randint(0, wide), order.left)
        ex.cancel(order)
        yield ex.pulse(symbol) * dice.spread(1, 100)


def refresh(town: Town, symbol: int) -> Play:
    """Renew ten levels on both sides at once, whenever models are run anew: bursts of messages, all to be had."""
    dice, ex = town.dice, town.ex
    who, levels, size = town.crowd.somebody(), dice.randint(4, 10), dice.spread(0.4, 5)
    gap, look = max(1, round(ex.gap[symbol] * dice.spread(0.2, 1))), ex.pulse(symbol) * dice.spread(2, 60)
    for _ in range(dice.count(3, 20)):
        orders = [
            ex.enter(symbol, who, side, ex.touch(symbol, side) - side * gap * k, ex.shares(symbol, size))
            for k in range(1, levels + 1)
            for side in (1, -1)
        ]
        yield dice.wait(look)
        for order in dice.mixed(orders) if dice.chance(0.3) else orders:
            ex.cancel(order)
        yield dice.spread(0.001, 0.5)


def storm(town: Town, symbol: int) -> Play:
    """Price after something that moves fast elsewhere: both sides anew with its every step, to be had all the while."""
    dice, ex = town.dice, town.ex
    who, pace, size, width = town.crowd.somebody(), dice.spread(3, 120), dice.spread(0.5, 5), dice.uniform(0.2, 1.2)
    for _ in range(dice.count(1, 5)):
        quotes = [ex.enter(symbol, who, side, ex.touch(symbol, side), ex.shares(symbol, size)) for side in (1, -1)]
        for _ in range(dice.count(20, 250)):
            shift = dice.gauss(0, 0.4) * ex.gap[symbol]
            for place, order in enumerate(quotes):
                price = round(ex.mid(symbol) + shift - order.side * width * ex.gap[symbol])
                bound = ex.touch(symbol, -order.side) - order.side
                price = min(price, bound) if order.side > 0 else max(price, bound)
                if not order.left:
                    quotes[place] = ex.enter(symbol, who, order.side, price, ex.shares(symbol, size))
                elif price != order.price:
                    quotes[place] = ex.replace(order, price, order.left)
            yield dice.wait(1 / pace)
        for order in quotes:
            ex.cancel(order)
        yield ex.pulse(symbol) * dice.spread(2, 100)


def probe(town: Town, symbol: int) -> Play:
    """Ping for hidden size with small orders that are gone at once where nothing meets them."""
    dice, ex = town.dice, town.ex
    who, side, pace = town.crowd.somebody(), dice.side(), dice.spread(1, 40)
    for _ in range(dice.count(1, 6)):
        for _ in range(dice.count(3, 40)):
            room = max(ex.room(symbol), 0)
            price = ex.touch(symbol, side) + side * dice.randint(0, min(room, 5))
            order = ex.enter(symbol, who, side, price, ex.shares(symbol, 0.1))
            yield dice.wait(0.3 / pace)
            ex.cancel(order)
            yield dice.wait(0.7 / pace)
        yield ex.pulse(symbol) * dice.spread(2, 80)
        side = -side
