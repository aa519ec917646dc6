"""Deeds of hidden hands: wash trading, front running, accounts in concert."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.automated.book import Order
from tradewind.surveillance.elsewhere.automated.crowd import publish
from tradewind.surveillance.elsewhere.automated.parents import parent
from tradewind.surveillance.elsewhere.automated.stage import Deed
from tradewind.surveillance.elsewhere.automated.world import SEC, Script


def wash_trading(d: Deed) -> Script:
    """No change of owner: one account against itself, two passing to and fro, a ring, or late matches in the queue."""
    r, b, s = d.r, d.b, d.s
    d.tactic = r.choice(["self", "pair", "ring", "queue", "pair"])
    d.cast({"self": 1, "ring": r.randint(3, 6)}.get(d.tactic, 2) + (1 if d.evasive else 0))
    rounds = r.randint(6, 30)
    span = (d.t1 - d.t0) / SEC
    times = r.uniform(0.3, 1.2) if d.evasive else r.uniform(0.8, 4)
    side, fixed = r.choice([1, -1]), d.size(times)
    for k in range(rounds):
        if d.late():
            break
        size = fixed if not d.evasive and r.random() < 0.5 else d.size(times, 0.5)
        one = d.accts[k % len(d.accts)]
        two = d.accts[(k + 1) % len(d.accts)]
        if d.tactic == "pair":
            one, two = d.accts[:2] if k % 2 else d.accts[1::-1]
        if d.evasive and r.random() < 0.4:
            side = -side
        if b.ask() - b.bid() < 2 and d.tactic != "queue":
            yield d.nap(min(2.0, s.beat))
        inside = b.ask() - b.bid() > 1
        px = r.randint(b.bid() + 1, b.ask() - 1) if inside else b.touch(side)
        o: Order = d.rest(one, side, px, size)
        if d.tactic == "queue":
            yield d.nap(max(1.0, s.beat * r.uniform(0.5, 2)))
            d.w.extra += 1
            b.amend(o, b.touch(side), o.size)
        else:
            yield d.nap(10 ** (r.uniform(-1, 0.8) if d.evasive else r.uniform(-3.3, -0.3)))
        if o.size and o.px == b.touch(side):
            level = b.levels[o.px].orders
            ahead = 0
            for x in level.values():
                if x is o:
                    break
                ahead += x.size
            if ahead < 10 * s.unit:
                d.w.extra += 2
                b.enter(two, -side, o.px, ahead + o.size, ioc=True, stp=False, deed=d)
        yield d.nap(0.02)
        d.pull(o)
        d.cover(0.3)
        if d.tactic in ("pair", "self") and r.random() < 0.2:
            side = -side
        yield d.nap(span / rounds * 0.7, 0.3)
    d.done = d.crosses >= 3


def front_running(d: Deed) -> Script:
    """Ahead of a client: one big order, a string of smaller ones; or ahead of a headline known inside."""
    r, b, s, w = d.r, d.b, d.s, d.w
    d.tactic = r.choice(["client", "string", "headline", "client"])
    d.cast(r.randint(2, 4) if d.evasive else r.choice([1, 1, 2]))
    span = (d.t1 - d.t0) / SEC
    turns = r.randint(2, 4) if d.tactic == "string" else 1
    won = 0
    for k in range(turns):
        side = r.choice([1, -1])
        leg = span / turns
        stock = d.size(r.uniform(1.5, 5) if d.evasive else r.uniform(3, 12))
        start = b.mid()
        goal = abs(d.inv) + stock
        base_bought, base_gain = max(d.bought, d.sold), d.got - d.paid
        while d.inv * side < goal and d.w.t < d.t0 + int((k + (0.5 if d.evasive else 0.3)) * leg * SEC):
            d.take(d.any(), side, min(d.size(0.9, 0.3), stock), 0 if d.evasive else 1)
            yield d.nap(max(0.05, leg * (0.06 if d.evasive else 0.015)))
        yield d.nap(r.choice([0.01, 0.5, 3.0]))
        if d.tactic == "headline":
            publish(w, s, side * max(r.uniform(0.004, 0.015), 10 * s.half / start))
            yield d.nap(max(2.0, leg * 0.1))
        else:
            client = r.choice(w.roles["fund"])
            total = d.size(r.uniform(25, 75))
            busy = max(3.0, leg * r.uniform(0.12, 0.3))
            w.push(parent(w, s, [client], side, total, busy, "twap", 0.9), 1)
            yield d.nap(busy * r.uniform(0.5, 1.0), 0.1)
        tries = 0
        while abs(d.inv) >= s.lot and tries < 60 and w.t < d.t0 + int((k + 1.1) * leg * SEC):
            tries += 1
            way = -1 if d.inv > 0 else 1
            at = min(abs(d.inv), d.size(1.2, 0.4))
            if r.random() < 0.35:
                o = d.rest(d.any(), way, b.touch(way), at)
                yield d.nap(max(0.3, 0.6 * s.beat))
                d.pull(o)
            else:
                d.take(d.any(), way, at, d.ticks(0.3))
                yield d.nap(max(0.05, leg * 0.01))
        yield from d.out(2.0, 2)
        won += d.got - d.paid > base_gain and max(d.bought, d.sold) > base_bought
        d.cover(0.5)
        yield max(1, d.t0 + int((k + 1) * leg * SEC) - w.t) if k + 1 < turns else 1
    d.done = won >= (turns + 1) // 2 and abs(d.inv) < 0.3 * d.bought


def coordinated_accounts(d: Deed) -> Script:
    """A group that moves as one: volleys, leader and echo, orders set and lifted together, sides taken in turn."""
    r, b, s = d.r, d.b, d.s
    d.tactic = r.choice(["volley", "echo", "mirror", "turns"])
    d.cast(r.randint(3, 8))
    rounds = r.randint(7, 24)
    span = (d.t1 - d.t0) / SEC
    lag = 10 ** (r.uniform(-0.5, 0.7) if d.evasive else r.uniform(-3, -0.2))
    lag = min(lag, span / rounds / len(d.accts) * 0.5)
    side, alike = r.choice([1, -1]), d.size(r.uniform(0.3, 1.5))
    full = 0
    for _ in range(rounds):
        if d.late():
            break
        if d.tactic == "turns" or (d.tactic != "echo" and r.random() < 0.15):
            side = -side if d.tactic == "turns" else r.choice([1, -1])
        hands = d.accts[:]
        if d.tactic != "echo":
            r.shuffle(hands)
        if d.evasive or r.random() < 0.2:
            hands = hands[: max(3, len(hands) - r.randint(0, 2))]
        filled = 0
        rested: list[Order] = []
        for hand in hands:
            size = alike if not d.evasive and r.random() < 0.6 else d.size(0.6, 0.5)
            if d.tactic == "mirror":
                rested.append(d.rest(hand, side, b.touch(side) + side * (b.ask() - b.bid() > 2), size))
            else:
                filled += d.take(hand, side, size, r.choice([0, 1]))
            yield d.nap(lag, 0.3)
        if rested:
            yield d.nap(max(0.5, min(4 * s.beat, span / rounds * 0.4)))
            filled += sum(o.filled for o in rested)
            chase = not filled and r.random() < 0.4
            for o in rested:
                d.pull(o)
                if chase:
                    filled += d.take(o.acct, side, alike, 1)
                yield d.nap(lag * 0.3, 0.3)
        full += len(hands) >= 3 and (filled > 0 or d.tactic == "mirror")
        d.cover(0.3)
        yield d.nap(span / rounds * 0.7, 0.4)
    d.done = full >= 5 and d.bought + d.sold > 0
