"""The clock of a market in board lots, and what moves all its people: values, rumours, hours and haste."""

from __future__ import annotations

import heapq
import math
from bisect import bisect
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from tradewind.surveillance.elsewhere.boardlots.setup import Session, Setup
from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book, Order, Venue, Witness

SECOND = 10**9
Step = Callable[[], float | None]


class World:
    """Runs timed people on the trading clock, which knows no lunch and no night."""

    def __init__(self, setup: Setup, rng: Random) -> None:
        self.setup, self.rng = setup, rng
        self.books = setup.books
        self.venue = Venue(setup.books, setup.ids)
        self.values = list(setup.start_value)
        self.vol = 1.0
        self.mood = [0.0] * len(self.books)
        self.heat = [0.0] * len(self.books)
        self.brokers = [[0.0] * len(self.books) for _ in range(setup.brokers)]
        self.now, self.count = 0, 0
        self.heap: list[tuple[int, int, Step]] = []
        self.pace = 0.25
        self.at_close: list[Callable[[], None]] = []
        self.seconds = setup.sessions[-1].end / SECOND
        self.rate = 0.97 * setup.events / (self.seconds * len(self.books))
        self.session = setup.sessions[0]
        self.cums: list[list[float]] = []
        for book in self.books:
            total, cum = 0.0, []
            for account in setup.clients:
                likes = letters(account.name) % len(self.books) == book.n
                total += account.weight * (1.0 if likes else 0.12)
                cum.append(total)
            self.cums.append(cum)
        grid = [self._shape(s, i / 40) * (s.end - s.start) for s in setup.sessions for i in range(40)]
        self.mean_shape = sum(grid) / (40 * setup.sessions[-1].end)
        self._open(setup.sessions[0])

    def after(self, seconds: float, step: Step) -> None:
        """Have ``step`` done after some seconds; it is done again after as many seconds as it returns."""
        self.count += 1
        heapq.heappush(self.heap, (self.now + int(seconds * SECOND) + 1, self.count, step))

    def spawn(self, person: Iterator[float], delay: float = 0.0) -> None:
        """Let a person live who yields how long they wait."""
        self.after(delay, partial(next, person, None))

    def _shape(self, session: Session, f: float) -> float:
        rush = self.setup.rush
        if session.closes:
            return 1 + 0.5 * math.exp(-f / 0.05) + rush * math.exp(-(1 - f) / 0.07)
        return 1 + rush * math.exp(-f / 0.09) - 0.3 * f

    def shape(self) -> float:
        """Return how busy this time of day is; 1 is usual."""
        s = self.session
        return self._shape(s, (self.now - s.start) / (s.end - s.start)) / self.mean_shape

    def wait(self, share: float, book: Book, floor: float = 0.0, *, steady: bool = False) -> float:
        """Draw a wait for one who acts ``share`` times for each row of the tape; the steady do not tire."""
        pace = max(self.pace, 0.15) if steady else self.pace
        rate = share * self.rate * pace * self.shape() * (1 + self.heat[book.n])
        return floor + self.rng.expovariate(rate)

    def every(self, rows: float) -> float:
        """Draw the seconds until something that happens about once in so many rows of a share's tape."""
        return self.rng.expovariate(1.0) * min(6000.0, max(60.0, rows / self.rate))

    def left(self) -> float:
        """Return the seconds until the session ends."""
        return (self.session.end - self.now) / SECOND

    def client(self, book: Book) -> Account:
        """Draw a client, the busy ones oftener."""
        cum = self.cums[book.n]
        return self.setup.clients[bisect(cum, self.rng.random() * cum[-1])]

    def fair(self, book: Book) -> float:
        """Return the step at which a share's value lies."""
        return float(min(bisect(book.ladder, self.values[book.n]), book.steps - 1))

    def lots(self, usual: float) -> int:
        """Draw a size as people choose it: round when it is large."""
        size = usual * math.exp(self.rng.gauss(0.0, 0.6))
        if size < 4 or self.rng.random() < 0.25:
            return max(1, round(size))
        unit = 5 if size < 40 else (10 if size < 150 else 50)
        return max(1, round(size / unit)) * unit

    def send(
        self, account: Account, book: Book, side: int, k: float, lots: float,
        *, ioc: bool = False, case: Witness | None = None,
    ) -> Order:  # fmt: skip
        """Enter an order."""
        return self.venue.send(account, book, side, k, lots, ioc=ioc, case=case)

    def _open(self, session: Session) -> None:
        self.session = session
        self.mood = [0.3 * m for m in self.mood]
        self.heat = [0.2 * h for h in self.heat]
        if session.closes:
            return
        for book in self.books:
            if session.day == 0:
                book.last = round(self.fair(book))
            close = book.ladder[book.last]
            book.low = bisect(book.ladder, close * 0.9 - 1e-9)
            book.high = min(bisect(book.ladder, close * 1.1 + 1e-9), book.steps) - 1
            book.slow = float(book.last)
            self.values[book.n] = close * math.exp(self.rng.gauss(0.0, self.setup.daily_vol * 0.4))

    def run(self) -> None:
        """Run all sessions; what stands at the end of each is cancelled."""
        resolution = self.setup.resolution
        for session in self.setup.sessions:
            self.now = max(self.now, session.start)
            self.venue.stamp = (session.start + session.offset) // resolution * resolution
            if session.start:
                self._open(session)
            heap = self.heap
            while heap and heap[0][0] < session.end:
                self.now, _, step = heapq.heappop(heap)
                self.venue.stamp = (self.now + session.offset) // resolution * resolution
                again = step()
                if again is not None:
                    self.after(again, step)
            self.now = session.end
            self.venue.stamp = (session.end + session.offset) // resolution * resolution
            for hook in self.at_close:
                hook()
            self.at_close.clear()
            self.venue.sweep()


