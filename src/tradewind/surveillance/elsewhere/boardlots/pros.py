"""The professionals of a market in board lots: makers, arbitrage houses, and desks that work large orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book, Order
from tradewind.surveillance.elsewhere.boardlots.world import World


@dataclass(frozen=True)
class Style:
    """How a maker quotes."""

    half: float
    gap: int
    levels: int
    lots: float
    trust: float
    lean: float
    share: float
    flicker: float
    changes: bool


def style(rng: Random, typical: float, fast: bool) -> Style:
    """Draw a maker's way of quoting."""
    return Style(
        half=rng.uniform(0.5, 2.0),
        gap=rng.choice((1, 1, 1, 2)),
        levels=rng.randint(1, 2) if fast else rng.randint(1, 5),
        lots=typical * rng.uniform(0.8, 5),
        trust=rng.uniform(0.2, 0.8),
        lean=rng.uniform(0.0, 1.3),
        share=rng.uniform(0.03, 0.06) if fast else rng.uniform(0.01, 0.03),
        flicker=rng.choice((0.0, 0.05, 0.25)) if fast else 0.0,
        changes=rng.random() < 0.3,
    )


def maker(w: World, account: Account, book: Book, style: Style) -> Iterator[float]:
    """Quote both sides around what the share seems worth, and quote anew when it seems worth something else."""
    rng, venue = w.rng, w.venue
    quotes: list[Order] = []
    hedged = 0.0
    yield rng.uniform(0.0, 5.0)
    while True:
        quotes = [q for q in quotes if q.left]
        hedged += (account.pos[book.n] - hedged) * 0.01
        held = (account.pos[book.n] - hedged) / (style.lots * 8 + 1)
        mid = book.mid()
        worth = mid + style.trust * max(-12.0, min(12.0, w.fair(book) - mid)) + style.lean * book.tilt() - held
        half = style.half * (0.7 + 0.3 * w.vol) + 0.15 * w.heat[book.n]
        want: set[tuple[int, int]] = set()
        for side in (1, -1):
            if held * side > 2.5:
                continue
            first = round(worth - side * half)
            other = book.best[-side]
            first = min(first, other - 1) if side > 0 else max(first, other + 1)
            want |= {(side, book.clamp(first - side * i * style.gap)) for i in range(style.levels)}
        if rng.random() < style.flicker:
            for quote in quotes:
                venue.cancel(quote)
            yield rng.uniform(0.5, 30) * w.setup.latency
            quotes = []
        stale = [q for q in quotes if (q.side, q.k) not in want]
        missing = sorted(want - {(q.side, q.k) for q in quotes})
        for quote in stale:
            fresh = next((m for m in missing if m[0] == quote.side), None)
            if style.changes and fresh is not None:
                missing.remove(fresh)
                venue.modify(quote, fresh[1], quote.left)
            else:
                venue.cancel(quote)
        for side, k in missing:
            other = book.best[-side]
            if (k - other) * side < 0:
                quotes.append(w.send(account, book, side, k, max(1, style.lots * rng.uniform(0.6, 1.4))))
        yield w.wait(style.share, book, w.setup.latency, steady=True)


def arbitrage(w: World, account: Account, book: Book, threshold: float) -> Iterator[float]:
    """Take what stands away from its value, and get out again when it no longer does."""
    rng = w.rng
    while True:
        yield w.wait(0.02, book, w.setup.latency, steady=True)
        gap = w.fair(book) - book.mid()
        held = account.pos[book.n]
        strength = min(8.0, abs(gap) / threshold)
        cap = strength * (account.lots * 5 + book.flow)
        side = 1 if gap > 0 else -1
        if abs(gap) > threshold and held * side < cap:
            reach = book.touch(-side) + side * rng.randint(0, 1)
            w.send(account, book, side, reach, account.lots * strength * rng.uniform(0.4, 1.3), ioc=True)
            if rng.random() < 0.3:
                yield rng.uniform(1, 8) * w.setup.latency
                w.send(account, book, side, book.touch(-side), account.lots * rng.uniform(0.3, 1.0), ioc=True)
        elif held and abs(gap) < 0.7 * threshold:
            side = -1 if held > 0 else 1
            lots = min(abs(held), account.lots)
            if rng.random() < 0.5:
                w.send(account, book, side, book.touch(-side), lots, ioc=True)
            else:
                order = w.send(account, book, side, book.touch(side), lots)
                yield rng.uniform(2, 40)
                w.venue.cancel(order)


def parent(w: World, account: Account, book: Book, side: int, lots: int, seconds: float, way: str) -> Iterator[float]:
    """Work a large order in slices: evenly, with the volume, with a hidden rest, or pegged to the best price."""
    rng = w.rng
    slices = max(3, min(60, round(seconds * w.rate * 0.06), lots))
    size, end, open_lots = max(1, lots // slices), w.now + int(seconds * 1e9), lots
    while open_lots > 0 and w.now < end:
        part = min(open_lots, max(1, round(size * rng.uniform(0.5, 1.5))))
        pause = seconds / slices * rng.uniform(0.5, 1.5)
        if way == "vwap":
            pause /= 0.5 + w.shape() * 0.7
        if rng.random() < 0.4 and way == "twap":
            w.send(account, book, side, book.touch(-side), part, ioc=True)
            open_lots -= part
            yield pause
            continue
        before = account.pos[book.n]
        order = w.send(account, book, side, book.touch(side), part)
        if way == "pegged":
            for _ in range(3):
                yield pause / 3
                if order.left and (book.best[side] - order.k) * side > 0:
                    w.venue.modify(order, book.best[side], order.left)
        else:
            yield pause * 0.7
        if order.left and way != "iceberg":
            rest = order.left
            w.venue.cancel(order)
            w.send(account, book, side, book.touch(-side) + side, rest, ioc=True)
        elif order.left:
            yield pause
            w.venue.cancel(order)
        open_lots -= max(0, (account.pos[book.n] - before) * side)
        yield pause * 0.3


def desk(w: World, book: Book, accounts: list[Account]) -> Iterator[float]:
    """Let large clients give orders to work, now and then."""
    rng = w.rng
    while True:
        yield w.every(rng.uniform(800, 1800))
        minutes = rng.uniform(3, 45)
        lots = max(5, round((book.flow * minutes + book.typical * 10) * rng.uniform(0.04, 0.3)))
        seconds = min(minutes * 60, w.left() - 5)
        if seconds > 60:
            way = rng.choice(("twap", "vwap", "iceberg", "pegged"))
            w.spawn(parent(w, rng.choice(accounts), book, rng.choice((1, -1)), lots, seconds, way))


def closers(w: World, book: Book, accounts: list[Account]) -> Iterator[float]:
    """Let funds that follow an index trade near the close of each day, more or less one-sidedly."""
    rng = w.rng
    while True:
        if not w.session.closes or w.left() < 30:
            yield w.left() + 1.0
            continue
        yield max(0.1, w.left() - rng.uniform(60, 900))
        bias = rng.gauss(0.0, 1.0)
        funds = rng.sample(accounts, min(len(accounts), rng.randint(1, 5)))
        while w.left() > 4:
            account = rng.choice(funds)
            side = 1 if rng.gauss(bias, 0.6) > 0 else -1
            lots = max(1, w.lots(book.typical * rng.uniform(0.8, 3)))
            if rng.random() < 0.6:
                w.send(account, book, side, book.touch(-side) + side, lots, ioc=True)
            else:
                w.send(account, book, side, book.touch(side), lots)
            yield w.wait(0.04, book, 0.3)
        yield w.left() + 1.0
