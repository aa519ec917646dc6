"""The setting of a market: what is listed, when it is open, who trades it by a Zipf law, and what news is due."""

from __future__ import annotations

import random
from dataclasses import dataclass

SECOND = 10**9
DAY = 86_400 * SECOND
FIRST_DAY = 1_704_672_000 * SECOND
"""A Monday."""
LETTERS = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
ROLES = (("retail", 0.58, 0.65), ("fund", 0.13, 0.45), ("prop", 0.17, 0.7), ("patient", 0.12, 0.12))
"""Role, share of the accounts, and how much of what they send is to trade at once."""


@dataclass(frozen=True)
class Listing:
    """A symbol: ``unit`` is about half its usual spread in ticks, ``size`` its usual order, ``share`` of the flow."""

    symbol: str
    tick: float
    price: int
    unit: float
    size: int
    lot: int
    beta: float
    share: float


@dataclass(frozen=True)
class Account:
    """Somebody who trades: how often, how large, how hurried, and how fond of each symbol."""

    name: str
    role: str
    weight: float
    scale: float
    hurry: float
    home: tuple[float, ...]


@dataclass(frozen=True)
class News:
    """A headline that is due, and by how many units it changes what the symbol is worth."""

    time: int
    s: int
    jump: float


@dataclass(frozen=True)
class World:
    """All that is settled before the first order."""

    events: int
    listings: tuple[Listing, ...]
    sessions: tuple[tuple[int, int], ...]
    accounts: tuple[Account, ...]
    makers: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    news: tuple[News, ...]

    @property
    def pace(self) -> float:
        """About how many seconds lie between two orders that trade on a symbol."""
        seconds = sum(close - start for start, close in self.sessions) / SECOND
        return 7.0 * seconds * len(self.listings) / self.events

    def of_role(self, *roles: str) -> list[Account]:
        """Return the accounts that have one of the roles."""
        return [account for account in self.accounts if account.role in roles]


def make_world(seed: int, events: int) -> World:
    """Draw the setting of the market ``seed``."""
    rng = random.Random(f"hawkes:{seed}:world")
    cells = max(2, events // 6_000)
    count = rng.randint(2, min(4, cells))
    days = rng.randint(1, max(1, min(4, cells // count)))
    listings = _listings(rng, count)
    sessions = _sessions(rng, days)
    names = _names(rng, 420)
    people = rng.randint(60, 240)
    accounts = _accounts(rng, names[:people], count)
    rest = names[people:]
    groups = tuple(tuple(rest.pop() for _ in range(rng.randint(3, 8))) for _ in range(rng.randint(1, 3)))
    accounts += [_account(rng, name, "client", 0.06, count) for group in groups for name in group]
    accounts += [_account(rng, rest.pop(), "quiet", 0.004, count) for _ in range(rng.randint(6, 20))]
    makers = tuple(rest.pop() for _ in range(rng.randint(4, 9)))
    news = tuple(
        News(rng.randint(start + 600 * SECOND, close - 600 * SECOND), s, _jump(rng))
        for start, close in sessions
        for s in range(count)
        for _ in range(rng.choice((0, 1, 1, 2)))
    )
    return World(events, listings, sessions, tuple(accounts), makers, groups, news)


def _jump(rng: random.Random) -> float:
    if rng.random() < 0.35:
        return rng.uniform(-1.0, 1.0)
    return rng.choice((-1, 1)) * rng.uniform(4.0, 18.0)


def _listings(rng: random.Random, count: int) -> tuple[Listing, ...]:
    taken: dict[str, None] = {}
    while len(taken) < count:
        taken["".join(rng.choices(LETTERS, k=rng.choice((3, 4, 4))))] = None
    shares = [rng.uniform(0.6, 1.6) for _ in taken]
    found = []
    for symbol, share in zip(taken, shares, strict=True):
        price = int(500 * 12 ** rng.random())
        found.append(
            Listing(
                symbol=symbol,
                tick=rng.choices((0.01, 0.05, 0.1), (6, 2, 1))[0],
                price=price,
                unit=max(0.9, price * rng.uniform(0.0003, 0.0008)),
                size=rng.choice((40, 100, 200, 500)),
                lot=rng.choice((1, 1, 5, 10)),
                beta=rng.uniform(0.3, 1.3),
                share=share / sum(shares),
            )
        )
    return tuple(found)


def _sessions(rng: random.Random, days: int) -> tuple[tuple[int, int], ...]:
    opens = rng.choice((1.0, 7.0, 8.0, 13.5, 14.5))
    length = rng.choice((4.5, 5.0, 6.0, 6.5, 7.0))
    start = FIRST_DAY + rng.randrange(60) * 7 * DAY + rng.randint(0, 5 - days) * DAY + int(opens * 3_600 * SECOND)
    return tuple((start + day * DAY, start + day * DAY + int(length * 3_600 * SECOND)) for day in range(days))


def _names(rng: random.Random, count: int) -> list[str]:
    prefix, width = rng.choice((("ACC", 5), ("T", 6), ("", 7), ("P-", 5)))
    numbers = rng.sample(range(10 ** (width - 1), 10**width), count)
    return [f"{prefix}{number}" for number in numbers]


def _accounts(rng: random.Random, names: list[str], count: int) -> list[Account]:
    power = rng.uniform(0.85, 1.25)
    roles = rng.choices([role for role, _, _ in ROLES], [share for _, share, _ in ROLES], k=len(names))
    ranks = list(range(1, len(names) + 1))
    rng.shuffle(ranks)
    return [
        _account(rng, name, role, float(rank**-power), count)
        for name, role, rank in zip(names, roles, ranks, strict=True)
    ]


def _account(rng: random.Random, name: str, role: str, weight: float, count: int) -> Account:
    usual = {role: hurry for role, _, hurry in ROLES}.get(role, 0.5)
    home = tuple(rng.expovariate(1.0) + 0.05 for _ in range(count))
    scale = rng.lognormvariate(0.5 if role in ("fund", "client") else 0.0, 0.5)
    return Account(name, role, weight, scale, min(0.95, max(0.05, usual + rng.uniform(-0.25, 0.25))), home)
