"""Markets from another hand: a plain order-driven simulator that shares no code with the package, for honest scores.

It knows nothing of the package's venue, of its agents or of how its schemes are played; it writes the contract's nine
columns and a truth table. Its scripts are short and textbook-like, its background flow is Poisson.
"""

from __future__ import annotations

import argparse
import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

SCHEMES = (
    "pump_and_dump",
    "spoofing",
    "layering",
    "quote_stuffing",
    "wash_trading",
    "marking_the_close",
    "momentum_ignition",
    "front_running",
    "coordinated_accounts",
)
OPEN = 1_741_617_000_000_000_000  # 2025-03-10 14:30 UTC


@dataclass
class Order:
    """A resting order."""

    id: int
    account: str
    side: int
    price: int
    left: int


@dataclass
class Book:
    """Price-time priority in whole cents."""

    levels: dict[int, dict[int, deque[Order]]] = field(default_factory=lambda: {1: {}, -1: {}})
    prices: dict[int, list[int]] = field(default_factory=lambda: {1: [], -1: []})  # sorted; bids negated

    def best(self, side: int) -> int:
        ladder = self.prices[side]
        while ladder:
            price = -ladder[0] if side > 0 else ladder[0]
            queue = self.levels[side].get(price)
            while queue and queue[0].left <= 0:
                queue.popleft()
            if queue:
                return price
            ladder.pop(0)
            self.levels[side].pop(price, None)
        return 0

    def rest(self, order: Order) -> None:
        queue = self.levels[order.side].get(order.price)
        if queue is None:
            queue = self.levels[order.side][order.price] = deque()
            insort(self.prices[order.side], -order.price if order.side > 0 else order.price)
        queue.append(order)


