"""The clock and the state of mind of the penny market: who acts next, and what they feel about each share."""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
from collections.abc import Generator
from random import Random

from tradewind.surveillance.elsewhere.pennies.setting import Client, Setting, Share
from tradewind.surveillance.elsewhere.pennies.venue import Book, Order, Venue

Actor = Generator[float, None, None]


class World:
    """A heap of timed actors around one venue; time is seconds of trading, all sessions end to end."""

    def __init__(self, setting: Setting, rng: Random) -> None:
        self.setting = setting
        self.rng = rng
        self.venue = Venue(rng)
        self.venue.heard = self._heard
        self.tau = 0.0
        self.pace = 1.0
        self.end = setting.length * len(setting.opens)
        weight = sum(s.weight for s in setting.shares)
        self.rates = {s.book.name: 0.3 * setting.rows / self.end * s.weight / weight for s in setting.shares}
        self.shares = {s.book.name: s for s in setting.shares}
        self.stops: dict[str, list[tuple[int, str, int]]] = {name: [] for name in self.shares}
        self._heap: list[tuple[float, int, Actor]] = []
        self._count = itertools.count()
        self._picks: dict[str, list[float]] = {}
        for s in setting.shares:
            loves = [c.activity * (4.0 if rng.random() < 0.4 else 0.3) for c in setting.clients]
            self._picks[s.book.name] = list(itertools.accumulate(loves))

    def start(self, actor: Actor, delay: float = 0.0) -> None:
        """Let an actor begin after a delay."""
        heapq.heappush(self._heap, (self.tau + delay, next(self._count), actor))

    def run(self) -> None:
        """Play all sessions through."""
        setting, venue, heap = self.setting, self.venue, self._heap
        books = [s.book for s in setting.shares]
        session = 0
        while heap:
            tau, _, actor = heapq.heappop(heap)
            if tau >= (session + 1) * setting.length:
                self._close(session, books)
                session += 1
                if session == len(setting.opens):
                    return
                heapq.heappush(heap, (tau, next(self._count), actor))
                continue
            self.tau = tau
            venue.stamp = setting.wall(tau)
            wait = next(actor, None)
            if wait is not None:
                heapq.heappush(heap, (tau + max(wait, 1e-7), next(self._count), actor))
        for rest in range(session, len(setting.opens)):
            self._close(rest, books)

    def _close(self, session: int, books: list[Book]) -> None:
        at = self.setting.opens[session] + int(self.setting.length * 1e9)
        self.venue.stamp = at - at % self.setting.resolution
        self.venue.close(books)

    def left(self) -> float:
        """Return the seconds left in this session."""
        return self.setting.length - self.tau % self.setting.length

    def season(self) -> float:
        """Return how busy this time of day is: most at both ends."""
        x = (self.tau % self.setting.length) / self.setting.length
        return 1.0 + self.setting.season * (4.0 * (x - 0.5) ** 2 - 0.33)

    def rate(self, share: Share) -> float:
        """Return arrivals of the crowd in a second."""
        self.calm(share)
        return self.rates[share.book.name] * self.pace * self.season() * (1.0 + share.heat)

    def calm(self, share: Share) -> None:
        """Let excitement, mood and passing impact fade up to now."""
        gone = self.tau - share.seen
        if gone > 0:
            share.heat *= math.exp(-gone / self.setting.fade)
            share.mood *= math.exp(-gone / self.setting.memory)
            share.impact *= math.exp(-gone / self.setting.decay)
            share.seen = self.tau

    def stir(self, share: Share, heat: float, mood: float) -> None:
        """Excite the crowd about a share."""
        self.calm(share)
        share.heat = min(25.0, share.heat + heat)
        share.mood = max(-2.0, min(2.0, share.mood + mood))

    def fair(self, share: Share) -> float:
        """Return what those who quote take the price to be, in ticks."""
        self.calm(share)
        known = share.value + share.impact
        seen = math.log(max(1.0, share.book.mid()))
        lean = self.setting.lean * share.book.imbalance() * min(share.rel_tick(), 0.004)
        return max(1.5, math.exp(0.6 * known + 0.4 * seen + lean))

    def pick(self, share: Share) -> Client:
        """Draw who of the crowd acts next in a share."""
        sums = self._picks[share.book.name]
        return self.setting.clients[bisect.bisect(sums, self.rng.random() * sums[-1])]

    def some(self, share: Share, count: int) -> list[str]:
        """Return so many different clients of a share."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.pick(share).name] = None
        return list(found)

    def size(self, share: Share, times: float = 1.0) -> int:
        """Draw an ordinary size, or a multiple of one, in whole lots."""
        raw = share.base * times * self.rng.lognormvariate(0, 0.5)
        lot = self.rng.choice((1, 10, 100)) if raw > 200 else 1
        return max(1, round(raw / lot) * lot)

    def take(self, share: Share, account: str, side: int, size: int, slip: int = 1) -> Order:
        """Trade at once, at most ``slip`` ticks beyond the best price."""
        best = share.book.best(-side)
        price = (best if best is not None else round(self.fair(share))) + side * slip
        return self.venue.enter(share.book, account, side, price, size, ioc=True)

    def rest(self, share: Share, account: str, side: int, away: int, size: int) -> Order:
        """Place an order ``away`` ticks behind the best of its side, never crossing."""
        return self.venue.enter(share.book, account, side, self.behind(share, side, away), size)

    def behind(self, share: Share, side: int, away: int) -> int:
        """Return the price ``away`` ticks behind the best of a side (ahead if negative), short of crossing."""
        best, other = share.book.best(side), share.book.best(-side)
        price = (best if best is not None else round(self.fair(share) - side * share.half)) - side * away
        if other is not None and (price - other) * side >= 0:
            price = other - side
        return max(1, price)

    def fleeting(self, order: Order, delay: float) -> None:
        """Take an order back later, if it still stands then."""
        self.start(self._expire(order), delay)

    def _expire(self, order: Order) -> Actor:
        self.venue.cancel(order)
        yield from ()

    def _heard(self, book: Book, order: Order, done: int) -> None:
        share = self.shares[book.name]
        if done:
            self._felt(share, order, done)
        elif order.live and order.size > 5 * share.base and self.tau - share.lured > 3.0:
            near = share.book.near(order.side)
            best = book.best(order.side)
            if best is not None and abs(order.price - best) <= 3 and order.size > 0.2 * near:
                share.lured = self.tau
                for _ in range(self.rng.randint(0, 4)):
                    self.start(self._lured(share, order), self.rng.expovariate(0.15) + self.setting.latency)

    def _felt(self, share: Share, order: Order, done: int) -> None:
        self.calm(share)
        much = done / share.base
        move = self.setting.kappa * share.vol * order.side * math.sqrt(min(much, 100.0))
        share.impact += move * (1 - self.setting.lasting)
        share.value += move * self.setting.lasting
        last, mid = share.book.last, share.book.mid()
        turn = math.log(max(1.0, mid) / share.mid)
        share.mid = max(1.0, mid)
        own = max(self.rates[share.book.name] * self.pace * self.setting.fade, 1.0)
        felt = 0.2 * min(much, 8.0) + 0.6 * min(3.0, abs(turn) / share.vol)
        self.stir(share, felt / own, turn / share.vol * 0.6)
        if last != share.last:
            stops = self.stops[share.book.name]
            hit = [stop for stop in stops if last <= stop[0]]
            if hit:
                self.stops[share.book.name] = [stop for stop in stops if last > stop[0]]
                for _, account, size in hit:
                    self.start(self._stop(share, account, size), self.setting.latency + self.rng.expovariate(2.0))
        share.last = last

    def _stop(self, share: Share, account: str, size: int) -> Actor:
        self.take(share, account, -1, size, 4)
        yield from ()

    def _lured(self, share: Share, order: Order) -> Actor:
        if order.live:
            account = self.pick(share).name
            if self.rng.random() < 0.7:
                self.take(share, account, order.side, self.size(share, self.rng.uniform(0.5, 4)), 0)
            else:
                self.fleeting(self.rest(share, account, order.side, -1, self.size(share)), self.rng.uniform(20, 600))
        yield from ()
