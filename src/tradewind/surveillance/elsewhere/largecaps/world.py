"""The world of the large shares: time, fair values with impact that partly reverts, and who wakes when."""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Generator
from random import Random

from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, Setting, clock_gaps, order_ids
from tradewind.surveillance.elsewhere.largecaps.venue import Book, Order, Tag, Venue

Actor = Generator[int, None, None]
Hook = Callable[[int], None]


class World:
    """Runs actors, which yield how long they wait, through the trading time of all sessions."""

    def __init__(self, rng: Random, setting: Setting) -> None:
        self.rng, self.setting = rng, setting
        self.venue = Venue(list(setting.starts), setting.units, order_ids(rng), clock_gaps(rng, setting.resolution))
        self.venue.on_trade = self._traded
        count = len(setting.symbols)
        self.symbols = range(count)
        self.value = [start + rng.random() for start in setting.starts]
        self.push = [0.0] * count
        self.pushed = [0] * count
        self.prints: list[deque[tuple[int, int, int]]] = [deque(maxlen=60) for _ in self.symbols]
        self.now = 0
        self.stretch = 1.0 / setting.rate
        self.mood = 0.0
        self.storm = [0.0] * count
        self.on_touch: list[list[Hook]] = [[] for _ in self.symbols]
        self.on_press: list[list[Hook]] = [[] for _ in self.symbols]
        self.on_news: list[list[Hook]] = [[] for _ in self.symbols]
        self.on_open: list[Hook] = []
        self.curve = rng.uniform(0.5, 2.5), rng.uniform(0.5, 3.0)
        self._heap: list[tuple[int, int, Actor | Callable[[], object]]] = []
        self._count = 0
        self._rows = 0

    def book(self, symbol: int) -> Book:
        """Return the book of a symbol."""
        return self.venue.books[symbol]

    def start(self, actor: Actor, at: int) -> None:
        """Let an actor begin at a trading time."""
        self._put(at, actor)

    def later(self, wait: float, act: Callable[[], object]) -> None:
        """Do something once, after some nanoseconds."""
        self._put(self.now + max(1, int(wait)), act)

    def pause(self, mean: float) -> int:
        """Draw a wait around ``mean`` seconds at one row a second, at the pace of the hour."""
        return max(1, int(self.rng.expovariate(1.0) * mean * self.stretch * SECOND / self.activity()))

    def react(self) -> float:
        """Draw a fast participant's delay."""
        return self.setting.latency * (0.3 + self.rng.expovariate(1.0))

    def activity(self) -> float:
        """Return how busy this moment of the day is."""
        x = (self.now % self.setting.length) / self.setting.length
        early, late = self.curve
        return (0.8 + early * math.exp(-x / 0.08) + late * math.exp(-(1 - x) / 0.06)) * math.exp(self.mood)

    def closing(self) -> int:
        """Return the nanoseconds left in this session."""
        return self.setting.length - self.now % self.setting.length

    def fair(self, symbol: int) -> float:
        """Return what the well informed hold a share to be worth, in ticks."""
        age = self.now - self.pushed[symbol]
        if age > SECOND // 10:
            self.push[symbol] *= 0.5 ** (age / SECOND / self.setting.halflife)
            self.pushed[symbol] = self.now
        return self.value[symbol] + self.push[symbol]

    def lean(self, symbol: int) -> float:
        """Return how much heavier the buying side of the visible book is, from -1 to 1."""
        book = self.book(symbol)
        if book.bid is None or book.ask is None:
            return 0.0
        bids = sum(book.size_at(True, book.bid - k) for k in range(3))
        asks = sum(book.size_at(False, book.ask + k) for k in range(3))
        return (bids - asks) / (bids + asks)

    def moved(self, symbol: int, seconds: float) -> int:
        """Return by how many ticks the price moved over the last seconds."""
        since = self.now - int(seconds * SECOND)
        old = next((price for at, price, _ in self.prints[symbol] if at >= since), None)
        return 0 if old is None else self.prints[symbol][-1][1] - old

    def size(self, symbol: int, units: float, noise: float = 0.7) -> int:
        """Draw a size around some ordinary units, in whole lots."""
        lot = self.setting.lot
        shares = units * self.setting.units[symbol] * math.exp(self.rng.gauss(0, noise))
        return max(lot, round(shares / lot) * lot)

    def take(
        self, account: str, symbol: int, buy: bool, size: int, deep: int = 0, tag: Tag | None = None, rest: bool = False
    ) -> Order | None:
        """Send a marketable order that reaches ``deep`` ticks through the best price."""
        book = self.book(symbol)
        best = book.ask if buy else book.bid
        if best is None:
            return None
        return self.venue.enter(account, symbol, buy, best + (deep if buy else -deep), size, not rest, tag)

    def place(self, account: str, symbol: int, buy: bool, behind: int, size: int, tag: Tag | None = None) -> Order:
        """Rest an order some ticks behind the best price; -1 goes inside the spread where there is room."""
        book = self.book(symbol)
        fair = self.fair(symbol)
        bid = book.bid if book.bid is not None else (math.floor(fair) if book.ask is None else book.ask - 1)
        ask = book.ask if book.ask is not None else bid + 1
        price = min(bid - behind, ask - 1) if buy else max(ask + behind, bid + 1)
        return self.venue.enter(account, symbol, buy, price, size, False, tag)

    def news(self, symbol: int, jump: float) -> None:
        """Print a headline that changes the value, and wake whoever reads headlines."""
        self.venue.news(symbol)
        self.value[symbol] += jump
        self.storm[symbol] += min(1.2, abs(jump) / 6)
        for hook in self.on_news[symbol]:
            hook(symbol)

    def run(self, target: int) -> None:
        """Run all sessions, at a pace that gives about ``target`` rows besides the tagged ones."""
        self.start(self._drift(target), 0)
        setting, venue, heap = self.setting, self.venue, self._heap
        for number, opening in enumerate(setting.openings):
            begin = number * setting.length
            end = begin + setting.length
            self.now = begin
            venue.clock = opening
            for hook in self.on_open:
                hook(number)
            while heap and heap[0][0] < end:
                self.now, _, actor = heapq.heappop(heap)
                venue.clock = opening + (self.now - begin) // setting.resolution * setting.resolution
                if callable(actor):
                    actor()
                else:
                    wait = next(actor, None)
                    if wait is not None:
                        self._put(self.now + max(1, wait), actor)
                self._wake()
            venue.clock = opening + setting.length
            venue.close()
            venue.touched.clear()
            venue.pressed.clear()
            for symbol in self.symbols:
                self.value[symbol] += self.rng.gauss(0, 4)

    def _wake(self) -> None:
        venue = self.venue
        while venue.touched:
            symbol = venue.touched.pop()
            for hook in self.on_touch[symbol]:
                hook(symbol)
        while venue.pressed:
            symbol = venue.pressed.pop()
            for hook in self.on_press[symbol]:
                hook(symbol)

    def _put(self, at: int, actor: Actor | Callable[[], object]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, actor))

    def _traded(self, symbol: int, buy: bool, size: int, price: int) -> None:
        units = size / self.setting.units[symbol]
        sign = 1 if buy else -1
        known = min(1.0, max(0.0, (self.fair(symbol) - price) * sign + 0.5))
        change = self.setting.impact * min(units, 40.0) * sign * (1 - 0.85 * known)
        self.push[symbol] += change * (1 - self.setting.lasting)
        self.value[symbol] += change * self.setting.lasting
        self.prints[symbol].append((self.now, price, size if buy else -size))

    def _drift(self, target: int) -> Actor:
        """Move values and moods, and steer the pace."""
        rng, setting, step = self.rng, self.setting, 1.0
        slow = setting.total / SECOND / 25
        seen, busy, spent = 0.0, 0.0, 0.0
        whole = (0.8 + 0.08 * self.curve[0] + 0.06 * self.curve[1]) * setting.total / SECOND
        while True:
            common = rng.gauss(0, 1)
            self.mood += -0.004 * self.mood + rng.gauss(0, 0.035)
            heat = math.exp(0.6 * self.mood)
            for symbol in self.symbols:
                self.storm[symbol] *= 0.995
                own = setting.beta * common + math.sqrt(1 - setting.beta**2) * rng.gauss(0, 1)
                self.value[symbol] += setting.sigma * heat * math.exp(self.storm[symbol]) * own
                self.value[symbol] = max(self.value[symbol], 40.0)
            usual = self.activity() * math.exp(-self.mood)
            spent += usual * step
            rows = len(self.venue.tape) - self.venue.tagged
            fade = math.exp(-step / slow)
            busy = busy * fade + usual * step
            seen = seen * fade + (rows - self._rows)
            self._rows = rows
            left = max(whole - spent, 0.03 * whole)
            wanted = max(target - rows, 0.004 * target) / left
            if spent > 0.01 * whole:
                ratio = (seen / busy) / wanted
                self.stretch *= min(1.02, max(0.98, ratio ** (1.0 / max(5.0, slow / 3))))
                self.stretch = min(25.0, max(0.05, self.stretch * setting.rate)) / setting.rate
            yield int(step * SECOND)
