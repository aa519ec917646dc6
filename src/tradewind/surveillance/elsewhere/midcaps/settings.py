"""What is drawn once per midcaps market: its shares, hours, clock, order numbers and names of accounts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

SECOND = 1_000_000_000
PACES = 1.3
"""Rows a second and share that the honest market writes at pace one, about."""


def spread_out(rng: Random, low: float, high: float) -> float:
    """Draw evenly over the logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


@dataclass(frozen=True)
class Share:
    """One share: its tick, level and half spread (in ticks), ordinary size of a trade, volatility a session."""

    name: str
    tick: float
    decimals: int
    level: int
    half: float
    unit: int
    vol: float
    beta: float
    impact: float


@dataclass(frozen=True)
class Settings:
    """Everything drawn before the first order."""

    events: int
    shares: tuple[Share, ...]
    sessions: tuple[tuple[int, int], ...]
    resolution: int
    latency: float
    clients: int
    smile: tuple[float, float]

    @property
    def thin(self) -> float:
        """How thin the market is: one for a well filled tape, less for one with few rows in a long time."""
        return min(1.0, math.pow(self.events / (self.seconds * len(self.shares) * 0.6), 0.6))

    @property
    def seconds(self) -> float:
        """Trading seconds in all."""
        return sum(close - start for start, close in self.sessions) / SECOND


def draw_settings(rng: Random, events: int | None) -> Settings:
    """Draw a market's settings."""
    many = int(spread_out(rng, 20_000, 150_000)) if events is None else events
    few = many < 45_000
    shares = rng.choices((1, 2, 3, 4), (0.25, 0.35, 0.25, 0.15) if few else (0.15, 0.3, 0.3, 0.25))[0]
    sessions = rng.choices((1, 2, 3, 4), (0.62, 0.28, 0.1, 0) if few else (0.3, 0.3, 0.25, 0.15))[0]
    times = _sessions(rng, sessions)
    hours = sum(close - start for start, close in times) / SECOND / sessions
    trades = 0.13 * many / shares / sessions * min(1.0, 30_600 / hours)
    names: set[str] = set()
    while len(names) < shares:
        stem = "".join(rng.choices("ABDEFGHIKLMNOPRSTUV", k=rng.randint(3, 5)))
        names.add(stem + rng.choice(("", "", "-A", "-B", "-B")))
    return Settings(
        events=many,
        shares=tuple(_share(rng, name, trades) for name in sorted(names)),
        sessions=times,
        resolution=rng.choice((1, 1, 100, 1_000, 1_000, 100_000, 1_000_000)),
        latency=spread_out(rng, 0.001, 0.08),
        clients=int(spread_out(rng, 250, 2_000)),
        smile=(rng.uniform(0.3, 2.0), rng.uniform(0.5, 2.2)),
    )


def _share(rng: Random, name: str, trades: float) -> Share:
    price = spread_out(rng, 8, 900)
    rough = price * spread_out(rng, 0.8e-4, 8e-4)
    power = math.floor(math.log10(rough))
    step = max(s for s in (1, 2, 5) if s * 10.0**power <= rough * 1.0001)
    tick = round(step * 10.0**power, 6)
    level = round(price / tick)
    return Share(
        name=name,
        tick=tick,
        decimals=max(0, -power),
        level=level,
        half=max(1.6, level * spread_out(rng, 6, 45) / 10_000),
        unit=max(8, int(spread_out(rng, 3_000, 45_000) / price)),
        vol=spread_out(rng, 0.007, 0.03),
        beta=rng.uniform(0.1, 0.8),
        impact=rng.uniform(0.6, 1.4) * min(1.2, math.sqrt(1_200 / max(trades, 1))),
    )


def _sessions(rng: Random, count: int) -> tuple[tuple[int, int], ...]:
    day = datetime(2021, 1, 4, tzinfo=UTC) + timedelta(days=rng.randrange(1_700))
    start = timedelta(hours=rng.choice((7, 8)), minutes=rng.choice((0, 0, 0, 5, 15, 30)))
    length = timedelta(minutes=rng.choice((300, 360, 420, 445, 500, 505, 510)))
    found: list[tuple[int, int]] = []
    while len(found) < count:
        if day.weekday() < 5:
            begin = int((day + start).timestamp()) * SECOND
            found.append((begin, begin + int(length.total_seconds()) * SECOND))
        day += timedelta(days=1)
    return tuple(found)


def order_ids(rng: Random) -> Iterator[int]:
    """Number orders without end, in one of several ways, no number twice."""
    way = rng.randrange(4)
    at = rng.choice((0, 1_000_000, rng.randrange(10**7, 10**9), rng.randrange(10**12, 10**15)))
    if way == 3:
        prime, factor = 2_147_483_647, rng.randrange(10**6, 2 * 10**9)
        number = rng.randrange(1, prime)
        while True:
            number = number * factor % prime or 1
            at += 1
            yield at * 4_096 + number % 4_096
    step = (1, 1, rng.choice((2, 7, 16)))[way]
    while True:
        at += step if way != 1 else rng.randint(1, 9)
        yield at


def account_names(rng: Random) -> Iterator[str]:
    """Name accounts without end, no name twice, in a form that says nothing of who they are."""
    way, seen = rng.randrange(4), set[str]()
    prefix = "".join(rng.choices("ABCDEFGHKLMNPRSTUVWX", k=rng.randint(1, 3)))
    digits = rng.randint(5, 8)
    while True:
        number = rng.randrange(10**digits)
        name = (
            f"{number:0{digits}d}",
            f"{prefix}{number:0{digits}d}",
            f"{number:07x}",
            f"{prefix}-{number % 100:02d}-{number // 100:06d}",
        )[way]
        if name not in seen:
            seen.add(name)
            yield name
