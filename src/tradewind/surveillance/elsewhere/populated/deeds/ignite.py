"""Momentum ignition: a burst that makes others believe in a move, left into those who do (MAR Annex II 1, 4(d))."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed, lift, unwind
from tradewind.surveillance.elsewhere.populated.exchange import Play


def igniting(deed: Deed) -> Play:
    """Ignite once or some times, in one tactic: bare, with false size behind, toward stops, or into own offers."""
    dice, ex = deed.dice, deed.ex
    tactic, side = deed.choose(4), dice.side()
    gang = deed.gang(1, dice.choice((1, 1, 1, 2, 3)))
    for _ in range(dice.choice((1, 1, 2, 3))):
        began, before, others, top = deed.mid(), deed.held(), ex.volume[deed.symbol], 0.0
        aim, orders, burst = (
            dice.spread(1.4, 9),
            dice.count(4, 40),
            dice.choice((dice.spread(0.05, 4), deed.beat(1, 12))),
        )
        if tactic == 2:
            stop = deed.town.stops.nearest(deed.symbol, side)
            aim = max(aim, min(side * (stop - began) / deed.spread + 0.5, 12.0)) if stop else aim
        quotes = _behind(deed, gang[0], side) if tactic == 1 else []
        for pause in lift(deed, gang, side, aim, orders, burst):
            yield pause
            top = max(top, deed.moved(began, side))
        bought = side * (deed.held() - before)
        deed.town.crowd.draw_in(deed.symbol, side, dice.many(dice.spread(1, 15)), deed.beat(1, 8))
        offers = _ahead(deed, gang, side, bought) if tactic == 3 else []
        for _ in range(5):
            yield deed.beat(0.2, 3)
            top = max(top, deed.moved(began, side))
        for order in quotes + offers:
            deed.withdraw(order)
        yield from unwind(deed, gang, side, dice.count(1, 14), deed.beat(0.5, 30))
        followed = ex.volume[deed.symbol] - others > 1.3 * bought
        left = side * (deed.held() - before)
        deed.carried(through=bought > 0 and top >= 1.0 and left <= 0.4 * bought and followed)
        yield deed.beat(5, 60)
        side = dice.choice((side, -side))


def _behind(deed: Deed, who: str, side: int) -> list[Order]:
    """Show size behind the move, that is not meant."""
    dice, orders = deed.dice, []
    for level in range(dice.randint(1, 5)):
        size = deed.round(deed.shown(side) * dice.spread(0.5, 3))
        orders.append(deed.enter(who, side, deed.touch(side) - side * (level + 1), size))
    return orders


def _ahead(deed: Deed, gang: list[str], side: int, bought: int) -> list[Order]:
    """Offer what was bought above the price, for those who follow."""
    pieces = deed.dice.randint(1, 5)
    step = max(1, round(deed.spread * 0.3))
    orders: list[Order] = []
    for who in gang:
        mine = min(side * deed.held(who), bought) // pieces
        orders += [
            deed.enter(who, -side, deed.touch(-side) + side * piece * step, mine)
            for piece in range(pieces if mine > 0 else 0)
        ]
    return orders
