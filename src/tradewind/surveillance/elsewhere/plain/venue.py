"""The plain venue: a book in whole cents, a crowd that trades at random, makers, and what they do as rows."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000

Play = Iterator[float]
"""What somebody does: acts, then yields the seconds until it acts again."""


@dataclass
class Order:
    """An order; ``left`` falls as it is executed."""

    id: int
    account: str
    side: int
    price: int
    left: int


@dataclass
class Book:
    """Price-time priority; prices in cents, bids kept negated so that the best is first."""

    levels: dict[int, dict[int, deque[Order]]] = field(default_factory=lambda: {1: {}, -1: {}})
    prices: dict[int, list[int]] = field(default_factory=lambda: {1: [], -1: []})

    def best(self, side: int) -> int:
        """Return the best price of a side, 0 where it is empty."""
        ladder = self.prices[side]
        while ladder:
            price = -ladder[0] if side > 0 else ladder[0]
            queue = self.levels[side].get(price)
            while queue and queue[0].left <= 0:
                queue.popleft()
            if queue:
                return price
            ladder.pop(0)
            self.levels[side].pop(price, None)
        return 0

    def rest(self, order: Order) -> None:
        """Put an order at the end of its price's queue."""
        queue = self.levels[order.side].get(order.price)
        if queue is None:
            queue = self.levels[order.side][order.price] = deque()
            insort(self.prices[order.side], -order.price if order.side > 0 else order.price)
        queue.append(order)


@dataclass(frozen=True, kw_only=True)
class PlainSettings:
    """How a market is: minutes, actions of the crowd a second, symbols, traders, volatility in 1/100,000 a step.

    ``flickers`` : seconds between two spells in which a maker moves one quote to and fro, on average; 0: none does.
    """

    minutes: float
    rate: float
    symbols: int
    traders: int
    volatility: float
    flickers: float = 0.0


