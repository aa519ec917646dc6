"""What differs from one market in board lots to the next: hours, ticks, shares, clients, clocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book

TICKS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.25, 0.001), (0.5, 0.005), (10, 0.01), (20, 0.02), (100, 0.05), (200, 0.1), (500, 0.2), (1e9, 0.5)),
    ((1000, 1), (3000, 5), (10000, 10), (30000, 50), (1e9, 100)),
    ((200, 1), (500, 2), (2000, 5), (5000, 10), (1e9, 25)),
    ((10, 0.01), (50, 0.05), (100, 0.1), (500, 0.5), (1000, 1), (1e9, 5)),
    ((2, 0.01), (5, 0.02), (10, 0.05), (25, 0.1), (1e9, 0.25)),
    ((2000, 1), (5000, 5), (20000, 10), (50000, 50), (1e9, 100)),
)
"""Tick sizes: below this price, this tick."""
HOURS: tuple[tuple[float, float, float, float], ...] = (
    (9.5, 12.0, 13.0, 16.0), (9.0, 11.5, 12.5, 15.0), (9.5, 11.5, 13.0, 15.0), (9.0, 12.0, 13.5, 16.0),
    (10.0, 12.5, 14.5, 16.5),
)  # fmt: skip
"""Opening and closing hours of morning and afternoon."""


@dataclass(frozen=True)
class Session:
    """One stretch of trading: from ``start`` to ``end`` on the trading clock, ``offset`` behind the public one."""

    start: int
    end: int
    offset: int
    day: int
    closes: bool


@dataclass(frozen=True, eq=False)
class Setup:
    """All that is drawn once for a market."""

    events: int
    sessions: tuple[Session, ...]
    books: list[Book]
    start_value: list[float]
    clients: list[Account]
    houses: list[Account]
    brokers: int
    daily_vol: float
    common: float
    resolution: int
    latency: float
    rush: float
    news: float
    ids: Iterator[int]


def _ladder(bands: tuple[tuple[float, float], ...], low: float, high: float) -> list[float]:
    out, price = [], 0.0
    for top, tick in bands:
        floor = max(price, low)
        n = math.ceil(floor / tick - 1e-9)
        while n * tick < min(top, high) - 1e-9:
            out.append(round(n * tick, 4))
            n += 1
        price = top
    return [p for p in out if p > 0]


def _tick(bands: tuple[tuple[float, float], ...], price: float) -> float:
    return next(tick for top, tick in bands if price < top)


def _books(rng: Random, n: int) -> tuple[list[Book], list[float]]:
    bands = rng.choice(TICKS)
    books: list[Book] = []
    values: list[float] = []
    form = rng.choice(("{:04d}", "{:06d}", "{:05d}.X", "letters"))
    while len(books) < n:
        price = math.exp(rng.uniform(math.log(bands[0][0] * 0.2), math.log(bands[-2][0] * 2)))
        if not 0.0008 < _tick(bands, price) / price < 0.006:
            continue
        name = (
            "".join(rng.choices("ABCDEGHIKLMNOPRSTU", k=4)) if form == "letters" else form.format(rng.randint(1, 9999))
        )
        if any(b.symbol == name for b in books):
            continue
        book = Book(len(books), name, _ladder(bands, price * 0.6, price * 1.6), rng.choice((100, 100, 500, 1000)))
        book.collar = max(3, round(price * rng.uniform(0.006, 0.015) / _tick(bands, price)))
        book.typical = math.exp(rng.uniform(math.log(1.5), math.log(12)))
        books.append(book)
        values.append(price)
    return books, values


def _sessions(rng: Random, days: int) -> tuple[Session, ...]:
    hours = rng.choice(HOURS)
    zone = rng.choice((7, 8, 8, 9))
    date = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=rng.randint(0, 2200))
    out: list[Session] = []
    clock = 0
    for day in range(days):
        while date.weekday() > 4:
            date += timedelta(days=1)
        for begin, end, closes in ((hours[0], hours[1], False), (hours[2], hours[3], True)):
            opens = int((date + timedelta(hours=begin - zone)).timestamp()) * 10**9
            length = int((end - begin) * 3600) * 10**9
            out.append(Session(clock, clock + length, opens - clock, day, closes))
            clock += length
        date += timedelta(days=1)
    return tuple(out)


def _names(rng: Random) -> Iterator[str]:
    form = rng.choice(("{:08d}", "C{:06d}", "{:03x}-{:05d}", "{:07X}"))
    seen: set[str] = set()
    while True:
        name = form.format(rng.randint(10**4, 10**6 - 1), rng.randint(0, 99999))
        if form.startswith("{:03x}"):
            name = form.format(rng.randint(256, 4095), rng.randint(0, 99999))
        if name not in seen:
            seen.add(name)
            yield name


def _client(rng: Random, name: str, brokers: int, books: int, typical: float) -> Account:
    day = rng.random() < 0.45
    chaser = rng.random() < 0.4
    return Account(
        name=name,
        broker=min(int(rng.expovariate(2.0 / brokers)), brokers - 1),
        weight=rng.paretovariate(1.1) if rng.random() < 0.98 else 40 * rng.random(),
        lots=typical * math.exp(rng.gauss(0.0, 0.8)),
        take=min(0.95, max(0.03, rng.betavariate(2, 3) + 0.15 * day)),
        trend=rng.uniform(0.1, 0.6) if chaser else rng.uniform(-0.35, 0.1),
        value=rng.uniform(0.0, 0.5),
        lean=rng.uniform(-0.2, 1.5),
        depth=rng.choice((0.6, 1.0, 2.0, 4.0, 7.0, 12.0)),
        patience=math.exp(rng.gauss(6.4 - 1.0 * day, 0.9)),
        day=day,
        pos=[0] * books,
    )


def _ids(rng: Random) -> Iterator[int]:
    first = rng.randint(1, 10 ** rng.randint(2, 9))
    form = rng.randrange(3)
    if form == 0:
        return itertools.count(first)
    if form == 1:
        return itertools.count(first, rng.choice((2, 7, 16)))
    factor = rng.randrange(10**8 + 1, 10**9, 2)
    return ((n * factor + first) % 2**40 + 1 for n in itertools.count(1))


def draw(rng: Random, events: int | None) -> Setup:
    """Draw the settings of one market."""
    size = round(math.exp(rng.uniform(math.log(20_000), math.log(150_000))))
    size = size if events is None else events
    shares, days = rng.randint(1, 4), rng.choice((1, 1, 2, 3))
    while shares * days > max(1, size // 8000):
        shares, days = rng.randint(1, 4), rng.choice((1, 1, 2, 3))
    books, values = _books(rng, shares)
    brokers = rng.randint(3, 14)
    names = _names(rng)
    typical = sum(b.typical for b in books) / shares
    clients = [
        _client(rng, next(names), brokers, shares, typical)
        for _ in range(round(math.exp(rng.uniform(math.log(220), math.log(1900)))))
    ]
    houses = [
        Account(next(names), rng.randrange(brokers), pos=[0] * shares, lots=typical * rng.uniform(1, 5))
        for _ in range(rng.randint(12, 40))
    ]
    return Setup(
        events=size,
        sessions=_sessions(rng, days),
        books=books,
        start_value=values,
        clients=clients,
        houses=houses,
        brokers=brokers,
        daily_vol=math.exp(rng.uniform(math.log(0.007), math.log(0.042))),
        common=rng.uniform(0.1, 0.8),
        resolution=rng.choice((1, 1000, 1000, 10_000, 1_000_000)),
        latency=math.exp(rng.uniform(math.log(0.0001), math.log(0.02))),
        rush=rng.uniform(1.0, 5.0),
        news=rng.uniform(0.5, 4.0),
        ids=_ids(rng),
    )
