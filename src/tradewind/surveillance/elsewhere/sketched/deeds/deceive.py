"""Spoofing and layering: orders not meant to trade, so that others trade with the one that is."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Order, Play


def spoof(act: Act) -> Play:
    """One false price or two: a lure, pressing then crossing, chasing the touch, flashes, slow building, or a flip."""
    act.choose("lure", "press", "chase", "flash", "build", "flip")
    yield from _deceive(act, 2 if act.rng.random() < 0.25 else 1)


def layer(act: Act) -> Play:
    """Several false prices: a wall at once, a ladder step by step, layers rolled back, or both sides in turn."""
    act.choose("wall", "ladder", "roll", "alternate", "press")
    yield from _deceive(act, act.rng.randint(3, 9))


def _deceive(act: Act, levels: int) -> Play:
    rng, tactic = act.rng, act.tactic
    fakers = act.cast(1 if levels < 3 else rng.choice((1, 1, 2, 4)), makers=0.2)
    trader = rng.choice((fakers[0], fakers[0], act.cast(1)[0]))
    side, small = rng.choice((-1, 1)), act.usual(0.6, 4)
    rounds = {"flash": rng.randint(3, 10), "alternate": rng.randint(2, 6)}.get(tactic, rng.randint(1, 5))
    scale, away = rng.uniform(1.0, 6.0), rng.choice((0, 1, 1, 2, 4)) * max(1, act.paper.spread // 2)
    slope, finishes = rng.choice((0.8, 1.0, 1.0, 1.25)), rng.random() < 0.5
    real: list[Order] = []
    wanted, rested = 0, 0.0
    for _ in range(rounds):
        small = act.usual(0.6, 4) if act.careful else small
        wanted += small
        if tactic not in ("press", "flip"):
            real.append(act.quote(trader, side, small))
            yield act.gap(min(act.beat * 0.3, 2.0))
        big = max(act.near(-side, 2) * scale, act.near(side, 2) * scale * 0.7, 5 * small)
        began = act.exchange.now
        false = yield from _show(act, fakers, levels, -side, big / levels, (away, slope))
        false = yield from _wait(act, false, real)
        if tactic == "press" or (finishes and tactic != "flip" and real[-1].left):
            rest = real[-1].left if real and real[-1].left else small
            for order in real:
                act.pull(order)
            real.append(act.take(trader, side, rest))
            yield act.gap(min(0.2, act.beat))
        rested += (act.exchange.now - began) / SECOND
        yield from _vanish(act, false)
        if tactic == "flip":
            real.append(act.take(trader, side, small))
        yield act.gap(min(0.3, act.beat))
        act.pull(real[-1])
        side = -side if tactic == "alternate" else side
        yield act.gap(min(act.long(0.5, 10), 0.5 * act.room / rounds))
    meant = {id(order) for order in real}
    show = [order for order in act.orders if id(order) not in meant]
    hit = sum(order.filled for order in show)
    got = sum(order.filled for order in real)
    act.done = got >= 0.3 * wanted and hit <= 0.25 * sum(order.size for order in show) and rested > 0.05 * act.beat


def _wait(act: Act, false: list[Order], real: list[Order]) -> Play:
    """Let the false orders work until the real one has traded; returns them."""
    life = act.long(0.5, 4) if act.tactic == "flash" else act.long(2, 16)
    for _ in range(12):
        yield act.gap(life / 12)
        if real and not real[-1].left:
            break
        false = _tend(act, false, false[0].side)
    return false


def _vanish(act: Act, false: list[Order]) -> Play:
    """Take the false orders back, at once or one by one, some of them in parts."""
    lag = act.rng.choice((0.0, 0.001, 0.05, 0.3))
    for order in act.rng.sample(false, len(false)):
        part = act.people.rounded(order.left / 2)
        if act.rng.random() < 0.15 and part < order.left:
            act.pull(order, part)
            yield act.gap(min(0.2, act.beat))
        act.pull(order)
        yield act.gap(min(lag, 0.1 * act.beat))


def _show(act: Act, fakers: list[str], levels: int, side: int, size: float, form: tuple[int, float]) -> Play:
    """Enter the false orders; returns them."""
    away, slope = form
    slow = act.tactic in ("build", "ladder")
    pieces = act.rng.randint(2, 6) if act.tactic == "build" else 1
    step = act.rng.choice((1, 1, max(1, act.paper.spread // 2)))
    false: list[Order] = []
    for level in range(levels):
        for _ in range(pieces):
            price = act.touch(side) - side * (away + level * step)
            piece = act.people.rounded(size * slope**level / pieces)
            false.append(act.put(fakers[level % len(fakers)], side, price, piece))
            yield act.gap(min(act.beat, 1.5)) if slow else act.rng.choice((0.0, 0.0005, 0.01))
    return false


def _tend(act: Act, false: list[Order], side: int) -> list[Order]:
    """Keep false orders out of harm's way, or after the touch."""
    half = act.exchange.halves[act.symbol][side]
    tended: list[Order] = []
    for order in false:
        behind = side * (act.touch(side) - order.price)
        if order.left and act.tactic in ("roll", "chase", "ladder") and half.ahead(order) < order.left / 6:
            order = act.move(order, act.touch(side) - side * act.rng.randint(1, 3 + len(false)))
        elif order.left and act.tactic == "chase" and behind > 2 * act.paper.spread + 2:
            order = act.move(order, act.touch(side) - side * act.rng.randint(1, 2))
        tended.append(order)
    return tended
