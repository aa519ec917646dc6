"""Deeds of accounts under one hand: wash trades and accounts that act as one."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.trackers.deed import Deed
from tradewind.surveillance.elsewhere.trackers.floor import Actor


def wash_trading(deed: Deed) -> Actor:
    """Trade with oneself, between a pair, or round a ring, through the public book."""
    rng, hidden, floor = deed.rng, deed.evasive, deed.floor
    deed.judge = lambda: deed.crossed >= 3
    names = deed.accounts
    rounds = rng.randint(6, 16) if hidden else rng.randint(8, 40)
    both_ways, size = rng.random() < 0.6, deed.unit * rng.uniform(0.6, 6)
    pause = min(deed.span * 0.7 / rounds, rng.choice((1.0, 6.0, 30.0, 120.0)))
    for turn in range(rounds * 2):
        if deed.crossed >= rounds:
            return
        if len(names) == 1:
            giver = taker = names[0]
        elif len(names) == 2:
            giver, taker = names if not both_ways or turn % 2 else names[::-1]
        else:
            giver, taker = names[turn % len(names)], names[(turn + 1) % len(names)]
        sells = rng.random() < 0.5 if both_ways else True
        bid, ask = deed.touch(True), deed.touch(False)
        inside = rng.randint(bid + 1, ask - 1) if ask - bid > 1 else (ask if sells else bid)
        amount = size * (rng.uniform(0.4, 1.6) if hidden else 1.0)
        order = deed.enter(giver, not sells, inside, amount, own=True)
        yield rng.choice((0.001, 0.02, 0.3, 2.0)) * rng.expovariate(1)
        if order.size:
            wanted = order.size if not hidden else order.size * rng.choice((1.0, 1.0, 0.6, 1.3))
            best = deed.touch(not sells)
            ahead = floor.books[deed.sym].depth[1 if sells else 0].get(inside, 0) - order.size
            if best == inside and ahead <= deed.unit * 20:
                deed.enter(taker, sells, inside, max(0, ahead) + wanted, True, own=True)
        if order.size:
            yield rng.uniform(0.01, 0.5)
            floor.cancel(order)
        if hidden and rng.random() < 0.25:
            deed.take(rng.choice(names), rng.random() < 0.5, amount * 0.4, 1)
        yield pause * (rng.expovariate(1) if hidden or rng.random() < 0.5 else 1.0)


def coordinated_accounts(deed: Deed) -> Actor:
    """Act as one: the same side at the same moments, in several rounds."""
    rng, hidden = deed.rng, deed.evasive
    rounds = rng.randint(3, 6) if hidden else rng.randint(3, 12)
    together = 0
    deed.judge = lambda: together >= 2
    buy, turns = rng.random() < 0.5, rng.random() < 0.4
    within = rng.choice((5.0, 20.0)) if hidden else rng.choice((0.02, 0.3, 2.0, 6.0))
    size, resting = deed.unit * rng.uniform(0.8, 4), rng.random() < 0.25
    for turn in range(rounds):
        side = (buy if turn < rounds / 2 else not buy) if turns else buy
        active = rng.sample(deed.accounts, len(deed.accounts))
        if hidden and len(active) > 3:
            active = active[: rng.randint(3, len(active))]
        traded = set()
        left = []
        for account in active:
            amount = size * (rng.uniform(0.4, 1.7) if hidden else rng.uniform(0.9, 1.1))
            if resting:
                gap = deed.touch(False) - deed.touch(True)
                price = deed.touch(side) + (1 if side else -1) * (gap > 1)
                order = deed.enter(account, side, price, amount)
                left.append(order)
            else:
                order = deed.take(account, side, amount, 1 + round(deed.spread * 0.5))
                if order.filled:
                    traded.add(account)
            yield within / len(active) * rng.expovariate(1)
        if left:
            yield min(deed.span * 0.04, rng.uniform(2, 40))
            for order in left:
                if order.filled:
                    traded.add(order.account)
                elif rng.random() < 0.7:
                    deed.floor.cancel(order)
                    if deed.take(order.account, side, size, 2).filled:
                        traded.add(order.account)
                deed.floor.cancel(order)
        if not hidden and rng.random() < 0.4:
            deed.follow(side, rng.randint(1, 5), 10)
        together += len(traded) >= 3
        yield min(deed.span * 0.7 / rounds, rng.expovariate(1 / rng.choice((10.0, 45.0, 200.0))))
