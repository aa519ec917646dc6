"""The market as it runs: what each symbol is worth and believed to be worth, and the tasks that are due."""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from foreign_hawkes_book import MARKET, Book, Order, Venue
from foreign_hawkes_kernel import Kernel
from foreign_hawkes_world import SECOND, Listing, World

Task = Iterator[float]
"""Somebody at work: he gives the seconds until he acts again."""
IMPACT = 0.2
"""Units by which a usual order moves what all believe."""


class Woken(Protocol):
    """Somebody who looks again after a trade."""

    def poke(self) -> None: ...


@dataclass(slots=True)
class Meta:
    """A large order of one or several accounts that is sliced by taking part in the flow."""

    accounts: tuple[str, ...]
    buy: bool
    left: int
    child: int
    until: int


@dataclass(slots=True)
class State:
    """What moves a symbol: worth and belief in ticks, the rest in units or as plain factors."""

    value: float
    belief: float
    anchor: float
    pace: float
    heat: float = 0.0
    herd: float = 0.0
    quick: float = 0.0
    burst: float = 1.0
    burst_until: int = 0
    traded: int = 0
    seen: int = -1
    lean: float = 0.0
    makers: list[Woken] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)


class Market:
    """Venue, kernel, states and agenda; all who act do so through it."""

    def __init__(self, seed: int, world: World) -> None:
        self.world = world
        self.rng = random.Random(f"hawkes:{seed}:market")
        self.venue = Venue([(one.symbol, one.tick) for one in world.listings], self.rng.randrange(10**6, 10**7))
        self.venue.watch = self._watch
        self.kernel = Kernel(len(world.listings), self.rng.uniform(0.35, 0.65))
        self.states = [State(one.price, one.price, one.price, world.pace) for one in world.listings]
        self.busy: Counter[tuple[int, str]] = Counter()
        self.after_news: Callable[[int, float], None] = lambda *_: None
        self.agenda: list[tuple[int, int, Callable[[], None]]] = []
        self.turn = 0
        self.close = 0
        self.volatility = self.rng.uniform(0.006, 0.016)
        self.pull = self.rng.uniform(1_200.0, 3_000.0)

    @property
    def now(self) -> int:
        """The moment, which never lies before the last row."""
        return max(self.venue.now, self.venue.clock)

    def book(self, s: int) -> Book:
        """Return the book of a symbol."""
        return self.venue.books[s]

    def listing(self, s: int) -> Listing:
        """Return what is listed as a symbol."""
        return self.world.listings[s]

    def at(self, time: int, call: Callable[[], None]) -> None:
        """Put something on the agenda."""
        self.turn += 1
        heapq.heappush(self.agenda, (max(time, self.now + 1_000), self.turn, call))

    def work(self) -> None:
        """Do what is due first."""
        heapq.heappop(self.agenda)[2]()

    def spawn(self, task: Task, time: int) -> None:
        """Let somebody begin to work."""
        self.at(time, lambda: self._step(task))

    def lean(self, s: int) -> float:
        """Return how far the bids outweigh the offers that can be seen, from -1 to 1."""
        state = self.states[s]
        if state.seen != len(self.venue.rows):
            book = self.book(s)
            bids, offers = book.depth(True, 8), book.depth(False, 8)
            state.lean = (bids - offers) / (bids + offers) if bids + offers else 0.0
            state.seen = len(self.venue.rows)
        return state.lean

    def trend(self, s: int) -> float:
        """Return by how many units belief has moved of late."""
        state = self.states[s]
        return max(-4.0, min(4.0, (state.belief - state.anchor) / self.listing(s).unit))

    def headline(self, s: int, jump: float, hype: float = 0.0) -> None:
        """Print news: worth jumps and belief follows in part; mere ``hype`` only gathers a herd."""
        self.venue.headline(s)
        state, unit = self.states[s], self.listing(s).unit
        state.value += jump * unit
        state.belief += self.rng.uniform(0.2, 0.5) * jump * unit + 0.4 * hype * unit
        state.heat += min(4.0, 0.3 * abs(jump) + abs(hype))
        state.herd += max(-1.2, min(1.2, 0.1 * jump + hype))
        state.quick += min(6.0, abs(jump) / 2)
        for maker in state.makers:
            maker.poke()
        self.after_news(s, jump if abs(jump) > 2 else 3 * hype)

    def gather_herd(self, s: int, rise: float, haste: float) -> None:
        """Let those who saw a price run by ``rise`` units come after it: more orders, and more the same way."""
        seen = haste * max(-1.0, min(1.0, rise / 3))
        self.states[s].herd += seen
        self.states[s].heat += abs(seen)

    def drift(self, seconds: float, season: float) -> None:
        """Let worth wander under a common factor and belief be drawn to it."""
        common = self.rng.gauss(0.0, 1.0)
        for s, state in enumerate(self.states):
            self._burst(state, seconds)
            step = self.volatility * math.sqrt(seconds / 20_000.0 * season) * state.burst
            shock = self.listing(s).beta * common * 0.6 + self.rng.gauss(0.0, 0.8)
            state.value *= math.exp(step * shock)
            state.belief += (state.value - state.belief) * min(0.5, seconds / self.pull * (1 + 4 * state.quick))
            state.belief += max(-1.5, min(1.5, state.herd)) * self.listing(s).unit * seconds / (10 * state.pace)
            state.anchor += (state.belief - state.anchor) * min(1.0, seconds / (15 * state.pace))
            state.quick *= math.exp(-seconds / 90)
            state.heat *= math.exp(-seconds / 240)
            state.herd *= math.exp(-seconds / (40 * self.world.pace))
            for maker in state.makers:
                if self.rng.random() < 0.5:
                    maker.poke()

    def _burst(self, state: State, seconds: float) -> None:
        if self.venue.now > state.burst_until:
            state.burst = 1.0
            if self.rng.random() < seconds / 7_000:
                state.burst = self.rng.uniform(1.8, 4.0)
                state.burst_until = self.venue.now + int(self.rng.uniform(60, 700) * SECOND)

    def _step(self, task: Task) -> None:
        pause = next(task, None)
        if pause is not None:
            self.spawn(task, self.now + max(1_000, int(pause * SECOND)))

    def _watch(self, s: int, kind: int, order: Order) -> None:
        state = self.states[s]
        weight = 1.0 if order.owner is None else 0.12
        if kind == MARKET:
            size = min(2.5, math.sqrt(order.filled / self.listing(s).size))
            state.belief += (1 if order.buy else -1) * IMPACT * size * self.listing(s).unit
            weight = 0.5 + 0.3 * size
            gap = (self.venue.clock - state.traded) / SECOND
            state.pace += 0.04 * (min(gap, 6 * self.world.pace) - state.pace)
            state.traded = self.venue.clock
            for maker in state.makers:
                maker.poke()
        self.kernel.excite(s, 2 * kind + (not order.buy), weight)
