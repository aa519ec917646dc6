"""What a penny market is like: its hours, shares and clients, drawn once for a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from tradewind.surveillance.elsewhere.pennies.venue import Book

TICKS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01)


def spread_out(rng: Random, low: float, high: float) -> float:
    """Draw evenly over the logarithm."""
    return low * math.exp(math.log(high / low) * rng.random())


@dataclass(eq=False)
class Client:
    """A private client or small fund and its habits."""

    name: str
    activity: float
    size: float
    patience: float
    herd: float
    lot: int
    patience_s: float


@dataclass(eq=False)
class Share:
    """One share: its book, and what the people around it feel and know."""

    book: Book
    base: float
    vol: float
    weight: float
    beta: float
    half: float
    value: float
    impact: float = 0.0
    mood: float = 0.0
    heat: float = 0.0
    seen: float = 0.0
    last: int = 0
    mid: float = 1.0
    lured: float = -1e9

    def rel_tick(self) -> float:
        """Return one tick as a part of the price."""
        return 1.0 / max(1.0, self.book.mid())


@dataclass(eq=False)
class Setting:
    """All that is drawn once."""

    rows: int
    shares: list[Share]
    clients: list[Client]
    opens: list[int]
    length: float
    resolution: int
    season: float
    common: float
    decay: float
    fade: float
    memory: float
    latency: float
    kappa: float
    lasting: float
    makers: int
    lean: float

    def wall(self, tau: float) -> int:
        """Return the clock's time at ``tau`` seconds of trading, as exact as this venue tells it."""
        session = min(int(tau / self.length), len(self.opens) - 1)
        at = self.opens[session] + int((tau - session * self.length) * 1e9)
        return at - at % self.resolution


def names(rng: Random, count: int) -> list[str]:
    """Return account names in one of several styles; they say nothing of who holds them."""
    style = rng.randrange(4)
    if style == 0:
        width = rng.choice((5, 6, 8))
        return [f"{n:0{width}d}" for n in rng.sample(range(10 ** (width - 1), 10**width), count)]
    if style == 1:
        return [f"{chr(65 + n % 26)}{n:05X}" for n in rng.sample(range(16**5), count)]
    if style == 2:
        head = rng.choice(("DE", "AC", "K-", "X/", "dep"))
        return [f"{head}{n}" for n in rng.sample(range(10**4, 10**7), count)]
    letters = "bcdfghjklmnpqrstvwxz0123456789"
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rng.choices(letters, k=7))] = None
    return list(found)


def _clients(rng: Random, labels: list[str]) -> list[Client]:
    tail = rng.uniform(1.05, 1.9)
    patience_s = spread_out(rng, 300, 3000)
    crowd = rng.uniform(0.1, 0.6)
    return [
        Client(
            name=label,
            activity=min(rng.paretovariate(tail), 60.0),
            size=rng.lognormvariate(0, 0.7),
            patience=rng.betavariate(2.2, 1.8),
            herd=rng.gauss(crowd, 0.7),
            lot=rng.choice((1, 10, 50, 100, 100, 500, 1000)),
            patience_s=patience_s * rng.lognormvariate(0, 0.8),
        )
        for label in labels
    ]


def _share(rng: Random, label: str, vol: float) -> Share:
    price = spread_out(rng, 0.03, 4.0)
    wanted = price * spread_out(rng, 0.0015, 0.025)
    tick = min(TICKS, key=lambda t: abs(math.log(t / wanted)))
    ticks = max(25, round(price / tick))
    book = Book(label, tick, ticks)
    return Share(
        book=book,
        base=max(20.0, spread_out(rng, 250, 2500) / (ticks * tick)),
        vol=max(vol * rng.uniform(0.6, 1.6), 0.8 / ticks),
        weight=rng.lognormvariate(0, 0.5),
        beta=rng.uniform(0.2, 1.2),
        half=max(0.6, rng.uniform(0.002, 0.01) * ticks),
        value=math.log(ticks),
        last=ticks,
        mid=float(ticks),
    )


def _opens(rng: Random, sessions: int, hour: float) -> list[int]:
    day = date(rng.randint(2018, 2025), 1, 1) + timedelta(days=rng.randrange(365))
    found: list[int] = []
    while len(found) < sessions:
        if day.weekday() < 5:
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
            found.append(int(at.timestamp()) * 10**9)
        day += timedelta(days=1)
    return found


def draw(rng: Random, events: int | None, episodes: int) -> Setting:
    """Draw a market of about ``events`` rows with room for so many deeds."""
    rows = events or int(spread_out(rng, 20_000, 150_000))
    room = max(2, min(20, rows // 4500), math.ceil(episodes / 4))
    symbols = rng.randint(1, 5)
    sessions = rng.randint(1, 4)
    while symbols * sessions > room:
        if rng.random() < 0.5 and symbols > 1:
            symbols -= 1
        elif sessions > 1:
            sessions -= 1
    while symbols * sessions < min(room, max(2, math.ceil(episodes / 5))):
        if rng.random() < 0.5 and symbols < 5:
            symbols += 1
        elif sessions < 4:
            sessions += 1
    hours = rng.choice((4.0, 5.0, 6.5, 7.0, 8.0, 8.5))
    hour = rng.choice((6.0, 7.0, 7.5, 8.0, 9.0)) if hours < 8.5 else rng.choice((7.0, 8.0, 8.5))
    vol = spread_out(rng, 0.015, 0.07)
    tickers = rng.sample(range(26**4), symbols)
    style = rng.random() < 0.5
    shares = []
    for n in tickers:
        word = "".join(chr(65 + n // 26**k % 26) for k in range(4))
        shares.append(_share(rng, word if style else f"{word[:2]}{n % 10}{word[2]}", vol))
    if len({s.book.name for s in shares}) < symbols:
        for k, s in enumerate(shares):
            s.book.name += chr(65 + k)
    return Setting(
        rows=rows,
        shares=shares,
        clients=_clients(rng, names(rng, int(spread_out(rng, 250, 2000)))),
        opens=_opens(rng, sessions, hour),
        length=hours * 3600,
        resolution=rng.choice((1_000, 1_000, 10_000, 1_000_000)),
        season=rng.uniform(0.2, 1.4),
        common=rng.uniform(0.2, 0.8),
        decay=spread_out(rng, 300, 1800),
        fade=spread_out(rng, 120, 900),
        memory=spread_out(rng, 120, 900),
        latency=spread_out(rng, 0.002, 0.3),
        kappa=spread_out(rng, 0.008, 0.03),
        lasting=rng.uniform(0.15, 0.5),
        makers=rng.randint(1, 2),
        lean=rng.uniform(0.5, 2.0),
    )
