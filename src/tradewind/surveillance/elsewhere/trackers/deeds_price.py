"""Deeds that move a price and use the move: pumps, ignitions, the close, running ahead."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.trackers.deed import Deed
from tradewind.surveillance.elsewhere.trackers.desks import parent
from tradewind.surveillance.elsewhere.trackers.floor import Actor


def pump_and_dump(deed: Deed) -> Actor:
    """Build a position, lift the price, with promotion or without, and sell into the rise."""
    rng, hidden = deed.rng, deed.evasive
    lasts = deed.span * rng.uniform(0.3, 0.8)
    size = deed.unit * rng.uniform(1.0, 2.5) * (0.6 if hidden else 1.6)
    start, bought, sold, top = deed.mid(), 0, 0, 0.0
    deed.judge = lambda: top - start > deed.spread and sold >= 0.5 * bought > 0
    build, lift = rng.randint(4, 16), rng.randint(8, 30)
    goal = rng.uniform(1.5, 7) * deed.spread
    loud, news = rng.random() < 0.6, rng.random() < 0.4
    for step in range(build):
        account = rng.choice(deed.accounts)
        if hidden or step % 2:
            order = deed.enter(account, True, deed.touch(True), size * rng.uniform(0.5, 1.3))
            yield lasts * 0.25 / build * rng.expovariate(1)
            deed.floor.cancel(order)
        else:
            order = deed.take(account, True, size * rng.uniform(0.5, 1.3), 1)
            yield lasts * 0.25 / build * rng.expovariate(1)
        bought += order.filled
    if news:
        deed.floor.news(deed.sym)
    if news or loud:
        deed.follow(True, rng.randint(6, 30), lasts * 0.4)
    for step in range(lift):
        behind = deed.mid() - start < goal * (step + 1) / lift
        amount = max(size, deed.heavy(False, 0.1, 0.6)) if behind else size
        order = deed.take(rng.choice(deed.accounts), True, amount * rng.uniform(0.7, 1.7), 1 + round(deed.spread))
        bought += order.filled
        top = max(top, deed.mid())
        if step % 5 == 2:
            deed.follow(True, rng.randint(1, 5), lasts * 0.1)
        yield lasts * 0.35 / lift * rng.expovariate(1)
        top = max(top, deed.mid())
        if bought > size * lift * 0.6 and top - start > goal:
            break
    yield lasts * rng.uniform(0.01, 0.1)
    out = rng.randint(3, 18)
    for step in range(out * 2):
        left = bought - sold
        if left <= 0:
            return
        piece = max(left / max(1, out - step), size * 0.5)
        order = deed.take(rng.choice(deed.accounts), False, min(left, piece), 2 + round(deed.spread * 1.5))
        sold += order.filled
        yield lasts * 0.25 / out * rng.expovariate(1)


def momentum_ignition(deed: Deed) -> Actor:
    """Burst, wait for those who follow, and get out the other side; once or a few times."""
    rng, hidden = deed.rng, deed.evasive
    bought = sold = 0
    best_move = 0.0
    deed.judge = lambda: best_move >= 0.8 * deed.spread and sold >= 0.5 * bought > 0
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        buy = rng.random() < 0.5
        sign = 1 if buy else -1
        start, held = deed.mid(), 0
        shots = rng.randint(5, 14) if hidden else rng.randint(8, 35)
        beat = rng.choice((0.3, 1.5, 4.0)) if hidden else rng.choice((0.004, 0.05, 0.3))
        size, goal = deed.unit * rng.uniform(1.0, 4.0), deed.spread * rng.uniform(1, 4)
        for shot in range(shots):
            amount = size
            if (deed.mid() - start) * sign < goal * (shot + 1) / shots:
                amount = max(size, deed.heavy(not buy, 0.1, 0.5))
            order = deed.take(rng.choice(deed.accounts), buy, amount * rng.uniform(0.5, 1.5), 1 + round(deed.spread))
            held += order.filled
            if shot == shots // 2:
                deed.follow(buy, rng.randint(4, 18), rng.uniform(5, 60))
            best_move = max(best_move, (deed.mid() - start) * sign)
            yield beat * rng.expovariate(1)
        bought += held
        yield min(deed.span * 0.1, rng.uniform(1, 90))
        best_move = max(best_move, (deed.mid() - start) * sign)
        pieces = rng.randint(1, 12)
        for step in range(pieces * 2):
            if held <= 0:
                break
            account = rng.choice(deed.accounts)
            amount = min(held, max(held / max(1, pieces - step), deed.unit))
            order = deed.take(account, not buy, amount, 1 + round(deed.spread))
            held -= order.filled
            sold += order.filled
            yield min(deed.span * 0.02, rng.expovariate(1 / rng.choice((0.3, 3.0, 8.0))))
        yield deed.span * rng.uniform(0.03, 0.12)


def marking_the_close(deed: Deed) -> Actor:
    """Trade in the last minutes or seconds so that the last price is another."""
    rng, hidden, floor = deed.rng, deed.evasive, deed.floor
    buy = rng.random() < 0.6
    sign = 1 if buy else -1
    start = deed.mid()
    traded = 0
    deed.judge = lambda: traded > 0 and (floor.last[deed.sym] - start) * sign >= max(1.0, 0.5 * deed.spread)
    yield max(0.0, floor.left() - rng.choice((6.0, 25.0, 90.0, 300.0)) * rng.uniform(0.7, 1.3))
    start = deed.mid()
    shots = rng.choice((1, 3, 6, 12, 25)) if not hidden else rng.randint(4, 20)
    late = rng.uniform(0.05, 1.5)
    beat = max(0.2, (floor.left() - late) / shots)
    for shot in range(shots):
        account = rng.choice(deed.accounts)
        target = start + sign * deed.spread * rng.uniform(1, 4) * (0.4 + 0.6 * (shot + 1) / shots)
        there = (deed.mid() - target) * sign >= 0
        size = deed.unit * (rng.uniform(0.3, 2) if there or hidden else rng.uniform(2, 8))
        order = deed.take(account, buy, size, max(1, round(deed.spread * rng.uniform(0.5, 3))))
        traded += order.filled
        if not there and not hidden and rng.random() < 0.3:
            deed.enter(account, buy, deed.touch(buy) + (sign if rng.random() < 0.5 else 0), size)
        yield min(max(0.1, floor.left() - late), beat * rng.uniform(0.6, 1.3))
    for _ in range(12 if rng.random() < 0.8 else 0):
        if floor.left() > 0.1 and (floor.last[deed.sym] - start) * sign < max(1.0, 0.6 * deed.spread):
            size = deed.heavy(not buy, 0.3, 1.2)
            order = deed.take(rng.choice(deed.accounts), buy, size, max(2, round(deed.spread * 2)))
            traded += order.filled
        yield max(0.05, floor.left() * rng.uniform(0.4, 0.9))


def front_running(deed: Deed) -> Actor:
    """Be in before a client's large order or before news, and out while it trades or after."""
    rng, hidden, floor, sym = deed.rng, deed.evasive, deed.floor, deed.sym
    buy, by_news = rng.random() < 0.5, rng.random() < 0.4
    held = total = 0
    came = False
    deed.judge = lambda: came and total > 0 and held <= 0.5 * total
    steps = rng.randint(2, 12)
    size = deed.unit * rng.uniform(1.0, 4.0) * (0.6 if hidden else 1.2)
    early = deed.span * rng.uniform(0.02, 0.25)
    for step in range(steps):
        account = rng.choice(deed.accounts)
        if hidden and step % 2:
            order = deed.enter(account, buy, deed.touch(buy), size * rng.uniform(0.5, 1.5))
            yield early / steps * rng.expovariate(1)
            floor.cancel(order)
        else:
            order = deed.take(account, buy, size * rng.uniform(0.6, 1.4), 1 + round(deed.spread * 0.5))
            yield early / steps * rng.expovariate(1)
        total += order.filled
    held = total
    yield deed.span * rng.uniform(0.005, 0.06)
    lasts = deed.span * rng.uniform(0.1, 0.35)
    came = True
    if by_news:
        floor.news(sym)
        move = rng.uniform(2, 9) * deed.spread / floor.world.level[sym]
        floor.values.surprise(sym, move if buy else -move, rng.random())
        deed.follow(buy, rng.randint(4, 20), lasts * 0.5)
    else:
        victim = next(c.account for c in deed.crowd.some(len(deed.accounts) + 1) if c.account not in deed.accounts)
        total_size = rng.uniform(25, 110)
        floor.spawn(parent(floor, sym, victim, buy, rng, total_size, lasts), rng.uniform(0, 2))
    yield lasts * rng.uniform(0.3, 1.1)
    pieces = rng.randint(1, 9)
    for step in range(pieces * 2):
        if held <= 0:
            return
        amount = min(held, max(held / max(1, pieces - step), deed.unit))
        order = deed.take(rng.choice(deed.accounts), not buy, amount, 2 + round(deed.spread))
        held -= order.filled
        yield deed.span * rng.uniform(0.002, 0.03)
