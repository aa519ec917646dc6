"""Engine: a clock, a tape, and one book with price-time priority for each stock."""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

SECOND = 1_000_000_000
Script = Generator[float, None, None]
"""What somebody does: yields the seconds it waits."""


class Clock:
    """Runs scripts and calls in the order of their times."""

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[tuple[int, int, Any]] = []
        self._count = 0

    def at(self, when: int, what: Script | Callable[[], object]) -> None:
        self._count += 1
        heappush(self._heap, (max(when, self.now), self._count, what))

    def after(self, seconds: float, what: Script | Callable[[], object]) -> None:
        self.at(self.now + int(seconds * SECOND), what)

    def run(self, until: int) -> None:
        """Run to ``until``; what was still waiting then is forgotten."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, what = heappop(heap)
            if callable(what):
                what()
                continue
            wait = next(what, None)
            if wait is not None:
                self._count += 1
                heappush(heap, (self.now + 1 + int(wait * SECOND), self._count, what))
        heap.clear()
        self.now = until


class Account:
    """Somebody who trades; ``stp`` keeps an order from meeting the account's own."""

    __slots__ = ("kind", "load", "name", "scale", "stp", "weight")

    def __init__(self, name: str, kind: str, scale: float, weight: float, stp: bool = True) -> None:
        self.name, self.kind, self.scale, self.weight, self.stp = name, kind, scale, weight, stp
        self.load: dict[Book, int] = {}


class Order:
    __slots__ = ("account", "filled", "left", "oid", "price", "side", "size")

    def __init__(self, oid: int, account: Account, side: int, price: int, size: int) -> None:
        self.oid, self.account, self.side, self.price, self.left = oid, account, side, price, size
        self.size, self.filled = size, 0


class Tape:
    """What the venue publishes. ``told``: trades name the resting order, the taking one, or both ("pair")."""

    def __init__(self, clock: Clock, told: str, oid: int, stride: int) -> None:
        self.clock, self.told, self.oid, self.stride = clock, told, oid, stride
        self.rows: list[tuple[Any, ...]] = []

    def next_oid(self) -> int:
        self.oid += self.stride
        return self.oid


class Book:
    """Prices are whole ticks; side +1 buys, -1 sells."""

    def __init__(self, tape: Tape, name: str, cancels_say_size: bool) -> None:
        self.tape, self.name, self.say = tape, name, cancels_say_size
        self.levels: dict[int, dict[int, dict[int, Order]]] = {1: {}, -1: {}}
        self.shown: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self._heaps: dict[int, list[int]] = {1: [], -1: []}
        self.last = 0
        self.volume = 0
        self.crosses: list[tuple[int, int, int, Account, Account]] = []

    def best(self, side: int) -> int:
        """Return the best price of a side; 0 where it is empty."""
        heap, levels = self._heaps[side], self.levels[side]
        while heap:
            price = -side * heap[0]
            if price in levels:
                return price
            heappop(heap)
        return 0

    def near(self, side: int, ticks: int) -> int:
        """Return the size shown within ``ticks`` of the best price."""
        top, shown = self.best(side), self.shown[side]
        return sum(shown.get(top - side * i, 0) for i in range(ticks)) if top else 0

    def _row(self, kind: str, order: Order, price: int, size: int, other: Order | None = None) -> None:
        contra = (other.account.name, other.oid) if other else ("", 0)
        row = (self.tape.clock.now, self.name, kind, order.oid, order.account.name, order.side, price, size, *contra)
        self.tape.rows.append(row)

    def submit(self, account: Account, side: int, price: int, size: int, ioc: bool = False, oid: int = 0) -> Order:
        """Enter an order (``price`` 0 takes at any price), match it, rest what is left."""
        order = Order(oid or self.tape.next_oid(), account, side, price, max(1, size))
        if account.stp:
            self._step_aside(order)
        self._row("new", order, price, order.left)
        levels = self.levels[-side]
        while order.left:
            top = self.best(-side)
            if not top or (price and (top - price) * side > 0):
                break
            level = levels[top]
            self._fill(order, next(iter(level.values())), level)
        if order.left and (ioc or not price):
            self._row("cancel", order, price, order.left if self.say else 0)
            order.left = 0
        elif order.left:
            if price not in self.levels[side]:
                self.levels[side][price], self.shown[side][price] = {}, 0
                heappush(self._heaps[side], -side * price)
            self.levels[side][price][order.oid] = order
            self.shown[side][price] += order.left
        return order

    def _step_aside(self, order: Order) -> None:
        """Cancel the account's own orders that the new one would meet."""
        left, price, side = order.left, self.best(-order.side), order.side
        while price and left > 0 and (not order.price or (price - order.price) * side <= 0):
            for mine in list(self.levels[-side].get(price, {}).values()):
                if mine.account is order.account:
                    self.cancel(mine)
                else:
                    left -= mine.left
            price += side
            if abs(price - self.best(-side)) > 60:
                break

    def _fill(self, order: Order, rest: Order, level: dict[int, Order]) -> None:
        size, price, tape = min(order.left, rest.left), rest.price, self.tape
        for one in (order, rest):
            one.left -= size
            one.filled += size
            one.account.load[self] = one.account.load.get(self, 0) + one.side * size
        shown = self.shown[rest.side]
        shown[price] -= size
        if not rest.left:
            del level[rest.oid]
            if not level:
                del self.levels[rest.side][price], shown[price]
        first, other = (rest, order) if tape.told == "resting" else (order, rest)
        self._row("trade", first, price, size, other if tape.told == "pair" else None)
        self.last = price
        self.volume += size
        self.crosses.append((tape.clock.now, price, size, order.account, rest.account))

    def cancel(self, order: Order, size: int = 0) -> bool:
        """Take back ``size`` of an order, or all of it; False where nothing was left."""
        if not order.left:
            return False
        gone = order.left if not size or size >= order.left else size
        whole = gone == order.left
        self._row("cancel", order, order.price, gone if self.say or not whole else 0)
        order.left -= gone
        shown, level = self.shown[order.side], self.levels[order.side][order.price]
        shown[order.price] -= gone
        if whole:
            del level[order.oid]
            if not level:
                del self.levels[order.side][order.price], shown[order.price]
        return True

    def replace(self, order: Order, price: int, size: int, keep_id: bool) -> Order:
        """Cancel and enter anew, under the same id where the venue does so."""
        self.cancel(order)
        return self.submit(order.account, order.side, price, size, oid=order.oid if keep_id else 0)

    def sweep_out(self) -> None:
        """Cancel every order, as at the close."""
        for side in (1, -1):
            for level in list(self.levels[side].values()):
                for order in list(level.values()):
                    self.cancel(order)
