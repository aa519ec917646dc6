"""Tape, clock and matching of a foreign market of retail clients: what a venue does, whoever trades on it."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Generator

from tradewind.surveillance.elsewhere.retail.setting import BUY, SECOND, SELL, Book, Order, Setting, Watcher

__all__ = ["BUY", "SECOND", "SELL", "Actor", "Book", "Order", "World"]
Actor = Generator[int, None, None]
NEW, MODIFY, CANCEL, TRADE, NEWS = range(5)


class World:
    """The clock, the tape and the matching; actors are generators that yield how long they sleep (ns)."""

    def __init__(self, setting: Setting, rng: random.Random) -> None:
        self.setting, self.rng = setting, rng
        self.books = [Book(i, spec) for i, spec in enumerate(setting.symbols)]
        self.rows: list[tuple[int, int, int, int, int, int, int, int]] = []
        self.now = self.last_ts = 0
        self.open = self.close = 0
        self.session = 0
        self.next_oid = setting.first_order_id
        self.queue: list[tuple[int, int, Actor, bool]] = []
        self.ticket = 0
        self.orders: dict[int, tuple[Book, Order]] = {}

    def spawn(self, actor: Actor, delay: float = 0.0, lasting: bool = False) -> None:
        """Start an actor after a delay; a lasting one sleeps through the night instead of dying at the close."""
        self.ticket += 1
        heapq.heappush(self.queue, (self.now + int(delay), self.ticket, actor, lasting))

    def run(self, until: int) -> None:
        """Let actors act until a moment; those due later stay in the queue."""
        queue, pop, push = self.queue, heapq.heappop, heapq.heappush
        while queue and queue[0][0] < until:
            at, _, actor, lasting = pop(queue)
            self.now = max(at, self.last_ts + 1)
            wait = next(actor, -1)
            if wait >= 0:
                self.ticket += 1
                push(queue, (max(self.now, at) + wait + 1, self.ticket, actor, lasting))
        self.now = until

    def stamp(self, book: Book) -> int:
        """A fresh time for one message; no two messages ever share it."""
        ts = self.now if self.now > self.last_ts else self.last_ts + 700 + int(self.rng.random() * 30_000)
        self.now = self.last_ts = ts
        book.count += 1
        return ts

    def news(self, book: Book) -> None:
        """Publish a news row for a symbol."""
        self.rows.append((self.stamp(book), book.index, NEWS, 0, -1, 0, 0, 0))
        book.upset = self.now

    def submit(
        self,
        book: Book,
        acc: int,
        side: int,
        px: int,
        size: int,
        rest: bool = True,
        tag: Watcher | None = None,
        own: bool = False,
    ) -> Order:
        """Enter an order, match it, and rest or cancel what is left; `own` lets it meet its owner's orders."""
        px = max(1, px)
        lot = book.spec.lot
        size = max(lot, size // lot * lot)
        ts, sym, rows = self.stamp(book), book.index, self.rows
        self.next_oid += self.setting.order_id_step
        order = Order(self.next_oid, acc, side, px, size, tag)
        rows.append((ts, sym, NEW, order.oid, acc, side, px, size))
        other = -side
        levels, total, orders = book.levels[other], book.total[other], self.orders
        traded, worst, first, barred = 0, 0, 0, False
        told: list[tuple[Order, int]] = []
        while order.size and not barred:
            best = book.best(other)
            if not best or (best - px) * side > 0:
                break
            level = levels[best]
            while order.size and level:
                resting = next(iter(level.values()))
                if resting.acc == acc and not own:
                    barred = True  # self-trade prevention: the newer order gives way
                    break
                qty = min(order.size, resting.size)
                rows.append((ts, sym, TRADE, resting.oid, resting.acc, other, best, qty))
                book.count += 1
                resting.size -= qty
                resting.filled += qty
                resting.paid += qty * best
                order.size -= qty
                order.filled += qty
                order.paid += qty * best
                total[best] -= qty
                traded += qty
                first = first or best
                worst = best
                if not resting.size:
                    del level[resting.oid]
                    del orders[resting.oid]
                if resting.tag is not None:
                    told.append((resting, qty))
            if not level:
                del levels[best]
                del total[best]
        if order.size:
            if rest and not barred:
                self._rest(book, order)
            else:
                rows.append((ts, sym, CANCEL, order.oid, acc, side, px, order.size))
                book.count += 1
                order.size = 0
        for resting, qty in told:
            if resting.tag is not None:
                resting.tag.filled(resting, qty, acc)
        if traded:
            self._echo(book, side, traded, first, worst)
        return order

    def _rest(self, book: Book, order: Order) -> None:
        side, px = order.side, order.px
        level = book.levels[side].get(px)
        if level is None:
            book.levels[side][px] = {order.oid: order}
            heapq.heappush(book.heaps[side], -px if side == BUY else px)
            book.total[side][px] = order.size
        else:
            level[order.oid] = order
            book.total[side][px] += order.size
        self.orders[order.oid] = (book, order)

    def _lift(self, book: Book, order: Order) -> None:
        level = book.levels[order.side][order.px]
        del level[order.oid], self.orders[order.oid]
        if level:
            book.total[order.side][order.px] -= order.size
        else:
            del book.levels[order.side][order.px], book.total[order.side][order.px]

    def cancel(self, order: Order) -> bool:
        """Take out an order, if it still rests."""
        if order.oid not in self.orders:
            return False
        book = self.orders[order.oid][0]
        self._lift(book, order)
        row = (self.stamp(book), book.index, CANCEL, order.oid, order.acc, order.side, order.px, order.size)
        self.rows.append(row)
        order.size = 0
        return True

    def modify(self, order: Order, px: int, size: int) -> bool:
        """Change an order that rests, never into the other side; priority is kept only when it shrinks in place."""
        if order.oid not in self.orders:
            return False
        book = self.orders[order.oid][0]
        size = max(book.spec.lot, size // book.spec.lot * book.spec.lot)
        against = book.best(-order.side)
        if px < 1 or (against and (px - against) * order.side >= 0) or (px == order.px and size == order.size):
            return False
        if px == order.px and size < order.size:
            book.total[order.side][px] += size - order.size
            order.size = size
        else:
            self._lift(book, order)
            order.px, order.size = px, size
            self._rest(book, order)
        self.rows.append((self.stamp(book), book.index, MODIFY, order.oid, order.acc, order.side, px, size))
        return True

    def _echo(self, book: Book, side: int, size: int, first: int, worst: int) -> None:
        """What a trade does to minds: impact on the consensus, stops that go off, fast reactors."""
        spec = book.spec
        book.last = worst
        force = min(12.0, math.sqrt(size / spec.typical))
        shift = side * spec.impact * force * spec.half_spread
        book.ref += shift
        book.fair += shift * spec.lasting
        stops = book.stops[side]
        while stops and (worst - stops[0][0] * side) * side >= 0:
            _, _, acc, qty = heapq.heappop(stops)
            self.spawn(self._stop(book, acc, side, qty), self.rng.uniform(2e5, 4e7))
        if force > 2.5:
            book.mood += side * 0.02 * force  # a large trade is talked about
        if force > 2.5 or abs(worst - first) > 2 * book.half():
            for alarm in book.alarms:
                alarm(book, side, force)

    def _stop(self, book: Book, acc: int, side: int, size: int) -> Actor:
        self.submit(book, acc, side, round(book.touch(-side) * (1 + side * 0.02)) + side, size, rest=False)
        yield -1
