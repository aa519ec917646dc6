"""The world of the market `benchset`: what is drawn per seed, fair values, and the clock that moves its actors."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL, Book, Order, Venue, Watch

Actor = Generator[float, None, None]


def between(rng: random.Random, low: float, high: float) -> float:
    """Draw evenly over the logarithm."""
    return float(low * (high / low) ** rng.random())


@dataclass(frozen=True)
class Session:
    """A session in seconds of trading time, and the instant it opens."""

    start: float
    end: float
    opens: int


@dataclass(eq=False)
class Client:
    """Somebody of the crowd with habits that stick."""

    name: str
    scale: float
    eager: float
    sticky: float
    side: int = BUY


@dataclass(eq=False)
class Place:
    """One symbol: its book, its fair value and its mood."""

    book: Book
    fair: float
    half: float
    typical: int
    rate: float
    vol: float
    clients: list[Client]
    chances: list[float]
    press: float = 0.0
    heat: float = 0.0
    mood: float = 0.0
    storm: float = 0.0
    path: deque[float] = field(default_factory=lambda: deque(maxlen=240))

    @property
    def center(self) -> float:
        return self.fair + self.press

    @property
    def mid(self) -> float:
        bid, ask = self.book.best(BUY), self.book.best(SELL)
        return self.center if bid is None or ask is None else (bid + ask) / 2

    def back(self, steps: int) -> float:
        """Return how far the mid has come over the last ``steps`` of the clock, in half spreads."""
        path = self.path
        return (path[-1] - path[-min(steps, len(path))]) / self.half if path else 0.0


class World:
    """All that one seed draws, and the heap of actors."""

    def __init__(self, seed: int, events: int | None, tempo: float = 1.0) -> None:
        rng = self.rng = random.Random(f"benchset/{seed}")
        self.rows = events or int(between(rng, 20_000, 150_000))
        self.tempo = tempo
        count = rng.randint(1, 4)
        self.rate = max(self.rows / 230_000, 0.1 * count, min(between(rng, 0.2, 30), self.rows / 3600))
        self.total = max(3600.0, self.rows / self.rate)
        self.sessions = self._sessions()
        self.resolution = rng.choice((1, 1, 1000, 1000, 1_000_000))
        self.latency = between(rng, 2e-5, 0.05)
        self.swing = rng.uniform(0.0, 0.7)
        self.step = self.total / max(4000, self.rows / 6)
        self.common, self.calming = rng.uniform(0.1, 0.8), rng.uniform(0.9, 0.995)
        self.lasting, self.passing = between(rng, 0.01, 0.06), between(rng, 0.06, 0.25)
        self.follow, self.own_match = rng.uniform(0.02, 0.2), rng.choice((0.0, 0.0, 0.1, 0.5))
        width, letters = rng.randint(4, 7), "".join(rng.choices("ABCDEFGHKLMNPRSTXZ", k=rng.randint(0, 2)))
        number = min(2000, max(50, int(between(rng, 45, 700) * (0.6 + 0.4 * count))))
        self.names = [f"{letters}{n:0{width}d}" for n in rng.sample(range(10**width // 9, 10**width), number + 60)]
        self.lone = self.names[number:]
        self.names = self.names[:number]
        first, stride = rng.randint(1, 10**9), rng.choice((1, 1, 7))
        counter = itertools.count(first, 1)
        self.venue = Venue(lambda: next(counter) * stride, self._traded)
        self.now, self.order, self.heap = 0.0, itertools.count(), list[tuple[float, int, Actor]]()
        weights = [between(rng, 1, 5) for _ in range(count)]
        self.tail = rng.uniform(0.8, 1.6)
        self.of = dict[str, Place]()
        self.places = [self._place(self.rate * w / sum(weights)) for w in weights]

    def _sessions(self) -> list[Session]:
        rng = self.rng
        longest = between(rng, 3600, 30_600)
        number = max(1, min(12, round(self.total / longest)), math.ceil(self.total / 32_400))
        length = self.total / number
        day = datetime(rng.randint(2016, 2025), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
        opens = timedelta(minutes=rng.choice((0, 30)), hours=rng.randint(6, 13))
        found: list[Session] = []
        while len(found) < number:
            if day.weekday() < 5:
                stamp = int((day + opens).timestamp()) * 10**9
                found.append(Session(len(found) * length, (len(found) + 1) * length, stamp))
            day += timedelta(days=1)
        return found

    def _place(self, rate: float) -> Place:
        rng = self.rng
        tick, digits = rng.choice(((0.001, 3), (0.005, 3), (0.01, 2), (0.01, 2), (0.01, 2), (0.05, 2), (0.5, 1)))
        level = between(rng, 400, 20_000)
        half = max(0.8, level * between(rng, 2, 30) / 10_000)
        lot = rng.choice((1, 1, 10, 100))
        symbol = "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=rng.randint(3, 5)))
        while symbol in self.of:
            symbol += rng.choice("ABCDEFGH")
        clients = [
            Client(n, math.exp(rng.gauss(0, 0.5)), rng.betavariate(1.5, 3), rng.uniform(0.3, 0.9), rng.choice((1, -1)))
            for n in rng.sample(self.names, int(len(self.names) * rng.uniform(0.5, 1)))
        ]
        chances = list(itertools.accumulate(rng.paretovariate(self.tail) for _ in clients))
        vol = level * between(rng, 0.004, 0.03) / math.sqrt(30_000)
        vol = min(vol, half * 2 / math.sqrt(60 / rate))
        typical = lot * rng.choice((1, 2, 5, 10, 40)) if lot > 1 else rng.randint(8, 400)
        place = Place(Book(symbol, tick, digits), level, half, max(8, typical), rate, vol, clients, chances)
        self.of[symbol] = place
        return place

    def _traded(self, book: Book, side: int, _price: int, size: int) -> None:
        place = self.of[book.symbol]
        force = side * (size / place.typical) ** 0.6 * place.half
        place.fair = max(50.0, place.fair + self.lasting * force)
        place.press += self.passing * force
        place.heat = min(2.0, place.heat + 0.025)

    def season(self, now: float) -> float:
        part = (now / self.sessions[0].end) % 1
        return 1 + self.swing * (3 * (2 * part - 1) ** 2 - 1) * 0.7

    def wait(self, place: Place, rate: float) -> float:
        """Draw the time to the next act of somebody who acts ``rate`` times a second on an ordinary day."""
        lively = self.season(self.now) * (1 + place.heat) * math.exp(0.3 * place.storm)
        return self.rng.expovariate(rate * self.tempo * lively)

    def start(self, actor: Actor, delay: float = 0.0) -> None:
        heapq.heappush(self.heap, (self.now + delay, next(self.order), actor))

    def session(self) -> Session:
        return self.sessions[min(len(self.sessions) - 1, int(self.now / self.sessions[0].end))]

    def draw_size(self, place: Place, scale: float = 1.0) -> int:
        size = max(1, round(place.typical * scale * math.exp(self.rng.gauss(-0.3, 0.8))))
        round_to = max(1, place.typical // 4)
        return max(round_to, size // round_to * round_to) if self.rng.random() < 0.7 else size

    def send(
        self,
        place: Place,
        account: str,
        side: int,
        price: float,
        size: int,
        *,
        ioc: bool = False,
        watch: Watch | None = None,
    ) -> Order:
        """Enter an order of an honest account, which mostly takes its own out of the way first."""
        book, limit = place.book, round(price)
        top = book.best(-side)
        if top is not None and (limit - top) * side >= 0 and self.rng.random() >= self.own_match:
            front = [o for o in itertools.islice(book.levels[-side][top].queue.values(), 6) if o.account == account]
            for order in front:
                self.venue.cancel(book, order)
        return self.venue.send(book, account, side, limit, size, ioc=ioc, watch=watch)

    def take(self, place: Place, account: str, side: int, size: int, slip: float = 1.0) -> int:
        """Trade at once up to ``slip`` half spreads beyond the touch; return what was done."""
        top = place.book.best(-side)
        if top is None or abs(top - place.center) > 40 * place.half:
            return 0
        return self.send(place, account, side, top + side * round(slip * place.half), size, ioc=True).done

    def run(self, until: float) -> None:
        """Let everybody act until ``until``; each session ends with an empty book."""
        heap, venue, step = self.heap, self.venue, self.resolution
        for session in self.sessions:
            if session.end <= self.now:
                continue
            end = min(session.end, until)
            while heap and heap[0][0] < end:
                self.now, _, actor = heapq.heappop(heap)
                venue.stamp = session.opens + int((self.now - session.start) * 1e9) // step * step
                pause = next(actor, None)
                if pause is not None:
                    heapq.heappush(heap, (self.now + max(pause, 1e-6), next(self.order), actor))
            if end >= until and until < self.total:
                return
            venue.stamp = session.opens + int((session.end - session.start) * 1e9) // step * step
            for place in self.places:
                venue.close(place.book)
                place.fair = max(50.0, place.fair * math.exp(self.rng.gauss(0, 0.004)))
                place.path.clear()
