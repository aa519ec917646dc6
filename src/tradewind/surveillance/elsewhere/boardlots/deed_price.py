"""Deeds that move a price: pump and dump, ignition, marking the close."""

from __future__ import annotations

from collections.abc import Iterator

from tradewind.surveillance.elsewhere.boardlots.deed import Case
from tradewind.surveillance.elsewhere.boardlots.world import World


def pump_and_dump(w: World, c: Case) -> Iterator[float]:
    """Gather shares, lift the price with or without talk, sell into the rise."""
    rng, book = w.rng, c.book
    people = c.people(1, rng.choice((1, 2, 6)) if not c.hides else 6)
    first, span = book.last, c.span
    gather, lift = rng.uniform(0.2, 0.4) * span, rng.uniform(0.15, 0.3) * span
    stake = max(10, round((book.flow * span / 60 + 20 * book.typical) * rng.uniform(0.05, 0.15 if c.hides else 0.3)))
    talk = rng.random() < 0.6
    begun, steps = w.now, rng.randint(6, 24)
    while (w.now - begun) / 1e9 < gather and c.held() < stake:
        lots = max(1, stake / steps * rng.uniform(0.5, 1.5))
        if rng.random() < 0.5:
            order = c.send(rng.choice(people), 1, book.touch(1), lots)
            yield gather / steps * 0.6
            c.cancel(order)
        else:
            c.hit(rng.choice(people), 1, lots)
        if c.hides:
            c.decoy(people, 0.3)
        yield gather / steps * rng.uniform(0.2, 1.2)
    if c.quits:
        return
    first = min(first, book.last)
    begun, steps, top = w.now, rng.randint(5, 18), first
    goal = book.last + rng.randint(3, 7 if c.hides else 16)
    while (w.now - begun) / 1e9 < lift and book.last < min(goal, book.high):
        wall = book.near(-1, rng.randint(1, 2 if c.hides else 3))
        c.hit(rng.choice(people), 1, max(1, min(wall * rng.uniform(0.7, 1.3), stake * 0.3)), 3)
        if talk and rng.random() < 0.3:
            if rng.random() < 0.4:
                w.venue.news(book)
            w.mood[book.n] += rng.uniform(0.3, 0.8)
            w.heat[book.n] = min(4.0, w.heat[book.n] + 0.5)
        if len(people) > 1 and rng.random() < 0.15:
            seller, buyer = rng.sample(people, 2)
            order = c.send(seller, -1, book.touch(-1), c.size(1))
            c.hit(buyer, 1, order.left + 1)
        top = max(top, book.last)
        yield lift / steps * rng.uniform(0.3, 1.4)
    yield rng.uniform(0.0, 0.08) * span
    steps, stake = rng.randint(4, 20), c.held()
    while c.held() > 0 and c.left() > 3:
        top = max(top, book.last)
        haste = 0.45 * span / steps / max(1.0, c.left())
        lots = min(c.held(), max(1, stake / steps * rng.uniform(0.7, 2.0), c.held() * haste))
        if rng.random() < 0.35 and c.left() > 0.15 * span:
            order = c.send(rng.choice(people), -1, book.touch(-1), lots)
            yield rng.uniform(0.2, 0.6) * span * 0.3 / steps
            c.cancel(order)
        else:
            c.hit(rng.choice(people), -1, lots, rng.randint(0, 2))
        c.done = top - first >= 3 and c.sold >= 0.6 * c.bought
        yield span * 0.3 / steps * rng.uniform(0.2, 1.0)


