"""Deeds done with orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from collections.abc import Callable

from tradewind.surveillance.elsewhere.retail.deed import Deed
from tradewind.surveillance.elsewhere.retail.engine import BUY, SELL, Actor, Order


def spoof_size(deed: Deed) -> float:
    """Large against what rests; one who hides shows less at a time."""
    return deed.typical(9, 22) if deed.evasive else deed.typical(18, 90)


def linger(deed: Deed, orders: list[Order], beats: float, real: Order) -> Actor:
    """Wait for the genuine fill, and flee when the false orders are about to be hit."""
    end = deed.world.now + deed.wait(beats)
    while deed.world.now < end and real.size and all(o.size and not o.filled for o in orders):
        yield deed.wait(0.2, 0.05)


def fakes_of(deed: Deed, accs: list[int], side: int, size: float, count: int, gap: float, first: int) -> list[Order]:
    """Lay `count` orders at stepped distances behind the touch."""
    step = max(1, round(gap * deed.book.half()))
    sizes = [size * deed.rng.uniform(0.75, 1.25) for _ in range(count)]
    return [deed.post(accs[i % len(accs)], side, first + i * step, sizes[i]) for i in range(count)]


def passive_spoof(deed: Deed) -> Actor:
    """Rest what is meant at the touch, show weight on the other side, withdraw it once the fill is there."""
    yield from false_weight(deed, deed.cast(1), count=1, gap=0.5, passive=True)


def flip_spoof(deed: Deed) -> Actor:
    """Show weight until quotes lean to it, then hit them and withdraw at once."""
    yield from false_weight(deed, deed.cast(1), count=deed.rng.choice((1, 1, 2)), gap=0.3, passive=False)


def split_spoof(deed: Deed) -> Actor:
    """One account shows, another deals: a pair of one hand."""
    yield from false_weight(deed, deed.cast(2), count=deed.rng.choice((1, 2)), gap=0.4, passive=deed.rng.random() < 0.6)


def block_layers(deed: Deed) -> Actor:
    """Four to nine levels at once, withdrawn at once."""
    yield from false_weight(deed, deed.cast(1), deed.rng.randint(4, 9), deed.rng.uniform(0.2, 0.8), True)


def team_layers(deed: Deed) -> Actor:
    """Several accounts each lay a few levels, one of them (or another) deals."""
    team = deed.cast(deed.rng.randint(2, 5), 0.5)
    yield from false_weight(deed, team, deed.rng.randint(4, 10), deed.rng.uniform(0.2, 0.7), deed.rng.random() < 0.5)


def hit_layers(deed: Deed) -> Actor:
    """Layers lean on the quotes, then a market order reaps."""
    yield from false_weight(deed, deed.cast(1), deed.rng.randint(3, 7), deed.rng.uniform(0.1, 0.5), False)


def false_weight(deed: Deed, team: list[int], count: int, gap: float, passive: bool) -> Actor:
    """Rounds of false orders around a genuine one, until the room or the appetite is used up."""
    rng, side = deed.rng, deed.rng.choice((BUY, SELL))
    rounds = rng.choice((1, 2, 3, 6)) if not deed.evasive else rng.choice((3, 5, 8))
    dealer, shows = team[0], (team[1:] or team)
    for attempt in range(rounds * 3):
        if deed.late() or rounds <= 0:
            return
        share = 1.0 if count <= 2 else rng.uniform(1.6, 3.0) / count
        meant = deed.typical(0.5, 3.0) if deed.evasive else deed.typical(1.0, 6.0)
        real: Order | None = None
        if passive:
            inside = -1 if deed.book.touch(SELL) - deed.book.touch(BUY) > 2 else 0
            real = deed.post(dealer, side, inside, meant)
            yield deed.wait(0.3 if not deed.evasive else 2.0, 0.02)
        near = rng.choice((1, max(1, round(0.5 * deed.book.half())), max(1, round(deed.book.half()))))
        fakes = fakes_of(deed, shows, -side, spoof_size(deed) * share, count, gap, near)
        got = 0
        if real is not None:
            yield from linger(deed, fakes, 14 if not deed.evasive else 30, real)
            got = real.filled
            if not got and attempt % 3 == 2:
                deed.cancel(real)
                got = deed.take(dealer, side, meant, 0.3)
        else:
            yield deed.wait(rng.uniform(2, 6), 0.3)
            got = deed.take(dealer, side, meant, 0.5)
        yield int(rng.uniform(2e6, 8e8)) if not deed.evasive else deed.wait(0.5, 1.0)
        order = list(fakes)
        if deed.evasive:
            rng.shuffle(order)
        untouched = sum(1 for o in fakes if o.filled == 0)
        for fake in order:
            deed.cancel(fake)
            if deed.evasive:
                yield deed.wait(0.05, 0.3)
        if real is not None and real.size:
            deed.cancel(real)
        if got and 2 * untouched >= len(fakes):
            deed.done = True
            rounds -= 1
        deed.disguise()
        yield deed.wait(3 if not deed.evasive else 8)


def pegged_spoof(deed: Deed) -> Actor:
    """One false order follows the touch by changes, never to be reached, while small lots are dealt opposite."""
    rng, side, (acc,) = deed.rng, deed.rng.choice((BUY, SELL)), deed.cast(1)
    away = max(1, round(deed.book.half() * rng.uniform(0.3, 1.0)))
    fake = deed.post(acc, -side, away, spoof_size(deed))
    real = deed.post(acc, side, 0, deed.typical(1, 4))
    while fake.size and not deed.late():
        yield deed.wait(0.7, 0.05)
        if not fake.size:
            break
        px = deed.book.touch(-side) + side * away
        if px != fake.px:
            deed.modify(fake, px, fake.size)
        if not real.size:
            if fake.size and not fake.filled:
                deed.done = True
            if rng.random() < 0.2:
                break
            real = deed.post(acc, side, 0, deed.typical(1, 4))
        elif rng.random() < 0.06:  # tired of waiting: hit what leans towards the false order
            deed.cancel(real)
            deed.take(acc, side, deed.typical(1, 3), 0.3)
        elif real.px != deed.book.touch(side) and rng.random() < 0.4:
            deed.modify(real, deed.book.touch(side), real.size)
    deed.cancel(fake)
    if not deed.hits[side]:
        deed.done = False
    deed.cancel(real)


def staircase(deed: Deed) -> Actor:
    """Levels are added step by step towards the touch, taken from the far end, as if demand walked up."""
    rng, side, team = deed.rng, deed.rng.choice((BUY, SELL)), deed.cast(deed.rng.choice((1, 1, 2)))
    fakes: list[Order] = []
    real = deed.post(team[0], side, 0, deed.typical(2, 8))
    size = spoof_size(deed) * 0.35
    while not deed.late():
        fakes = [o for o in fakes if o.size]
        away = rng.randint(1, 2 + round(deed.book.half()))
        fakes.append(deed.post(team[-1], -side, away, size * rng.uniform(0.7, 1.3)))
        if len(fakes) > rng.randint(3, 6):
            deed.cancel(fakes.pop(0))
        yield deed.wait(1.0 if not deed.evasive else 2.5, 0.2)
        if not real.size or (len(fakes) > 3 and rng.random() < 0.08):
            if real.size:
                deed.cancel(real)
                deed.take(team[0], side, deed.typical(1, 4), 0.3)
            break
    for fake in reversed(fakes):
        deed.cancel(fake)
        yield int(rng.uniform(1e5, 3e8)) if not deed.evasive else deed.wait(0.1, 0.5)
    deed.cancel(real)
    deed.done = deed.hits[side] > 0 and bool(fakes)


def stuff(deed: Deed, team: list[int], style: int) -> Actor:
    """Bursts of messages: lone flickers, storms of changes, or ladders thrown up and torn down."""
    rng, book = deed.rng, deed.book
    share = min(2500, max(220, round(0.02 * book.spec.target)))
    left = round(share * rng.uniform(0.5, 1.0))
    pause = rng.uniform(2e5, 2.5e7) if not deed.evasive else rng.uniform(1e7, 9e7)
    bursts = rng.randint(1, 4) if not deed.evasive else rng.randint(4, 9)
    piece = left // bursts
    for _ in range(bursts):
        sent, held = 0, list[Order]()
        while sent < piece:
            side, acc = rng.choice((BUY, SELL)), rng.choice(team)
            size = deed.typical(0.05, 1.5)
            away = rng.randint(1, 3 + round(4 * book.half()))
            if style == 1 and held:
                target = held[sent % len(held)]
                if target.size:
                    deed.modify(target, book.touch(target.side) - target.side * away, target.size)
                else:
                    held.remove(target)
                sent += 1
            elif style == 2 and len(held) >= 8:
                for order in held:
                    deed.cancel(order)
                    sent += 1
                    yield int(rng.expovariate(1 / pause))
                held = []
            else:
                held.append(deed.post(acc, side, away, size))
                sent += 1
                if style == 0:
                    yield int(rng.expovariate(1 / pause))
                    deed.cancel(held.pop())
                    sent += 1
            yield int(rng.expovariate(1 / pause))
        for order in held:
            deed.cancel(order)
        deed.done = True
        if bursts > 1:
            deed.disguise()
            yield min(deed.wait(4, 1.0), max(1000, deed.length // bursts))


ORDERPLAY: dict[str, tuple[Callable[[Deed], Actor], ...]] = {
    "spoofing": (passive_spoof, flip_spoof, split_spoof, pegged_spoof),
    "layering": (block_layers, team_layers, hit_layers, staircase),
    "quote_stuffing": (
        lambda d: stuff(d, d.cast(1, 0.5), 0),
        lambda d: stuff(d, d.cast(d.rng.choice((1, 2))), 1),
        lambda d: stuff(d, d.cast(d.rng.randint(1, 3)), 2),
    ),
}
