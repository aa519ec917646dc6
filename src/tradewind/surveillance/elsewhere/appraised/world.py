"""What a market is drawn from: its clock, days, symbols and people."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable, Generator
from random import Random
from typing import Any

from tradewind.surveillance.elsewhere.appraised.book import Book, Order

SECOND = 1_000_000_000
Process = Generator[float, None, Any]


def spread_out(rng: Random, low: float, high: float) -> float:
    """A log-uniform draw."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


class Clock:
    """Event time; processes are generators that yield the seconds to wait."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.now, self._seq = rng, 0, itertools.count()
        self._heap: list[tuple[int, int, Callable[[], object]]] = []
        self.lag = int(spread_out(rng, 800, 40_000))

    def tick(self) -> None:
        self.now += 100 + int(self.rng.random() * self.lag)

    def at(self, when: int, call: Callable[[], object]) -> None:
        heapq.heappush(self._heap, (when, next(self._seq), call))

    def spawn(self, process: Process, when: int | None = None) -> None:
        def step() -> None:
            wait = next(process, None)
            if wait is not None:
                self.at(self.now + max(1, int(wait * SECOND)), step)

        self.at(self.now if when is None else when, step)

    def run(self) -> None:
        while self._heap:
            when, _, call = heapq.heappop(self._heap)
            self.now = max(self.now, when)
            call()


class Stock:
    """One symbol: its book, its consensus value and the state people read off it."""

    def __init__(self, world: World, name: str, rate: float) -> None:
        rng = world.rng
        self.world, self.name, self.rate = world, name, rate
        tick = rng.choice([0.01, 0.01, 0.01, 0.005, 0.05, 0.001, 0.1])
        self.book = Book(name, tick, world.clock, world.rows, world.ids)
        self.value = spread_out(rng, 1500, 15000)
        self.daily = rng.uniform(0.008, 0.04)
        self.lot = rng.choice([1, 1, 10, 100])
        self.unit = max(2.0, spread_out(rng, 60, 3000) / self.lot)
        self.half = max(0.6, self.value * self.daily * rng.uniform(0.006, 0.02))
        self.wide, self.deep = 2 * self.half, 4.0 * self.unit * self.lot
        self.heat = rng.gauss(0, 0.4)
        self.hype, self.press, self._press_at = 0.0, 0.0, 0
        self.fade = rng.uniform(60, 300) * SECOND
        self.bite = rng.uniform(0.12, 0.3)
        self.alarm = 0
        self.drift = 0.0
        self.working: dict[str, int] = {}  # managers at work and until when
        self.appetite = 8.0
        self.path: deque[float] = deque(maxlen=120)
        self.typical = 2.0 * self.half
        self.opinion: dict[str, float] = {}
        self.holding: dict[str, int] = {}
        self.live: dict[str, list[Order]] = {}
        self.stops: list[tuple[float, bool, str, int]] = []
        self.book.ref, self.book.last = self.value, int(self.value)
        self.book.on_take = self.taken

    def lots(self, size: float) -> int:
        return max(1, round(size / self.lot)) * self.lot

    def view(self) -> float:
        return self.value * (1 + self.daily * self.hype)

    def pressure(self) -> float:
        """Price pressure of past taking, fading."""
        now = self.world.clock.now
        self.press *= math.exp((self._press_at - now) / self.fade)
        self._press_at = now
        return self.press

    def taken(self, buy: bool, size: int) -> None:
        push = self.bite * self.wide * min(4.0, (size / self.deep) ** 0.7) * (1 if buy else -1)
        self.press = self.pressure() + push
        self.value += 0.12 * push

    def filled(self, order: Order, size: int) -> None:
        self.hold(order.account, size if order.buy else -size)

    def hold(self, account: str, size: int) -> None:
        self.holding[account] = self.holding.get(account, 0) + size

    def gap(self) -> float:
        """Seconds between trades so far, with a prior."""
        return (self.world.elapsed() + 600) / (self.book.trades + 600 * self.rate * 0.1 + 1)

    def turnover(self) -> float:
        """Volume a second."""
        prior = 900 * self.rate * 0.1 * self.unit * self.lot
        return (sum(self.book.flow) + prior) / (self.world.elapsed() + 900)


class World:
    """Everything one market shares."""

    def __init__(self, seed: int, events: int | None) -> None:
        self.rng = rng = Random(seed * 7919 + 17)
        self.rows: list[tuple[Any, ...]] = []
        self.clock, self.ids = Clock(rng), itertools.count(rng.randint(1, 10**6))
        self.target = events or int(spread_out(rng, 66_000, 215_000))
        self.days = self._days(rng.choice([1, 1, 2, 3]))
        self.open, self.close = self.days[0]
        self.length = (self.close - self.open) / SECOND
        self.smile = rng.uniform(0.5, 2.5)
        self.pace = 1.0
        self.busy: set[str] = set()
        self.news: list[tuple[int, Stock, bool, float]] = []
        self._style = rng.choice(["A{:05d}", "{:07d}", "C-{:04X}", "ACC{:06d}"])
        self._used: set[str] = set()
        count = rng.choice([1, 2, 2, 3, 4, 5, 6])
        weights = [spread_out(rng, 0.35, 1.0) for _ in range(count)]
        a_second = self.target / (len(self.days) * self.length) / sum(weights)
        letters = "ABCDEFGHIKLMNOPRSTUVWXYZ"
        names: set[str] = set()
        while len(names) < count:
            names.add("".join(rng.choice(letters) for _ in range(rng.choice([3, 4]))))
        self.stocks = [Stock(self, n, w * a_second) for n, w in zip(sorted(names), weights, strict=True)]
        self._people(int(spread_out(rng, 15, 1500)))

    def _days(self, count: int) -> list[tuple[int, int]]:
        rng = self.rng
        day = dt.datetime(2021, 1, 4, tzinfo=dt.UTC) + dt.timedelta(days=7 * rng.randint(0, 200) + rng.randint(0, 2))
        first = day + dt.timedelta(minutes=rng.choice([0, 30]) + 60 * rng.choice([0, 1, 7, 8, 9, 13, 14]))
        start, long = int(first.timestamp()) * SECOND, int(rng.choice([5, 6.5, 6.5, 7, 8.5]) * 3600) * SECOND
        return [(start + i * 86_400 * SECOND, start + i * 86_400 * SECOND + long) for i in range(count)]

    def account(self) -> str:
        while True:
            name = self._style.format(self.rng.randint(1, 60_000))
            if name not in self._used:
                self._used.add(name)
                return name

    def _people(self, count: int) -> None:
        """Makers, managers, funds, day traders; the rest invest."""
        rng = self.rng
        self.makers = [self.account() for _ in range(max(3, min(14, count // 5)))]
        self.managers = [[self.account() for _ in range(rng.choice([1, 1, 2, 3]))] for _ in range(max(2, count // 40))]
        self.funds = [self.account() for _ in range(max(2, min(12, count // 30)))]
        self.blocks = [self.account() for _ in range(max(1, min(10, count // 40)))]
        self.quick = [self.account() for _ in range(max(3, count // 10))]
        used = len(self.makers) + sum(map(len, self.managers)) + len(self.funds) + len(self.blocks) + len(self.quick)
        self.investors: list[str] = []
        self.weights: list[float] = []
        self.greed: dict[str, float] = {}
        for _ in range(max(5, count - used)):
            self.join(self.account())

    def join(self, account: str) -> None:
        """Make an account one of the ordinary investors."""
        last = self.weights[-1] if self.weights else 0.0
        self.investors.append(account)
        self.weights.append(last + min(12.0, self.rng.paretovariate(1.4)))
        self.greed[account] = max(0.0, self.rng.gauss(0.5, 0.6))

    def elapsed(self) -> float:
        """Trading seconds so far."""
        done = sum(1 for _, close in self.days if close < self.clock.now)
        inside = max(0, min(self.clock.now, self.close) - self.open) / SECOND
        return done * self.length + (inside if self.clock.now <= self.close else 0.0)

    def shape(self) -> float:
        """The U of the day, mean one."""
        x = min(1.0, max(0.0, (self.clock.now - self.open) / (self.close - self.open)))
        return (1 + self.smile * (2 * x - 1) ** 2) / (1 + self.smile / 3)

    def left(self) -> float:
        return (self.close - self.clock.now) / SECOND

    def announce(self, stock: Stock, good: bool) -> None:
        self.clock.tick()
        self.rows.append((self.clock.now, stock.name, "news", 0, "", "buy" if good else "sell", 0.0, 0))
