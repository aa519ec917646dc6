"""The venue: books in price-time priority, its tape, its clock and the timed actors that wake on it."""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Generator
from typing import TYPE_CHECKING

from tradewind.surveillance.elsewhere.trackers.book import Book, Order
from tradewind.surveillance.elsewhere.trackers.values import Values
from tradewind.surveillance.elsewhere.trackers.world import World

if TYPE_CHECKING:
    from tradewind.surveillance.elsewhere.trackers.deed import Deed

Actor = Generator[float, None, None]
Row = tuple[int, int, str, int, str, str, int, int]
SECOND = 1_000_000_000


class Floor:
    """Everything that acts shares one floor: it enters, changes and cancels orders and asks for prices here."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.values = Values(world, random.Random(rng.random()))
        self.books = [Book() for _ in world.symbols]
        self.rows: list[Row] = []
        self.position: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.last = list(world.level)
        self.quick = [float(level) for level in world.level]
        self.slow = list(self.quick)
        self.volume = [0] * len(world.symbols)
        self.busy: set[str] = set()
        self.loose: set[str] = set()
        self.now = self.opens = self.closes = 0
        self.pace = self.tempo = 1.0
        self.deed_rows = 0
        self._heap: list[tuple[int, int, Actor]] = []
        self._turn = 0
        self._ids = world.order_ids()

    def spawn(self, actor: Actor, wait: float = 0.0) -> None:
        """Let ``actor`` act first after ``wait`` seconds."""
        self._turn += 1
        heapq.heappush(self._heap, (self.now + int(wait * SECOND) + 1, self._turn, actor))

    def run(self) -> None:
        """Wake every actor in its time until the session ends, then cancel what is still open."""
        heap, closes = self._heap, self.closes
        while heap and heap[0][0] < closes:
            self.now, turn, actor = heapq.heappop(heap)
            wait = next(actor, None)
            if wait is not None:
                heapq.heappush(heap, (self.now + int(max(wait, 2e-6) * SECOND), turn, actor))
        heap.clear()
        self.now = closes
        for book in self.books:
            for order in book.orders():
                self.cancel(order)

    def gap(self, share: float) -> float:
        """Return a random wait for one who acts ``share`` times per row of the tape."""
        return self.rng.expovariate(share * self.world.rate * self.pace * self.tempo)

    def left(self) -> float:
        """Return the seconds to the end of the session."""
        return (self.closes - self.now) / SECOND

    def enter(
        self,
        sym: int,
        account: str,
        buy: bool,
        price: int,
        size: int,
        ioc: bool = False,
        deed: Deed | None = None,
        own: bool = False,
    ) -> Order:
        """Enter an order, match it, and let the rest stand (``ioc``: cancel it); ``own`` may meet its own orders."""
        book = self.books[sym]
        price, size = max(price, 1), max(size, 1)
        other = 1 if buy else 0
        best = book.best(other)
        crossing = best is not None and (best <= price if buy else best >= price)
        if crossing and not own and account not in self.loose:
            for mine in book.mine(other, account, price, size):
                self.cancel(mine)
        order = Order(next(self._ids), sym, account, buy, price, size, deed)
        self._tell("new", order, size)
        while crossing and order.size:
            best = book.best(other)
            if best is None or not (best <= price if buy else best >= price):
                break
            rest = book.first(other, best)
            amount = min(rest.size, order.size)
            order.size -= amount
            order.filled += amount
            order.paid += amount * best
            rest.filled += amount
            rest.paid += amount * best
            self._tell("trade", rest, amount)
            deed = order.deed
            if deed is not None and deed is rest.deed:
                deed.crossed += 1
            book.reduce(rest, amount)
            signed = amount if buy else -amount
            self.position[account, sym] += signed
            self.position[rest.account, sym] -= signed
            self.last[sym] = best
            self.volume[sym] += amount
            self.values.hit(sym, signed)
        if order.size and ioc:
            self._tell("cancel", order, order.size)
            order.size = 0
        elif order.size:
            book.add(order)
        return order

    def cancel(self, order: Order) -> None:
        """Take an order back, if anything of it is still open."""
        if order.size:
            self._tell("cancel", order, order.size)
            self.books[order.sym].reduce(order, order.size)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change price and open size; False, and nothing done, where it is gone, unchanged or would cross."""
        book = self.books[order.sym]
        best = book.best(1 if order.buy else 0)
        if not order.size or size < 1 or price < 1 or (price, size) == (order.price, order.size):
            return False
        if best is not None and (price >= best if order.buy else price <= best):
            return False
        book.change(order, price, size)
        self._tell("modify", order, size)
        return True

    def news(self, sym: int) -> None:
        """Publish news on a symbol."""
        self.rows.append((self._stamp(), sym, "news", 0, "", "", 0, 0))

    def take(self, sym: int, account: str, buy: bool, size: int, reach: int = 2) -> Order:
        """Trade at once, up to ``reach`` ticks behind the best price; what is left is cancelled."""
        return self.enter(sym, account, buy, self.touch(sym, not buy) + (reach if buy else -reach), size, True)

    def touch(self, sym: int, buy: bool) -> int:
        """Return the best price of a side, or what it would about be on an empty one."""
        best = self.books[sym].best(0 if buy else 1)
        if best is not None:
            return best
        half = max(1, round(self.world.spread[sym]))
        return max(1, round(self.values.fair(sym, self.now)) + (-half if buy else half))

    def mid(self, sym: int) -> float:
        """Return the middle between the best prices."""
        return (self.touch(sym, True) + self.touch(sym, False)) / 2

    def watch(self, seconds: float) -> Actor:
        """Follow the middles in two averages, a quick one and a slow one."""
        short, long = min(0.5, seconds / 20), min(0.3, seconds / 180)
        while True:
            for sym in range(len(self.books)):
                mid = self.mid(sym)
                self.quick[sym] += short * (mid - self.quick[sym])
                self.slow[sym] += long * (mid - self.slow[sym])
            yield seconds

    def trend(self, sym: int) -> float:
        """Return how far the price ran lately, in usual spreads."""
        return (self.quick[sym] - self.slow[sym]) / self.world.spread[sym]

    def lots(self, sym: int, size: float) -> int:
        """Return a size in whole lots, one at least."""
        lot = self.world.lot[sym]
        return max(lot, round(size / lot) * lot)

    def _stamp(self) -> int:
        return self.now - self.now % self.world.clock

    def _tell(self, kind: str, order: Order, size: int) -> None:
        if order.deed is not None:
            self.deed_rows += 1
            order.deed.note(self._stamp(), order.account)
        side = "buy" if order.buy else "sell"
        self.rows.append((self._stamp(), order.sym, kind, order.oid, order.account, side, order.price, size))
