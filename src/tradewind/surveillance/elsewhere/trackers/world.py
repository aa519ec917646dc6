"""The settings of one market, drawn over wide ranges from its seed."""

from __future__ import annotations

import math
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TICKS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)


@dataclass(frozen=True)
class World:
    """What does not change while a market runs; sizes in shares, prices in ticks, times in ns or seconds."""

    symbols: list[str]
    tick: list[float]
    level: list[int]
    spread: list[float]
    lot: list[int]
    unit: list[int]
    beta: list[float]
    sessions: list[tuple[int, int]]
    length: float
    events: int
    rate: float
    clock: int
    volatility: float
    cluster: float
    apart: float
    impact: float
    keeps: float
    spill: float
    fade: float
    digest: float
    latency: float
    clients: int
    names: list[str]
    numbering: tuple[int, int, int]

    def order_ids(self) -> Iterator[int]:
        """Return the numbers this venue gives to orders, none twice."""
        style, start, step = self.numbering
        number = start
        while True:
            if style == 2:
                number = (number + step) % 2**44
                yield number + 1
            else:
                number += 1 if style == 0 else 1 + (number * 7919 + step) % 13
                yield number


def _log(rng: random.Random, low: float, high: float) -> float:
    return float(low * (high / low) ** rng.random())


def _names(rng: random.Random, count: int) -> list[str]:
    style = rng.randrange(4)
    numbers = rng.sample(range(10**5, 10**6), count)
    if style == 0:
        return [str(number) for number in numbers]
    if style == 1:
        head = "".join(rng.choices(string.ascii_uppercase, k=2))
        return [f"{head}{number}" for number in numbers]
    if style == 2:
        return [f"{number * 2654435761 % 2**32:08x}" for number in numbers]
    return [f"{number // 1000:03d}-{number % 1000:03d}" for number in numbers]


def _days(rng: random.Random, count: int) -> list[tuple[int, int]]:
    day = datetime(rng.randint(2019, 2025), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
    opens = rng.choice((6.5, 7.0, 7.0, 8.0, 8.0, 9.0))
    hours = rng.choice((4.0, 5.0, 6.0, 6.5, 7.5, 8.5))
    found: list[tuple[int, int]] = []
    while len(found) < count:
        if day.weekday() < 5:
            start = int((day + timedelta(hours=opens)).timestamp()) * 10**9
            found.append((start, start + int(hours * 3600) * 10**9))
        day += timedelta(days=1)
    return found


def draw_world(rng: random.Random, events: int | None) -> World:
    """Draw a market; ``events`` is about how many rows its tape shall have."""
    rows = events if events is not None else int(_log(rng, 20_000, 150_000))
    count = rng.choice((1, 2, 2, 3, 3, 4))
    sessions = _days(rng, rng.choice((1, 1, 2, 2, 3, 4)) if rows > 12_000 else 1)
    tails = ("", "", ".L", "-F")
    tail = rng.choice(tails)
    symbols: list[str] = []
    while len(symbols) < count:
        name = "".join(rng.choices(string.ascii_uppercase, k=rng.choice((3, 4)))) + tail
        symbols += [name] if name not in symbols else []
    tick, level, spread, lot, unit, beta = [], [], [], [], [], []
    lots, money = rng.choice((1, 1, 1, 5, 10, 100)), _log(rng, 1_500, 40_000)
    for _ in symbols:
        price, relative = _log(rng, 4, 400), _log(rng, 0.0003, 0.003)
        fitting = [t for t in TICKS if 1.2 <= price * relative / t <= 20] or [0.0005]
        tick.append(rng.choice(fitting))
        level.append(round(price / tick[-1]))
        spread.append(max(1.2, price * relative / tick[-1]))
        lot.append(lots)
        unit.append(max(2, round(money * _log(rng, 0.6, 1.6) / price / lots)) * lots)
        beta.append(rng.uniform(0.6, 1.4))
    length = (sessions[0][1] - sessions[0][0]) / 1e9
    clients = int(_log(rng, 250, 1800))
    return World(
        symbols=symbols,
        tick=tick,
        level=level,
        spread=spread,
        lot=lot,
        unit=unit,
        beta=beta,
        sessions=sessions,
        length=length,
        events=rows,
        rate=rows / (length * len(sessions)),
        clock=rng.choice((1, 1000)),
        volatility=_log(rng, 0.004, 0.022),
        cluster=rng.uniform(0.3, 1.3),
        apart=rng.uniform(0.3, 1.0),
        impact=_log(rng, 0.04, 0.16),
        keeps=rng.uniform(0.15, 0.5),
        spill=rng.uniform(0.02, 0.12),
        fade=_log(rng, 120, 1500),
        digest=_log(rng, 10, 240),
        latency=_log(rng, 0.0003, 0.08),
        clients=clients,
        names=_names(rng, clients + 260),
        numbering=(rng.randrange(3), rng.randrange(1, 10**9), rng.randrange(10**10, 2**43) | 1),
    )


def shape(part: float) -> float:
    """Return how busy a session is at ``part`` (0 to 1) of it: more at both ends; the mean is one."""
    return (0.75 + 1.6 * (2 * part - 1) ** 4 + 0.5 * math.exp(-part * 14)) / 1.1057
