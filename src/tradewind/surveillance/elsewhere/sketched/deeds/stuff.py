"""Quote stuffing: bursts of orders that are taken back at once."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Order, Play
from tradewind.surveillance.elsewhere.sketched.sketch import loguniform


def stuff(act: Act) -> Play:
    """Blinking at one price, ladders up and down, one order replaced over and over, or both sides fluttering."""
    rng = act.rng
    tactic = act.choose("blink", "ladder", "replace", "flutter")
    accounts = act.cast(rng.choice((1, 1, 1, 2, 3)), makers=0.25)
    bursts, whole = rng.randint(1, 6), loguniform(rng, 160, 1_300)
    pace = max(loguniform(rng, 15, 2_000), 4 * act.crowd.sketch.pace)
    ramp, away = rng.random() < 0.3, rng.choice((0, 1, 3, 10)) * act.paper.spread
    size, side = act.usual(0.2, 3), rng.choice((-1, 1))
    for burst in range(bursts):
        speed = pace * (0.3 + 0.7 * (burst + 1) / bursts) if ramp else pace
        yield from _burst(act, accounts, max(8, int(whole / bursts / 2)), (size, side, away, 1 / speed))
        if rng.random() < 0.4:
            act.take(rng.choice(accounts), -side, act.usual(0.5, 2))
        side = rng.choice((side, -side)) if tactic != "replace" else side
        yield act.gap(min(act.long(0.2, 10), 0.5 * act.room / bursts))
    act.clear()
    resting = [order for order in act.orders if order.price]
    executed = sum(order.filled > 0 for order in resting)
    act.done = len(resting) >= 60 and executed <= 0.2 * len(resting)


def _burst(act: Act, accounts: list[str], many: int, form: tuple[int, int, int, float]) -> Play:
    size, side, away, wait = form
    rng, step = act.rng, act.rng.randint(3, 20)
    held: list[Order] = []
    for n in range(many):
        way = rng.choice((-1, 1)) if act.tactic == "flutter" else side
        price = act.touch(way) - way * (away + rng.choice((0, 0, 1, 2)))
        if act.tactic == "ladder":
            price = act.touch(way) - way * (away + n % step + 1)
        if act.tactic == "replace" and held and held[-1].left:
            held[-1] = act.move(held[-1], price + rng.randint(-2, 2))
            yield act.gap(2 * wait)
            continue
        held.append(act.put(accounts[n % len(accounts)], way, price, size * rng.choice((1, 1, 2))))
        yield act.gap(wait)
        if act.tactic != "ladder" or n % step == step - 1:
            for order in held if act.tactic != "replace" else ():
                act.pull(order)
                yield act.gap(wait)
            held = held if act.tactic == "replace" else []
    for order in held:
        act.pull(order)
