"""Deeds done with orders that are not meant to trade: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.midcaps.deed import Deed
from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.venue import Order
from tradewind.surveillance.elsewhere.midcaps.world import Gen


def spoofing(deed: Deed) -> Gen:
    """Show size on one price or two."""
    yield from _false_orders(deed, 1 if deed.rng.random() < 0.65 else 2)


def layering(deed: Deed) -> Gen:
    """Show size on three prices or more."""
    yield from _false_orders(deed, deed.rng.randint(3, 5 if deed.evasive else 8))


def _false_orders(deed: Deed, levels: int) -> Gen:
    rng, hidden = deed.rng, deed.evasive
    names = deed.accounts(rng.choices((1, 2, 3), (0.3, 0.4, 0.3) if hidden else (0.75, 0.2, 0.05))[0])
    rounds = rng.randint(1, 4) if hidden else rng.randint(2, 9)
    whole = spread_out(rng, 3, 9) if hidden else spread_out(rng, 6, 40)
    small, side = spread_out(rng, 0.4, 2.5), rng.choice((1, -1))
    stay = spread_out(rng, 2, 25) * (2.5 if hidden else 1)
    kind, turns = rng.choice(("offered", "taken", "mixed")), rng.random() < 0.35
    gap = max(stay * 1.5, deed.left / rounds - stay * 2.5)
    good = [0]
    deed.check = lambda: good[0] >= (1 if hidden else 2) or (rounds == 1 and good[0] == 1)
    for number in range(rounds):
        if deed.failing and number >= 1:
            return
        show, real = rng.choice(names), names[0]
        genuine: Order | None = None
        way = kind if kind != "mixed" else rng.choice(("offered", "taken"))
        if way == "offered":
            price = deed.touch_price(-side) - side * rng.randint(0, max(1, int(0.5 * deed.half)))
            genuine = deed.send(real, -side, price, deed.units(small * rng.uniform(0.8, 1.2)))
            yield spread_out(rng, 0.02, 3)
        shown = []
        step = max(1.0, rng.uniform(0.1, 0.5) * deed.half)
        top = deed.touch_price(side) - side * rng.choice((0, 0, 1, 2, round(0.4 * deed.half)))
        for level in range(levels):
            size = deed.units(whole / levels * (rng.uniform(0.5, 1.6) if hidden else rng.uniform(0.9, 1.1)))
            shown.append(deed.send(show, side, top - side * round(step * level), size))
            yield rng.choice((0.0005, 0.02, 0.4)) * rng.uniform(0.5, 2) * (4 if hidden else 1)
        got, until, deals = 0, stay * rng.uniform(0.6, 1.4), rng.uniform(0.3, 0.8)
        waited, step_s = 0.0, stay / 8
        while waited < until:
            yield step_s
            waited += step_s
            if genuine is not None and not genuine.live:
                break
            if not genuine and not deed.failing and waited > until * deals:
                break
            if rng.random() < 0.15:
                for order in shown:
                    move = round(0.4 * step) + 1
                    deed.world.venue.modify(order, order.price - side * move, order.size)
        if not deed.failing and (genuine is None or not genuine.filled):
            if genuine is not None:
                deed.pull(genuine)
            got = deed.take(real, -side, deed.units(small * rng.uniform(0.8, 1.4)))
        yield spread_out(rng, 0.01, 1.5)
        unhurt = sum(order.size for order in shown) > 2 * sum(order.filled for order in shown)
        rng.shuffle(shown)
        for order in shown:
            deed.pull(order)
            yield rng.choice((0.0003, 0.01, 0.2 if hidden else 0.05)) * rng.uniform(0.5, 1.5)
        if genuine is not None:
            got += genuine.filled
            deed.pull(genuine)
        good[0] += bool(got and unhurt)
        side = -side if turns else side
        yield gap * rng.uniform(0.4, 1.1)


def quote_stuffing(deed: Deed) -> Gen:
    """Enter and cancel very many orders within moments, several times."""
    rng, hidden = deed.rng, deed.evasive
    names = deed.accounts(rng.choice((1, 2, 3)) if hidden else rng.choice((1, 1, 1, 2)))
    rows = min(6_000.0, 0.06 * deed.world.settings.events) * rng.uniform(0.4, 1.2)
    bursts = rng.randint(3, 6) if hidden else rng.randint(3, 9)
    each = max(30, int(rows / bursts / 2))
    pace = spread_out(rng, 0.008, 0.05) if hidden else spread_out(rng, 0.0002, 0.006)
    size, away = spread_out(rng, 0.05, 1.5), rng.choice((0.0, 0.3, 1.0, 3.0)) * deed.half
    both, ahead = rng.random() < 0.5, rng.choice((1, 1, 3, 10, 40))
    side, full = rng.choice((1, -1)), [0]
    deed.check = lambda: full[0] >= 2
    gap = deed.left / bursts
    for number in range(bursts):
        if deed.failing and number == 1:
            return
        live: list[Order] = []
        count = int(each * rng.uniform(0.7, 1.3)) // (6 if deed.failing else 1)
        for _ in range(count):
            price = deed.touch_price(side) - side * (away + rng.randint(0, 4))
            many = deed.units(size * rng.uniform(0.5, 2)) if hidden else deed.units(size)
            live.append(deed.send(rng.choice(names), side, price, many))
            yield pace * rng.uniform(0.3, 1.7)
            if len(live) >= ahead:
                deed.pull(live.pop(0))
                yield pace * rng.uniform(0.1, 0.9)
            side = -side if both else side
        for order in live:
            deed.pull(order)
            yield pace * 0.3
        full[0] += 1
        if hidden and rng.random() < 0.5:
            deed.take(rng.choice(names), side, deed.units(0.5))
        yield gap * rng.uniform(0.2, 0.9)
