"""The state of one stock while it trades: its latent value, what people think of it, and where the price has been."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from foreign_auditcase_book import Book
from foreign_auditcase_world import SECOND, Stock


@dataclass(frozen=True)
class Swell:
    """A belief that lifts a price by ``height`` (a logarithm) over ``rise`` seconds and then fades, if ever."""

    start: int
    rise: float
    height: float
    fade: float = math.inf

    def at(self, time: int) -> float:
        """Return what it adds at a time."""
        age = (time - self.start) / SECOND
        if age <= 0:
            return 0.0
        if age < self.rise:
            return self.height * age / self.rise
        return self.height * math.exp(-(age - self.rise) / self.fade)

    def pull(self, time: int) -> float:
        """Return how the herd feels about it: 1 to buy, -1 to sell, less as it is over."""
        age = (time - self.start) / SECOND - self.rise
        return math.copysign(1 if age < 0 else math.exp(-age / 20), self.height) if time >= self.start else 0.0


class Market:
    """One stock as it trades."""

    def __init__(self, stock: Stock, seed: int) -> None:
        self.stock = stock
        self.book = Book(stock.symbol)
        self.rng = random.Random(f"auditcase/{seed}/{stock.symbol}/market")
        self.values = np.random.default_rng(self.rng.randrange(2**32))
        self.level = math.log(stock.price)
        self.swells: list[Swell] = []
        self.path: list[float] = []
        self.opened = self.time = 0
        self.fair = self.fast = self.slow = stock.price
        self.heat = 0.0
        self.mood = 1
        self.jammed = 0
        self.read = 0

    def open(self, session: tuple[int, int]) -> None:
        """Begin a day: with a gap over night, and a path of the value for all of it."""
        if self.path:
            self.level = math.log(self.value(self.time)) + self.rng.gauss(0, 0.006)
        seconds = (session[1] - session[0]) // SECOND + 2
        wild = np.zeros(seconds)
        for place, shock in enumerate(self.values.normal(0, 0.03, seconds - 1)):
            wild[place + 1] = wild[place] * 0.998 + shock
        steps = self.stock.volatility * np.exp(np.clip(wild, -1.5, 1.5)) * self.values.normal(0, 1, seconds)
        jumps = self.values.random(seconds) < 2.5 / seconds
        steps += jumps * self.values.normal(0, 3e-3, seconds)
        self.path = list(self.level + np.cumsum(steps))
        self.swells = []
        self.opened = self.time = session[0]
        self.fair = self.fast = self.slow = math.exp(self.path[0])
        self.heat = 0.0

    def value(self, time: int) -> float:
        """Return what the stock is thought to be worth, in ticks."""
        place = min(max(0, (time - self.opened) // SECOND), len(self.path) - 1)
        return math.exp(self.path[place] + sum(swell.at(time) for swell in self.swells))

    def herd(self, time: int) -> float:
        """Return what the herd wants, from -1 to 1."""
        return max(-1.0, min(1.0, sum(swell.pull(time) for swell in self.swells)))

    def mid(self) -> float:
        """Return the middle of the spread, or what the makers think where a side is empty."""
        bid, ask = self.book.best(1), self.book.best(-1)
        return self.fair if bid is None or ask is None else (bid + ask) / 2

    def gap(self) -> float:
        """Return the spread as it is now, in ticks."""
        bid, ask = self.book.best(1), self.book.best(-1)
        return self.stock.spread if bid is None or ask is None else float(ask - bid)

    def near(self, side: int) -> float:
        """Return what is shown near the touch of a side, at least some usual orders."""
        return max(self.book.near(side, self.reach), 3 * self.stock.typical)

    @property
    def reach(self) -> int:
        """How far from the touch people look for orders, in ticks."""
        return int(2.5 * self.stock.spread) + 1

    def imbalance(self) -> float:
        """Return how much more is bid than asked near the touch, from -1 to 1."""
        bids, asks = self.near(1), self.near(-1)
        return (bids - asks) / (bids + asks)

    @property
    def trend(self) -> float:
        """How far the price has run ahead of its slow average, in spreads."""
        return (self.fast - self.slow) / self.stock.spread

    def update(self, time: int) -> None:
        """Let time pass: trades have their impact, averages follow, excitement cools."""
        past = (time - self.time) / SECOND
        self.time = time
        stock, trades = self.stock, self.book.trades
        for side, size, _ in trades[self.read :]:
            self.fair += side * stock.impact * stock.spread * min(3.0, math.sqrt(size / stock.typical))
            self.heat += 0.05
        self.read = len(trades)
        self.fair += (self.value(time) - self.fair) * (1 - math.exp(-past / stock.pull))
        mid = self.mid()
        self.fair += (mid - self.fair) * (1 - math.exp(-past / 60))
        self.fast += (mid - self.fast) * (1 - math.exp(-past / 4))
        self.slow += (mid - self.slow) * (1 - math.exp(-past / 45))
        self.heat = min(1.5, self.heat * math.exp(-past / 8))
        if self.rng.random() < past / 25:
            self.mood = -self.mood
