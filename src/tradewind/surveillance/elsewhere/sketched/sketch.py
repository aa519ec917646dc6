"""The dials of a market, drawn over wide ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

SIZES = ("lots", "lognormal", "power")


def loguniform(rng: Random, low: float, high: float) -> float:
    """Draw between two numbers, evenly in the logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A symbol: ``tick`` in units of the table, the rest in ticks; ``share`` of the activity, ``wander`` per second."""

    name: str
    tick: int
    level: int
    spread: int
    share: float
    wander: float
    jump: float
    orders: int


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What is peculiar to one market; ``rich`` is 0 for noise and one maker only, weights pull on who takes."""

    papers: tuple[Paper, ...]
    sessions: int
    seconds: float
    events: int
    clock: int
    told: str
    bare: bool
    same_id: bool
    purge: bool
    rich: bool
    accounts: int
    makers: int
    maker_part: float
    spread_of_weights: float
    sizes: str
    lot: int
    usual: int
    width: float
    takes: float
    fleeting: float
    life: float
    tail: float
    imbalance: float
    trend: float
    anchor: float
    rush_hours: float
    bursts: float
    news: float

    @property
    def pace(self) -> float:
        """Events per second of the whole market."""
        return self.events / (self.sessions * self.seconds)


def draw_sketch(seed: int) -> Sketch:
    """Draw the dials of a market."""
    rng = Random(f"sketch-{seed}")
    events = int(loguniform(rng, 33_000, 90_000))
    pace = loguniform(rng, 1.2, 55)
    whole = max(events / pace, 1_500)
    sessions = min(rng.randint(1, 3), max(1, int(whole / 1_000)))
    rich = rng.random() < 0.75
    accounts = int(loguniform(rng, 20, 560))
    count = rng.choice((1, 1, 2, 2, 3, 4))
    shares = [rng.uniform(0.4, 1.6) for _ in range(count)]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names: list[str] = []
    while len(names) < count:
        name = "".join(rng.choices(letters, k=rng.randint(2, 5)))
        names.extend([name] if name not in names else [])
    dense = rng.random() < 0.5
    papers = tuple(
        _paper(rng, name, share=share / sum(shares), dense=dense, seconds=whole / sessions)
        for name, share in zip(names, shares, strict=True)
    )
    lot = rng.choice((1, 1, 5, 10, 100, 100))
    return Sketch(
        papers=papers,
        sessions=sessions,
        seconds=whole / sessions,
        events=events,
        clock=rng.choice((1, 1, 1_000, 1_000, 100_000, 1_000_000)),
        told=rng.choice(("resting", "arriving", "both")),
        bare=rng.random() < 0.4,
        same_id=rng.random() < 0.5,
        purge=rng.random() < 0.6,
        rich=rich,
        accounts=accounts,
        makers=max(1, min(12, int(accounts * loguniform(rng, 0.01, 0.12)))) if rich else 1,
        maker_part=rng.uniform(0.1, 0.6),
        spread_of_weights=rng.uniform(0.3, 1.8),
        sizes=rng.choice(SIZES),
        lot=lot,
        usual=max(lot, lot * round(loguniform(rng, 1, 300) / lot)),
        width=rng.uniform(0.4, 1.2),
        takes=loguniform(rng, 0.06, 0.35),
        fleeting=rng.choice((0.0, rng.uniform(0.02, 0.5))),
        life=loguniform(rng, 0.02, 8),
        tail=rng.uniform(1.0, 2.2),
        imbalance=rng.uniform(0.2, 1.5),
        trend=rng.uniform(0.1, 0.9) if rich else rng.choice((0.0, 0.2)),
        anchor=rng.uniform(0.2, 1.0) if rich else 0.15,
        rush_hours=rng.uniform(0.0, 2.5) if rich else 0.0,
        bursts=rng.choice((0.0, rng.uniform(0.5, 6.0))) if rich else 0.0,
        news=rng.choice((0.0, 1.0, rng.uniform(1.0, 4.0))) if rich else 0.0,
    )


def _paper(rng: Random, name: str, *, share: float, dense: bool, seconds: float) -> Paper:
    spread = 1 if dense else max(1, round(loguniform(rng, 2, 30)))
    level = max(60 * spread, int(loguniform(rng, 400, 30_000)))
    wander = min(spread * loguniform(rng, 3, 30), 0.06 * level) / math.sqrt(seconds)
    return Paper(
        name=name,
        tick=rng.choice((1, 10, 50, 100, 100, 100, 250, 500, 2_500)),
        level=level,
        spread=spread,
        share=share,
        wander=wander,
        jump=min(spread * loguniform(rng, 2, 12), 0.03 * level),
        orders=int(loguniform(rng, 50, 350)),
    )
