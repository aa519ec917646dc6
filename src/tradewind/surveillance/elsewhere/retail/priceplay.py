"""Deeds that move the price: pump and dump, momentum ignition, marking the close."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradewind.surveillance.elsewhere.retail.deed import Deed
from tradewind.surveillance.elsewhere.retail.engine import BUY, SECOND, SELL, Actor
from tradewind.surveillance.elsewhere.retail.flow import act


def gather(deed: Deed, team: list[int], lasts: float, clips: int) -> Actor:
    """Build a stock without noise: mostly resting, sometimes hitting, never in a hurry."""
    rng = deed.rng
    for _ in range(clips):
        acc = rng.choice(team)
        if rng.random() < 0.5:
            order = deed.post(acc, BUY, rng.choice((0, 0, -1)), deed.typical(0.7, 3.0))
            yield int(lasts / clips * rng.uniform(0.5, 1.5))
            deed.cancel(order)
        else:
            deed.take(acc, BUY, deed.typical(0.7, 3.0), 0.3)
            yield int(lasts / clips * rng.uniform(0.5, 1.5))
        deed.disguise()


def push(deed: Deed, team: list[int], lasts: float, clips: int, big: float) -> Actor:
    """Lift offers again and again; the price must be seen to rise."""
    rng = deed.rng
    for _ in range(clips):
        deed.take(rng.choice(team), BUY, deed.typical(0.5, 1.5) * big, 2.5)
        yield int(lasts / clips * rng.uniform(0.3, 1.7))
        deed.disguise()


def dump(deed: Deed, lasts: float) -> Actor:
    """Sell into those who came late, account by account or all together."""
    rng = deed.rng
    pieces = rng.randint(5, 25)
    accs = [a for a in deed.team if deed.pos[a] > 0]
    clip = {a: max(deed.book.spec.lot, math.ceil(deed.pos[a] / pieces)) for a in accs}
    pause = 0.7 * lasts / max(1, pieces * len(accs))
    begun = deed.world.now
    for _ in range(pieces * 3 * max(1, len(accs))):
        accs = [a for a in accs if deed.pos[a] > 0]
        if not accs or deed.world.now > deed.deadline + 120 * SECOND:
            return
        acc = rng.choice(accs)
        used = min(1.5, (deed.world.now - begun) / max(1.0, lasts))
        qty = min(round(clip[acc] * (1 + 2 * used)), deed.pos[acc])
        if rng.random() < 0.35 - 0.3 * used:
            order = deed.post(acc, SELL, 0, qty)
            yield int(pause * rng.uniform(0.5, 1.5))
            deed.cancel(order)
        else:
            deed.take(acc, SELL, qty, 0.6 + 3 * used)
            yield int(pause * rng.uniform(0.5, 1.5))


def pump(deed: Deed, team: list[int], rumours: int, quiet: float, painted: bool) -> Actor:
    """Accumulate, raise, promote, sell; done when the price went up well and most of the stock came out."""
    rng, book = deed.rng, deed.book
    start = deed.book.mid()
    lasts = deed.length * rng.uniform(0.85, 1.0)
    yield from gather(deed, team, lasts * quiet, rng.randint(8, 25))
    aim = max(7 * book.spec.half_spread, rng.uniform(0.6, 1.6) * book.spec.daily_vol)
    left = lasts * (1 - quiet) * 0.5
    for i in range(9):
        if i < rumours:
            deed.world.news(book)
            boost = rng.uniform(0.4, 0.9) * aim / rumours
            book.hype += boost
            book.mood += 0.6
            book.heat = max(book.heat, 2.5)
            yield int(rng.uniform(0.5, 20) * SECOND)
        elif i > 2 and book.mid() > start * (1 + aim):
            break
        if painted and len(team) > 1:
            first, second = rng.sample(team, k=2)
            deed.post(first, SELL, -1, deed.typical(0.5, 2))
            yield int(rng.uniform(1e7, 3e9))
            deed.take(second, BUY, deed.typical(1, 3), 0.5)
        yield from push(
            deed,
            team,
            left / 9,
            rng.randint(4, 8) if not deed.evasive else rng.randint(8, 14),
            rng.uniform(1.5, 4.5) if not deed.evasive else rng.uniform(1.0, 2.2),
        )
    top = book.mid()
    bought = sum(max(0, p) for p in deed.pos.values())
    yield from dump(deed, max(float(deed.deadline - deed.world.now), 0.2 * lasts))
    rest = sum(max(0, p) for p in deed.pos.values())
    deed.done = bought > 0 and top > start * (1 + 4 * book.spec.half_spread) and rest <= 0.4 * bought


def ignite(deed: Deed, side: int, before: str, clips: int) -> Actor:
    """Take a stand, set off a burst, wait for those who follow, turn round."""
    rng, book, team = deed.rng, deed.book, deed.team or deed.cast(deed.rng.choice((1, 1, 2)))
    for _ in range(3):
        if deed.late() or deed.done:
            return
        start = book.mid()
        if before == "rest":
            order = deed.post(team[0], side, 0, deed.typical(2, 6))
            yield deed.wait(6, 0.5)
            deed.cancel(order)
        elif before == "slow":
            for _ in range(rng.randint(2, 5)):
                deed.take(team[0], side, deed.typical(0.5, 2), 0.3)
                yield deed.wait(2, 0.3)
        count = clips if not deed.evasive else clips + 4
        for i in range(2 * count):
            if i >= count and (book.mid() - start) * side > 2.5 * book.half():
                break
            size = deed.typical(0.8, 2.5) if deed.evasive else deed.typical(1.5, 6.0)
            deed.take(team[i % len(team)], side, size, 3.0)
            yield int(rng.uniform(2e6, 6e8)) if not deed.evasive else int(rng.uniform(0.3, 4) * SECOND)
            if before == "show" and i % 3 == 0:
                fake = deed.post(team[0], side, 1, deed.typical(5, 15))
                yield int(rng.uniform(5e7, 6e8))
                deed.cancel(fake)
        book.heat = max(book.heat, 2.0)
        peak = book.mid()
        yield deed.wait(rng.uniform(2, 8), 0.5)
        peak = max(peak * side, book.mid() * side) * side
        gross = sum(abs(p) for p in deed.pos.values())
        for acc in team:
            yield from deed.unwind(acc, rng.randint(2, 6), 0.6 if not deed.evasive else 2.0, 1.5)
        left = sum(abs(p) for p in deed.pos.values())
        moved = (peak - start) * side > 2 * book.half()
        deed.done = moved and gross > 0 and left <= 0.4 * gross
        yield deed.wait(5)


def stop_hunt(deed: Deed) -> Actor:
    """Drive the price to where clients' stops lie and buy back what they must sell (or the reverse)."""
    deed.cast(deed.rng.choice((1, 1, 3)), 0.5)
    stops = deed.book.stops
    yield from ignite(deed, SELL if len(stops[SELL]) >= len(stops[BUY]) else BUY, "none", deed.rng.randint(6, 16))


