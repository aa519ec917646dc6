"""Deeds done among accounts or ahead of others: wash trades, running ahead, acting as one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tradewind.surveillance.elsewhere.boardlots.crowd import publish
from tradewind.surveillance.elsewhere.boardlots.deed import Case
from tradewind.surveillance.elsewhere.boardlots.pros import parent
from tradewind.surveillance.elsewhere.boardlots.venue import Account
from tradewind.surveillance.elsewhere.boardlots.world import World


def wash_trading(w: World, c: Case) -> Iterator[float]:
    """Trade among accounts of one owner, again and again."""
    rng, book = w.rng, c.book
    way = rng.choice(("pair", "pair", "oneway", "self", "ring"))
    people = c.people(1, 1) if way == "self" else (c.people(3, 6) if way == "ring" else c.people(2, 2))
    rounds = rng.randint(4, 8) if c.hides else rng.randint(5, 40)
    usual = c.size(rng.uniform(0.6, 4))
    steps = itertools.cycle(range(len(people)))
    delay = rng.uniform(0.3, 6) if c.hides else rng.choice((0.0, 0.01, 0.3))
    joins = rng.random() < 0.35
    for turn in range(rounds):
        i = next(steps)
        giver, taker = people[i], people[(i + 1) % len(people)]
        if way == "oneway":
            giver, taker = people[0], people[1]
        side = -1 if way in ("oneway", "ring") else rng.choice((1, -1))
        lots = max(1, usual * (rng.uniform(0.4, 1.8) if c.hides else rng.choice((1.0, 1.0, 0.9, 1.2))))
        if c.quits:
            order = c.send(giver, side, book.touch(side) - side * 2, lots)
            yield rng.uniform(3, 20)
            c.cancel(order)
            if turn > 2:
                return
            continue
        for _ in range(25):
            wide = (book.touch(-1) - book.touch(1)) > 1
            if wide or (joins and book.near(side, 1) < 2.5 * lots) or book.near(side, 1) < 0.5 * lots:
                break
            yield rng.uniform(0.3, 4.0)
        wide = (book.touch(-1) - book.touch(1)) > 1
        order = c.send(giver, side, book.touch(side) + (side if wide else 0), lots)
        yield delay * rng.random()
        if order.left and (book.best[-side] - order.k) * side > 0:
            ahead = 0
            for other in book.queues[side][order.k].values():
                if other is order:
                    break
                ahead += other.left
            if book.best[side] == order.k and ahead <= 4 * lots:
                c.hit(taker, -side, order.left + ahead)
        yield rng.uniform(0.0, 2.0)
        c.cancel(order)
        c.done = c.wins >= 3
        if c.hides:
            c.decoy(people, 0.4)
        yield c.span / rounds * rng.uniform(0.1, 1.2)


def _build(w: World, c: Case, people: list[Account], side: int, stake: int, seconds: float) -> Iterator[float]:
    rng, book = w.rng, c.book
    pieces = rng.randint(1, 8) if not c.hides else rng.randint(4, 14)
    for _ in range(2 * pieces):
        if c.held() * side >= stake:
            return
        lots = max(1, min(stake - c.held() * side, stake / pieces * rng.uniform(0.6, 1.4)))
        if c.hides and rng.random() < 0.4:
            order = c.send(rng.choice(people), side, book.touch(side), lots)
            yield seconds / pieces * 0.5
            c.cancel(order)
        else:
            c.hit(rng.choice(people), side, lots, 1)
        yield seconds / pieces * rng.uniform(0.3, 0.9)


def front_running(w: World, c: Case) -> Iterator[float]:
    """Build a position shortly before a client's large order or before news, and close it into the move."""
    rng, book = w.rng, c.book
    people = c.people(1, 4 if c.hides else rng.choice((1, 1, 2)))
    client = rng.choice([a for a in w.setup.houses[10:] if a not in people])
    side = rng.choice((1, -1))
    room = book.high - book.last if side > 0 else book.last - book.low
    side = side if room > 6 else -side
    worked = min(rng.uniform(0.3, 0.6) * c.span, 1500.0)
    whole = max(12, round(book.flow * worked / 60 * rng.uniform(0.3, 1.0) + book.typical * rng.uniform(5, 15)))
    stake = max(2, round(whole * rng.uniform(0.04, 0.12 if c.hides else 0.3)))
    first, news = book.mid(), rng.random() < 0.35
    yield from _build(w, c, people, side, stake, rng.uniform(0.05, 0.3) * c.span)
    if c.quits:
        return
    yield rng.uniform(0.01, 0.06) * c.span
    before = client.pos[book.n]
    if news:
        publish(w, book, side * max(0.006, w.setup.daily_vol * rng.uniform(0.4, 1.2)))
        yield rng.uniform(0.05, 0.3) * c.span
    else:
        way = rng.choice(("twap", "vwap", "twap", "pegged"))
        w.spawn(parent(w, client, book, side, whole, worked, way))
        yield worked * rng.uniform(0.45, 0.95)
    best, out = 0.0, max(1, c.held() * side)
    pieces = rng.randint(1, 5)
    while c.held() * side > 0 and c.left() > 1:
        best = max(best, (book.mid() - first) * side)
        lots = min(c.held() * side, max(1, out / pieces * rng.uniform(0.6, 1.6)))
        if not news and rng.random() < 0.4 and c.left() > 60:
            order = c.send(rng.choice(people), -side, book.touch(-side), lots)
            yield rng.uniform(5, 30)
            c.cancel(order)
        else:
            c.hit(rng.choice(people), -side, lots, 1)
        came = best >= 1 if news else (client.pos[book.n] - before) * side >= 0.25 * whole
        c.done = came and c.held() * side <= 0.4 * out
        if c.hides:
            c.decoy(people, 0.4)
        yield rng.uniform(0.005, 0.05) * c.span


def coordinated_accounts(w: World, c: Case) -> Iterator[float]:
    """Let several accounts act as one: same side, same moments, alike sizes, several rounds."""
    rng, book = w.rng, c.book
    people = c.people(3, 10)
    rounds = rng.randint(3, 5 if c.hides else 9)
    window = rng.uniform(8, 60) if c.hides else rng.choice((0.05, 0.5, 3.0, 10.0))
    window = min(window, 0.6 * c.span / rounds)
    usual, turns = c.size(rng.uniform(0.5, 2.5)), rng.random() < 0.4
    side, good = rng.choice((1, -1)), 0
    for turn in range(rounds):
        room = book.high - book.last if side > 0 else book.last - book.low
        side = side if room > 3 else -side
        group = [p for p in people if rng.random() < (0.75 if c.hides else 0.95)]
        rng.shuffle(group)
        if c.quits:
            group = group[:2]
        traded = 0
        for account in group:
            before = account.pos[book.n]
            lots = max(1, usual * (rng.uniform(0.5, 1.6) if c.hides else rng.uniform(0.95, 1.05)))
            if rng.random() < 0.85:
                c.send(account, side, book.touch(-side) + side * rng.randint(0, 1), lots, ioc=rng.random() < 0.4)
            else:
                c.send(account, side, book.touch(side), lots)
            traded += account.pos[book.n] != before
            yield rng.expovariate(len(people) / window)
        yield rng.uniform(0.1, 5)
        c.clear()
        good += traded >= 3
        c.done = good >= 2
        if c.quits and turn:
            return
        if c.hides:
            c.decoy(people, 0.7)
        yield c.span / rounds * rng.uniform(0.15, 0.8)
        side = -side if turns else side
