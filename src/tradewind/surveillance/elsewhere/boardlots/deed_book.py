"""Deeds done with orders that are not meant: spoofing, layering, stuffing."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from tradewind.surveillance.elsewhere.boardlots.deed import Case
from tradewind.surveillance.elsewhere.boardlots.venue import Account, Order
from tradewind.surveillance.elsewhere.boardlots.world import World


def spoofing(w: World, c: Case) -> Iterator[float]:
    """Stand large on one or two prices, trade on the other side, withdraw; several times over."""
    yield from _press(w, c, 1, 2)


def layering(w: World, c: Case) -> Iterator[float]:
    """Stand on three or more prices of one side, trade on the other, withdraw; several times over."""
    yield from _press(w, c, 3, 4 if c.hides else w.rng.choice((4, 5, 7)))


def _press(w: World, c: Case, least: int, most: int) -> Iterator[float]:
    rng, book = w.rng, c.book
    hands = c.people(1, 3 if c.hides else rng.choice((1, 1, 1, 2)))
    trader = hands[-1]
    rounds = rng.randint(1, 5) if c.hides else rng.randint(2, 9)
    flips = rng.random() < 0.5
    side = rng.choice((1, -1))
    heavy = rng.uniform(0.5, 1.6) if c.hides else rng.uniform(1.5, 7)
    hold = rng.uniform(8, 90) if c.hides else rng.choice((0.5, 3, 12, 40)) * rng.uniform(0.6, 1.5)
    quick = rng.uniform(0.3, 8) if c.hides else rng.choice((0.02, 0.3, 2.0))
    good = 0
    for _ in range(rounds):
        for _ in range(40):
            if book.quoted(1) and book.quoted(-1) and _room(c, -side) >= most + 2:
                break
            yield rng.uniform(2, 10)
        genuine = c.size(rng.uniform(0.5, 2.5))
        mine: Order | None = None
        if not c.quits and rng.random() < 0.6:
            mine = c.send(trader, side, book.touch(side), genuine)
            yield rng.uniform(0.02, 2.0)
        false, stood = yield from _stand(w, c, hands, -side, rng.randint(least, most), heavy)
        begun, patience = w.now, hold * rng.uniform(0.6, 1.4)
        while (w.now - begun) / 1e9 < patience and c.left() > quick + 4:
            if mine is not None and not mine.left:
                break
            if sum(o.left for o in false) < 0.5 * stood:
                break
            yield min(patience / 3, rng.uniform(0.2, 3.0))
        got, kept = (genuine - mine.left) if mine is not None else 0, 0
        if not c.quits and got == 0 and sum(o.left for o in false) > 0:
            if mine is not None:
                c.cancel(mine)
            ahead = _ahead(c, -side)
            if ahead <= 0:
                for order in false:
                    kept += order.left
                    c.cancel(order)
                yield rng.uniform(0.02, 0.5) * quick
                ahead = genuine
            before = c.bought + c.sold
            c.hit(trader, side, min(genuine, ahead), rng.choice((0, 0, 1)) if kept else 0)
            got = c.bought + c.sold - before
        yield quick * rng.uniform(0.5, 1.5)
        kept += sum(o.left for o in false)
        levels = len({o.k for o in false})
        for order in false if rng.random() < 0.7 else reversed(false):
            c.cancel(order)
            if rng.random() < 0.5:
                yield rng.uniform(0.0, 0.3) * quick
        if mine is not None:
            c.cancel(mine)
        good += got > 0 and kept > 0.5 * stood and least <= levels <= (2 if least < 3 else 99)
        c.done = good > 0
        if c.quits and rng.random() < 0.6:
            return
        if c.hides:
            c.decoy(hands, 0.6)
        yield rng.uniform(0.03, 0.16) * c.span
        side = -side if flips else side


def _room(c: Case, side: int) -> int:
    """Return how many steps of the day lie behind the best price of ``side``."""
    book = c.book
    return book.best[side] - book.low if side > 0 else book.high - book.best[side]


def _ahead(c: Case, side: int) -> int:
    """Return how many lots on ``side`` trade before the first order of the deed does."""
    lots, book = 0, c.book
    for step in range(4):
        k = book.touch(side) - side * step
        if not 0 <= k < book.steps:
            break
        for order in book.queues[side][k].values():
            if order.case is c:
                return lots
            lots += order.left
    return lots


def _stand(
    w: World, c: Case, hands: list[Account], side: int, levels: int, heavy: float
) -> Generator[float, None, tuple[list[Order], int]]:
    """Build the wall that is not meant; return its orders and how large it was."""
    rng, book = w.rng, c.book
    shy = rng.choice((0, 0, 1, 2)) if levels < 3 else rng.choice((0, 1, 1))
    step = rng.choice((1, 1, 1, 2)) if not c.hides else rng.randint(1, 2)
    usual = max(book.near(side, 5) / 5, 2 * book.typical, 3)
    each = usual * heavy * (1.6 if levels < 3 else 0.9) * rng.uniform(0.8, 1.25)
    rising = rng.choice((0.0, 0.0, 0.3, -0.1))
    pause = rng.uniform(0.5, 8) if c.hides else rng.choice((0.0, 0.05, 0.6))
    first, orders = book.touch(side) - side * shy, []
    if _room(c, side) < shy + levels * step:
        first, step = book.touch(side), 1
    for i in range(levels):
        lots = each * (1 + rising * i) * (rng.uniform(0.5, 1.5) if c.hides else 1.0)
        parts = rng.randint(1, 3) if c.hides and levels < 3 else 1
        for _ in range(parts):
            account = rng.choice(hands) if c.hides else hands[0]
            orders.append(c.send(account, side, first - side * i * step, max(1, lots / parts)))
            yield pause * rng.random()
    return orders, sum(o.left for o in orders)


def quote_stuffing(w: World, c: Case) -> Iterator[float]:
    """Enter and cancel very many orders within milliseconds, in several bursts."""
    rng, book = w.rng, c.book
    people = c.people(1, 3 if c.hides else 1)
    budget = max(160, w.setup.events // 25)
    bursts = rng.randint(3, 10)
    most = max(30, budget // bursts)
    usual = rng.randint(15, max(20, most // 3)) if c.hides else rng.randint(max(25, most // 3), most)
    gap = rng.uniform(0.0005, 0.02) if c.hides else rng.choice((0.00005, 0.0003, 0.001))
    both, batch, deep = rng.random() < 0.4, rng.choice((1, 1, 5, 20)), rng.randint(0, 6)
    lots = c.size(rng.choice((0.3, 1.0, 3.0)))
    side, whole = rng.choice((1, -1)), 0
    for i in range(bursts):
        n = round(usual * rng.uniform(0.7, 1.3))
        if c.quits:
            n = min(n, 12)
        account = rng.choice(people)
        sent = 0
        while sent < n:
            orders = []
            for _ in range(min(batch, n - sent)):
                side = rng.choice((1, -1)) if both else side
                k = book.touch(side) - side * (deep + rng.randint(0, 2))
                orders.append(c.send(account, side, k, max(1, lots * rng.uniform(0.8, 1.2))))
                yield rng.expovariate(1 / gap)
            sent += len(orders)
            for order in orders:
                c.cancel(order)
            yield rng.expovariate(1 / gap)
        c.orders.clear()
        whole += n >= 10
        c.done = whole >= 2 and not c.quits
        if c.quits and i:
            return
        if c.hides:
            c.decoy(people, 0.5)
        yield rng.uniform(0.02, 1.6) * c.span / bursts
