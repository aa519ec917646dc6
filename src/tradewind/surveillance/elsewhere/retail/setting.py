"""Shares, people, and the books the shares are kept in: what a market is made of before anybody acts."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, field
from typing import Protocol

SECOND = 1_000_000_000
BUY, SELL = 1, -1
TICKS = [m * 10**e for e in (-4, -3, -2, -1) for m in (1, 2, 5)]


@dataclass(frozen=True)
class SymbolSpec:
    """The nature of one share."""

    name: str
    price: float
    tick: float
    lot: int
    typical: int  # size of an ordinary trade
    half_spread: float  # relative
    daily_vol: float
    impact: float  # of one ordinary trade, in half-spreads
    lasting: float  # the part of the impact that stays
    revert: float  # seconds until half of a mispricing is gone
    pace: float  # events per second on average
    target: int  # events wanted in all
    sentiment: float  # how strongly the crowd chases


@dataclass
class Person:
    """A client's sticky habits."""

    acc: int
    size: float  # multiple of the ordinary trade
    round_money: bool
    eager: float  # share of orders that cross the spread
    chase: float
    patience: float  # seconds
    home: int  # the symbol he prefers
    stops: bool
    weight: float
    contrary: bool


@dataclass
class Setting:
    """Everything drawn once per market."""

    symbols: list[SymbolSpec]
    sessions: list[tuple[int, int]]
    names: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    houses: list[int] = field(default_factory=list)  # accounts of firms, not clients
    used_houses: int = 0
    order_id_step: int = 1
    first_order_id: int = 0
    style: int = 0
    latency: float = 1e6

    def account(self, rng: random.Random) -> int:
        """A new account whose name says nothing of its role."""
        while True:
            number = rng.randrange(10**7)
            name = (
                f"AC{number:07d}",
                f"{number % 97:02d}-{number:07d}",
                f"{number * 7919:010x}"[-8:].upper(),
                f"cl_{number}",
                f"EU{number % 31:02d}.{number:07d}",
            )[self.style]
            if name not in self._taken:
                self._taken.add(name)
                self.names.append(name)
                return len(self.names) - 1

    def __post_init__(self) -> None:
        self._taken: set[str] = set()

    def house(self, rng: random.Random) -> int:
        """A firm's account not yet in use."""
        if self.used_houses >= len(self.houses):
            self.houses.append(self.account(rng))
        self.used_houses += 1
        return self.houses[self.used_houses - 1]


def draw_symbol(rng: random.Random, name: str, target: int, seconds: float) -> SymbolSpec:
    """One share, somewhere between a penny stock and a sleepy family firm."""
    price = math.exp(rng.uniform(math.log(0.4), math.log(220)))
    wish = price * math.exp(rng.uniform(math.log(3e-4), math.log(3e-3)))
    tick = min(TICKS, key=lambda t: abs(math.log(t / wish)))
    lot = rng.choice((1, 1, 1, 1, 5, 10, 100))
    money = math.exp(rng.uniform(math.log(900), math.log(9000)))
    typical = max(12, round(money / price / lot)) * lot
    half = max(0.55 * tick / price, math.exp(rng.uniform(math.log(6e-4), math.log(6e-3))))
    busy = 0.14 * target / max(1.0, seconds / 30_000)  # trades in a day: the more there are, the less each one says
    return SymbolSpec(
        name=name,
        price=price,
        tick=tick,
        lot=lot,
        typical=typical,
        half_spread=half,
        daily_vol=math.exp(rng.uniform(math.log(0.007), math.log(0.045))),
        impact=rng.uniform(0.05, 0.16) * min(1.0, (2500 / max(1.0, busy)) ** 0.35),
        lasting=rng.uniform(0.15, 0.5),
        revert=rng.uniform(200, 1800),
        pace=target / seconds,
        target=target,
        sentiment=rng.uniform(0.4, 1.3),
    )


class Watcher(Protocol):
    """Whoever must hear of fills of an order that rests."""

    def filled(self, order: Order, size: int, other: int) -> None: ...


class Order:
    """An order in ticks; `filled` and `paid` tell its owner what became of it."""

    __slots__ = ("acc", "filled", "oid", "paid", "px", "side", "size", "tag")

    def __init__(self, oid: int, acc: int, side: int, px: int, size: int, tag: Watcher | None) -> None:
        self.oid, self.acc, self.side, self.px, self.size, self.tag = oid, acc, side, px, size, tag
        self.filled = 0
        self.paid = 0


class Book:
    """One symbol: price-time queues and the state of mind of those who look at it."""

    def __init__(self, index: int, spec: SymbolSpec) -> None:
        self.index, self.spec = index, spec
        self.levels: dict[int, dict[int, dict[int, Order]]] = {BUY: {}, SELL: {}}
        self.heaps: dict[int, list[int]] = {BUY: [], SELL: []}
        self.total: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
        self.last = round(spec.price / spec.tick)
        self.ref = self.fair = math.log(self.last)
        self.hype = self.mood = 0.0
        self.heat = self.gain = self.profile = 1.0
        self.vol = 1.0
        self.stops: dict[int, list[tuple[int, int, int, int]]] = {BUY: [], SELL: []}
        self.alarms: list[Alarm] = []
        self.past: list[float] = [self.ref] * 24
        self.upset = 0  # time of the last public news
        self.count = 0

    def best(self, side: int) -> int:
        """Best price in ticks of a side; 0 where nothing rests."""
        heap, levels = self.heaps[side], self.levels[side]
        while heap:
            px = -heap[0] if side == BUY else heap[0]
            if px in levels:
                return px
            heapq.heappop(heap)
        return 0

    def touch(self, side: int) -> int:
        """Best price of a side, or a sensible stand-in when the side is bare."""
        px = self.best(side)
        if px:
            return px
        other = self.best(-side)
        if other:
            return max(1, other - side * max(1, round(self.half() * 2)))
        return max(1, round(math.exp(self.ref)) - side)

    def mid(self) -> float:
        """Middle of the touch in ticks."""
        return (self.touch(BUY) + self.touch(SELL)) / 2

    def half(self) -> float:
        """The half-spread that is usual here, in ticks."""
        return max(0.5, math.exp(self.ref) * self.spec.half_spread)

    def beat(self) -> float:
        """Nanoseconds in which about one trade is to be expected."""
        return SECOND / max(1e-4, 0.14 * self.spec.pace * self.profile * self.gain)

    def tilt(self) -> float:
        """Imbalance of the size near the touch, -1 (all offered) to 1 (all bid)."""
        bid, ask = self.best(BUY), self.best(SELL)
        if not bid or not ask:
            return 0.0
        reach = min(40, max(4, int(self.half() * 3)))
        bids, asks = self.total[BUY], self.total[SELL]
        b = sum([bids.get(p, 0) for p in range(bid - reach, bid + 1)])
        a = sum([asks.get(p, 0) for p in range(ask, ask + reach + 1)])
        return (b - a) / (b + a)


class Alarm(Protocol):
    """A fast reactor: hears of every trade that swept the book."""

    def __call__(self, book: Book, side: int, force: float) -> None: ...
