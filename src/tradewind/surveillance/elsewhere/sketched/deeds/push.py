"""Pushing a price and selling into those who follow: at once (ignition) or over a long while (pump and dump)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Order, Play


def ignite(act: Act) -> Play:
    """A burst, steps that quicken, false depth beside it, one hand to push and one to sell, or exit by resting."""
    rng = act.rng
    tactic = act.choose("burst", "quicken", "depth", "hands", "rest")
    accounts = act.cast(2 if tactic == "hands" or rng.random() < 0.2 else 1, makers=0.1)
    pusher, seller = accounts[0], accounts[-1]
    side, start = rng.choice((-1, 1)), act.mid
    if rng.random() < 0.6:
        yield from act.trade(seller, side, act.usual(2, 8), act.long(1, 8), patience=0.7)
    goal = max(2.0, act.paper.spread * rng.uniform(1.5, 5))
    shots, within = rng.randint(4, 16), act.long(0.3, 6)
    false: list[Order] = []
    if tactic == "depth":
        steps = range(1, rng.randint(2, 5))
        false = [act.put(pusher, side, act.touch(side) - side * step, 3 * act.near(side, 2)) for step in steps]
    for n in range(2 * shots):
        lack = goal - side * (act.mid - start)
        if lack <= 0:
            break
        act.push(pusher, side, max(1.0, lack * rng.uniform(0.2, 0.6)), rng.uniform(0.5, 1.2))
        yield act.gap(within / shots * (1.6 - n / shots if tactic == "quicken" and n < shots else 1.0))
    act.crowd.hype[act.symbol] += side * rng.uniform(0.2, 1.0) * act.crowd.sketch.trend
    moved = side * (act.mid - start)
    yield act.gap(act.long(0.2, 3))
    held = act.filled(side)
    patience = 1.0 if tactic == "rest" else rng.choice((0.0, 0.3, 0.7))
    for order in false:
        act.pull(order)
    sold = yield from act.trade(seller, -side, held, act.long(2, 12), patience=patience)
    if sold < 0.8 * held:
        act.take(seller, -side, held - sold, reach=2 * act.paper.spread + 2)
    act.clear()
    act.done = moved >= 0.8 * goal and act.filled(-side) >= 0.5 * held


def pump(act: Act) -> Play:
    """Own buying, stepped bids, wash prints that climb, promotion that draws a herd; or the same downwards."""
    rng = act.rng
    tactic = act.choose("lift", "bids", "wash", "promote", "promote")
    accounts = act.cast(rng.choice((1, 2, 3, 5, 8)) + (tactic == "wash"))
    side = rng.choice((1, 1, 1, -1))
    room = act.room * rng.uniform(0.3, 0.9)
    for account in accounts:
        time = room * 0.25 / len(accounts)
        yield from act.trade(account, side, act.usual(2, 12), time, patience=rng.choice((0.3, 0.9)))
    goal = max(3.0, act.paper.spread * rng.uniform(2.5, 8))
    steps, peak, start = rng.randint(8, 30), 0.0, act.mid
    for n in range(int(1.6 * steps)):
        peak = max(peak, side * (act.mid - start))
        if peak >= goal:
            break
        yield from _lift(act, accounts, side, max(1.0, (goal - side * (act.mid - start)) * (n + 1) / steps))
        if tactic == "promote" and n in (1, steps // 2):
            act.crowd.hype[act.symbol] += side * rng.uniform(0.6, 1.5)
            act.crowd.value[act.symbol] += 0.4 * side * goal
            if rng.random() < 0.5:
                act.exchange.news(act.symbol, side, rng.randrange(1, 1 << 62))
            herd = act.crowd.rush(act.symbol, side, rng.randint(8, 40), act.long(3, 20))
            act.exchange.start(0.1, herd)
        yield act.gap(room * 0.35 / steps)
    peak = max(peak, side * (act.mid - start))
    held = act.filled(side) - act.filled(-side)
    if rng.random() < 0.5:
        yield act.gap(min(act.long(1, 10), 0.1 * room))
    for account in accounts:
        time = min(room * 0.2, act.long(5, 60)) / len(accounts)
        yield from act.trade(account, -side, max(1, held // len(accounts)), time, patience=rng.choice((0.1, 0.5)))
    rest = 0.7 * held - (held - act.filled(side) + act.filled(-side))
    if rest > 0:
        act.take(accounts[-1], -side, rest, reach=2 * act.paper.spread)
    act.clear()
    out = held - (act.filled(side) - act.filled(-side))
    act.done = peak >= 0.6 * goal and held > 0 and out >= 0.5 * held


def _lift(act: Act, accounts: list[str], side: int, ticks: float) -> Play:
    """One step of ``ticks`` upwards."""
    rng, account = act.rng, act.rng.choice(accounts)
    if act.tactic == "bids" and rng.random() < 0.7:
        act.quote(account, side, act.usual(1, 6))
        act.push(account, side, ticks, 0.6)
    elif act.tactic == "wash" and rng.random() < 0.6:
        partner = rng.choice([name for name in accounts if name != account])
        offer = act.put(partner, -side, act.touch(-side) + side * rng.randint(-1, 1), act.usual(1, 4))
        yield min(0.2, 0.1 * act.beat)
        act.push(account, side, ticks, 1.0)
        act.pull(offer)
    else:
        act.push(account, side, ticks, rng.uniform(0.5, 1.2))
    yield act.gap(min(0.5, act.beat))
