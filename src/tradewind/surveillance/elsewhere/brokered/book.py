"""Price-time matching, and the rows that the venue writes of it."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000


@dataclass(slots=True)
class Order:
    """One order; ``price`` in ticks, 0 a market order; ``left`` is 0 once it no longer rests."""

    number: int
    account: str
    symbol: int
    side: int
    price: int
    size: int
    left: int
    filled: int = 0


class Side:
    """Resting orders of one side by price; ``keys`` are prices times the side, so the best is the last."""

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, dict[int, Order]] = {}
        self.depth: dict[int, int] = {}

    def best(self) -> int:
        """Return the best price, 0 where nothing rests."""
        return self.sign * self.keys[-1] if self.keys else 0

    def add(self, order: Order) -> None:
        """Let an order rest behind those at its price."""
        key = self.sign * order.price
        if key not in self.levels:
            insort(self.keys, key)
            self.levels[key], self.depth[key] = {}, 0
        self.levels[key][order.number] = order
        self.depth[key] += order.left

    def reduce(self, order: Order, size: int) -> None:
        """Take ``size`` off a resting order, and the order off the book once nothing is left."""
        key = self.sign * order.price
        order.left -= size
        self.depth[key] -= size
        if not order.left:
            del self.levels[key][order.number]
            if not self.levels[key]:
                del self.levels[key], self.depth[key]
                self.keys.pop(bisect_left(self.keys, key))

    def near(self, levels: int) -> int:
        """Return the shares on the best levels."""
        return sum(self.depth[key] for key in self.keys[-levels:])

    def within(self, price: int) -> int:
        """Return the shares at ``price`` and better."""
        return sum(self.depth[key] for key in self.keys[bisect_left(self.keys, self.sign * price) :])


class Venue:
    """Books of all symbols and the rows written; ``careless`` accounts may trade with themselves."""

    def __init__(self, symbols: int, *, same_id: bool) -> None:
        self.now = 0.0
        self.rows: list[Row] = []
        self.books = [{1: Side(1), -1: Side(-1)} for _ in range(symbols)]
        self.last = [0] * symbols
        self.careless: set[str] = set()
        self._same_id = same_id
        self._number = 1_000

    def submit(
        self, account: str, at: tuple[int, int], size: int, price: int, *, flash: bool = False, own: bool = False
    ) -> Order:
        """Enter an order ``at`` a symbol and side; ``flash`` cancels the rest, ``own`` may meet its own account."""
        self._number += 1
        order = Order(self._number, account, *at, price, size, size)
        return self._enter(order, flash=flash or not price, own=own or account in self.careless)

    def cancel(self, order: Order, size: int = 0) -> None:
        """Take back ``size`` of an order, or all that is left."""
        if order.left:
            size = min(size or order.left, order.left)
            self._write(Kind.CANCEL, order, order.price, size)
            self.books[order.symbol][order.side].reduce(order, size)

    def amend(self, order: Order, price: int, size: int) -> Order:
        """Replace a resting order by one at the end of the queue."""
        self.cancel(order)
        if not self._same_id:
            return self.submit(order.account, (order.symbol, order.side), size, price)
        new = Order(order.number, order.account, order.symbol, order.side, price, size, size)
        return self._enter(new, flash=False, own=order.account in self.careless)

    def news(self, symbol: int, tone: int, number: int) -> None:
        """Publish news."""
        self.rows.append(Row(int(self.now * SECOND), symbol, Kind.NEWS, number, "", tone, 0, 0))

    def _enter(self, order: Order, *, flash: bool, own: bool) -> Order:
        self._write(Kind.NEW, order, order.price, order.size)
        self._match(order, own=own)
        if order.left and flash:
            self._write(Kind.CANCEL, order, order.price, order.left)
            order.left = 0
        elif order.left:
            self.books[order.symbol][order.side].add(order)
        return order

    def _match(self, order: Order, *, own: bool) -> None:
        other = self.books[order.symbol][-order.side]
        while order.left and other.keys:
            key = other.keys[-1]
            price = -order.side * key
            if order.price and order.side * (order.price - price) < 0:
                break
            resting = next(iter(other.levels[key].values()))
            if resting.account == order.account and not own:
                self.cancel(resting)
                continue
            size = min(order.left, resting.left)
            time = int(self.now * SECOND)
            named = (resting.number, resting.account, resting.side)
            self.rows.append(Row(time, order.symbol, Kind.TRADE, *named, price, size, order.account, order.number))
            self.last[order.symbol] = price
            order.left -= size
            order.filled += size
            resting.filled += size
            other.reduce(resting, size)

    def _write(self, kind: Kind, order: Order, price: int, size: int) -> None:
        time = int(self.now * SECOND)
        self.rows.append(Row(time, order.symbol, kind, order.number, order.account, order.side, price, size))
