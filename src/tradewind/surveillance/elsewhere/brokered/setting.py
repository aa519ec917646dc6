"""What differs from market to market."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random


def spread_over(rng: Random, low: float, high: float) -> float:
    """Return a log-uniform number."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A symbol: ``tick`` in table units, ``price`` and ``spread`` in ticks, ``swing`` the spreads it moves a session.

    ``share`` is its part of all events, ``lot`` and ``usual`` its unit and its median order.
    """

    name: str
    tick: int
    price: int
    spread: int
    swing: float
    share: float
    lot: int
    usual: int
    sizes: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A market before anybody acts; ``seconds`` a session, ``events`` over all sessions."""

    papers: tuple[Paper, ...]
    sessions: int
    seconds: float
    events: int
    clock: int
    told: str
    same_id: bool
    market_orders: bool
    news_told: bool
    day_orders: bool
    accounts: int
    makers: int
    machine_share: float
    takers: float
    life: float
    smile: float
    herd: float
    follow: float
    depth_pull: float
    amends: float


def _paper(rng: Random, number: int, weight: float) -> Paper:
    spread = max(1, round(spread_over(rng, 0.8, 14)))
    lot = rng.choice((1, 1, 10, 100, 100))
    usual = max(1, round(spread_over(rng, 40, 2_000) / lot)) * lot
    return Paper(
        name="".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=rng.choice((3, 4)))) + "ABCD"[number],
        tick=rng.choice((1, 5, 10, 50, 100, 100, 100, 500)),
        price=round(spread * spread_over(rng, 400, 6_000)),
        spread=spread,
        swing=spread_over(rng, 6, 50),
        share=weight,
        lot=lot,
        usual=usual,
        sizes=rng.choice(("lots", "normal", "power")),
    )


def draw_setting(seed: int) -> Setting:
    """Draw a market's setting."""
    rng = Random(f"brokered setting {seed}")
    events = round(spread_over(rng, 36_000, 92_000))
    rate = spread_over(rng, 1.4, 52)
    total = events / rate
    fits = [n for n in (1, 2, 3) if 500 <= total / n <= 30_000] or [1 if total < 500 else 3]
    sessions = rng.choice(fits)
    weights = [spread_over(rng, 0.4, 2.0) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
    told = rng.choice(("resting", "arriving", "both"))
    return Setting(
        papers=tuple(_paper(rng, i, weight / sum(weights)) for i, weight in enumerate(weights)),
        sessions=sessions,
        seconds=min(total / sessions, 30_000.0),
        events=events,
        clock=rng.choice((1, 1, 1_000, 1_000, 1_000_000)),
        told=told,
        same_id=told != "arriving" and rng.random() < 0.5,
        market_orders=rng.random() < 0.4,
        news_told=rng.random() < 0.6,
        day_orders=rng.random() < 0.6,
        accounts=round(spread_over(rng, 20, 580)),
        makers=rng.randint(2, 6),
        machine_share=rng.uniform(0.15, 0.6),
        takers=rng.uniform(0.1, 0.27),
        life=spread_over(rng, 25, 500),
        smile=rng.uniform(0.0, 3.0),
        herd=rng.uniform(0.4, 1.2),
        follow=rng.uniform(0.25, 0.6),
        depth_pull=rng.uniform(0.4, 1.2),
        amends=rng.choice((0.0, 0.1, 0.4)),
    )
