"""Pump and dump: gathered, lifted and talked up, sold to those who came (MAR Annex II 1, 6(d); SEC, FINRA alerts)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed, lift, unwind
from tradewind.surveillance.elsewhere.populated.exchange import Play


def pumping(deed: Deed) -> Play:
    """Gather, lift in one of four ways, dump; slowly or quickly; downwards too, rarely."""
    dice, ex = deed.dice, deed.ex
    tactic, side = deed.choose(4), 1 if dice.chance(0.88) else -1
    gang = deed.gang(1, dice.choice((1, 2, 3, 6)))
    room, seconds = 0.85 * ex.left(), deed.town.world.seconds
    spans = [seconds * dice.spread(*limits) for limits in ((0.01, 0.3), (0.006, 0.18), (0.005, 0.2))]
    gather, rise, dump = (span * min(1.0, room / sum(spans)) for span in spans)
    yield from _gather(deed, gang, side, gather)
    began, top = deed.mid(), 0.0
    for _ in range(3):
        way = (_talk, _show, _steps, _waves)[tactic](deed, gang, side, rise)
        for pause in way:
            yield pause
            top = max(top, deed.moved(began, side))
        if top >= 2.0:
            break
    most = side * deed.held()
    yield deed.beat(0.3, 10)
    yield from unwind(deed, gang, side, dice.count(3, 50), dump)
    deed.carried(through=top >= 1.5 and most > 0 and side * deed.held() <= 0.5 * most)


def _gather(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Buy quietly."""
    dice, ex = deed.dice, deed.ex
    unit, clips, waits = ex.stocks[deed.symbol].unit, dice.count(4, 40), dice.uniform(0, 1)
    stake = max(ex.flow(deed.symbol) * span * dice.spread(0.05, 0.4) / unit, dice.spread(4, 60))
    for _ in range(clips):
        who, size = dice.choice(gang), deed.shares(stake / clips * dice.spread(0.5, 2))
        pause = dice.wait(span / clips)
        if dice.chance(waits):
            order = deed.enter(who, side, deed.touch(side), size)
            yield pause
            deed.withdraw(order)
        else:
            deed.take(who, side, size, 0)
            yield pause


def _talk(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Spread news that say nothing true, and buy a little with those who believe it."""
    dice, belief = deed.dice, deed.dice.spread(0.1, 1.5)
    for _ in range(dice.randint(1, 4)):
        deed.town.announce(deed.symbol, side, belief, dice.many(5))
        yield from lift(deed, gang, side, dice.spread(0.8, 5), dice.count(3, 20), span / 3)


def _show(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Trade among one another at ever better prices, so that it looks alive, and lift what is offered between."""
    dice = deed.dice
    rounds = dice.count(3, 15)
    for turn in range(rounds):
        first, second = gang[turn % len(gang)], gang[(turn + 1) % len(gang)]
        price = deed.touch(-side) - side if deed.ex.room(deed.symbol) > 0 else deed.touch(side)
        order = deed.enter(first, side, price, deed.shares(dice.spread(0.5, 4)))
        yield dice.spread(0.01, 1)
        if first != second and order.left and side * deed.held(second) > order.left:
            deed.cross(order, second, order.left)
        deed.withdraw(order)
        yield from lift(deed, gang, side, dice.spread(0.5, 2), 4, span / rounds)


def _steps(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Better the best price again and again, and take what stands in the way: an advance by bids."""
    dice = deed.dice
    steps, aim, began = dice.count(8, 50), dice.spread(2, 12), deed.mid()
    for number in range(steps):
        if deed.moved(began, side) > aim:
            return
        better = side if deed.ex.room(deed.symbol) > 0 else 0
        order = deed.enter(dice.choice(gang), side, deed.touch(side) + better, deed.shares(dice.spread(0.5, 4)))
        yield dice.wait(0.7 * span / steps)
        deed.withdraw(order)
        if number % 2:
            who, size = dice.choice(gang), deed.round(deed.shown(-side, 1) * dice.spread(0.4, 1.6))
            deed.take(who, side, size, round(deed.spread))


def _waves(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Lift, rest, lift again; followers come of themselves."""
    dice, waves = deed.dice, deed.dice.randint(1, 3)
    for _ in range(waves):
        yield from lift(deed, gang, side, dice.spread(1.5, 10) / waves**0.5, dice.count(4, 40), 0.7 * span / waves)
        deed.town.crowd.draw_in(deed.symbol, side, dice.many(dice.spread(0.5, 10)), span / waves)
        yield dice.wait(0.3 * span / waves)
