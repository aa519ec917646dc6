"""Time and prices of the midcaps market: a heap of timed actors, what shares are worth, and how lively they are."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Generator, Iterator
from random import Random

from tradewind.surveillance.elsewhere.midcaps.settings import PACES, SECOND, Settings, Share
from tradewind.surveillance.elsewhere.midcaps.venue import Marked, Order, Venue

Gen = Generator[float, None, None]
Step = Callable[[], object]


class World:
    """Everything actors share: the clock, the venue, prices that makers believe in, and public moods."""

    def __init__(self, settings: Settings, rng: Random, ids: Iterator[int]) -> None:
        count = len(settings.shares)
        self.settings, self.rng = settings, rng
        self.venue = Venue(count, ids)
        self.symbols = range(count)
        self.now = self.open = self.close = 0
        self.heap: list[tuple[int, int, Gen | None, Step | None]] = []
        self.pushed = 0
        self.fair = [float(share.level) for share in settings.shares]
        self.worth = list(self.fair)
        self.homing = rng.uniform(2_400, 9_000)
        self.last = [share.level for share in settings.shares]
        self.slow = list(self.fair)
        self.trend, self.mood, self.stir, self.tide = ([0.0] * count for _ in range(4))
        self.passing, self.passed = [0.0] * count, [0] * count
        self.pace = settings.events / (settings.seconds * count * PACES)
        self.busy = [self.pace] * count
        self.effort = 600.0 * self.pace * count
        self.written = self.effort * PACES
        self.rows_before = 0
        self.memory = min(3_000.0, settings.seconds / 12)
        self.on_trade: list[Callable[[int, int, int, int], None]] = []
        self.on_size: list[Callable[[int], None]] = []
        self.on_news: list[Callable[[int, float], None]] = []

    def share(self, symbol: int) -> Share:
        """Return what was drawn for a share."""
        return self.settings.shares[symbol]

    def spawn(self, actor: Gen, delay: float = 0.0) -> None:
        """Let an actor act after ``delay`` seconds, and then after each time that it yields."""
        self.pushed += 1
        heapq.heappush(self.heap, (self.now + max(0, int(delay * SECOND)), self.pushed, actor, None))

    def later(self, delay: float, step: Step) -> None:
        """Do one thing after ``delay`` seconds."""
        self.pushed += 1
        heapq.heappush(self.heap, (self.now + max(0, int(delay * SECOND)), self.pushed, None, step))

    def run(self, until: int) -> None:
        """Let the actors act until a time; what they meant to do later is forgotten."""
        heap, resolution, venue = self.heap, self.settings.resolution, self.venue
        while heap and heap[0][0] < until:
            when, _, actor, step = heapq.heappop(heap)
            self.now = when
            venue.now = when - when % resolution
            if actor is None:
                if step is not None:
                    step()
                continue
            wait = next(actor, None)
            if wait is not None:
                self.pushed += 1
                heapq.heappush(heap, (when + max(1, int(wait * SECOND)), self.pushed, actor, None))
        self.now = until
        venue.now = until - until % resolution
        venue.clear()
        heap.clear()

    def pause(self, symbol: int, mean: float) -> float:
        """Draw a waiting time that is shorter the livelier the share is."""
        return self.rng.expovariate(self.busy[symbol] / mean)

    def view(self, symbol: int) -> float:
        """Return what the market takes a share to be worth now, in ticks: trades' passing push included."""
        gone = (self.now - self.passed[symbol]) / SECOND
        return self.fair[symbol] + self.passing[symbol] * math.exp(-gone / 150)

    def mid(self, symbol: int) -> float:
        """Return the middle of the book, or what is believed where a side is empty."""
        bid, ask = self.venue.best(symbol, 1), self.venue.best(symbol, -1)
        return self.view(symbol) if bid is None or ask is None else (bid + ask) / 2

    def take(
        self, symbol: int, account: str, side: int, size: int, slip: float, ioc: bool = True, mark: Marked | None = None
    ) -> Order | None:
        """Trade at once, up to ``slip`` ticks beyond the best price; nothing where nobody is there."""
        first = self.venue.first(symbol, -side)
        if first is None or size <= 0 or (mark is None and first.account == account and self.rng.random() < 0.9):
            return None
        return self.enter(symbol, account, side, max(1, first.price + side * int(slip)), size, ioc, mark)

    def rest(
        self,
        symbol: int,
        account: str,
        side: int,
        price: float,
        size: int,
        mark: Marked | None = None,
        on_fill: Callable[[Order, int], None] | None = None,
    ) -> Order:
        """Leave an order in the book, at a price that does not trade at once."""
        whole = max(1, round(price))
        other = self.venue.best(symbol, -side)
        if other is not None and side * (whole - other) >= 0:
            whole = max(1, other - side)
            if whole == other:
                whole = other + 1
        order = self.venue.enter(symbol, account, side, whole, max(1, size), False, mark, on_fill)
        if order.size > 4 * self.share(symbol).unit:
            for tell in self.on_size:
                tell(symbol)
        return order

    def enter(
        self, symbol: int, account: str, side: int, price: int, size: int, ioc: bool, mark: Marked | None = None
    ) -> Order:
        """Enter an order that may trade; what it trades pushes the price, part of it for good."""
        order = self.venue.enter(symbol, account, side, price, size, ioc, mark)
        if order.filled:
            share = self.share(symbol)
            push = side * share.half * share.impact * min(3.0, math.sqrt(order.filled / share.unit))
            self.passing[symbol] = self.view(symbol) - self.fair[symbol] + 0.4 * push
            self.passed[symbol] = self.now
            self.fair[symbol] = max(20.0, self.fair[symbol] + 0.2 * push)
            self.last[symbol] = round(order.paid / order.filled)
            for tell in self.on_trade:
                tell(symbol, self.last[symbol], side, order.filled)
        return order

    def news(self, symbol: int, jump: float, stir: float) -> None:
        """Publish news that is worth ``jump`` (a share of the price) and makes the share lively."""
        self.venue.news(symbol)
        self.fair[symbol] = max(20.0, self.fair[symbol] * math.exp(jump))
        self.worth[symbol] = max(20.0, self.worth[symbol] * math.exp(jump))
        self.stir[symbol] = min(2.5, self.stir[symbol] + stir)
        self.refresh(symbol)
        for tell in self.on_news:
            tell(symbol, jump)

    def season(self) -> float:
        """Return how busy this time of the day is."""
        done = (self.now - self.open) / (self.close - self.open)
        first, last = self.settings.smile
        return 0.7 + first * math.exp(-done / 0.06) + last * math.exp((done - 1) / 0.06)

    def refresh(self, symbol: int) -> None:
        """Set how busy a share is."""
        self.busy[symbol] = self.pace * self.season() * math.exp(self.tide[symbol] + self.stir[symbol])

    def weather(self) -> Gen:
        """Move what shares are worth and how lively they are; hold the number of rows near what was asked."""
        rng, settings = self.rng, self.settings
        step = rng.uniform(5, 15)
        hours = (self.close - self.open) / SECOND
        while True:
            common = rng.gauss(0, 1)
            for symbol in self.symbols:
                share = settings.shares[symbol]
                noise = share.beta * common + math.sqrt(1 - share.beta**2) * rng.gauss(0, 1)
                size = 0.6 * share.vol * math.sqrt(step / hours) * math.exp(0.6 * self.tide[symbol])
                self.worth[symbol] = max(20.0, self.worth[symbol] * math.exp(size * noise))
                pull = (self.worth[symbol] - self.fair[symbol]) * step / self.homing
                self.fair[symbol] = max(20.0, self.fair[symbol] * math.exp(size * noise) + pull)
                self.tide[symbol] += -0.3 * self.tide[symbol] * step / 900 + 0.45 * math.sqrt(step / 900) * noise_of(
                    rng
                )
                self.stir[symbol] *= math.exp(-step / 900)
                self.mood[symbol] *= math.exp(-step / 1200)
                self.slow[symbol] += (self.last[symbol] - self.slow[symbol]) * min(1.0, step / 240)
                self.trend[symbol] = (self.last[symbol] - self.slow[symbol]) / share.half
                self.refresh(symbol)
            self._steer(step)
            yield step

    def _steer(self, step: float) -> None:
        rows = len(self.venue.tape) - self.venue.marked_rows
        self.effort += step * (sum(self.busy) - self.effort / self.memory)
        self.written += rows - self.rows_before - step * self.written / self.memory
        self.rows_before = rows
        done = sum(max(0, min(self.now, close) - start) for start, close in self.settings.sessions) / SECOND
        left = max(0.05 * self.settings.seconds, self.settings.seconds - done) * len(self.symbols) * 0.95
        each = max(0.1, self.written / self.effort)
        wanted = max(0.02 * self.settings.events, 0.93 * self.settings.events - rows) / (left * each)
        start = self.settings.events / (self.settings.seconds * len(self.symbols) * PACES)
        self.pace += 0.04 * (min(2.5 * start, max(start / 12, wanted)) - self.pace)


def noise_of(rng: Random) -> float:
    """Draw noise with fat tails."""
    return rng.gauss(0, 1) * (2.5 if rng.random() < 0.05 else 0.85)
