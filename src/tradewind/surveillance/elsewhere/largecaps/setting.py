"""What is drawn once for a market of large shares: prices, sessions, sizes, speed, accounts."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
OPENINGS = ((7, 0), (8, 0), (9, 0), (13, 30), (14, 30), (6, 30))


@dataclass(frozen=True)
class Setting:
    """One market's settings; prices are in ticks, times in nanoseconds."""

    events: int
    symbols: tuple[str, ...]
    ticks: tuple[float, ...]
    decimals: int
    starts: tuple[int, ...]
    units: tuple[int, ...]
    lot: int
    openings: tuple[int, ...]
    length: int
    resolution: int
    latency: float
    sigma: float
    beta: float
    impact: float
    lasting: float
    halflife: float
    accounts: tuple[str, ...]
    depth: float
    followers: float

    @property
    def total(self) -> int:
        """Trading time of all sessions together."""
        return self.length * len(self.openings)

    @property
    def rate(self) -> float:
        """Rows a second and symbol, about."""
        return self.events / (self.total / SECOND * len(self.symbols))


def spread(rng: Random, low: float, high: float) -> float:
    """Draw evenly over the logarithm."""
    return low * math.exp(rng.random() * math.log(high / low))


def draw(rng: Random, events: int | None) -> Setting:
    """Draw a market."""
    count = int(spread(rng, 20_000, 150_000)) if events is None else events
    rate = spread(rng, 0.5, 2.2)
    seconds = count / rate
    symbols = min(rng.choice((1, 2, 2, 3, 3, 4)), max(1, int(seconds / 4500)))
    trading = max(1800.0, seconds / symbols)
    sessions = max(1, math.ceil(trading / rng.uniform(4 * 3600, 8.5 * 3600)))
    if sessions == 1 and trading > 2.6 * 3600 and rng.random() < 0.5:
        sessions = 2
    tick, decimals, low, high = rng.choice(
        (
            (0.01, 2, 6, 90),
            (0.01, 2, 12, 60),
            (0.005, 3, 3, 30),
            (0.02, 2, 20, 150),
            (0.05, 2, 40, 400),
            (0.5, 1, 400, 3500),
        )
    )
    lot = rng.choice((1, 1, 10, 100, 100))
    units = tuple(max(lot, round(spread(rng, 60, 900) / lot) * lot) for _ in range(symbols))
    moves = spread(rng, 0.004, 0.016) * count / symbols
    return Setting(
        events=count,
        symbols=_symbols(rng, symbols),
        ticks=(tick,) * symbols,
        decimals=decimals,
        starts=tuple(round(spread(rng, low, high) / tick) for _ in range(symbols)),
        units=units,
        lot=lot,
        openings=_openings(rng, sessions),
        length=int(trading / sessions) * SECOND,
        resolution=rng.choice((1, 1, 100, 1000)),
        latency=spread(rng, 15_000, 600_000),
        sigma=math.sqrt(moves / trading),
        beta=rng.uniform(0.15, 0.8),
        impact=spread(rng, 0.015, 0.045),
        lasting=rng.uniform(0.25, 0.6),
        halflife=spread(rng, 20, 300),
        accounts=_names(rng, int(spread(rng, 300, 2000))),
        depth=spread(rng, 0.6, 1.8),
        followers=rng.uniform(0.5, 1.2),
    )


def order_ids(rng: Random) -> Callable[[], int]:
    """Return what gives out order ids, in one venue's way or another's."""
    style = rng.randrange(3)
    state = rng.randrange(1, 10**6 if style == 0 else 10**12)
    stride = rng.choice((1, 1, 2, 8)) if style < 2 else 2 * rng.randrange(10**9, 10**12) + 1

    def following() -> int:
        nonlocal state
        state = state + (stride if style != 1 else rng.randrange(1, 60))
        return state if style < 2 else state % (1 << 48) + 1

    return following


def clock_gaps(rng: Random, resolution: int) -> Callable[[], int]:
    """Return what gives the time the venue needs between two messages, on its clock's resolution."""
    most = max(1, rng.choice((2_000, 8_000, 20_000)) // resolution)
    low = 0 if resolution == 1000 else max(1, 300 // resolution)
    return lambda: int(low + rng.random() * most) * resolution


def _openings(rng: Random, sessions: int) -> tuple[int, ...]:
    hour, minute = rng.choice(OPENINGS)
    day = datetime(rng.randrange(2018, 2027), rng.randrange(1, 13), rng.randrange(1, 28), hour, minute, tzinfo=UTC)
    found: list[int] = []
    while len(found) < sessions:
        if day.weekday() < 5:
            found.append(int(day.timestamp()) * SECOND)
        day += timedelta(days=1)
    return tuple(found)


def _symbols(rng: Random, count: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    length = rng.choice((2, 3, 3, 4, 5))
    while len(found) < count:
        found["".join(rng.choices(string.ascii_uppercase, k=length))] = None
    return tuple(found)


def _names(rng: Random, count: int) -> tuple[str, ...]:
    style, prefix = rng.randrange(4), "".join(rng.choices(string.ascii_uppercase, k=2))
    found: dict[str, None] = {}
    while len(found) < count:
        number = rng.randrange(10**7)
        if style == 0:
            name = f"{prefix}{number:07d}"
        elif style == 1:
            name = f"{number * 37:09x}"
        elif style == 2:
            name = f"{rng.choice(string.ascii_uppercase)}-{number % 10**6:06d}"
        else:
            name = f"{10**8 + number * 7}"
        found[name] = None
    return tuple(found)