def close_end(deed: Deed, side: int, start: float) -> None:
    """Whether the last price stands where the culprit wanted it, for the time being."""
    deed.done = (deed.book.last - start) * side > max(0.99, 0.8 * deed.book.half())


def seal(deed: Deed, acc: int, side: int, start: float) -> Actor:
    """In the last seconds take level after level until the price stands where it should."""
    for _ in range(4):
        if deed.done or deed.deadline - deed.world.now < 50_000_000:
            return
        level = deed.book.total[-side].get(deed.book.touch(-side), deed.book.spec.typical)
        deed.take(acc, side, min(level, 30 * deed.book.spec.typical), 0.0)
        close_end(deed, side, start)
        yield int((deed.deadline - deed.world.now) * deed.rng.uniform(0.05, 0.3))


def ram_close(deed: Deed) -> Actor:
    """A row of marketable orders to the last second."""
    rng, (acc,) = deed.rng, deed.cast(1)
    side, start = rng.choice((BUY, BUY, SELL)), deed.book.mid()
    clips = rng.randint(4, 12)
    lead = min(deed.length, int(rng.uniform(5, 90) * SECOND))
    yield max(0, deed.deadline - lead - deed.world.now)
    for i in range(clips):
        deed.take(acc, side, deed.typical(1, 5) if not deed.evasive else deed.typical(0.6, 2), 2.0)
        close_end(deed, side, start)
        yield max(1, int((deed.deadline - deed.world.now) / (clips - i + 0.7) * rng.uniform(0.6, 1.1)))
    yield from seal(deed, acc, side, start)


