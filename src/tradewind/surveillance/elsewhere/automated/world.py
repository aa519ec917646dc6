"""The world: what is drawn by seed, the hidden value of each symbol, and the clock that agents sleep on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush

import numpy as np

from tradewind.surveillance.elsewhere.automated.book import Book, Order, Tape

SEC = 1_000_000_000
Script = Iterator[int]

# hours in seconds: UTC offset summer/winter, opening, trading time, lunch after, lunch length
VENUES: dict[str, tuple[int, int, int, int, int, int]] = {
    "us": (-4, -5, 34200, 23400, 0, 0),
    "us_early": (-4, -5, 34200, 12600, 0, 0),
    "hk": (8, 8, 34200, 19800, 9000, 3600),
    "hk_morning": (8, 8, 34200, 9000, 0, 0),
    "jp": (9, 9, 32400, 19800, 9000, 3600),
}


@dataclass
class Session:
    """One day's hours in trading time: lunch is cut out here and put back by the tape's clock."""

    start: int
    close: int
    lunch_at: int
    lunch: int


@dataclass
class Sym:
    """One listed thing: its book, its habits and its hidden value."""

    name: str
    book: Book
    lot: int
    unit: int
    half: float
    level: float
    rate: float
    beat: float
    heat_tau: float
    path: list[float] = field(default_factory=list)
    shift: float = 0.0
    hype: float = 0.0
    hype_t: int = 0
    hype_tau: float = 600.0
    heat: float = 0.0
    heat_t: int = 0
    alarm_t: int = 0
    twin: Sym | None = None
    news: list[tuple[int, float]] = field(default_factory=list)
    pullers: list[tuple[str, Order]] = field(default_factory=list)


class World:
    """Everything shared by the agents; time is trading time in nanoseconds."""

    def __init__(self, seed: int, events: int | None) -> None:
        self.rng = random.Random(f"machines:{seed}")
        r = self.rng
        self.np = np.random.default_rng([5, seed & 0x7FFFFFFF])
        self.target = events if events is not None else int(math.exp(r.uniform(math.log(20_000), math.log(150_000))))
        self.tape = Tape()
        self.pace = 1.0
        self.extra = 0
        self.t = 0
        self.heap: list[tuple[int, int, Script]] = []
        self.n = 0
        small = self.target < 40_000
        venue = r.choices(list(VENUES), [2, 3, 2, 3, 2] if small else [5, 1, 4, 1, 3])[0]
        self.sessions = self._days(venue, 2 if r.random() < (0.25 if small else 0.45) else 1)
        self.length = VENUES[venue][3]
        self.u_shape = r.uniform(0.2, 2.0)
        self.latency = math.exp(r.uniform(math.log(20e3), math.log(3e6)))
        self.names: set[str] = set()
        self.style = r.randrange(4)
        n = r.choices([1, 2, 3], [4, 4, 2] if small else [3, 4, 4])[0]
        share = [r.uniform(0.5, 2.0) for _ in range(n)]
        self.syms: list[Sym] = []
        for i in range(n):
            self.syms.append(self._symbol(venue, i, self.target * share[i] / sum(share) / len(self.sessions)))
        self.dual = n > 1 and r.random() < 0.7
        if self.dual:
            self.syms[0].twin, self.syms[1].twin = self.syms[1], self.syms[0]
        self.session = self.sessions[0]
        total = int(math.exp(r.uniform(math.log(60), math.log(560))))
        self.roles: dict[str, list[str]] = {}
        for role, low, high in (
            ("maker", 3, 9), ("arb", 2, 4), ("stat", 2, 4), ("fund", 5, 14), ("trend", 4, 9),
            ("bot", 3, 7), ("wholesale", 1, 2), ("informed", 5, 16), ("peg", 1, 3),
        ):  # fmt: skip
            self.roles[role] = [self.account() for _ in range(r.randint(low, high))]
        used = sum(map(len, self.roles.values()))
        self.roles["crowd"] = [self.account() for _ in range(max(25, total - used))]

    def _days(self, venue: str, n: int) -> list[Session]:
        r = self.rng
        summer, winter, opens, length, lunch_at, lunch = VENUES[venue]
        month = r.choice([1, 2, 6, 7, 8, 12])
        day = date(r.choice([2023, 2024, 2025]), month, r.randint(2, 22))
        out: list[Session] = []
        while len(out) < n:
            if day.weekday() < 5:
                midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
                start = (midnight + opens - 3600 * (summer if month in (6, 7, 8) else winter)) * SEC
                at = start + lunch_at * SEC if lunch_at else start + length * 2 * SEC
                out.append(Session(start, start + length * SEC, at, lunch * SEC))
            day += timedelta(days=1)
        return out

    def _symbol(self, venue: str, i: int, quota: float) -> Sym:
        r = self.rng
        tick, digits = {
            "us": (0.01, 2),
            "hk": (r.choice([0.01, 0.02, 0.05, 0.1]), 2),
            "jp": (r.choice([0.5, 1.0, 5.0]), 1),
        }[venue[:2]]
        level = math.exp(r.uniform(math.log(400), math.log(25_000)))
        lot = {"us": r.choice([1, 1, 10, 100]), "hk": r.choice([100, 200, 400, 500, 1000, 2000]), "jp": 100}[venue[:2]]
        unit = lot * max(1, round(math.exp(r.uniform(math.log(3), math.log(60)))))
        half = math.exp(r.uniform(math.log(0.6), math.log(max(1.2, min(9.0, level * 0.0015)))))
        name = f"{r.randint(1, 9999):05d}" if venue[:2] == "hk" else f"{r.randint(1300, 9990)}"
        if venue[:2] == "us":
            name = "".join(r.choices("ABCDEFGHKLMNPRSTVW", k=r.randint(2, 4)))
        if any(s.name == name for s in self.syms):
            name += f".{i}"
        book = Book(self.tape, name, tick, digits, unit, round(level))
        rate = 0.30 * quota / self.length
        return Sym(name, book, lot, unit, half, level, rate, 1 / (0.16 * quota / self.length), r.uniform(5, 60))

    def account(self) -> str:
        """Names tell nothing about the trade they are in; one house style a venue."""
        r = self.rng
        while True:
            name = (
                f"{r.randint(10**6, 10**7 - 1)}", f"{r.choice('BCDFGKMX')}{r.randint(100, 999)}-{r.randint(0, 99):02d}",
                f"{r.getrandbits(28):07x}", f"AC{r.randint(0, 99999):05d}",
            )[self.style]  # fmt: skip
            if name not in self.names:
                self.names.add(name)
                return name

    def open_session(self, k: int) -> None:
        """Draw the day's hidden values: stochastic volatility, U-shape, overnight gap, a twin with its own basis."""
        self.session = self.sessions[k]
        self.t = self.session.start
        self.heap.clear()
        n = self.length + 2
        x = np.linspace(0, 1, n)
        season = np.sqrt(0.6 + 1.2 * (2 * x - 1) ** 2)
        shared = self.np.standard_normal(n)
        for i, s in enumerate(self.syms):
            start = (s.path[-1] if s.path else s.level) * (1 + s.shift)
            s.shift = s.hype = s.heat = 0.0
            s.news = []
            gap = math.exp(self.rng.gauss(0, 0.012)) if k else 1.0
            vol = math.exp(self.rng.uniform(math.log(0.005), math.log(0.025))) / math.sqrt(n)
            log_vol = np.cumsum(self.np.standard_normal(n)) * 1.2 / math.sqrt(n)
            rho = 0.6
            steps = rho * shared + math.sqrt(1 - rho**2) * self.np.standard_normal(n)
            move = np.cumsum(vol * np.exp(log_vol - log_vol.mean()) * season * steps)
            if self.dual and i == 1:
                first = np.array(self.syms[0].path)
                basis = np.cumsum(self.np.standard_normal(n)) * 0.0006 / math.sqrt(n)
                move = np.log(first / first[0]) + basis
            s.path = np.maximum(start * gap * np.exp(np.clip(move - move[0], -0.3, 0.3)), 30.0).tolist()
            s.book.last = round(s.path[0])

    def value(self, s: Sym) -> float:
        """Hidden value in ticks now, with what news and passing excitement have added."""
        base = s.path[min((self.t - self.session.start) // SEC, len(s.path) - 1)]
        hype = s.hype * math.exp(-(self.t - s.hype_t) / SEC / s.hype_tau) if s.hype else 0.0
        return base * (1 + s.shift + hype)

    def alarm(self, s: Sym) -> float:
        """How frightened makers are: jumps at news, gone after a minute or two."""
        return 3.0 * math.exp(-(self.t - s.alarm_t) / SEC / 25) if s.alarm_t else 0.0

    def season(self) -> float:
        x = (self.t - self.session.start) / (self.session.close - self.session.start)
        return (0.5 + self.u_shape * (2 * x - 1) ** 2) / (0.5 + self.u_shape / 3)

    def size(self, s: Sym, times: float = 1.0, spread: float = 0.8) -> int:
        """A size in lots around the symbol's usual one; people like round numbers."""
        lots = s.unit * times * math.exp(self.rng.gauss(0, spread)) / s.lot
        if lots > 12 and self.rng.random() < 0.5:
            lots = round(lots / 5) * 5
        return max(1, round(lots)) * s.lot

    def push(self, script: Script, delay: int) -> None:
        self.n += 1
        heappush(self.heap, (self.t + max(delay, 1), self.n, script))

    def run(self) -> None:
        """Wake sleepers in order until the close."""
        close, lunch_at, lunch = self.session.close, self.session.lunch_at, self.session.lunch
        heap, tape = self.heap, self.tape
        while heap:
            t, _, script = heappop(heap)
            if t >= close:
                break
            self.t = t
            tape.now = t + lunch if t >= lunch_at else t
            delay = next(script, None)
            if delay is not None:
                self.n += 1
                heappush(heap, (t + max(delay, 1), self.n, script))
        self.t = close
        tape.now = close + lunch
