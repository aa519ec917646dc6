"""Front running and insider dealing: a position built on what is known before others know it (MAR 8; FINRA 5270)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed, unwind
from tradewind.surveillance.elsewhere.populated.exchange import SECOND, Play
from tradewind.surveillance.elsewhere.populated.honest.executors import Parent, work


def informed(deed: Deed) -> Play:
    """Trade ahead of news, of a client's order and leave after it, leave into it, or ahead of several of a client."""
    dice = deed.dice
    tactic, gang = deed.choose(4), deed.gang(1, dice.choice((1, 1, 2)))
    client = next(name for name in deed.town.crowd.several(4, 6) if name not in gang)
    times = dice.randint(3, 6) if tactic == 3 else dice.choice((1, 2, 3))
    for _ in range(times):
        if tactic == 0:
            yield from _news(deed, gang)
        else:
            yield from _client(deed, gang, client, into=tactic == 2)
        yield deed.beat(4, 60)


def _build(deed: Deed, gang: list[str], side: int, span: float) -> Play:
    """Build it: in one go or in pieces, taking or waiting; what did not come is taken at the last."""
    dice = deed.dice
    pieces, waits = dice.count(1, 15), max(dice.uniform(-0.5, 0.8), 0.0)
    size = max(dice.spread(1.5, 30), 0.4 * pieces)
    wanted = 0
    for number in range(pieces):
        who, shares = gang[number % len(gang)], deed.shares(size / pieces * dice.spread(0.7, 1.4))
        wanted += shares
        pause = dice.wait(0.9 * span / pieces)
        if dice.chance(waits):
            order = deed.enter(who, side, deed.touch(side), shares)
            yield pause
            deed.withdraw(order)
            if order.filled < shares and dice.chance(0.5):
                deed.take(who, side, shares - order.filled, 1)
        else:
            deed.take(who, side, shares, 2)
            yield pause
    if side * deed.held() < wanted / 3:
        deed.take(gang[0], side, wanted // 2, round(deed.spread))


def _news(deed: Deed, gang: list[str]) -> Play:
    """Before news that moves the price."""
    dice, ex, side, before = deed.dice, deed.ex, deed.dice.side(), deed.held()
    yield from _build(deed, gang, side, min(dice.choice((deed.beat(1, 20), dice.spread(1, 900))), 0.3 * ex.left()))
    bought, began = side * (deed.held() - before), deed.mid()
    yield deed.beat(0.2, 20)
    deed.town.announce(deed.symbol, side, dice.spread(3, 14), 1 + dice.many(8))
    yield max(deed.beat(1, 40), 0.3)
    went = deed.moved(began, side)
    yield from unwind(deed, gang, side, dice.count(1, 12), deed.beat(0.5, 20))
    deed.carried(through=bought > 0 and went > 0.4 and side * (deed.held() - before) <= 0.5 * bought)


def _client(deed: Deed, gang: list[str], client: str, *, into: bool) -> Play:
    """Before a large order of somebody, which is then worked; left after it, or into it by offers or by takes."""
    dice, ex, side, before = deed.dice, deed.ex, deed.dice.side(), deed.held()
    yield from _build(deed, gang, side, deed.beat(0.5, 12))
    bought = side * (deed.held() - before)
    yield deed.beat(0.05, 3)
    span = min(max(deed.beat(4, 60), 2.0), 0.5 * ex.left())
    size = ex.shares(deed.symbol, max(max(bought, 0) / ex.stocks[deed.symbol].unit * dice.spread(2, 12), 10.0))
    order = Parent(deed.town, deed.symbol, client, side, size, span)
    ex.start(ex.now / SECOND, _insist(deed, order))
    yield span * (dice.uniform(0.2, 0.6) if into else 1.02)
    yield from unwind(deed, gang, side, dice.count(1, 8), span * dice.uniform(0.1, 0.4))
    deed.carried(through=bought > 0 and order.done >= 0.8 * bought and side * (deed.held() - before) <= 0.5 * bought)


def _insist(deed: Deed, order: Parent) -> Play:
    """Work the client's order; take at the end what it still wants."""
    if deed.dice.chance(0.4):
        pieces = deed.dice.randint(1, 5)
        for _ in range(pieces):
            order.take(max(order.size // pieces, 1), round(deed.spread))
            yield order.span / pieces * 0.7
    else:
        yield from work(order)
    order.take(order.left, round(deed.spread))
