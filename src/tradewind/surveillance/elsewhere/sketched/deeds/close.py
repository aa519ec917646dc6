"""Marking the close: trades shortly before the end that set the last price."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Play


def mark_close(act: Act) -> Play:
    """A burst at the end, steps that quicken, a print on every step back, bids that hold the price, one last print."""
    rng, seconds = act.rng, act.crowd.sketch.seconds
    tactic = act.choose("burst", "steps", "defend", "bids", "print")
    accounts = act.cast(rng.choice((1, 1, 1, 2, 3)))
    side = rng.choice((-1, 1))
    lead = min(max(act.long(3, 40), 4.0), 0.1 * seconds) * (0.3 if tactic in ("burst", "print") else 1.0)
    finish = rng.uniform(0.05, 0.6)
    left = seconds - act.exchange.now / SECOND % seconds
    yield max(0.01, left - lead)
    start, goal = act.mid, max(1.0, act.paper.spread * rng.uniform(0.7, 3.0))
    many = {"print": rng.randint(1, 3), "burst": rng.randint(3, 12)}.get(tactic, rng.randint(6, 25))
    for n in range(many):
        account = rng.choice(accounts)
        lack = goal - side * (act.mid - start)
        if tactic == "bids" and n < many - 2 and rng.random() < 0.7:
            act.quote(account, side, act.usual(1, 5))
        elif tactic != "defend" or lack > 0 or n == many - 1:
            force = 1.1 if tactic in ("burst", "print") else rng.uniform(0.4, 1.1)
            act.push(account, side, max(1.0, lack * (n + 1) / many), force if lack > 0 else 0.1)
        left = seconds - act.exchange.now / SECOND % seconds - finish
        pause = left / (many - n) * (0.6 if tactic == "steps" else 1.0)
        yield min(act.gap(pause), max(0.001, left - 0.01))
    account = rng.choice(accounts)
    act.push(account, side, max(1.0, goal - side * (act.mid - start)), rng.uniform(0.6, 1.1))
    act.clear()
    act.done = side * (act.exchange.last[act.symbol] - start) >= 0.5 * goal and act.filled(side) > 0
