"""A lively market while it runs: orders in, rows out, values that move, and who acts when."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from tradewind.surveillance.elsewhere.lively.book import Book, Order
from tradewind.surveillance.elsewhere.lively.settings import LivelySettings, Nature, spread_out
from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000

Play = Iterator[float]
"""What somebody does: acts, then yields the seconds until it acts again."""

Heard = Callable[[int, int, str, int], None]
"""Is told of every order that took: symbol, side, account, shares executed."""


class LivelyVenue:
    """One market; time is open time, in nanoseconds since the first open."""

    def __init__(self, settings: LivelySettings, seed: int) -> None:
        self.settings = settings
        self.rng = np.random.default_rng([seed, 92])
        self.length = int(settings.length * SECOND)
        self.session = int(settings.seconds * SECOND)
        self.now = 0
        self.rows: list[Row] = []
        self.heard: list[Heard] = []
        self.busy = 1.0
        self.volume = [0] * len(settings.natures)
        self.books = [Book() for _ in settings.natures]
        self._base = [nature.start for nature in settings.natures]
        self._passing = [0.0] * len(settings.natures)
        self._since = [0] * len(settings.natures)
        self._due: list[tuple[int, int, Callable[[], float | None]]] = []
        self._orders = int(self.rng.integers(0, 1_000_000))
        self._turns = 0
        self._names = iter(settings.names[settings.accounts :])
        weights = 1.0 / np.arange(1, settings.accounts + 1) ** settings.zipf
        self._weights = np.cumsum(weights / weights.sum())

    # ------------------------------------------------------------------------------------------------------ what it is
    def nature(self, symbol: int) -> Nature:
        """Return how a symbol is."""
        return self.settings.natures[symbol]

    def draw(self, least: float, most: float) -> float:
        """Draw log-uniformly."""
        return spread_out(self.rng, least, most)

    def chance(self, share: float) -> bool:
        """Draw yes with this chance."""
        return bool(self.rng.random() < share)

    def side(self) -> int:
        """Draw a side."""
        return 1 if self.rng.random() < 0.5 else -1

    def anyone(self) -> str:
        """Draw an account of the crowd, the busy ones more often."""
        place = int(np.searchsorted(self._weights, self.rng.random()))
        return self.settings.names[min(place, self.settings.accounts - 1)]

    def newcomer(self) -> str:
        """Return an account that nobody has used; one of the crowd once there are none left."""
        return next(self._names, None) or self.anyone()

    def symbol(self) -> int:
        """Draw a symbol by its share of the flow."""
        share = float(self.rng.random())
        for place, nature in enumerate(self.settings.natures):
            share -= nature.weight
            if share < 0:
                return place
        return 0

    def shares(self, symbol: int, multiple: float) -> int:
        """Return a multiple of the usual order, in lots mostly."""
        nature = self.nature(symbol)
        size = max(multiple * nature.unit, 1.0)
        if self.rng.random() < self.settings.rounds:
            return max(round(size / nature.lot), 1) * nature.lot
        return max(round(size), 1)

    def usual(self, symbol: int) -> int:
        """Draw the size of an order of the crowd: a power law."""
        tail = self.settings.tail
        return self.shares(symbol, min((1.0 + float(self.rng.pareto(tail))) * (tail - 1) / tail * 0.8, 40.0))

    def left(self) -> float:
        """Return the seconds until this session's close."""
        return (self.session - self.now % self.session) / SECOND

    def flow(self, symbol: int) -> float:
        """Return the shares traded a second so far, at least a usual order in two minutes."""
        return max(self.volume[symbol] / max(self.now / SECOND, 30.0), self.nature(symbol).unit / 120)

    # ------------------------------------------------------------------------------------------------------- its prices
    def value(self, symbol: int) -> float:
        """Return what the symbol is worth, in ticks."""
        since = (self.now - self._since[symbol]) / SECOND
        passing = self._passing[symbol] * float(np.exp(-since / self.nature(symbol).decay))
        return max(self._base[symbol] + passing, 20.0)

    def move(self, symbol: int, ticks: float, lasting: float = 1.0) -> None:
        """Move the value; what does not last decays."""
        passing = self.value(symbol) - self._base[symbol]
        self._base[symbol] = max(self._base[symbol] + lasting * ticks, 20.0)
        self._passing[symbol] = passing + (1 - lasting) * ticks
        self._since[symbol] = self.now

    def touch(self, symbol: int, side: int) -> int:
        """Return the best price of a side; beside the value where it is empty."""
        nature = self.nature(symbol)
        return self.books[symbol].best(side) or max(round(self.value(symbol) - side * nature.half), 1)

    def middle(self, symbol: int) -> float:
        """Return the middle of the best prices."""
        return (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2

    # ----------------------------------------------------------------------------------------------------------- orders
    def submit(self, symbol: int, account: str, side: int, price: int, size: int) -> Order:
        """Enter an order; what does not execute rests."""
        return self._enter(Order(self._next(), symbol, account, side, max(price, 1), size, size))

    def take(self, symbol: int, account: str, side: int, size: int, reach: int | None = None) -> int:
        """Take what rests up to ``reach`` ticks beyond the best price; return what was executed."""
        far = round(4 * self.nature(symbol).half) if reach is None else reach
        price = max(self.touch(symbol, -side) + side * far, 1)
        bare = self.settings.market_orders
        if bare:
            offered = self.books[symbol].depth(-side, far + 1)
            size = min(size, sum(shares for at, shares in offered if side * (at - price) <= 0))
            if size <= 0:
                return 0
        order = Order(self._next(), symbol, account, side, price, size, size)
        self._match(order, bare=bare)
        if order.left > 0:
            self._log(Kind.CANCEL, order, order.price, order.left)
            order.left = 0
        return order.filled

    def cancel(self, order: Order, size: int = 0, *, at_once: bool = False) -> None:
        """Take back an order, or ``size`` shares of it; ``at_once`` where the venue itself does, for all together."""
        gone = min(size or order.left, order.left)
        if gone <= 0:
            return
        if not at_once:
            self._tick()
        self._log(Kind.CANCEL, order, order.price, gone)
        order.left -= gone
        if order.left == 0:
            self.books[order.symbol].remove(order)

    def replace(self, order: Order, price: int, size: int) -> Order:
        """Take an order back and enter it otherwise, under the same id where the venue does so."""
        if order.left <= 0:
            return order
        self.cancel(order)
        number = order.id if self.settings.same_id else self._next()
        moved = Order(number, order.symbol, order.account, order.side, max(price, 1), size, size)
        return self._enter(moved, quick=True)

    def publish(self, symbol: int, tone: int) -> None:
        """Let news about a symbol become public."""
        self._tick()
        self._log(Kind.NEWS, Order(self._next(), symbol, "", tone, 0, 0, 0), 0, 0)

    def _enter(self, order: Order, *, quick: bool = False) -> Order:
        self._match(order, quick=quick)
        if order.left > 0:
            self.books[order.symbol].rest(order)
        return order

    def _match(self, order: Order, *, bare: bool = False, quick: bool = False) -> None:
        if not quick:
            self._tick()
        self._log(Kind.NEW, order, 0 if bare else order.price, order.left)
        book = self.books[order.symbol]
        while order.left > 0:
            best = book.best(-order.side)
            if not best or (best - order.price) * order.side > 0:
                break
            maker = book.first(-order.side)
            done = min(maker.left, order.left)
            for one in (maker, order):
                one.left -= done
                one.filled += done
            self._log(Kind.TRADE, maker, best, done, order)
            if maker.left == 0:
                book.remove(maker)
        if order.filled:
            self._traded(order)

    def _traded(self, order: Order) -> None:
        nature = self.nature(order.symbol)
        self.volume[order.symbol] += order.filled
        size = min(order.filled / nature.unit, 30.0)
        self.move(order.symbol, order.side * nature.impact * size**0.6, nature.lasting)
        for told in self.heard:
            told(order.symbol, order.side, order.account, order.filled)

    def _log(self, kind: Kind, order: Order, price: int, size: int, taker: Order | None = None) -> None:
        who = ("", 0) if taker is None else (taker.account, taker.id)
        self.rows.append(Row(self.now, order.symbol, kind, order.id, order.account, order.side, price, size, *who))

    def _tick(self) -> None:
        self.now += 200 + int(self.rng.exponential(self.settings.latency))

    def _next(self) -> int:
        self._orders += 1
        return self._orders

    # ------------------------------------------------------------------------------------------------------------- time
    def start(self, at: float, play: Play) -> None:
        """Let somebody begin ``at`` seconds after the first open."""
        self.later(at - self.now / SECOND, partial(next, play, None))

    def later(self, seconds: float, act: Callable[[], float | None]) -> None:
        """Let something happen after some seconds, and again after those it returns."""
        self._turns += 1
        heapq.heappush(self._due, (self.now + max(int(seconds * SECOND), 0), self._turns, act))

    def run(self) -> None:
        """Run to the last close."""
        while self._due:
            time, _, act = heapq.heappop(self._due)
            if time >= self.length:
                break
            self.now = max(self.now, time)
            wait = act()
            if wait is not None:
                self.later(wait, act)
