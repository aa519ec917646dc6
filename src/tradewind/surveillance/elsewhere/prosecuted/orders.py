"""Schemes of orders, as the cases describe them: spoofing, layering, quote stuffing, and trades with oneself."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.prosecuted.case import Case
from tradewind.surveillance.elsewhere.prosecuted.engine import SECOND, Order, Process


def bait_orders(case: Case, accounts: list[int], side: int) -> list[Order]:
    """Non-bona-fide orders on ``side``: one large, or several levels for layering."""
    rng, stock = case.rng, case.stock
    book = case.world.venue.books[stock.symbol]
    usual = max(stock.typical, book.depth(side, 3) // 3)
    best = case.best(side)
    softer = rng.uniform(0.45, 0.8) if case.evasive else 1.0
    if case.scheme == "spoofing":
        size = max(stock.lot, int(usual * rng.uniform(4, 12) * softer / stock.lot) * stock.lot)
        behind = int(rng.uniform(0, 1.2) * stock.half)
        return [case.place(rng.choice(accounts), side, best - side * behind, size)]
    step = max(1, int(stock.half * rng.uniform(0.2, 0.6)))
    first = int(rng.uniform(0, 1.0) * stock.half)
    orders = []
    for level in range(rng.randint(3, 5) if case.evasive else rng.randint(4, 8)):
        size = max(stock.lot, int(usual * rng.uniform(1.5, 3.5) * softer / stock.lot) * stock.lot)
        orders.append(case.place(rng.choice(accounts), side, best - side * (first + level * step), size))
    return orders


def short_queue(case: Case, side: int) -> Process:
    """Wait, not for ever, until an order that leads ``side`` would not stand in a long queue."""
    book = case.world.venue.books[case.stock.symbol]
    for _ in range(80):
        if case.inside(side) != case.best(side) or book.at(side, case.best(side)) < 4 * case.stock.typical:
            return
        yield int(0.5 * case.stock.beat * SECOND)


def watch(case: Case, real: Order, bait: list[Order], moves: bool) -> Process:
    """Until the small order trades, patience ends or the bait is in danger; the bait may keep its distance."""
    rng, stock = case.rng, case.stock
    patience = case.now + int(rng.uniform(40, 90) * stock.beat * SECOND)
    side, nearest = bait[0].side, bait[0]
    while case.now < patience and real.filled == 0:
        yield int(min(0.25 * stock.beat, 0.5) * SECOND * rng.uniform(0.5, 1.5))
        best = case.best(side)
        lead = case.inside(real.side)
        if real.size and real.price != case.best(real.side) and rng.random() < 0.3:
            case.modify(real, lead, real.size)
        if nearest.filled or (nearest.price == best and stock.half > 2 and rng.random() < 0.1):
            return
        if moves and nearest.size and abs(nearest.price - best) > 2 * stock.half:
            shift = best - side * int(stock.half) - nearest.price
            for order in bait:
                case.modify(order, order.price + shift, order.size)


def bait_cycles(case: Case) -> Process:
    """Spoofing and layering (CFTC v. Sarao 2015, US v. Coscia 2015, FCA v. Da Vinci 2015, FINRA v. Trillium 2010).

    A small order to be filled leads its side; the bait weighs on the other; once the small order trades, the bait goes
    within milliseconds. Then often the mirror image, to close the position. Sarao's variant moves the bait with the
    price. Counts when at least two small orders traded while bait stood and the bait traded less than they did, or
    less than a twentieth of itself.
    """
    rng, stock = case.rng, case.stock
    accounts = case.hire(2, 3) if case.evasive else case.hire(1, 1 if rng.random() < 0.8 else 2)
    earner, baiters = accounts[0], accounts[1:] or accounts
    side, flips, moves = rng.choice((1, -1)), rng.random() < 0.7, rng.random() < 0.4
    worked, gained, shown, burnt = 0, 0, 0, 0
    case.begin()
    for _ in range(rng.randint(4, 8) if case.evasive else rng.randint(4, 16)):
        if case.now > case.closing - 60 * stock.beat * SECOND:
            break
        yield from short_queue(case, side)
        real = case.place(earner, side, case.inside(side), case.shares(0.6, 1.8))
        yield case.seconds(0.01, 0.4)
        bait = bait_orders(case, baiters, -side)
        shown += sum(o.size for o in bait)
        yield from watch(case, real, bait, moves)
        standing = sum(o.size for o in bait)
        yield case.seconds(0.005, 0.6)
        for order in bait:
            case.cancel(order)
            if case.evasive and rng.random() < 0.5:
                yield case.seconds(0.05, 1.0)
        if real.filled and standing:
            worked += 1
        yield case.seconds(0.05, 1.0)
        case.cancel(real)
        gained += real.filled
        burnt += sum(o.filled for o in bait)
        if flips and real.filled:
            side = -side
        yield case.beats(2, 25)
    case.finish(worked >= 2 and burnt < max(gained, shown / 20), worked=worked, gained=gained, shown=shown, burnt=burnt)


def quote_stuffing(case: Case) -> Process:
    """Bursts of orders entered and cancelled at once (Nanex 2010; Egginton, Van Ness & Van Ness 2016)."""
    rng, stock = case.rng, case.stock
    accounts = case.hire(2, 4) if case.evasive else case.hire(1, 1 if rng.random() < 0.85 else 2)
    amend, near = rng.random() < 0.3, rng.random() < 0.5
    sent = 0
    case.begin()
    for _ in range(rng.randint(3, 8)):
        count = rng.randint(60, 200) if case.evasive else rng.randint(150, 900)
        rate = rng.uniform(40, 200) if case.evasive else rng.uniform(300, 5000)
        side = rng.choice((1, -1))
        away = 0 if near else int(stock.half * rng.uniform(1, 6))
        order = None
        for _ in range(count):
            price = case.best(side) - side * (away + rng.randint(0, 2))
            if amend and order is not None and order.size:
                case.modify(order, max(price, 1), order.size)
            else:
                order = case.place(rng.choice(accounts), side, price, stock.lot * rng.randint(1, 3))
            yield int(rng.expovariate(rate) * SECOND)
            if not amend:
                case.cancel(order)
                if rng.random() < 0.5:
                    yield int(rng.expovariate(rate) * SECOND)
            sent += 1
        if order is not None:
            case.cancel(order)
        if case.now > case.closing:
            break
        yield case.beats(2, 30)
    case.finish(sent >= 150, sent=sent)


def wash_trading(case: Case) -> Process:
    """Pre-arranged trades inside the spread, round a ring so that nobody's holding changes (CEA 4c(a), FINRA 5210).

    Counts when the ring's trades with itself are at least 4, three quarters of its volume, and nobody is left with
    more than a fifth of what he traded.
    """
    rng, stock, venue = case.rng, case.stock, case.world.venue
    ring = case.hire(3, 5) if case.evasive else case.hire(*rng.choice(((1, 1), (2, 2), (2, 2), (3, 4))))
    ring = list(ring)
    mark = len(venue.trades)
    size, rounds = case.shares(1.0, 4.0), rng.randint(4, 12)
    case.begin()
    for _ in range(rounds):
        for at in range(len(ring) if len(ring) != 2 else 2):
            seller, buyer = ring[at], ring[(at + 1) % len(ring)]
            for _ in range(60):
                low, high = case.best(1), case.best(-1)
                if high - low >= 2:
                    break
                yield case.beats(0.3, 2)
            else:
                continue
            price = rng.randint(low + 1, high - 1)
            first = rng.choice((1, -1))
            poster, taker = (buyer, seller) if first == 1 else (seller, buyer)
            resting = case.place(poster, first, price, size)
            yield int(rng.uniform(0.001, 0.4 if case.evasive else 0.1) * SECOND * min(1.0, stock.beat))
            if resting.size:
                case.orders.append(venue.submit(stock.symbol, taker, -first, price, resting.size, keep=False))
            case.cancel(resting)
            yield case.beats(0.5, 8)
        if case.evasive:
            size = case.shares(1.0, 4.0)
        if case.now > case.closing - 30 * stock.beat * SECOND:
            break
        yield case.beats(1, 20)
    members = set(ring)
    inner = [t[3] for t in venue.trades[mark:] if t[1] == stock.symbol and t[4] in members and t[5] in members]
    total = sum(o.filled for o in case.orders)
    share = 2 * sum(inner) / max(total, 1)
    net = {a: sum(o.side * o.filled for o in case.orders if o.account == a) for a in ring}
    gross = {a: sum(o.filled for o in case.orders if o.account == a) for a in ring}
    left = max(abs(net[a]) / max(gross[a], 1) for a in ring)
    case.finish(len(inner) >= 4 and share >= 0.75 and left <= 0.2, count=len(inner), inner=share, left=left)


def coordinated_accounts(case: Case) -> Process:
    """Nominee accounts under one hand: the same side within moments, round after round (SEC v. Lek 2017; FCA MAR 1.6).

    Counts from five rounds in which every account acted.
    """
    rng, stock = case.rng, case.stock
    accounts = list(case.hire(3, 5) if case.evasive else case.hire(3, 8))
    side, passive = rng.choice((1, -1)), rng.uniform(0.1, 0.6)
    apart = rng.uniform(0.5, 3.0) if case.evasive else rng.uniform(0.005, 0.8)
    apart *= min(1.0, 3 * stock.beat)
    size, spread = case.shares(0.5, 2.0), 0.5 if case.evasive else 0.15
    turns, done = rng.random() < 0.4, 0
    case.begin()
    rounds = rng.randint(7, 22)
    for turn in range(rounds):
        if case.now > case.closing - 60 * stock.beat * SECOND:
            break
        rng.shuffle(accounts)
        waiting = []
        resting = rng.random() < passive
        for account in accounts:
            shares = max(stock.lot, int(size * rng.uniform(1 - spread, 1 + spread) / stock.lot) * stock.lot)
            if resting:
                waiting.append(case.place(account, side, case.best(side), shares))
            else:
                case.take(account, side, shares, 1.5)
            yield int(rng.expovariate(1 / apart) * SECOND)
        done += 1
        if waiting:
            yield case.beats(5, 20)
            for order in waiting:
                case.cancel(order)
                yield int(rng.expovariate(5 / apart) * SECOND)
        if turns and turn == rounds // 2:
            side = -side
        yield case.beats(6, 50)
    case.finish(done >= 5, rounds=done, accounts=len(accounts))
