"""People who build a position for a reason and leave it later: from afar like pumps, ignitions, insiders."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.honest.executors import parent, work
from tradewind.surveillance.elsewhere.populated.town import Town


def leave(town: Town, symbol: int, who: str, held: int, pieces: int, span: float) -> Play:
    """Give back a position, waiting or taking."""
    dice, ex = town.dice, town.ex
    side, waits = (-1 if held > 0 else 1), dice.uniform(0, 1)
    left = abs(held)
    for number in range(pieces + 6):
        if left <= 0:
            return
        part = min(max(abs(held) // pieces, 1), left) if number < pieces else left
        pause = dice.wait(span / pieces)
        if dice.chance(waits) and number < pieces:
            order = ex.enter(symbol, who, side, ex.touch(symbol, side), part)
            yield pause
            ex.cancel(order)
            left -= order.filled
        else:
            left -= ex.take(symbol, who, side, part, 1)
            yield pause


def accumulate(town: Town, symbol: int) -> Play:
    """Buy for long and without haste, and sell again much later, or at a price that was waited for."""
    dice, ex = town.dice, town.ex
    order = parent(town, symbol)
    order.until = ex.now + int(order.span * 0.5e9)
    order.span *= 0.5
    yield from work(order)
    yield dice.wait(0.2 * order.span)
    if dice.chance(0.8):
        yield from leave(town, symbol, order.who, order.side * order.done, dice.count(2, 40), 0.5 * order.span)


def swing(town: Town, symbol: int) -> Play:
    """Buy at once, hold and sell, whatever comes between: some are lucky before news or before a large buyer."""
    dice, ex = town.dice, town.ex
    who, side, held = town.crowd.somebody(), dice.side(), 0
    pieces, pause, size = dice.count(1, 14), dice.spread(0.2, 4) * ex.pulse(symbol), dice.spread(0.8, 8)
    for _ in range(pieces):
        held += side * ex.take(symbol, who, side, ex.shares(symbol, size), 1)
        yield dice.wait(pause)
    luck = dice.random()
    if luck < 0.12:
        town.announce(symbol, dice.side(), dice.share(0.0, dice.spread(0.5, 5)), dice.many(2))
    elif luck < 0.35:  # a client of somebody else's, either way
        ex.later(dice.wait(10 * pause), lambda: ex.start(ex.now / 1e9, work(parent(town, symbol))))
    yield ex.pulse(symbol) * dice.spread(3, 300)
    yield from leave(town, symbol, who, held, dice.count(1, 12), pause * pieces)


def momentum(town: Town, symbol: int) -> Play:
    """Join a move once it is one, in a burst, or trade against it; leave when it is over."""
    dice, ex = town.dice, town.ex
    who, trusts, bar, memory = town.crowd.somebody(), dice.share(1, 1, -1), dice.spread(0.6, 4), dice.randrange(3)
    for _ in range(dice.count(3, 40)):
        yield dice.wait(6 * ex.memories[0])
        drift = ex.drift(symbol, memory)
        if abs(drift) < bar:
            continue
        side, held = int(trusts if drift > 0 else -trusts), 0
        for _ in range(dice.count(1, 10)):
            held += side * ex.take(symbol, who, side, ex.shares(symbol, dice.spread(0.6, 5)))
            yield dice.wait(ex.memories[0] * 0.2)
        yield dice.wait(ex.memories[1])
        yield from leave(town, symbol, who, held, dice.count(1, 6), ex.memories[0])


def cascade(town: Town, symbol: int) -> Play:
    """Holders who all must sell, one after another, as margins are called: fast, one way, and over."""
    dice, ex = town.dice, town.ex
    side, pause = dice.side(), dice.spread(0.05, 1.5) * min(ex.pulse(symbol), 3.0)
    for _ in range(dice.count(5, 45)):
        town.crowd.follow(symbol, side)
        yield dice.wait(pause)


def rally(town: Town, symbol: int) -> Play:
    """A story many believe: the price rises for long, early holders sell some, it may turn; nobody's doing."""
    dice, ex = town.dice, town.ex
    side, steps, span = (
        dice.share(1, 1, -1),
        dice.count(15, 120),
        min(town.world.seconds * dice.spread(0.03, 0.4), ex.left()),
    )
    far, turns = dice.spread(2, 15), dice.chance(0.5)
    early = [(who, ex.held.get((who, symbol), 0)) for who in town.crowd.several(1, 3)]
    for number in range(steps):
        if dice.chance(2 / steps):
            ex.publish(symbol, int(side))
        town.move(symbol, side * far / steps)
        town.crowd.follow(symbol, int(side))
        if number > steps / 2 and dice.chance(0.15):
            who, held = dice.choice(early)
            ex.take(symbol, who, -int(side), max(min(abs(held), ex.usual(symbol)), 1), 1)
        yield dice.wait(0.9 * span / steps)
    for _ in range(steps // 2 if turns else 0):
        town.move(symbol, -side * far / steps)
        town.crowd.follow(symbol, -int(side))
        yield dice.wait(0.5 * span / steps)


def reader(town: Town, symbol: int) -> Play:
    """News comes, and somebody who reads it fast takes a lot and leaves soon: after it was public."""
    dice, ex = town.dice, town.ex
    side, who, held = dice.side(), town.crowd.somebody(), 0
    town.announce(symbol, side, dice.spread(0.5, 7), dice.many(3))
    yield dice.spread(0.01, 5)
    for _ in range(dice.count(1, 12)):
        held += side * ex.take(symbol, who, side, ex.shares(symbol, dice.spread(0.8, 7)))
        yield dice.wait(dice.spread(0.05, 3))
    yield dice.wait(ex.memories[1])
    yield from leave(town, symbol, who, held, dice.count(1, 10), ex.memories[0])
