"""Marking the close: trades in the last minutes that are to set the price (MAR Annex II 1, 2(c); FINRA 5210)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


def closing(deed: Deed) -> Play:
    """Mark the close of one session, or of several running; each is a deed."""
    dice, ex = deed.dice, deed.ex
    tactic, side, gang = deed.choose(4), dice.side(), deed.gang(1, dice.choice((1, 1, 1, 2, 4)))
    days = 1 if dice.chance(0.4) else 5
    for _ in range(days):
        share = (dice.spread(0.0015, 0.03), dice.spread(0.01, 0.14), dice.spread(0.01, 0.12), dice.spread(0.003, 0.08))
        window = min(max(share[tactic] * deed.town.world.seconds, 2.0), 0.14 * deed.town.world.seconds)
        yield max(0.0, ex.left() - window)
        if ex.left() > window + 1:
            return
        yield from (_few, _many, _held_up, _waves)[tactic](deed, gang, side, window)
        _judge(deed, side)
        deed.chapter += 1
        yield ex.left() + 1.0


def _begin(deed: Deed) -> None:
    deed.began, deed.volume, deed.start = deed.mid(), deed.ex.volume[deed.symbol], deed.held()


def _judge(deed: Deed, side: int) -> None:
    """Note it as done where the price went along or much of what traded was the deed's."""
    mine = side * (deed.held() - deed.start)
    share = mine / max(deed.ex.volume[deed.symbol] - deed.volume, 1)
    part = deed.parts.get((deed.symbol, deed.chapter))
    acted = part is not None and sum(part.acts.values()) >= 2
    deed.carried(through=acted and mine > 0 and (deed.moved(deed.began, side) >= 0.5 or share >= 0.4))


def _push(deed: Deed, who: str, side: int, aim: float, bold: float) -> None:
    """Take until the price is where it is to be, harder where it is not."""
    gone = deed.moved(deed.began, side)
    if gone < aim:
        size = deed.shown(-side) * bold * (1.6 if gone < aim / 3 else 1.0)
        deed.take(who, side, deed.round(size), round(deed.spread * 1.5))


def _few(deed: Deed, gang: list[str], side: int, window: float) -> Play:
    """A few large takes in the last seconds."""
    dice = deed.dice
    _begin(deed)
    aim, pieces = dice.spread(1, 8), dice.randint(2, 6)
    for number in range(pieces):
        _push(deed, gang[number % len(gang)], side, aim, dice.spread(0.7, 3))
        _judge(deed, side)
        yield window * dice.uniform(0.3, 0.95) / pieces


def _many(deed: Deed, gang: list[str], side: int, window: float) -> Play:
    """Many small takes through the last minutes, each a little higher."""
    dice = deed.dice
    _begin(deed)
    aim, pieces = dice.spread(1, 8), dice.count(6, 45)
    for _ in range(pieces):
        if deed.ex.left() < 0.05 or deed.ex.left() > window + 1:
            return
        _push(deed, dice.choice(gang), side, aim, dice.spread(0.1, 0.9))
        _judge(deed, side)
        yield dice.wait(0.93 * window / pieces)


def _held_up(deed: Deed, gang: list[str], side: int, window: float) -> Play:
    """Hold the price where it is wanted by orders that better the best, and print there at the last."""
    dice, standing = deed.dice, list[Order]()
    _begin(deed)
    aim, looks = dice.spread(0.7, 5), dice.count(5, 25)
    size = dice.spread(1, 12)
    for _ in range(looks):
        if deed.ex.left() < 0.05 or deed.ex.left() > window + 1:
            break
        for order in standing[:-2]:
            deed.withdraw(order)
        _push(deed, dice.choice(gang), side, aim, dice.spread(0.2, 1.2))
        step = 1 if deed.ex.room(deed.symbol) > 0 else 0
        standing.append(deed.enter(dice.choice(gang), side, deed.touch(side) + side * step, deed.shares(size)))
        _judge(deed, side)
        yield 0.95 * window / looks
    if deed.ex.left() < window:
        deed.take(dice.choice(gang), side, deed.shares(0.5), 1)


def _waves(deed: Deed, gang: list[str], side: int, window: float) -> Play:
    """Some pushes with pauses, the last of them in the last moments, in a book that has been emptied."""
    dice = deed.dice
    _begin(deed)
    aim, waves = dice.spread(1, 8), dice.randint(2, 4)
    for wave in range(waves):
        for _ in range(dice.randint(2, 5)):
            if deed.ex.left() > window + 1:
                return
            _push(deed, dice.choice(gang), side, aim * (wave + 1) / waves, dice.spread(0.3, 1.6))
            _judge(deed, side)
            yield dice.wait(0.02 * window)
        yield max(0.0, min(0.8 * window / waves, deed.ex.left() - 0.5))