def letters(name: str) -> int:
    """Return a number that a name always gives."""
    return sum(ord(c) * (i + 3) for i, c in enumerate(name))


def weather(w: World) -> Iterator[float]:
    """Move values by chance in quiet and loud times, and let trade itself move them a little."""
    rng, setup = w.rng, w.setup
    day = w.seconds / (setup.sessions[-1].day + 1)
    step, turn = 4.0, 0
    sigma = setup.daily_vol / math.sqrt(day / step)
    seen = [0] * len(w.books)
    while True:
        w.vol = math.exp(0.985 * math.log(w.vol) + rng.gauss(0.0, 0.09))
        shared = rng.gauss(0.0, 1.0)
        for book in w.books:
            n = book.n
            own = rng.gauss(0.0, 1.0)
            move = sigma * w.vol * (math.sqrt(setup.common) * shared + math.sqrt(1 - setup.common) * own)
            drag = 0.0006 * (book.ladder[book.last] - w.values[n])
            w.values[n] = max(book.ladder[1], (w.values[n] + drag) * math.exp(move))
            book.slow += (book.last - book.slow) * step / 120
            w.heat[n] = min(4.0, 0.97 * w.heat[n] + 0.01 * min(6.0, abs(book.last - book.slow)))
            w.mood[n] *= 0.985
            book.flow += (max(0.0, (book.volume - seen[n]) * 60 / step) - book.flow) * step / 400
            seen[n] = book.volume
            _stops(w, book)
        if turn % 15 == 0:
            for tilts in w.brokers:
                for n in range(len(tilts)):
                    tilts[n] = 0.9 * tilts[n] + rng.gauss(0.0, 0.14)
        turn += 1
        yield step


def _stops(w: World, book: Book) -> None:
    hit = [s for s in book.stops if (book.last - s[0]) * s[2] >= 0]
    if hit:
        book.stops = [s for s in book.stops if (book.last - s[0]) * s[2] < 0][-300:]
        for _, account, side, lots in hit:
            if account.pos[book.n] * side < 0:
                size = min(lots, abs(account.pos[book.n]))
                w.after(w.rng.expovariate(0.8), partial(_stop, w, account, book, side, size))


def _stop(w: World, account: Account, book: Book, side: int, lots: int) -> None:
    w.send(account, book, side, book.touch(-side) + 3 * side, lots, ioc=True)


def pacer(w: World) -> Iterator[float]:
    """Hold the number of rows near what was asked for, slowly, so that haste and calm remain."""
    wanted, begun = 0.0, 0
    step = w.seconds / (50 * len(w.setup.sessions))
    while True:
        before = len(w.venue.rows) - w.venue.planted
        yield step
        rows = len(w.venue.rows) - w.venue.planted
        due = w.rate * len(w.books) * step * w.shape()
        wanted += due
        begun += 1
        goal = due + 0.15 * (wanted - rows)
        gain = 0.7 if begun < 5 else 0.35
        w.pace *= min(2.0, max(0.5, (max(goal, 0.2 * due) / max(rows - before, 1)) ** gain))
        w.pace = min(30.0, max(0.08, w.pace))
