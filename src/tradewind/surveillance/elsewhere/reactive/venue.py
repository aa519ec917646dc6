"""The exchange while it is open: orders in, rows out, and who acts when."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from tradewind.surveillance.elsewhere.reactive.book import Ladder, Order
from tradewind.surveillance.elsewhere.reactive.draws import Draws
from tradewind.surveillance.elsewhere.reactive.world import Paper, World
from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000

Play = Iterator[float]
"""What somebody does: acts, then yields the seconds until it acts again."""

Heard = Callable[[int, int, int, int], None]
"""Is told of each order that took: symbol, side, shares executed, queues it emptied."""


class Venue:
    """One market; time is open time, in nanoseconds since the first open.

    ``spread``, ``queue`` and ``clip`` are running means, by symbol: of the spread in ticks, of the shares at the best
    price, of what one order takes.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.draws = world, Draws.of(seed, 2)
        self.length, self.session = int(world.length * SECOND), int(world.seconds * SECOND)
        self.now = 0
        self.rows: list[Row] = []
        self.heard: list[Heard] = []
        self.halts: list[tuple[int, int]] = []
        self.books = [{1: Ladder(1), -1: Ladder(-1)} for _ in world.papers]
        self.spread = [max(0.6 * paper.grain, 1.0) for paper in world.papers]
        self.queue = [2.0 * paper.unit for paper in world.papers]
        self.clip = [float(paper.unit) for paper in world.papers]
        self.middle = [float(paper.start) for paper in world.papers]
        self.traded = [0 for _ in world.papers]
        self.takes = [0 for _ in world.papers]
        self._due: list[tuple[int, int, Play | Callable[[], None]]] = []
        self._numbers = self.draws.randrange(1_000_000)
        self._turns = 0

    # ------------------------------------------------------------------------------------------------------ what it is
    def paper(self, symbol: int) -> Paper:
        """Return how a symbol is."""
        return self.world.papers[symbol]

    def symbol(self) -> int:
        """Draw a symbol by its share of the flow."""
        return self.draws.choices(range(len(self.books)), [paper.weight for paper in self.world.papers])[0]

    def shares(self, symbol: int, multiple: float) -> int:
        """Return a multiple of the usual order, in lots mostly."""
        paper = self.world.papers[symbol]
        size = multiple * paper.unit
        if self.draws.random() < self.world.rounds:
            return max(round(size / paper.lot), 1) * paper.lot
        return max(round(size), 1)

    def touch(self, symbol: int, side: int) -> int:
        """Return the best price of a side; where it would be, if there is none."""
        book = self.books[symbol]
        best = book[side].best()
        if best:
            return best
        gap, other = max(round(self.spread[symbol]), 1), book[-side].best()
        if other:
            return max(other - side * gap, 1)
        bid = max(int(self.middle[symbol] - gap / 2), 1)
        return bid if side > 0 else bid + gap

    def mid(self, symbol: int) -> float:
        """Return the middle of the best prices."""
        return (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2

    def left(self) -> float:
        """Return the seconds until this session's close."""
        return (self.session - self.now % self.session) / SECOND

    def beat(self, symbol: int) -> float:
        """Return the usual seconds between two orders that take."""
        return min(max(self.now / SECOND, 20.0) / (self.takes[symbol] + 2), 60.0)

    # ----------------------------------------------------------------------------------------------------------- orders
    def submit(self, symbol: int, account: str, side: int, price: int, size: int) -> Order:
        """Enter an order; what does not execute rests."""
        order = Order(self._number(), symbol, account, side, max(price, 1), size, size)
        self._tick()
        self._enter(order)
        return order

    def take(self, symbol: int, account: str, side: int, size: int, reach: int | None = None) -> int:
        """Take what rests up to ``reach`` ticks beyond the best price; return what was executed."""
        far = round(3 * self.spread[symbol]) if reach is None else reach
        price = max(self.touch(symbol, -side) + side * far, 1)
        bare = self.world.market_orders
        if bare:
            size = min(size, self.books[symbol][-side].up_to(price))
        if size <= 0:
            return 0
        order = Order(self._number(), symbol, account, side, price, size, size)
        self._tick()
        self._match(order, bare=bare)
        if order.left > 0:
            self._log(Kind.CANCEL, order, price, order.left)
            order.left = 0
        return order.filled

    def cancel(self, order: Order, shares: int = 0, *, at_once: bool = False) -> None:
        """Take back an order, or some shares of it; ``at_once`` where the venue does so for all."""
        gone = min(shares or order.left, order.left)
        if gone <= 0:
            return
        if not at_once:
            self._tick()
        self._log(Kind.CANCEL, order, order.price, gone)
        self.books[order.symbol][order.side].shorten(order, gone)

    def amend(self, order: Order, price: int, size: int) -> Order:
        """Move a resting order to the end of another queue; the one returned stands for it."""
        if order.left <= 0:
            return order
        self.cancel(order)
        number = order.number if self.world.same_id else self._number()
        moved = Order(number, order.symbol, order.account, order.side, max(price, 1), size, size)
        self._enter(moved)
        return moved

    def publish(self, symbol: int, tone: int) -> None:
        """Let news about a symbol become public."""
        self._tick()
        self._log(Kind.NEWS, Order(self._number(), symbol, "", tone, 0, 0, 0), 0, 0)

    def _enter(self, order: Order) -> None:
        self._match(order)
        if order.left > 0:
            self.books[order.symbol][order.side].rest(order)

    def _match(self, order: Order, *, bare: bool = False) -> None:
        self._log(Kind.NEW, order, 0 if bare else order.price, order.left)
        ladder, swept = self.books[order.symbol][-order.side], 0
        while order.left > 0 and ladder.keys and ladder.side * (ladder.best() - order.price) >= 0:
            maker = ladder.first()
            done = min(maker.left, order.left)
            order.left -= done
            order.filled += done
            maker.filled += done
            swept += ladder.shorten(maker, done)
            self._log(Kind.TRADE, maker, maker.price, done, order)
        if order.filled:
            self.traded[order.symbol] += order.filled
            self.takes[order.symbol] += 1
            self.clip[order.symbol] += 0.02 * (order.filled - self.clip[order.symbol])
            for told in self.heard:
                told(order.symbol, order.side, order.filled, swept)

    def _log(self, kind: Kind, order: Order, price: int, size: int, taker: Order | None = None) -> None:
        who, number = ("", 0) if taker is None else (taker.account, taker.number)
        self.rows.append(
            Row(self.now, order.symbol, kind, order.number, order.account, order.side, price, size, who, number)
        )

    def _tick(self) -> None:
        self.now += 200 + int(self.draws.expovariate(1.0) * self.world.latency)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # ------------------------------------------------------------------------------------------------------------- time
    def start(self, at: float, play: Play) -> None:
        """Let somebody begin ``at`` seconds after the first open."""
        self._push(int(at * SECOND), play)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen once, after some seconds."""
        self._push(self.now + max(int(seconds * SECOND), 0), act)

    def _push(self, time: int, what: Play | Callable[[], None]) -> None:
        self._turns += 1
        heapq.heappush(self._due, (time, self._turns, what))

    def run(self) -> None:
        """Run to the last close; in a halt everybody waits for its end."""
        while self._due:
            time, _, what = heapq.heappop(self._due)
            if time >= self.length:
                break
            while self.halts and self.halts[0][1] <= time:
                self.halts.pop(0)
            if self.halts and self.halts[0][0] <= time:
                self._push(self.halts[0][1] + int(self.draws.expovariate(1.0) * SECOND), what)
                continue
            self.now = max(self.now, time)
            if callable(what):
                what()
                continue
            wait = next(what, None)
            if wait is not None:
                self._push(self.now + max(int(wait * SECOND), 0), what)
