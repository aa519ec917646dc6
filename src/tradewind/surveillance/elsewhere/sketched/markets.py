"""Sketched markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.crowd import Crowd
from tradewind.surveillance.elsewhere.sketched.deeds import PLAYS
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Exchange
from tradewind.surveillance.elsewhere.sketched.honest import HONEST
from tradewind.surveillance.elsewhere.sketched.makers import make_market
from tradewind.surveillance.elsewhere.sketched.people import People
from tradewind.surveillance.elsewhere.sketched.sketch import Sketch, draw_sketch
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_741_771_800 * SECOND
"""2025-03-12 09:30 UTC."""


def sketched_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
    """Draw and run a sketched market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    return run_sketch(seed, episodes=episodes, schemes=schemes)[0]


def run_sketch(seed: int, *, episodes: int, schemes: Sequence[Scheme]) -> tuple[ToldMarket, list[Act]]:
    """Return the market, and the honest undertakings in it that look like schemes."""
    sketch, rng = draw_sketch(seed), Random(f"sketched-{seed}")
    exchange = Exchange([paper.level for paper in sketch.papers], same_id=sketch.same_id)
    crowd = Crowd(sketch, exchange, People(sketch, rng), rng)
    _populate(crowd)
    deeds, honest = [], []
    shift, end = rng.randrange(len(schemes)), sketch.seconds
    for number in range(episodes):
        scheme = schemes[(number + shift) % len(schemes)]
        act = Act(crowd, rng.randrange(len(sketch.papers)), scheme.value)
        deeds.append((scheme, act))
        at = rng.uniform(0.3, 0.85) if scheme is Scheme.MARKING_THE_CLOSE else rng.uniform(0.04, 0.75)
        exchange.start((rng.randrange(sketch.sessions) + at) * end, PLAYS[scheme](act))
    for _ in range(max(6, round(max(episodes, 6) * rng.uniform(0.9, 1.6)))):
        name = rng.choice(list(HONEST))
        act = Act(crowd, rng.randrange(len(sketch.papers)), name)
        honest.append(act)
        exchange.start((rng.randrange(sketch.sessions) + rng.uniform(0.03, 0.9)) * end, HONEST[name](act))
    exchange.run(int(sketch.sessions * sketch.seconds * SECOND) - 1)
    time = OpenTime(first=OPEN, sessions=sketch.sessions, session=int(sketch.seconds * SECOND), clock=sketch.clock)
    planted = [_planted(scheme, act, time) for scheme, act in deeds if act.first >= 0]
    market = told_market(
        exchange.rows,
        sketch.told,
        time,
        planted,
        symbols=[paper.name for paper in sketch.papers],
        ticks=[paper.tick for paper in sketch.papers],
    )
    return market, honest


def _populate(crowd: Crowd) -> None:
    sketch: Sketch = crowd.sketch
    exchange = crowd.exchange
    exchange.start(0.0, crowd.days())
    exchange.start(0.0, crowd.steer())
    exchange.start(1.0, crowd.bursts())
    for symbol in range(len(sketch.papers)):
        exchange.start(0.01, crowd.stream(symbol))
        exchange.start(1.0, crowd.news(symbol))
        for account in crowd.people.makers:
            exchange.start(0.02, make_market(crowd, account, symbol))


def _planted(scheme: Scheme, act: Act, time: OpenTime) -> Planted:
    first, last = act.span()
    return Planted(
        scheme=scheme,
        symbol=act.paper.name,
        accounts=tuple(sorted(act.accounts, key=lambda name: (-act.accounts[name], name))),
        start=time.told_one(first),
        end=time.told_one(last),
        done=act.done,
    )
