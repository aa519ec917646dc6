"""Who trades most at the end of a session, and must: funds on the close, rebalancers, those who go home flat."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.honest.executors import Parent
from tradewind.surveillance.elsewhere.populated.town import Town


def _until(town: Town, window: float) -> float:
    return max(0.0, town.ex.left() - window)


def _window(town: Town) -> float:
    return min(town.dice.spread(0.004, 0.18) * town.world.seconds, 0.95 * town.ex.left())


def on_close(town: Town, symbol: int) -> Play:
    """Funds measured by the close, which buy or sell up to it, with the volume, and do not chase."""
    dice, ex = town.dice, town.ex
    window, side = _window(town), dice.side()
    yield _until(town, window)
    funds = town.crowd.several(1, dice.choice((1, 1, 2, 5)))
    orders = dice.count(2, 45)
    size = max(ex.flow(symbol) * window * dice.spread(0.1, 1.5) / orders / ex.stocks[symbol].unit, 0.4)
    for _ in range(orders):
        if ex.left() < 0.2 or ex.left() > window + 1:
            return
        who = dice.choice(funds)
        if dice.chance(0.5):
            ex.take(symbol, who, side, ex.shares(symbol, size * dice.spread(0.5, 2)), dice.choice((0, 0, 1, 2)))
        else:
            ex.enter(symbol, who, side, ex.touch(symbol, side), ex.shares(symbol, size))
        yield dice.wait(window / orders)


def rebalance(town: Town, symbol: int) -> Play:  # noqa: ARG001 - it trades in all
    """A fund that trades its whole basket toward the close, some up, some down."""
    dice, ex = town.dice, town.ex
    window = _window(town)
    yield _until(town, window)
    who, sides = town.crowd.somebody(), [dice.side() for _ in ex.stocks]
    sizes = [max(ex.flow(s) * window * dice.spread(0.1, 1.2) / ex.stocks[s].unit, 1.0) for s in range(len(sides))]
    rounds = dice.count(2, 25)
    for _ in range(rounds):
        for place in dice.mixed(range(len(sides))):
            if ex.left() < 0.1 or ex.left() > window + 1:
                return
            ex.take(place, who, sides[place], ex.shares(place, sizes[place] / rounds), dice.choice((0, 0, 1)))
            yield dice.wait(window / rounds / len(sides) * 0.9)


def benchmark(town: Town, symbol: int) -> Play:
    """Work an order all session, more of it the nearer the close."""
    dice, ex = town.dice, town.ex
    span = 0.99 * ex.left()
    size = max(ex.flow(symbol) * span * dice.spread(0.03, 0.25) / ex.stocks[symbol].unit, 6.0)
    order = Parent(town, symbol, town.crowd.somebody(), dice.side(), ex.shares(symbol, min(size, 500.0)), span)
    slices, rush = dice.count(15, 90), dice.uniform(0.3, 1.2)
    for number in range(slices):
        if not order.open:
            return
        order.take(max(order.size // slices, 1), dice.choice((0, 1, 1)))
        yield dice.wait(span / slices * (1 + rush) * (1 - (number + 0.5) / slices) ** rush)


def late(town: Town, symbol: int) -> Play:
    """Somebody who trades one way in the day, seldom, and by one order near the end: a hedge of what else it holds."""
    dice, ex = town.dice, town.ex
    who, side, window = town.crowd.somebody(), dice.side(), _window(town)
    trades = dice.count(1, 10)
    span = _until(town, window)
    for _ in range(trades):
        yield dice.wait(0.9 * span / trades)
        if ex.left() < window:
            break
        ex.take(symbol, who, side, ex.usual(symbol), 1)
    yield _until(town, window) + window * dice.uniform(0, 0.95)
    ex.take(symbol, who, side, ex.shares(symbol, dice.spread(1, 25)), round(ex.gap[symbol] * dice.uniform(0, 1.5)))


def go_home(town: Town, symbol: int) -> Play:
    """A day trader who trades through the day and gives all back before the end."""
    dice, ex = town.dice, town.ex
    who, held = town.crowd.somebody(), 0
    trades, last = dice.count(3, 25), _window(town)
    span = _until(town, last)
    for _ in range(trades):
        side = dice.side()
        held += side * ex.take(symbol, who, side, ex.usual(symbol), 1)
        yield dice.wait(span / trades)
        if ex.left() < last:
            break
    yield _until(town, last)
    pieces = dice.count(1, 8)
    for number in range(pieces):
        if not held or ex.left() > last + 1:
            return
        side = -1 if held > 0 else 1
        part = abs(held) if number == pieces - 1 else max(abs(held) // (pieces - number), 1)
        held += side * ex.take(symbol, who, side, part, 2)
        yield dice.wait(0.8 * last / pieces)
