"""Time, values and crowds of the market: what all actors share."""

from __future__ import annotations

import heapq
import itertools
import math
from bisect import bisect_right
from collections.abc import Generator
from random import Random

from tradewind.surveillance.elsewhere.frontier.pulse import GRID, draw_pulse
from tradewind.surveillance.elsewhere.frontier.settings import Settings, account_names, order_ids
from tradewind.surveillance.elsewhere.frontier.venue import Order, Venue

Actor = Generator[float, None, None]


class World:
    """The market in market time: seconds of open venue since the first opening, without the nights."""

    def __init__(self, settings: Settings) -> None:
        self.set = settings
        self.names = account_names(self.rng("names"))
        self.venue = Venue(settings.symbols, settings.ticks, order_ids(self.rng("ids")))
        self.venue.on_trade = self._traded
        self.venue.on_rest = self._rested
        self.crowd_rng = self.rng("crowd")
        self.now = 0.0
        self.end = float(settings.length * len(settings.days))
        self.queue: list[tuple[float, int, Actor]] = []
        self.count = itertools.count()
        self.tempo = 1.0
        self.value = [math.log(price) for price in settings.prices]
        self.last = list(settings.prices)
        self.typical = [float(unit) for unit in settings.units]
        self.calm = [float(price) for price in settings.prices]
        self.calm_at = [0.0] * len(settings.symbols)
        self.alarmed = [-1e9] * len(settings.symbols)
        self.stops: list[dict[int, list[tuple[int, str, int]]]] = [{1: [], -1: []} for _ in settings.symbols]
        self.chasers: list[str] = []
        self.people: list[str] = []
        self.rich: list[str] = []
        self.left_over: list[tuple[str, int, int, int, int]] = []
        self.busy: set[tuple[str, int]] = set()
        self.pulse = draw_pulse(settings, self.rng("pulse"))
        self.sum_pulse = [0.0, *itertools.accumulate(rate * GRID for rate in self.pulse)]

    def rng(self, name: str) -> Random:
        return Random(f"frontier/{self.set.seed}/{name}")

    def busyness(self) -> float:
        return self.pulse[min(int(self.now / GRID), len(self.pulse) - 1)]

    def lapsed(self) -> float:
        """Busy time so far; it has the length of market time in all."""
        cell = min(int(self.now / GRID), len(self.pulse) - 1)
        return self.sum_pulse[cell] + (self.now - cell * GRID) * self.pulse[cell]

    def arrive(self, gap: float, rng: Random) -> float:
        """Wait for something that comes every ``gap`` seconds of busy time on average."""
        goal = self.lapsed() + rng.expovariate(1.0) * gap / self.tempo
        cell = bisect_right(self.sum_pulse, goal) - 1
        if cell >= len(self.pulse):
            return self.end
        return max(0.001, cell * GRID + (goal - self.sum_pulse[cell]) / self.pulse[cell] - self.now)

    def start(self, actor: Actor, delay: float = 0.0) -> None:
        heapq.heappush(self.queue, (self.now + delay, next(self.count), actor))

    def run(self) -> None:
        s, session = self.set, 0
        while session < len(s.days):
            if not self.queue or self.queue[0][0] >= (session + 1) * s.length:
                self.venue.stamp = s.stamp(session, s.length)
                self.venue.close()
                session += 1
                continue
            self.now, _, actor = heapq.heappop(self.queue)
            self.venue.stamp = s.stamp(session, self.now - session * s.length)
            wait = next(actor, None)
            if wait is not None:
                self.start(actor, max(wait, 0.0))

    def session_left(self) -> float:
        return self.set.length - self.now % self.set.length

    def mid(self, symbol: int) -> float:
        """The middle of the book where it has one, else near the last price; in ticks."""
        book = self.venue.books[symbol]
        bid, ask = book.best(1), book.best(-1)
        if bid is None or ask is None or ask > bid * 1.08:
            return float(min(max(self.last[symbol], bid or 0), ask or self.last[symbol]))
        return (bid + ask) / 2

    def best(self, symbol: int, side: int) -> int | None:
        return self.venue.books[symbol].best(side)

    def size(self, symbol: int, scale: float, rng: Random, spread: float = 0.7) -> int:
        """A size about ``scale`` ordinary ones, often a round one."""
        lot = self.set.lots[symbol]
        lots = max(1, int(scale * self.set.units[symbol] / lot * math.exp(rng.gauss(0, spread) - spread**2 / 2)))
        if lots > 10 and rng.random() < 0.6:
            step = 10 ** int(math.log10(lots)) // (2 if rng.random() < 0.4 else 1)
            lots = max(step, round(lots / step) * step)
        return lots * lot

    def anchor(self, price: float, side: int, rng: Random, roundness: float = 0.6) -> int:
        """The price in ticks that people would write: often a round one."""
        if rng.random() < roundness:
            coarse = price * rng.choice((0.002, 0.005, 0.01, 0.02))
            step = int(10 ** max(0, math.floor(math.log10(max(1.0, coarse)))))
            step *= next((k for k in (5, 2) if step * k <= coarse), 1)
            return max(1, round(price / step) * step)
        return max(1, math.floor(price) if side > 0 else math.ceil(price))

    def send(self, symbol: int, account: str, side: int, price: int, size: int, *, ioc: bool = False) -> Order:
        """Enter an honest order; whoever would meet an order of their own takes that away first."""
        careless = self.crowd_rng.random() < 0.03
        for order in [] if careless else list(self.venue.own[account].values()):
            if order.symbol == symbol and order.side != side and (price - order.price) * side >= 0:
                self.venue.cancel(order)
        return self.venue.enter(symbol, account, side, price, size, ioc=ioc)

    def take(self, symbol: int, account: str, side: int, size: int, reach: float, *, ioc: bool = True) -> int:
        """Deal at once with what lies within ``reach`` (a share of the price) of the best; return what was dealt."""
        best = self.best(symbol, -side)
        if best is None:
            return 0
        price = best + side * round(best * reach)
        return self.send(symbol, account, side, price, size, ioc=ioc).filled

    def post(self, symbol: int, account: str, side: int, price: int, size: int) -> Order:
        """Enter an order that rests: no better than one tick short of the other side."""
        other = self.best(symbol, -side)
        if other is not None and (price - other) * side >= 0:
            price = other - side
        return self.send(symbol, account, side, price, size)

    def move(self, order: Order, price: int, size: int) -> bool:
        other = self.best(order.symbol, -order.side)
        if other is not None and (price - other) * order.side >= 0:
            price = other - order.side
        return self.venue.modify(order, price, size)

    def publish(self, symbol: int, jump: float, followers: int) -> None:
        """Make news public: its value, and people that act on it."""
        self.venue.news(symbol)
        self.value[symbol] += jump
        self.excite(symbol, 1 if jump > 0 else -1, followers, 60 * 2 ** self.crowd_rng.uniform(-2, 2))

    def excite(self, symbol: int, side: int, count: int, within: float) -> None:
        """Let some people run after a move."""
        for _ in range(count):
            account = self.crowd_rng.choice(self.chasers)
            if (account, symbol) not in self.busy:
                delay = 0.5 + self.crowd_rng.expovariate(1 / within)
                self.start(self._chase(symbol, account, side), delay)

    def _chase(self, symbol: int, account: str, side: int) -> Actor:
        rng = self.crowd_rng
        size = self.size(symbol, 0.8, rng)
        if rng.random() < 0.7:
            got = self.take(symbol, account, side, size, rng.uniform(0, 0.012), ioc=rng.random() < 0.5)
        else:
            best = self.best(symbol, side) or self.last[symbol]
            price = round(best + side * max(1.0, best * rng.uniform(0, 0.004)))
            order = self.post(symbol, account, side, price, size)
            yield rng.uniform(30, 900)
            got = order.filled
            if order.live and rng.random() < 0.6:
                self.venue.cancel(order)
        if got and rng.random() < 0.5:
            yield rng.expovariate(1 / 900)
            self.take(symbol, account, -side, got, rng.uniform(0, 0.01), ioc=rng.random() < 0.5)

    def _traded(self, symbol: int, price: int, size: int, side: int) -> None:
        before, self.last[symbol] = self.last[symbol], price
        self.typical[symbol] += 0.02 * (min(size, 8 * self.set.units[symbol]) - self.typical[symbol])
        self.value[symbol] += side * self.set.impact * min(size / self.set.units[symbol], 12.0)
        for trigger, account, open_size in self._hit(symbol, price):
            delay = self.set.latency + self.crowd_rng.expovariate(0.3)
            self.start(self._stop(symbol, account, 1 if trigger > 0 else -1, open_size), delay)
        keep = math.exp((self.calm_at[symbol] - self.now) / 240)
        self.calm_at[symbol] = self.now
        old = self.calm[symbol] = before + (self.calm[symbol] - before) * keep
        move = price / old - 1
        if abs(move) > self.set.alarm and self.now - self.alarmed[symbol] > 90:
            self.alarmed[symbol] = self.now
            count = 1 + min(7, int(self.crowd_rng.expovariate(0.4)))
            if self.crowd_rng.random() < 0.75:
                self.excite(symbol, 1 if move > 0 else -1, count, 25)
            else:
                self.excite(symbol, -1 if move > 0 else 1, count, 60)

    def _hit(self, symbol: int, price: int) -> list[tuple[int, str, int]]:
        """Take the stops that a price sets off; a positive trigger buys above, a negative one sells below."""
        found: list[tuple[int, str, int]] = []
        for side, heap in self.stops[symbol].items():
            while heap and (heap[0][0] <= price if side > 0 else heap[0][0] <= -price):
                trigger, account, size = heapq.heappop(heap)
                found.append((abs(trigger) * side, account, size))
        return found

    def _stop(self, symbol: int, account: str, side: int, size: int) -> Actor:
        self.take(symbol, account, side, size, 0.03)
        yield from ()

    def _rested(self, order: Order) -> None:
        """Some people go before an order that looks large."""
        rng, symbol = self.crowd_rng, order.symbol
        if order.size < 3.5 * self.typical[symbol]:
            return
        best = self.best(symbol, order.side) or order.price
        if abs(order.price - best) < best * 0.02 and rng.random() < 0.45:
            self.excite(symbol, order.side, 1 + (rng.random() < 0.4) + (rng.random() < 0.2), 45)
