"""Deeds done with orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from collections.abc import Generator

from tradewind.surveillance.elsewhere.automated.book import Order
from tradewind.surveillance.elsewhere.automated.stage import Deed
from tradewind.surveillance.elsewhere.automated.world import SEC, Script


class Lure:
    """Counts how often the false side was up while the true side was served, and what the false side cost."""

    def __init__(self) -> None:
        self.served = self.shown = self.burnt = 0

    def good(self, need: int) -> bool:
        return self.served >= need and self.burnt < 0.35 * self.shown


def _wait(d: Deed, real: Order | None, false: list[Order], seconds: float) -> Script:
    """Until the true order is served, the false ones get hit, or patience ends."""
    end = d.w.t + int(seconds * SEC)
    step = max(0.02, min(0.5, seconds / 40))
    base = sum(o.filled for o in false)
    while d.w.t < end and (real is None or real.size) and not d.late():
        if sum(o.filled for o in false) > base + 0.25 * sum(o.size for o in false):
            break
        if real is not None and (real.px - d.b.touch(real.side)) * real.side < 0 and d.r.random() < 0.3:
            d.w.extra += 1
            d.b.amend(real, d.b.touch(real.side), real.size)
        yield d.nap(step, 0.2)


def _ladder(d: Deed, side: int, hands: list[str], n: int, times: float, back: int, gap: int) -> list[Order]:
    """Orders at n levels away from the touch, dealt over the hands."""
    top = d.b.touch(side) - side * back
    return [d.rest(hands[i % len(hands)], side, top - side * i * gap, d.size(times)) for i in range(n)]


def _fade(d: Deed, orders: list[Order], slow: bool) -> Script:
    """Take the false orders away: at a stroke, or one by one in disorder."""
    todo = [o for o in orders if o.size]
    if slow:
        d.r.shuffle(todo)
    for o in todo:
        d.pull(o)
        if slow:
            yield d.nap(0.15)


def _round(
    d: Deed, lure: Lure, side: int, false_hands: list[str], real_hand: str, n: int, times: float, way: str
) -> Script:
    """One false side (side) for one true execution (the other side)."""
    r, b, s = d.r, d.b, d.s
    back = r.choice([1, 1, 2, 3]) if s.half > 1.2 else r.choice([0, 1, 1])
    gap = max(1, round(s.half * r.uniform(0.2, 0.8)))
    want = d.size(r.uniform(0.4, 1.2) if times > 3 or n > 3 else 0.4)
    real: Order | None = None
    patience = max(3.0, s.beat * r.uniform(3, 10))
    if way == "passive":
        edge = b.touch(-side)
        real = d.rest(real_hand, -side, edge - side if b.ask() - b.bid() > 1 else edge, want)
        yield d.nap(r.choice([0.02, 0.3, 1.5]))
    false = _ladder(d, side, false_hands, n, times, back, gap)
    if way == "passive":
        yield from _wait(d, real, false, patience)
        gained = real.filled if real else 0
        if not gained and real and d.r.random() < 0.7 and any(o.size for o in false):
            d.pull(real)
            gained = d.take(real_hand, -side, want, 0)
    elif way == "roll":
        gained = yield from _roll(d, side, false, want, real_hand, gap)
    else:
        before = b.touch(side)
        yield from _wait(d, None, false, patience * r.uniform(0.3, 0.8))
        if way == "flip":
            yield from _fade(d, false, False)
        gained = d.take(real_hand, -side, want, 0) if (b.touch(side) - before) * side >= 0 else 0
        yield d.nap(0.01)
    yield d.nap(r.choice([0.002, 0.05, 0.6]))
    yield from _fade(d, false, d.evasive or r.random() < 0.2)
    if real is not None and real.size:
        yield d.nap(0.5)
        d.pull(real)
    lure.served += bool(gained)
    lure.shown += sum(o.filled for o in false) + n * d.size(times, 0)
    lure.burnt += sum(o.filled for o in false)


def _roll(d: Deed, side: int, false: list[Order], want: int, hand: str, gap: int) -> Generator[int, None, int]:
    """The ladder climbs after the market: last rung taken out, new rung put in front, until it pays to trade."""
    before, gained = d.b.touch(side), 0
    for _ in range(d.r.randint(6, 25)):
        yield d.nap(max(0.1, d.s.beat * 0.25))
        alive = [o for o in false if o.size]
        if not alive or d.late():
            break
        far = min(alive, key=lambda o: o.px * side)
        if (d.b.touch(side) - far.px) * side > gap * (len(alive) + 1):
            goal = d.b.touch(side) - side * d.r.choice([1, 2])
            if d.r.random() < 0.5:
                d.w.extra += 1
                d.b.amend(far, goal, far.size)
            else:
                d.pull(far)
                false.append(d.rest(far.acct, side, goal, d.size(3)))
        if (d.b.touch(side) - before) * side >= 1:
            gained = d.take(hand, -side, want, 0)
            break
    return gained or d.take(hand, -side, want, 0)


def spoofing(d: Deed) -> Script:
    """One or few big orders: passive lure, stepping up with the touch, or flipping into those who joined."""
    r = d.r
    d.tactic = r.choice(["passive", "passive", "flip", "step"])
    hands = 2 if d.evasive or r.random() < 0.3 else 1
    d.cast(hands)
    lure = Lure()
    n, times = (r.randint(2, 3), r.uniform(2.5, 4.5)) if d.evasive else (r.choice([1, 1, 1, 2]), r.uniform(6, 25))
    side = r.choice([1, -1])
    rounds = r.randint(3, 14)
    for _ in range(rounds):
        if d.late(0.93):
            break
        way = {"step": "roll"}.get(d.tactic, d.tactic)
        yield from _round(
            d, lure, side, d.accts[:1] if hands == 1 else d.accts[: r.randint(1, 2)], d.accts[-1], n, times, way
        )
        if abs(d.inv) > 3 * d.s.unit or r.random() < 0.4:
            side = 1 if d.inv > 0 else -1
        d.cover(0.6)
        yield d.nap(max(0.5, d.s.beat * r.uniform(0.3, 3)))
    d.done = lure.good(2)


def layering(d: Deed) -> Script:
    """Several rungs: a fixed ladder, one that rolls, or one dealt over a group with another member taking profit."""
    r = d.r
    d.tactic = r.choice(["fixed", "roll", "group", "aggress"])
    d.cast(r.randint(3, 5) if d.tactic == "group" else r.choice([1, 1, 2]) + d.evasive)
    lure = Lure()
    n, times = (r.randint(3, 5), r.uniform(1.2, 2.2)) if d.evasive else (r.randint(4, 10), r.uniform(1.5, 6))
    way = {"roll": "roll", "aggress": "cross"}.get(d.tactic, "passive")
    side = r.choice([1, -1])
    for _ in range(r.randint(3, 12)):
        if d.late(0.93):
            break
        hands = d.accts[:-1] if d.tactic == "group" else d.accts[:1] + (d.accts[1:] if d.evasive else [])
        yield from _round(d, lure, side, hands, d.accts[-1], n, times, way)
        if abs(d.inv) > 3 * d.s.unit or r.random() < 0.35:
            side = 1 if d.inv > 0 else -1
        d.cover(0.6)
        yield d.nap(max(0.5, d.s.beat * r.uniform(0.3, 3)))
    d.done = lure.good(2)


def quote_stuffing(d: Deed) -> Script:
    """Messages for their sake: on-off far away, flicker at the touch, amendment storms, waves over several hands."""
    r, b, s = d.r, d.b, d.s
    d.tactic = r.choice(["far", "touch", "storm", "fan"])
    d.cast(r.randint(2, 4) if d.evasive or r.random() < 0.3 else 1)
    budget = int(max(300, min(6000, d.w.target * r.uniform(0.012, 0.04))) * (0.6 if d.evasive else 1.0))
    waves = r.randint(4, 12) if d.evasive else r.choice([1, 1, 2, 3, 6])
    speed = r.uniform(30, 120) if d.evasive else 10 ** r.uniform(2.0, 4.3)
    span = (d.t1 - d.t0) / SEC
    sent, secs = 0, 1e-9
    for k in range(waves):
        began, side = d.w.t, r.choice([1, -1])
        goal = budget * (k + 1) // waves
        far = r.randint(8, 60) if d.tactic == "far" else 0
        o: Order | None = None
        while sent < goal and not d.late():
            hand = d.any() if len(d.accts) > 1 and r.random() < 0.3 else d.accts[k % len(d.accts)]
            if d.evasive and r.random() < 0.15:
                side = -side
            px = b.touch(side) - side * (far + r.randint(0, 2))
            if d.tactic == "storm":
                if o is None or not o.size or o.side != side:
                    if o is not None:
                        d.pull(o)
                    o = d.rest(hand, side, px - side * 3, d.size(0.4))
                d.w.extra += 1
                b.amend(o, b.touch(side) - side * r.randint(2, 12), o.size if r.random() < 0.5 else d.size(0.4, 0.6))
                sent += 1
            elif d.tactic == "fan":
                rungs = [d.rest(hand, side, px - side * i, s.lot * r.randint(1, 5)) for i in range(r.randint(4, 12))]
                yield d.nap(len(rungs) / speed, 0.3)
                d.pull(*rungs)
                sent += 2 * len(rungs)
            else:
                one = d.rest(hand, side, px, s.lot * r.randint(1, 3) if r.random() < 0.5 else d.size(0.5))
                yield d.nap(1 / speed, 0.3)
                d.pull(one)
                sent += 2
            yield d.nap(1 / speed, 0.3)
        if o is not None:
            d.pull(o)
        secs += (d.w.t - began) / SEC
        d.cover(0.7)
        if sent >= budget or d.late():
            break
        yield d.nap(max(0.05, min(span / waves * 0.6, 30)), 0.4)
    usual = s.rate / 0.3
    d.done = sent >= 200 and sent / secs > 12 * usual and sent / secs > 15