def momentum_ignition(w: World, c: Case) -> Iterator[float]:
    """Start a move with a burst of aggressive orders, and get out while others follow."""
    rng, book = w.rng, c.book
    people = c.people(1, 3 if c.hides else rng.choice((1, 1, 2)))
    tries = rng.randint(1, 2) if c.span > 240 else 1
    for _ in range(tries):
        side = rng.choice((1, -1))
        room = book.high - book.last if side > 0 else book.last - book.low
        side = side if room > 5 else -side
        first, base = book.last, c.held() * side
        n, pause = rng.randint(4, 8 if c.hides else 20), rng.choice((0.02, 0.2, 1.0)) * (6 if c.hides else 1)
        goal = rng.randint(2, 3) if c.hides else rng.randint(2, 8)
        for i in range(2 * n):
            lots = book.near(-side, 2) * rng.uniform(0.4, 1.1) if i >= n // 2 else book.near(-side, goal) / n * 1.4
            c.hit(rng.choice(people), side, max(1, lots), 2)
            if (book.last - first) * side >= goal and i > 2:
                break
            if c.quits and i >= 1:
                return
            yield rng.expovariate(1 / pause)
        moved = (book.last - first) * side
        w.heat[book.n] = min(4.0, w.heat[book.n] + 0.2 * moved)
        w.mood[book.n] += 0.12 * side * min(moved, 6)
        yield rng.uniform(0.01, 0.15) * c.span
        out = max(1, c.held() * side - base)
        pieces = rng.randint(1, 6)
        wait = c.span / tries * 0.5 / pieces
        while c.held() * side > base and c.left() > 1:
            lots = min(c.held() * side - base, max(1, out / pieces * rng.uniform(0.7, 1.5)))
            if rng.random() < 0.3 and c.left() > 2 * wait:
                order = c.send(rng.choice(people), -side, book.touch(-side), lots)
                yield wait * rng.uniform(0.2, 0.6)
                c.cancel(order)
            else:
                c.hit(rng.choice(people), -side, lots, 2)
            if moved >= 2 and c.held() * side - base <= 0.4 * out:
                c.done = True
            yield wait * rng.uniform(0.1, 0.7)
        if c.hides:
            c.decoy(people, 0.7)
        yield c.span * rng.uniform(0.05, 0.15)


def marking_the_close(w: World, c: Case) -> Iterator[float]:
    """Trade in the last minutes or seconds so that the day ends on another price."""
    rng, book = w.rng, c.book
    people = c.people(1, 4 if c.hides else 2)
    way = rng.choice(("steady", "burst", "paint"))
    if way != "steady":
        yield max(0.0, c.left() - rng.uniform(4, 60))
    side = rng.choice((1, -1))
    room = book.high - book.last if side > 0 else book.last - book.low
    side = side if room > 4 else -side
    first = book.last
    least = 1 if book.ladder[first + 1] / book.ladder[first] > 1.003 else 2
    steps, purse = rng.randint(2, 3) if c.hides else rng.randint(2, 9), 3 * book.flow + 15 * book.typical
    while steps > least and book.near(-side, steps) > purse:
        steps -= 1
    goal = book.clamp(first + side * steps)

    def judge() -> None:
        late = c.end >= w.venue.stamp - 150 * 10**9
        c.done = late and (book.last - first) * side >= least and (c.bought if side > 0 else c.sold) > 0 and not c.quits

    w.at_close.append(judge)
    last_push = rng.uniform(0.3, 8)
    while c.left() > 0.05:
        short = (goal - book.last) * side
        if c.quits:
            c.hit(rng.choice(people), side, c.size(1))
            if rng.random() < 0.6:
                return
        elif way == "paint" and short <= 0:
            c.hit(people[0], side, c.size(0.4), 0)
        elif c.bought + c.sold > 3 * purse:
            return
        elif short > 0:
            part = 1 if way == "steady" and c.left() > last_push + 2 else max(1, short)
            wall = book.near(-side, part) + c.size(0.5)
            c.hit(rng.choice(people), side, max(1, wall * (rng.uniform(0.4, 0.9) if c.hides else 1.0)), part)
        if c.hides:
            c.decoy(people, 0.1)
        if c.left() > last_push + 3:
            yield min(c.left() - last_push, rng.expovariate(6 / max(6.0, c.left())) + 0.5)
        else:
            yield rng.uniform(0.1, 1.5)
