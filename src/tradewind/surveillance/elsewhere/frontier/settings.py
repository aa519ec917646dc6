"""What differs from one young market to the next: size, hours, prices, clocks, names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

TICKS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


@dataclass(frozen=True)
class Settings:
    """One market; times in seconds, ``prices`` in ticks, ``units`` the ordinary size of a deal."""

    seed: int
    events: int
    symbols: tuple[str, ...]
    ticks: tuple[float, ...]
    prices: tuple[int, ...]
    lots: tuple[int, ...]
    units: tuple[int, ...]
    volatility: tuple[float, ...]
    common: float
    days: tuple[int, ...]
    opening: int
    length: int
    clock: int
    clients: int
    dealers: int
    spread: float
    noise: float
    boldness: float
    restless: float
    impact: float
    news: float
    open_weight: float
    close_weight: float
    latency: float
    alarm: float

    def stamp(self, session: int, inside: float) -> int:
        """The time that a row bears, so many seconds into a session."""
        return (self.days[session] + self.opening) * 10**9 + int(inside * 1e9) // self.clock * self.clock


def spread_log(rng: Random, low: float, high: float) -> float:
    """Draw evenly over the logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _days(rng: Random, sessions: int) -> tuple[int, ...]:
    day = int(datetime(2009, 1, 5, tzinfo=UTC).timestamp()) // 86400 + rng.randrange(5000)
    free = {(day + rng.randrange(12)) % 7} if rng.random() < 0.2 else set()
    found: list[int] = []
    while len(found) < sessions:
        if (day + 3) % 7 < 5 and not (day % 7 in free and len(found) % 3 == 1):
            found.append(day * 86400)
        day += 1
    return tuple(found)


def draw(seed: int, events: int | None) -> Settings:
    """Draw the market ``seed``."""
    rng = Random(f"frontier/{seed}/settings")
    own = int(spread_log(rng, 20_000, 150_000))
    rows = events or own
    shape = [(s, d) for s in range(2, 7) for d in range(2, 9) if 450 < rows / (s * d) < 4500]
    symbols, sessions = rng.choice(shape or [(2, 3)])
    letters = "ABCDEFGHIJKLMNOPRSTUVZ"
    names: dict[str, None] = {}
    form = rng.randrange(3)
    while len(names) < symbols:
        name = "".join(rng.choice(letters) for _ in range(rng.choice((3, 4)) if form else 4))
        names[name if form < 2 else f"{name}.{rng.choice('NO')}"] = None
    tick = rng.choice(TICKS)
    lot = rng.choice((1, 1, 10, 50, 100))
    lots = tuple(lot if rng.random() < 0.8 else rng.choice((1, 10, 100)) for _ in names)
    base = spread_log(rng, 5, 60)
    return Settings(
        seed=seed,
        events=rows,
        symbols=tuple(names),
        ticks=tuple(tick if rng.random() < 0.7 else rng.choice(TICKS) for _ in names),
        prices=tuple(int(spread_log(rng, 250, 12_000)) for _ in names),
        lots=lots,
        units=tuple(int(base * spread_log(rng, 0.5, 2)) * lot for lot in lots),
        volatility=tuple(spread_log(rng, 0.008, 0.035) for _ in names),
        common=rng.uniform(0.1, 0.7),
        days=_days(rng, sessions),
        opening=rng.randrange(10, 28) * 1800,
        length=rng.randrange(7, 13) * 1800,
        clock=10**9 if rng.random() < 0.35 else 10**6,
        clients=int(spread_log(rng, 45, 420)),
        dealers=rng.choice((1, 1, 2, 2, 3)),
        spread=spread_log(rng, 0.004, 0.018),
        noise=spread_log(rng, 0.01, 0.03),
        boldness=rng.uniform(0.12, 0.4),
        restless=rng.uniform(0.75, 0.95),
        impact=spread_log(rng, 0.0001, 0.0006),
        news=rng.uniform(0.15, 0.7),
        open_weight=rng.uniform(1.5, 5),
        close_weight=rng.uniform(1.5, 6),
        latency=spread_log(rng, 0.02, 0.8),
        alarm=spread_log(rng, 0.008, 0.02),
    )


def order_ids(rng: Random) -> Iterator[int]:
    """Yield ids of orders, in one of four styles."""
    style, number = rng.randrange(4), rng.randrange(1, 10**6)
    factor = rng.randrange(10**9, 10**11) | 1
    while True:
        number += rng.randrange(1, 40) if style == 1 else 1
        yield (number * factor) % 2**42 + 1 if style == 2 else number + (7 * 10**11 if style == 3 else 0)


def account_names(rng: Random) -> Iterator[str]:
    """Yield names of accounts that say nothing of who holds them."""
    style = rng.randrange(4)
    used: set[str] = set()
    while True:
        number = rng.randrange(10**6)
        name = (f"{number:06d}", f"C{number:06d}", f"{number % 97:02d}-{number:06d}", f"{number:05x}".upper())[style]
        if name not in used:
            used.add(name)
            yield name
