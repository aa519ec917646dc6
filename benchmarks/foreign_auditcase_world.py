"""What a seed decides before the first bell: sessions, stocks, and the people who trade them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SECOND = 10**9
DAY = 86_400 * SECOND
FIRST_DAY = 1_262_563_200 * SECOND
"""A Monday in 2010, from which the auditor dates his cases."""


@dataclass(frozen=True)
class Stock:
    """A stock: prices in ticks, volatility per root of a second, ``typical`` the usual size of an order."""

    symbol: str
    price: float
    spread: float
    volatility: float
    typical: float
    lot: int
    sigma: float
    weight: float
    impact: float
    pull: float
    book_size: float

    def size(self, rng: random.Random, scale: float = 1.0) -> int:
        """Draw the size of an order, ``scale`` times the usual one."""
        raw = self.typical * scale * math.exp(rng.gauss(0, self.sigma))
        return self.lot * max(1, round(raw / self.lot))


@dataclass
class People:
    """Accounts under their roles; the names tell nothing of them."""

    makers: list[str]
    crowd: list[str]
    retail: list[str]
    funds: list[str]
    strangers: list[str]
    cumulative: list[float] = field(default_factory=list)

    def noise(self, rng: random.Random) -> str:
        """Draw somebody of the crowd: some trade far more than others."""
        return rng.choices(self.crowd, cum_weights=self.cumulative)[0]

    def culprits(self, rng: random.Random, count: int) -> list[str]:
        """Draw accounts for a deed: most of them have an everyday life beside it."""
        known = rng.sample([*self.crowd, *self.retail, *self.funds], count)
        return [rng.choice(self.strangers) if rng.random() < 0.12 else name for name in known]


@dataclass(frozen=True)
class Setting:
    """A market before it opens: sessions as opening and closing times, and its habits."""

    seed: int
    events: int
    sessions: list[tuple[int, int]]
    stocks: list[Stock]
    people: People
    mix: dict[str, float]
    opening: float
    closing: float

    def shape(self, time: int, session: tuple[int, int]) -> float:
        """Return how busy a moment of a session is: more at its ends."""
        part = (time - session[0]) / (session[1] - session[0])
        return 1 + self.opening * math.exp(-part / 0.07) + self.closing * math.exp((part - 1) / 0.05)


def setting_of(seed: int, events: int | None, episodes: int) -> Setting:
    """Draw a market."""
    rng = random.Random(f"auditcase/{seed}/setting")
    drawn = rng.randint(40_000, 100_000)
    events = events or drawn
    stocks = rng.choices((1, 2, 3, 4), (4, 3, 2, 1))[0]
    fastest = max(1.0, min(40.0, events / 3_700))
    rate = math.exp(rng.uniform(math.log(min(2.0, fastest)), math.log(fastest)))
    while stocks > 1 and rate / stocks < 0.9:
        stocks -= 1
    seconds = min(max(events / rate, 3_600, episodes * 380 / stocks), 4 * 23_400)
    least, most = math.ceil(seconds / 23_400), max(1, min(4, int(seconds / 3_600)))
    days = rng.randint(least, max(least, most))
    if days * stocks < episodes / 9:
        days = min(most, math.ceil(episodes / 9 / stocks))
    weights = [rng.uniform(0.6, 1.6) for _ in range(stocks)]
    letters = rng.choice(("ABCDEFGHKLMNPRSTVWXZ", "BCDFGKLMPRST"))
    symbols = ["".join(rng.sample(letters, rng.randint(2, 3))) + last for last in rng.sample("QJYUEIO", stocks)]
    return Setting(
        seed=seed,
        events=events,
        sessions=_sessions(rng, days, seconds / days),
        stocks=[_stock(rng, symbol, weight / sum(weights)) for symbol, weight in zip(symbols, weights, strict=True)],
        people=_people(rng),
        mix=_mix(rng),
        opening=rng.uniform(0.3, 2.0),
        closing=rng.uniform(0.3, 2.0),
    )


def _sessions(rng: random.Random, days: int, seconds: float) -> list[tuple[int, int]]:
    day = rng.randrange(0, 700) * 7 + rng.randrange(0, 5)
    bell = rng.randrange(0, 36) * 1_800 * SECOND
    found = []
    for _ in range(days):
        opens = FIRST_DAY + day * DAY + bell
        found.append((opens, opens + int(seconds / 60) * 60 * SECOND))
        day += 3 if day % 7 == 4 else 1
    return found


def _stock(rng: random.Random, symbol: str, weight: float) -> Stock:
    price = math.exp(rng.uniform(math.log(500), math.log(30_000)))
    lot = rng.choice((1, 1, 10, 100, 100))
    typical = lot * math.exp(rng.uniform(0.7, 1.8)) if lot > 1 else math.exp(rng.uniform(3.5, 6.5))
    return Stock(
        symbol=symbol,
        price=price,
        spread=max(1.4, price * math.exp(rng.uniform(math.log(2e-4), math.log(2.5e-3)))),
        volatility=rng.uniform(0.008, 0.035) / 153,
        typical=typical,
        lot=lot,
        sigma=rng.uniform(0.5, 1.1),
        weight=weight,
        impact=rng.uniform(0.05, 0.16),
        pull=rng.uniform(60, 400),
        book_size=rng.uniform(18, 70),
    )


def _mix(rng: random.Random) -> dict[str, float]:
    usual = {
        "quote": 0.42,
        "cross": 0.11,
        "retail": 0.10,
        "informed": 0.08,
        "trend": 0.07,
        "contrary": 0.05,
        "lean": 0.10,
        "amend": 0.07,
    }
    return {kind: share * rng.uniform(0.6, 1.5) for kind, share in usual.items()}


def _people(rng: random.Random) -> People:
    style = rng.choice(("{:05d}", "AC{:04d}", "K-{:05d}", "{:04d}/01", "CL{:06d}"))
    names = [style.format(number) for number in rng.sample(range(1_000, 9_999), 480)]
    makers = _cut(names, rng.randint(2, 6))
    crowd = _cut(names, rng.randint(25, 180))
    people = People(
        makers=makers,
        crowd=crowd,
        retail=_cut(names, rng.randint(15, 150)),
        funds=_cut(names, rng.randint(14, 40)),
        strangers=_cut(names, 12),
    )
    total = 0.0
    for place in range(len(crowd)):
        total += 1 / (place + 8) ** 0.7
        people.cumulative.append(total)
    return people


def _cut(names: list[str], count: int) -> list[str]:
    taken = names[:count]
    del names[:count]
    return taken


def log_uniform(rng: random.Random, span: Sequence[float]) -> float:
    """Draw a number between two, evenly over its logarithm."""
    return math.exp(rng.uniform(math.log(span[0]), math.log(span[1])))
