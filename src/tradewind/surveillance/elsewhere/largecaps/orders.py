"""Deeds done with orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.largecaps.deed import Deed
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, spread
from tradewind.surveillance.elsewhere.largecaps.venue import Order
from tradewind.surveillance.elsewhere.largecaps.world import Actor


def spoofing(deed: Deed) -> Actor:
    """Show one order or two that are far too large, and deal on the other side."""
    rng = deed.rng
    return _feint(deed, rng.choice((1, 1, 1, 2)), spread(rng, 0.35, 1.0) if deed.evasive else spread(rng, 0.8, 3.5))


def layering(deed: Deed) -> Actor:
    """The same on three prices or more."""
    rng = deed.rng
    whole = spread(rng, 0.5, 1.2) if deed.evasive else spread(rng, 1.0, 4.0)
    return _feint(deed, rng.randint(3, 4) if deed.evasive else rng.randint(3, 9), whole)


def _feint(deed: Deed, prices: int, weight: float) -> Actor:
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.choice((1, 2, 2, 3)) if deed.evasive else rng.choice((1, 1, 1, 2)))
    showing, meaning = hands[:1] if len(hands) == 1 else hands[1:], hands[0]
    wanted = rng.randint(2, 12)
    cycles = max(2, min(wanted, int(deed.share(1.0) / 12)))
    buy, flips = rng.random() < 0.5, rng.choice((0.0, 0.5, 1.0))
    style = rng.choice(("rest", "rest", "strike", "either"))
    hold, pull = spread(rng, 0.3, 25.0), rng.choice(("filled", "time"))
    start, whole = rng.choice((0, 0, 1, 1, 2)), rng.random() < 0.7
    genuine = spread(rng, 0.4, 4.0)
    worked = 0

    def verdict() -> bool:
        return worked >= max(1, min(2, cycles - 1))

    deed.verdict = verdict
    yield deed.wait(deed.share(0.02))
    for cycle in range(cycles):
        traded = 0
        small: Order | None = None
        if style != "strike":
            small = deed.place(meaning, buy, -1, deed.size(genuine))
            yield deed.quick() if rng.random() < 0.4 else deed.human(0.2, 6)
        account = rng.choice(showing)
        total = weight * max(deed.shown(not buy), deed.shown(buy), 8 * world.setting.units[deed.symbol])
        shape = rng.choice((0.0, 0.0, 0.4))
        parts = [1 + shape * k for k in range(prices)]
        fakes: list[Order] = []
        for k, part in enumerate(parts):
            size = deed.size(deed.units(total * part / sum(parts)))
            fakes.append(deed.place(account, not buy, start + k, size))
            if not whole or deed.evasive:
                yield deed.quick()
        until = world.now + deed.wait(hold)
        while world.now < until:
            yield min(max(1, until - world.now), int(max(hold / 12, 0.02) * SECOND))
            if small is not None and small.filled and (pull == "filled" or not small.size):
                break
            if any(f.size and world.book(deed.symbol).ahead(f) < f.size * 0.15 and f.filled for f in fakes):
                break
        if small is not None:
            traded += small.filled
        struck = style == "strike" or (traded == 0 and rng.random() < (0.85 if style == "either" else 0.6))
        if struck and small is not None and small.size:
            world.venue.cancel(small)
        if struck:
            traded += deed.take(meaning, buy, deed.size(genuine), rng.choice((0, 0, 1)))
            yield deed.quick()
        if rng.random() < 0.5:
            fakes.reverse()
        gone = sum(f.size for f in fakes) > 0.4 * total
        for fake in fakes:
            world.venue.cancel(fake)
            if rng.random() < 0.3:
                yield deed.quick()
        worked += traded > 0 and gone
        if small is not None and small.size and rng.random() < 0.7:
            yield deed.quick()
            world.venue.cancel(small)
            if small.filled and not traded:
                worked += gone
        if rng.random() < flips:
            buy = not buy
        yield deed.wait(max(1.0, deed.left() / SECOND * 0.8 / (cycles - cycle) - hold))


def stuffing(deed: Deed) -> Actor:
    """Flood the venue with orders that live for a moment."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(2, 4) if deed.evasive else rng.choice((1, 1, 2)))
    bursts = rng.randint(3, 8)
    most = 0.025 * world.setting.events
    each = spread(rng, 25, 70) if deed.evasive else spread(rng, 60, 450)
    each = max(20.0, min(each, most / bursts))
    span = spread(rng, 0.004, 0.35)
    style, far = rng.choice(("pairs", "pairs", "blocks", "change")), rng.choice((0, 1, 3, 8))
    both, units = rng.random() < 0.5, spread(rng, 0.05, 2.0)
    buy, worked = rng.random() < 0.5, 0
    deed.verdict = lambda: worked >= 2
    yield deed.wait(deed.share(0.05))
    for burst in range(bursts):
        count = int(each * rng.uniform(0.7, 1.3))
        step = span * SECOND / count
        hand, alive = rng.choice(hands), []
        for number in range(count):
            if deed.evasive:
                hand = rng.choice(hands)
            side = rng.random() < 0.5 if both else buy
            behind = far + (rng.randint(0, 3) if far else 0)
            order = deed.place(hand, side, behind, deed.size(units))
            alive.append(order)
            if style == "change" and number % 3:
                world.venue.modify(order, order.price + (-1 if side else 1), order.size)
            if style == "pairs" or len(alive) >= 12:
                yield int(step * rng.uniform(0.2, 0.8)) + 1
                for old in alive:
                    world.venue.cancel(old)
                alive = []
            yield int(step * rng.uniform(0.2, 0.8)) + 1
        for old in alive:
            world.venue.cancel(old)
        deed.orders.clear()
        worked += 1
        if rng.random() < 0.4:
            deed.take(hand, buy, deed.size(rng.uniform(0.3, 3)))
        buy = buy if rng.random() < 0.6 else not buy
        yield deed.wait(deed.left() / SECOND * 0.75 / (bursts - burst))
