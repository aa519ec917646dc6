"""The market's clock, its weather, its books, and the people who may act in it."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from bisect import insort
from collections.abc import Callable, Iterator
from functools import partial

from tradewind.surveillance.elsewhere.acceptance.book import Book, Order, Tape
from tradewind.surveillance.elsewhere.acceptance.people import Client, order_numbers, population
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, Settings

Play = Iterator[int]
Step = Callable[[], int | None]
STEPS = 240


class World:
    """All that goes on: a heap of steps in trading time, and what they may look at."""

    def __init__(self, rng: random.Random, settings: Settings) -> None:
        self.rng = rng
        self.s = settings
        self.tape = Tape(order_numbers(rng))
        count = len(settings.symbols)
        self.books = [Book(i, self.tape, self._traded) for i in range(count)]
        self.value = [float(level) for level in settings.levels]
        self.fair = list(self.value)
        self.last = list(settings.levels)
        self.lean = [0.0] * count
        self.heat = [1.0] * count
        self.stir = [0.0] * count
        self.rate = [1.0] * count
        self.pace = 1.0
        self.looks = [20.0] * count
        self.between_makers = False
        self.past: list[list[float]] = [[float(level)] for level in settings.levels]
        self.stops: list[dict[int, list[tuple[int, Client, int]]]] = [{1: [], -1: []} for _ in range(count)]
        self.watchers: list[list[Callable[[], None]]] = [[] for _ in range(count)]
        self.clients, self.names = population(rng, settings)
        self.weights = list(itertools.accumulate(c.weight for c in self.clients))
        self.heap: list[tuple[int, int, Step]] = []
        self.ticket = itertools.count()

    @property
    def now(self) -> int:
        return self.tape.now

    @property
    def end(self) -> int:
        """The end of the session that is on."""
        return (self.now // self.s.length + 1) * self.s.length

    def after(self, delay: float, step: Step) -> None:
        """Take a step after so many seconds."""
        heapq.heappush(self.heap, (self.now + max(1, int(delay * SECOND)), next(self.ticket), step))

    def spawn(self, play: Play, delay: float = 0.0) -> None:
        """Begin a play, whose waits are in nanoseconds."""
        self.after(delay, play.__next__)

    def wait(self, mean: float, symbol: int) -> int:
        """Return a wait in nanoseconds with such a mean in seconds at the usual activity."""
        return int(self.rng.expovariate(1.0) * mean / self.rate[symbol] * SECOND) + 1

    def season(self, part: float) -> float:
        """Return how busy the market is at a part of its session."""
        early, late = self.s.u_shape
        return 0.6 + early * math.exp(-part / 0.08) + late * math.exp(-(1 - part) / 0.05)

    def client(self) -> Client:
        """Return a client, the busier the likelier."""
        return self.rng.choices(self.clients, cum_weights=self.weights)[0]

    def mid(self, symbol: int) -> float:
        """Return the middle of the touch, or the fair price where a side is empty."""
        bid, ask = self.books[symbol].best(1), self.books[symbol].best(-1)
        return self.fair[symbol] if bid is None or ask is None else (bid + ask) / 2

    def touch(self, symbol: int, side: int) -> int:
        """Return the best price of a side, or where one would stand."""
        price = self.books[symbol].best(side)
        return max(2, round(self.fair[symbol] - side * (self.s.half[symbol] + 1))) if price is None else price

    def take(
        self,
        symbol: int,
        account: str,
        side: int,
        size: int,
        reach: int = 2,
        *,
        tag: int = 0,
        ioc: bool = True,
        own: bool = False,
    ) -> Order:
        """Enter an order against the other side, up to ``reach`` ticks beyond its best price."""
        own = own or self.rng.random() > self.s.own_checks
        price = self.touch(symbol, -side) + side * reach
        return self.books[symbol].submit(account, side, price, max(1, size), tag=tag, ioc=ioc, own=own)

    def rest(self, symbol: int, account: str, side: int, price: int, size: int, *, tag: int = 0) -> Order:
        """Enter an order that does not cross: its price stays short of the other side."""
        other = self.books[symbol].best(-side)
        if other is not None and (price - other) * side >= 0:
            price = other - side
        if price < 1:
            price = 1
            if other is not None and other <= 1 and side > 0:
                return Order(0, account, side, 1, 0, tag)
        return self.books[symbol].submit(account, side, price, max(1, size), tag=tag)

    def news(self, symbol: int, jump: float, *, lead: float = 0.0) -> None:
        """Publish: the value jumps by so many ticks, and the symbol is stirred up; ``lead``: part known before."""
        self.books[symbol].news()
        self.value[symbol] = max(60.0, self.value[symbol] + jump * (1 - lead))
        self.fair[symbol] += jump * (1 - lead) * self.rng.uniform(0.2, 0.7)
        self.stir[symbol] += self.rng.uniform(0.8, 3.0)
        self.lean[symbol] += math.copysign(self.rng.uniform(0.3, 1.2), jump)

    def weather(self) -> Play:
        """Move values, tempers and the general pace; keep the whole near the number of events asked for."""
        s, rng = self.s, self.rng
        dt = s.seconds / STEPS
        shares = [self.season((i + 0.5) / STEPS) for i in range(STEPS)]
        total = sum(shares)
        target, done, measured, before = s.events * 0.95, 0.0, 1.0, 0
        calm = 1.0
        while True:
            step = (self.now * STEPS // s.length) % STEPS
            planned = target * shares[step] / total / s.sessions
            calm = math.exp(0.95 * math.log(calm) + rng.gauss(0, 0.15))
            shock = rng.gauss(0, 1)
            for i in range(len(self.value)):
                self.heat[i] = math.exp(0.93 * math.log(self.heat[i]) + rng.gauss(0, 0.16))
                sigma = s.volatility * s.levels[i] / math.sqrt(STEPS) * calm * math.sqrt(self.heat[i])
                own = math.sqrt(1 - s.common**2) * rng.gauss(0, 1)
                self.value[i] = max(60.0, self.value[i] + sigma * (s.common * shock + own))
                self.fair[i] += (self.value[i] - self.fair[i]) * (1 - math.exp(-dt / s.revert))
                self.fair[i] = max(50.0, self.fair[i])
                self.stir[i] *= math.exp(-dt / 400)
                self.lean[i] *= math.exp(-dt / 300)
                self.rate[i] = self.pace * shares[step] * STEPS / total * self.heat[i] * (1 + self.stir[i])
                self.past[i].append(self.mid(i))
                self.looks[i] = 3.0 + 0.06 * planned * s.rates[i] / sum(s.rates) * min(2.0, self.rate[i] + 0.3)
            yield s.length // STEPS
            rows = len(self.tape.rows) - self.tape.tagged
            measured += 0.15 * ((rows - before) / planned - measured)
            before = rows
            done += planned
            need = (target - rows) / max(target - done, 0.02 * target)
            self.pace *= min(1.2, max(0.83, (max(need, 0.3) / max(measured, 0.1)) ** 0.3))
            self.pace = min(20.0, max(0.05, self.pace))

    def run(self) -> None:
        """Play all sessions to their ends."""
        for session in range(self.s.sessions):
            end = (session + 1) * self.s.length
            while self.heap and self.heap[0][0] < end - 1:
                when, _, step = heapq.heappop(self.heap)
                self.tape.now = when
                try:
                    pause = step()
                except StopIteration:
                    continue
                if pause is not None:
                    heapq.heappush(self.heap, (when + max(1, pause), next(self.ticket), step))
            self.tape.now = end - 1
            for book in self.books:
                book.clear()
                gap = self.rng.gauss(0, self.s.volatility * self.s.levels[book.index] * 0.4)
                self.value[book.index] = max(60.0, self.value[book.index] + gap)
                self.fair[book.index] = self.value[book.index]

    def stop(self, symbol: int, side: int, price: int, client: Client, size: int) -> None:
        """Leave a stop: once the price trades there, ``size`` is bought or sold at any price."""
        if len(self.stops[symbol][side]) < 400:
            insort(self.stops[symbol][side], (price * side, client, size), key=lambda stop: stop[0])

    def _traded(self, symbol: int, side: int, price: int, size: int) -> None:
        """React to a trade: impact, stops, and makers who look again."""
        s = self.s
        self.last[symbol] = price
        push = (
            0.0 if self.between_makers else s.impact * s.half[symbol] * side * min(6.0, (size / s.units[symbol]) ** 0.6)
        )
        self.fair[symbol] += push
        self.value[symbol] = max(60.0, self.value[symbol] + push * s.lasting)
        for way in (1, -1):
            stops = self.stops[symbol][way]
            while stops and stops[0][0] <= price * way:
                _, client, amount = stops.pop(0)
                delay = self.rng.expovariate(5.0) + s.latency
                self.after(delay, partial(self._stopped, symbol, client.name, way, amount))
        if self.between_makers:
            return
        for watch in self.watchers[symbol]:
            if self.looks[symbol] > 0 and self.rng.random() < 0.3 * min(1.0, self.pace):
                self.looks[symbol] -= 1
                watch()

    def _stopped(self, symbol: int, account: str, side: int, size: int) -> None:
        self.take(symbol, account, side, size, 12)