class PlainVenue:
    """One market while it runs."""

    def __init__(self, settings: PlainSettings, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 77])
        self.settings, self._seed = settings, seed
        self.length = int(settings.minutes * 60 * SECOND)
        self.traders = [f"T{i:04d}" for i in range(settings.traders)]
        self.books = [Book() for _ in range(settings.symbols)]
        self.value = [float(v) for v in self.rng.integers(2_000, 20_000, settings.symbols)]
        self.lot = [int(v) for v in self.rng.choice([1, 10, 100], settings.symbols)]
        self.rows: list[Row] = []
        self.now = 0
        self._live: list[list[Order]] = [[] for _ in range(settings.symbols)]
        self._due: list[tuple[int, int, Play]] = []
        self._orders = self._turns = 0

    def submit(self, symbol: int, account: str, side: int, price: int, size: int) -> Order:
        """Enter an order; what does not execute rests."""
        order = self._match(symbol, Order(self._next(), account, side, max(price, 1), size))
        if order.left > 0:
            self.books[symbol].rest(order)
            self._live[symbol].append(order)
        return order

    def take(self, symbol: int, account: str, side: int, size: int, reach: int = 5) -> Order:
        """Take what rests up to ``reach`` cents beyond the best price; what is left is taken back at once."""
        price = self.touch(symbol, -side) + side * reach
        order = self._match(symbol, Order(self._next(), account, side, max(price, 1), size))
        self.cancel(symbol, order, quick=True)
        return order

    def cancel(self, symbol: int, order: Order, *, quick: bool = False) -> None:
        """Take back what is left of an order."""
        if order.left > 0:
            self._tick(0 if quick else 1)
            self._log(symbol, Kind.CANCEL, order, order.price, order.left)
            order.left = 0

    def publish(self, symbol: int, tone: int) -> None:
        """Let news about a symbol become public."""
        self._tick()
        self._log(symbol, Kind.NEWS, Order(self._next(), "", tone, 0, 0), 0, 0)

    def touch(self, symbol: int, side: int) -> int:
        """Return the best price of a side; beside the value where it is empty."""
        return self.books[symbol].best(side) or round(self.value[symbol]) - side

    def start(self, at: float, play: Play) -> None:
        """Let somebody begin ``at`` seconds after the open."""
        self._turns += 1
        heapq.heappush(self._due, (int(at * SECOND), self._turns, play))

    def run(self) -> None:
        """Run the market to its close."""
        self.start(0.0, self._crowd())
        for symbol in range(len(self.books)):
            for number in range(2):
                self.start(0.0, self._maker(symbol, f"MM{number}"))
            if self.settings.flickers:
                self.start(
                    0.0, self._flickering(symbol, f"MM{symbol % 2}", np.random.default_rng([self._seed, 79, symbol]))
                )
        while self._due:
            time, _, play = heapq.heappop(self._due)
            if time > self.length:
                break
            self.now = max(self.now, time)
            wait = next(play, None)
            if wait is not None:
                self.start(self.now / SECOND + wait, play)

    def _match(self, symbol: int, order: Order) -> Order:
        self._tick()
        self._log(symbol, Kind.NEW, order, order.price, order.left)
        book = self.books[symbol]
        while order.left > 0:
            best = book.best(-order.side)
            if not best or (best - order.price) * order.side > 0:
                break
            maker = book.levels[-order.side][best][0]
            done = min(maker.left, order.left)
            maker.left -= done
            order.left -= done
            self._log(symbol, Kind.TRADE, maker, best, done, order)
        return order

    def _log(self, symbol: int, kind: Kind, order: Order, price: int, size: int, taker: Order | None = None) -> None:
        who = ("", 0) if taker is None else (taker.account, taker.id)
        self.rows.append(Row(self.now, symbol, kind, order.id, order.account, order.side, price, size, *who))

    def _tick(self, steps: int = 1) -> None:
        if steps:
            self.now += int(self.rng.integers(1_000, 50_000))

    def _next(self) -> int:
        self._orders += 1
        return self._orders

    def _size(self, symbol: int) -> int:
        return self.lot[symbol] * int(1 + self.rng.geometric(0.3))

    def _crowd(self) -> Play:
        rng = self.rng
        while True:
            symbol = int(rng.integers(len(self.books)))
            account = self.traders[int(len(self.traders) * rng.random() ** 2)]
            self.value[symbol] *= 1 + self.settings.volatility * 1e-5 * rng.standard_normal()
            lean = np.tanh((self.value[symbol] - (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2) / 5)
            side = 1 if rng.random() < 0.5 + 0.3 * lean else -1
            what = rng.random()
            if what < 0.5:
                price = self.touch(symbol, side) - side * int(rng.geometric(0.3) - 2)
                self.submit(symbol, account, side, price, self._size(symbol))
            elif what < 0.85 and self._live[symbol]:
                live = self._live[symbol]
                k = int(rng.integers(len(live)))
                order, live[k] = live[k], live[-1]
                live.pop()
                self.cancel(symbol, order)
            else:
                self.take(symbol, account, side, self._size(symbol))
            yield float(rng.exponential(1 / self.settings.rate))

    def _maker(self, symbol: int, account: str) -> Play:
        quotes: list[Order] = []
        while True:
            for order in quotes:
                self.cancel(symbol, order)
            middle, size = round(self.value[symbol]), 5 * self.lot[symbol]
            quotes = [
                self.submit(symbol, account, side, middle - side * (2 + 2 * k), size)
                for side in (1, -1)
                for k in range(3)
            ]
            yield float(self.rng.uniform(0.5, 3))

    def _flickering(self, symbol: int, account: str, rng: np.random.Generator) -> Play:
        """Honest fleeting quotes (Hasbrouck and Saar 2009): moved dozens of times within a second or two."""
        while True:
            yield float(rng.exponential(self.settings.flickers))
            side, pace = int(rng.choice((1, -1))), float(np.exp(rng.uniform(np.log(8), np.log(60))))
            size = max(1, round(float(rng.uniform(0.5, 5)))) * self.lot[symbol]
            for _ in range(int(rng.integers(6, 60))):
                order = self.submit(
                    symbol, account, side, self.touch(symbol, side) - side * int(rng.integers(0, 2)), size
                )
                yield float(rng.exponential(1 / pace))
                self.cancel(symbol, order)
                if rng.random() < 0.1:
                    yield float(rng.exponential(5 / pace))