def last_tick(deed: Deed) -> Actor:
    """Clear the first level or two, then a tiny trade in the last second paints the close."""
    rng, team = deed.rng, deed.cast(deed.rng.choice((1, 2)))
    side, start, book = rng.choice((BUY, BUY, SELL)), deed.book.mid(), deed.book
    yield max(0, deed.deadline - int(rng.uniform(1.5, 15) * SECOND) - deed.world.now)
    for _ in range(rng.randint(2, 4)):
        level = book.total[-side].get(book.touch(-side), book.spec.typical)
        deed.take(team[0], side, min(level, 30 * book.spec.typical), 0.0)
        close_end(deed, side, start)
        yield int(rng.uniform(1e8, 1.2e9))
    left = deed.deadline - deed.world.now
    yield max(1, left - int(rng.uniform(1e8, 9e8)))
    deed.take(team[-1], side, max(book.spec.lot, 0.05 * book.spec.typical), 1.0)
    close_end(deed, side, start)


def lean_close(deed: Deed) -> Actor:
    """Minutes of one-sided trading by several accounts, with bids that hold the price up behind it."""
    rng, team = deed.rng, deed.cast(deed.rng.randint(2, 4))
    side, start = rng.choice((BUY, BUY, SELL)), deed.book.mid()
    clips = rng.randint(8, 20)
    for i in range(clips):
        acc = rng.choice(team)
        if rng.random() < 0.25:
            deed.post(acc, side, 0, deed.typical(2, 6))
        else:
            deed.take(acc, side, deed.typical(0.8, 3), 1.2)
        close_end(deed, side, start)
        if deed.evasive and rng.random() < 0.2:
            act(deed.world, deed.book, rng.choice(deed.world.setting.people))
        yield max(1, int((deed.deadline - deed.world.now) / (clips - i + 0.5) * rng.uniform(0.6, 1.1)))
    yield from seal(deed, rng.choice(team), side, start)


PRICEPLAY: dict[str, tuple[Callable[[Deed], Actor], ...]] = {
    "pump_and_dump": (  # promoted, in a ring, by plain pressure, from a stock held long and a mail in the morning
        lambda d: pump(d, d.cast(d.rng.choice((1, 1, 2))), d.rng.randint(1, 4), d.rng.uniform(0.2, 0.5), False),
        lambda d: pump(d, d.cast(d.rng.randint(3, 7), 0.4), 0, d.rng.uniform(0.1, 0.3), True),
        lambda d: pump(d, d.cast(d.rng.randint(1, 3)), d.rng.choice((0, 0, 1)), d.rng.uniform(0.25, 0.6), False),
        lambda d: pump(d, d.cast(d.rng.randint(2, 5), 0.7), d.rng.randint(1, 2), d.rng.uniform(0.5, 0.7), False),
    ),
    "momentum_ignition": (
        lambda d: ignite(d, d.rng.choice((BUY, SELL)), d.rng.choice(("rest", "slow")), d.rng.randint(5, 12)),
        lambda d: ignite(d, d.rng.choice((BUY, SELL)), "show", d.rng.randint(5, 10)),
        stop_hunt,
    ),
    "marking_the_close": (ram_close, last_tick, lean_close),
}
