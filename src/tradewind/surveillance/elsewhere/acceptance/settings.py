"""What differs from one market to the next: hours, prices, activity, populations, and the venue's habits."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = 3600.0
SECOND = 1_000_000_000


@dataclass(frozen=True)
class Settings:
    """All that is drawn once for a market."""

    events: int
    symbols: tuple[str, ...]
    starts: tuple[int, ...]
    length: int
    clock: int
    tick: float
    levels: tuple[int, ...]
    units: tuple[int, ...]
    lot: int
    half: tuple[float, ...]
    rates: tuple[float, ...]
    volatility: float
    common: float
    revert: float
    impact: float
    lasting: float
    latency: float
    clients: int
    makers: int
    maker_share: float
    crowd_share: float
    instant: float
    u_shape: tuple[float, float]
    own_checks: float

    @property
    def sessions(self) -> int:
        return len(self.starts)

    @property
    def seconds(self) -> float:
        return self.length / SECOND


def spread_log(rng: random.Random, low: float, high: float) -> float:
    """Return a number spread evenly over the logarithm."""
    return low * math.exp(math.log(high / low) * rng.random())


def _shape(rng: random.Random, events: int) -> tuple[int, int, float]:
    total = max(1.6 * HOUR, events / spread_log(rng, 0.25, 9.0))
    symbols, sessions = rng.choice((1, 1, 2, 2, 3, 4)), rng.choice((1, 1, 1, 2, 3))
    while symbols * sessions > 1 and total / (symbols * sessions) < 0.8 * HOUR:
        if sessions > 1:
            sessions -= 1
        else:
            symbols -= 1
    while total / (symbols * sessions) > 8.5 * HOUR and sessions < 5:
        sessions += 1
    return symbols, sessions, min(8.5 * HOUR, total / (symbols * sessions))


def _starts(rng: random.Random, sessions: int) -> tuple[int, ...]:
    day = datetime(2021, 1, 4, tzinfo=UTC) + timedelta(days=rng.randrange(1500))
    opening = rng.choice((7.0, 7.5, 8.0, 8.0, 9.0, 9.25))
    found: list[int] = []
    while len(found) < sessions:
        if day.weekday() < 5:
            found.append(int(day.timestamp() + opening * HOUR) * SECOND)
        day += timedelta(days=1)
    return tuple(found)


def _names(rng: random.Random, count: int) -> tuple[str, ...]:
    letters, length = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", rng.choice((3, 4, 4, 5))
    names: set[str] = set()
    while len(names) < count:
        names.add("".join(rng.choice(letters) for _ in range(length)))
    return tuple(sorted(names))


def draw(rng: random.Random, events: int | None) -> Settings:
    """Draw the settings of a market of about so many events."""
    wanted = events if events is not None else int(spread_log(rng, 20_000, 150_000))
    symbols, sessions, seconds = _shape(rng, wanted)
    weights = [spread_log(rng, 0.5, 2.0) for _ in range(symbols)]
    rate = wanted * 0.95 / (sessions * seconds)
    lot = rng.choice((1, 1, 10, 50, 100, 100))
    levels = tuple(int(10_000 / spread_log(rng, 0.9, 11.0)) for _ in range(symbols))
    return Settings(
        events=wanted,
        symbols=_names(rng, symbols),
        starts=_starts(rng, sessions),
        length=int(seconds) * SECOND,
        clock=rng.choice((1, 1, 100, 1_000, 1_000, 10_000, 1_000_000)),
        tick=rng.choice((0.001, 0.005, 0.01, 0.01, 0.02, 0.05)),
        levels=levels,
        units=tuple(lot * max(2, round(spread_log(rng, 60, 900) / math.sqrt(lot))) for _ in range(symbols)),
        lot=lot,
        half=tuple(rng.uniform(0.6, 3.5) for _ in range(symbols)),
        rates=tuple(rate * w / sum(weights) for w in weights),
        volatility=spread_log(rng, 0.006, 0.03),
        common=rng.uniform(0.1, 0.8),
        revert=spread_log(rng, 150.0, 2_000.0),
        impact=rng.uniform(0.12, 0.45),
        lasting=rng.uniform(0.15, 0.5),
        latency=spread_log(rng, 0.00005, 0.02),
        clients=int(spread_log(rng, 150, 1_500)),
        makers=rng.choice((2, 3, 3, 4, 5, 6)),
        maker_share=rng.uniform(0.28, 0.5),
        crowd_share=rng.uniform(0.25, 0.42),
        instant=rng.uniform(0.1, 0.8),
        u_shape=(rng.uniform(0.3, 2.5), rng.uniform(0.3, 3.0)),
        own_checks=rng.choice((1.0, 1.0, 0.98, 0.9)),
    )