class Plain:
    """One market: several symbols, random traders, makers, and whatever schemes are scheduled."""

    def __init__(self, seed: int, *, minutes: float, rate: float, symbols: int, traders: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.length = int(minutes * 60e9)
        self.rate = rate
        self.symbols = [f"S{i:02d}" for i in range(symbols)]
        self.traders = [f"T{i:04d}" for i in range(traders)]
        self.crooks = 0
        self.books = {s: Book() for s in self.symbols}
        self.value = {s: float(self.rng.integers(2_000, 20_000)) for s in self.symbols}
        self.lot = {s: int(self.rng.choice([1, 10, 100])) for s in self.symbols}
        self.vol = float(self.rng.uniform(0.5, 2.0))
        self.live: dict[str, list[Order]] = {s: [] for s in self.symbols}
        self.rows: list[tuple[int, str, int, str, str, str, str, float, int, str, str]] = []
        self.truth: list[dict[str, object]] = []
        self.queue: list[tuple[int, int, Iterator[float]]] = []
        self.now = 0
        self.ids = 0
        self.seq = 0

    # -- the venue
    def log(
        self, symbol: str, kind: str, order: Order, price: int, size: int, other: tuple[int, str] = (0, "")
    ) -> None:
        self.seq += 1
        side = "buy" if order.side > 0 else "sell"
        self.rows.append(
            (
                OPEN + self.now,
                symbol,
                self.seq,
                kind,
                str(order.id),
                order.account,
                side,
                price / 100,
                size,
                str(other[0]),
                other[1],
            )
        )

    def submit(self, symbol: str, account: str, side: int, price: int, size: int, *, ioc: bool = False) -> Order:
        self.now += int(self.rng.integers(1_000, 50_000))
        self.ids += 1
        order = Order(self.ids, account, side, max(price, 1), size)
        self.log(symbol, "new", order, order.price, size)
        book = self.books[symbol]
        while order.left > 0:
            best = book.best(-side)
            if not best or (best - order.price) * side > 0:
                break
            maker = book.levels[-side][best][0]
            done = min(maker.left, order.left)
            maker.left -= done
            order.left -= done
            self.log(symbol, "trade", maker, best, done, (order.id, account))
        if order.left > 0:
            if ioc:
                self.log(symbol, "cancel", order, order.price, order.left)
                order.left = 0
            else:
                book.rest(order)
                self.live[symbol].append(order)
        return order

    def take(self, symbol: str, account: str, side: int, size: int, reach: int = 5) -> Order:
        best = self.books[symbol].best(-side) or round(self.value[symbol])
        return self.submit(symbol, account, side, best + side * reach, size, ioc=True)

    def cancel(self, symbol: str, order: Order) -> None:
        if order.left > 0:
            self.now += int(self.rng.integers(1_000, 50_000))
            self.log(symbol, "cancel", order, order.price, order.left)
            order.left = 0

    def news(self, symbol: str, tone: int) -> None:
        self.log(symbol, "news", Order(0, "", tone, 0, 0), 0, 0)

    def touch(self, symbol: str, side: int) -> int:
        return self.books[symbol].best(side) or round(self.value[symbol]) - side

    # -- the crowd
    def size(self, symbol: str) -> int:
        return self.lot[symbol] * int(1 + self.rng.geometric(0.3))

    def crowd(self) -> Iterator[float]:
        symbols, rng = self.symbols, self.rng
        while True:
            symbol = symbols[int(rng.integers(len(symbols)))]
            account = self.traders[int(len(self.traders) * rng.random() ** 2)]
            self.value[symbol] *= 1 + self.vol * 1e-5 * rng.standard_normal()
            lean = np.tanh((self.value[symbol] - (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2) / 5)
            side = 1 if rng.random() < 0.5 + 0.3 * lean else -1
            what = rng.random()
            if what < 0.5:
                self.submit(
                    symbol,
                    account,
                    side,
                    self.touch(symbol, side) - side * int(rng.geometric(0.3) - 2),
                    self.size(symbol),
                )
            elif what < 0.85 and self.live[symbol]:
                live = self.live[symbol]
                k = int(rng.integers(len(live)))
                order, live[k] = live[k], live[-1]
                live.pop()
                self.cancel(symbol, order)
            else:
                self.take(symbol, account, side, self.size(symbol))
            yield float(rng.exponential(1 / self.rate))

    def maker(self, symbol: str, account: str) -> Iterator[float]:
        quotes: list[Order] = []
        while True:
            for order in quotes:
                self.cancel(symbol, order)
            mid = self.value[symbol]
            quotes = [
                self.submit(symbol, account, side, round(mid) - side * (2 + 2 * k), 5 * self.lot[symbol])
                for side in (1, -1)
                for k in range(3)
            ]
            yield float(self.rng.uniform(0.5, 3))

    # -- the crooks
    def crook(self) -> str:
        self.crooks += 1
        if self.rng.random() < 0.4:
            return self.traders[int(self.rng.integers(len(self.traders)))]
        return f"Q{self.crooks:03d}"

    def deed(self, scheme: str, symbol: str, accounts: list[str], start: int) -> None:
        self.truth.append(
            {"scheme": scheme, "symbol": symbol, "accounts": accounts, "start": OPEN + start, "end": OPEN + self.now}
        )

    def spoofing(self, symbol: str, levels: int = 1) -> Iterator[float]:
        a, rng, start = self.crook(), self.rng, self.now
        side = int(rng.choice([-1, 1]))
        for _ in range(int(rng.integers(2, 8))):
            genuine = self.submit(symbol, a, side, self.touch(symbol, side), 3 * self.lot[symbol])
            big = int(rng.integers(20, 60)) * self.lot[symbol] // max(1, levels // 2)
            bait = [
                self.submit(symbol, a, -side, self.touch(symbol, -side) + side * (1 + k), big) for k in range(levels)
            ]
            for _ in range(20):
                yield float(rng.uniform(0.05, 0.3))
                if genuine.left == 0:
                    break
            else:
                self.cancel(symbol, genuine)
                self.take(symbol, a, side, 2 * self.lot[symbol])
            for order in bait:
                self.cancel(symbol, order)
            yield float(rng.uniform(1, 20))
        self.deed("layering" if levels > 1 else "spoofing", symbol, [a], start)

    def layering(self, symbol: str) -> Iterator[float]:
        return self.spoofing(symbol, levels=int(self.rng.integers(3, 7)))

    def quote_stuffing(self, symbol: str) -> Iterator[float]:
        a, rng, start = self.crook(), self.rng, self.now
        for _ in range(int(rng.integers(300, 1500))):
            side = int(rng.choice([-1, 1]))
            order = self.submit(
                symbol, a, side, self.touch(symbol, side) - side * int(rng.integers(3, 10)), self.lot[symbol]
            )
            self.cancel(symbol, order)
            yield float(rng.exponential(0.003))
        self.deed("quote_stuffing", symbol, [a], start)

    def wash_trading(self, symbol: str) -> Iterator[float]:
        rng, start = self.rng, self.now
        ring = [self.crook() for _ in range(int(rng.integers(1, 5)))]
        for i in range(int(rng.integers(6, 25))):
            seller, buyer = ring[i % len(ring)], ring[(i + 1) % len(ring)]
            bid, ask = self.touch(symbol, 1), self.touch(symbol, -1)
            price = (bid + ask) // 2 if ask - bid > 1 else ask
            size = int(rng.integers(5, 15)) * self.lot[symbol]
            if price >= ask:
                while self.books[symbol].best(-1) == ask:
                    self.take(symbol, buyer, 1, self.books[symbol].levels[-1][ask][0].left, 0)
            self.submit(symbol, seller, -1, price, size)
            yield float(rng.uniform(0.001, 0.1))
            self.submit(symbol, buyer, 1, price, size, ioc=True)
            yield float(rng.uniform(1, 20))
        self.deed("wash_trading", symbol, ring, start)

    def marking_the_close(self, symbol: str) -> Iterator[float]:
        a, rng = self.crook(), self.rng
        yield max(0.0, (self.length - self.now) / 1e9 - float(rng.uniform(20, 90)))
        start, side = self.now, int(rng.choice([-1, 1]))
        while self.now < self.length - 2_000_000_000:
            self.take(symbol, a, side, int(rng.integers(8, 25)) * self.lot[symbol], 8)
            yield float(rng.uniform(1, 6))
        self.deed("marking_the_close", symbol, [a], start)

    def momentum_ignition(self, symbol: str) -> Iterator[float]:
        a, rng, start = self.crook(), self.rng, self.now
        side, held = int(rng.choice([-1, 1])), 0
        for _ in range(int(rng.integers(8, 20))):
            order = self.take(symbol, a, side, int(rng.integers(8, 20)) * self.lot[symbol], 6)
            held += 10 * self.lot[symbol] if order.left == 0 else 0
            self.value[symbol] += side * float(rng.uniform(0.5, 2))
            yield float(rng.uniform(0.05, 0.5))
        yield float(rng.uniform(2, 20))
        while held > 0:
            size = min(held, 15 * self.lot[symbol])
            self.take(symbol, a, -side, size, 4)
            held -= size
            yield float(rng.uniform(0.2, 2))
        self.deed("momentum_ignition", symbol, [a], start)

    def pump_and_dump(self, symbol: str) -> Iterator[float]:
        rng, start = self.rng, self.now
        gang = [self.crook() for _ in range(int(rng.integers(1, 4)))]
        minutes = min(10.0, self.length / 60e9 / 6)
        held = 0
        for phase, sweep in ((1, 2), (2, 8)):
            until = self.now + int(minutes * 60e9)
            while self.now < until:
                size = int(rng.integers(4, 12)) * self.lot[symbol] * phase
                self.take(symbol, gang[int(rng.integers(len(gang)))], 1, size, sweep)
                held += size
                if phase == 2:
                    self.value[symbol] *= 1 + float(rng.uniform(0.0002, 0.001))
                yield float(rng.exponential(minutes * 60 / 60))
        while held > 0:
            size = min(held, 40 * self.lot[symbol])
            self.take(symbol, gang[int(rng.integers(len(gang)))], -1, size, 10)
            held -= size
            self.value[symbol] *= 1 - float(rng.uniform(0.0002, 0.001))
            yield float(rng.exponential(minutes * 60 / 80))
        self.deed("pump_and_dump", symbol, gang, start)

    def front_running(self, symbol: str) -> Iterator[float]:
        a, rng, start = self.crook(), self.rng, self.now
        side, n = int(rng.choice([-1, 1])), int(rng.integers(5, 15))
        for _ in range(n):
            self.take(symbol, a, side, 8 * self.lot[symbol])
            yield float(rng.uniform(1, 15))
        self.news(symbol, side)
        self.value[symbol] *= 1 + side * float(rng.uniform(0.01, 0.03))
        yield float(rng.uniform(10, 40))
        for _ in range(n):
            self.take(symbol, a, -side, 8 * self.lot[symbol])
            yield float(rng.uniform(0.5, 5))
        self.deed("front_running", symbol, [a], start)

    def coordinated_accounts(self, symbol: str) -> Iterator[float]:
        rng, start = self.rng, self.now
        gang = [self.crook() for _ in range(int(rng.integers(3, 8)))]
        for _ in range(int(rng.integers(6, 15))):
            side = int(rng.choice([-1, 1]))
            for account in gang:
                self.take(symbol, account, side, 4 * self.lot[symbol])
                yield float(rng.uniform(0.0, 0.1))
            yield float(rng.uniform(5, 40))
        self.deed("coordinated_accounts", symbol, gang, start)

    # -- the run
    def run(self, episodes: int) -> None:
        rng = self.rng
        self.start(0.0, self.crowd())
        for symbol in self.symbols:
            for k in range(2):
                self.start(0.0, self.maker(symbol, f"MM{k}"))
        for i in range(episodes):
            scheme: Callable[[str], Iterator[float]] = getattr(self, SCHEMES[(int(rng.integers(9)) + i) % 9])
            symbol = self.symbols[int(rng.integers(len(self.symbols)))]
            self.start(float(rng.uniform(0.1, 0.6)) * self.length / 1e9, self.late(scheme, symbol))
        while self.queue:
            time, _, agent = heapq.heappop(self.queue)
            if time > self.length:
                break
            self.now = max(self.now, time)
            wait = next(agent, None)
            if wait is not None:
                heapq.heappush(self.queue, (self.now + int(wait * 1e9), self.order(), agent))

    def late(self, scheme: Callable[[str], Iterator[float]], symbol: str) -> Iterator[float]:
        yield 0.0
        yield from scheme(symbol)

    def start(self, at: float, agent: Iterator[float]) -> None:
        heapq.heappush(self.queue, (int(at * 1e9), self.order(), agent))

    def order(self) -> int:
        self.turn = getattr(self, "turn", 0) + 1
        return self.turn

    def events(self, style: str) -> pl.DataFrame:
        """Return the contract's columns; ``style`` is whose order a trade row names: maker, taker or both."""
        out = []
        for time, symbol, seq, kind, order, account, side, price, size, other, taker in self.rows:
            if kind == "trade" and style != "maker":
                if style == "both":
                    out.append((time, symbol, seq, kind, order, account, side, price, size))
                side = "sell" if side == "buy" else "buy"
                out.append((time, symbol, seq, kind, other, taker, side, price, size))
            else:
                out.append((time, symbol, seq, kind, order, account, side, price, size))
        names = ("timestamp_ns", "symbol", "venue_seq", "kind", "order_id", "account", "side", "price", "size")
        frame = pl.DataFrame(out, schema=names, orient="row")
        if style == "both":
            frame = frame.with_columns(venue_seq=pl.int_range(pl.len()) + 1)
        return frame


def plain_market(seed: int, episodes: int = 9) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events and the truth (scheme, symbol, accounts, start, end) of one market."""
    rng = np.random.default_rng((seed, 77))
    market = Plain(
        seed,
        minutes=float(rng.uniform(30, 120)),
        rate=float(np.exp(rng.uniform(np.log(5), np.log(40)))),
        symbols=int(rng.integers(1, 6)),
        traders=int(np.exp(rng.uniform(np.log(20), np.log(600)))),
    )
    market.run(episodes)
    truth = pl.DataFrame(
        market.truth,
        schema={
            "scheme": pl.String,
            "symbol": pl.String,
            "accounts": pl.List(pl.String),
            "start": pl.Int64,
            "end": pl.Int64,
        },
    )
    return market.events(str(rng.choice(["maker", "taker", "both"]))), truth


def main() -> None:
    """Write ``--count`` markets as events-SEED.parquet and truth-SEED.parquet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--episodes", type=int, default=9)
    flags = parser.parse_args()
    flags.out.mkdir(parents=True, exist_ok=True)
    for seed in range(flags.seed, flags.seed + flags.count):
        events, truth = plain_market(seed, flags.episodes)
        events.write_parquet(flags.out / f"events-{seed}.parquet")
        truth.write_parquet(flags.out / f"truth-{seed}.parquet")
        print(seed, len(events), truth["scheme"].value_counts().to_dicts())


if __name__ == "__main__":
    main()
