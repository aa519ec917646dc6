"""The clock of a market, its prices, and what moves them."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Generator
from random import Random

from tradewind.surveillance.elsewhere.brokered.book import Order, Venue
from tradewind.surveillance.elsewhere.brokered.people import People
from tradewind.surveillance.elsewhere.brokered.setting import Setting

Play = Generator[float, None, None]


class Mood:
    """What one symbol's traders have in mind: its worth, the talk of it, how busy they are."""

    def __init__(self, worth: float) -> None:
        self.worth = self.value = self.slow = worth
        self.talk = self.heat = 0.0
        self.talk_life = self.heat_life = 1.0


class Stage:
    """A market as it runs; ``pulse`` is the seconds between events of a symbol, less far apart than they are."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting = setting
        self.rng = Random(f"brokered stage {seed}")
        self.venue = Venue(len(setting.papers), same_id=setting.same_id)
        self.people = People(self.rng, setting.accounts)
        for owner in self.people.owners:
            if self.rng.random() < 0.06:
                self.venue.careless.update(owner.accounts)
        self.total = setting.sessions * setting.seconds
        rate = setting.events / self.total
        self.beat = [1.0 / (rate * paper.share) for paper in setting.papers]
        self.pulse: list[float] = [beat**0.7 * 0.1**0.3 for beat in self.beat]
        self.moods = [Mood(float(paper.price)) for paper in setting.papers]
        self.played: Counter[str] = Counter()
        self._queue: list[tuple[float, int, Play | Order]] = []
        self._count = 0
        self._sizes: list[Callable[[], float]] = [self._size_law(i) for i in range(len(setting.papers))]

    def start(self, delay: float, item: Play | Order) -> None:
        """Run a play, or cancel an order, after a delay."""
        self._count += 1
        heapq.heappush(self._queue, (self.venue.now + max(delay, 0.0), self._count, item))

    def run(self) -> None:
        """Play to the end of the last session."""
        while self._queue and self._queue[0][0] < self.total:
            self.venue.now, _, item = heapq.heappop(self._queue)
            if isinstance(item, Order):
                self.venue.cancel(item)
                continue
            delay = next(item, None)
            if delay is not None:
                self.start(delay, item)

    def mid(self, symbol: int) -> float:
        """Return the middle price in ticks; what people think it worth where a side is empty."""
        book = self.venue.books[symbol]
        bid, ask = book[1].best(), book[-1].best()
        return (bid + ask) / 2 if bid and ask else self.moods[symbol].value

    def left_today(self) -> float:
        """Return the seconds to the close."""
        return self.setting.seconds - self.venue.now % self.setting.seconds

    def size(self, symbol: int, scale: float = 1.0) -> int:
        """Return a drawn order size."""
        lot = self.setting.papers[symbol].lot
        size = self._sizes[symbol]() * scale
        return max(1, round(size / lot)) * lot if self.rng.random() < 0.9 else max(1, int(size))

    def gap(self, symbol: int) -> float:
        """Return how much longer than on average it is to the next event: by time of day, heat, and events so far."""
        share = self.venue.now % self.setting.seconds / self.setting.seconds
        smile = (1 + self.setting.smile * (2 * share - 1) ** 4) / (1 + self.setting.smile / 5)
        return self.throttle() / (smile * (1 + self.moods[symbol].heat))

    def throttle(self) -> float:
        """Return what to stretch waits by, for the number of events that was drawn."""
        due = self.setting.events * (self.venue.now / self.total * 0.97 + 0.03)
        return min(max(len(self.venue.rows) / due, 0.3), 3.0) ** 2

    def pull(self, symbol: int, *, depth: float) -> float:
        """Return how strongly takers want to buy: by worth, talk, trend and the queues."""
        mood, mid, book = self.moods[symbol], self.mid(symbol), self.venue.books[symbol]
        spread = self.setting.papers[symbol].spread
        bid, ask = book[1].near(4), book[-1].near(4)
        mood.slow += 0.01 * (mid - mood.slow)
        trend = math.tanh((mid - mood.slow) / (3 * spread))
        worth = math.tanh((mood.value - mid) / (3 * spread))
        queues = (bid - ask) / max(bid + ask, 1)
        return 1.3 * worth + mood.talk + self.setting.follow * trend + depth * queues

    def stir(self, symbol: int, *, talk: float = 0.0, heat: float = 0.0, life: float = 1.0) -> None:
        """Make people talk of a symbol (its sign is theirs) or busy in it, for about ``life`` seconds."""
        mood = self.moods[symbol]
        if talk:
            mood.talk, mood.talk_life = mood.talk + talk, max(life, 1e-3)
        if heat:
            mood.heat, mood.heat_life = mood.heat + heat, max(life, 1e-3)

    def _size_law(self, symbol: int) -> Callable[[], float]:
        paper, rng = self.setting.papers[symbol], self.rng
        if paper.sizes == "lots":
            return lambda: paper.usual * rng.choice((0.5, 1, 1, 1, 2, 2, 3, 5))
        if paper.sizes == "normal":
            return lambda: paper.usual * rng.lognormvariate(0, 0.8)
        return lambda: paper.usual * 0.55 * min(rng.paretovariate(1.3), 25)
