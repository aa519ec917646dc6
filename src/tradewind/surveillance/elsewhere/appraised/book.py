"""A limit order book in integer ticks with price-time priority, writing each event as it happens."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Any

SIDE = ("sell", "buy")


class Order:
    """One order; `size` is what is open, `entered` what came in."""

    __slots__ = ("account", "buy", "entered", "filled", "live", "oid", "paid", "price", "size", "tag")

    def __init__(self, oid: int, account: str, buy: bool, price: int, size: int) -> None:
        self.oid, self.account, self.buy, self.price, self.size = oid, account, buy, price, size
        self.entered, self.filled, self.paid, self.live = size, 0, 0, False
        self.tag: Any = None  # told of fills and of expiry: `filled(order, size)`

    def fill(self, size: int, price: int) -> None:
        self.size -= size
        self.filled += size
        self.paid += size * price


class Book:
    """Both sides keyed so that the smallest key is the best price (a bid's key is minus its price)."""

    def __init__(self, symbol: str, tick: float, clock: Any, rows: list[tuple[Any, ...]], ids: Iterator[int]) -> None:
        self.symbol, self.tick, self.clock, self.rows, self.ids = symbol, tick, clock, rows, ids
        self.keys: tuple[list[int], list[int]] = ([], [])
        self.level: tuple[dict[int, dict[int, Order]], dict[int, dict[int, Order]]] = ({}, {})
        self.total: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.flow = [0, 0]  # volume taken by sellers, by buyers
        self.trades = 0
        self.last = 0
        self.ref = 0.0
        self.on_take: Callable[[bool, int], None] | None = None

    def _row(self, kind: str, order: Order, price: int, size: int) -> None:
        self.rows.append(
            (
                self.clock.now,
                self.symbol,
                kind,
                order.oid,
                order.account,
                SIDE[order.buy],
                round(price * self.tick, 6),
                size,
            )
        )

    def best(self, buy: bool) -> int | None:
        keys = self.keys[buy]
        if not keys:
            return None
        return -keys[0] if buy else keys[0]

    def touch(self) -> tuple[int, int]:
        """Best bid and ask, a side that is empty made up from the last middle."""
        mid = self.mid()
        bid, ask = self.best(True), self.best(False)
        if bid is None:
            bid = min(int(mid) - 1, (ask or 10**9) - 1)
        if ask is None:
            ask = max(int(mid) + 1, bid + 1)
        return bid, ask

    def mid(self) -> float:
        if self.keys[0] and self.keys[1]:
            self.ref = (self.keys[0][0] - self.keys[1][0]) / 2
        return self.ref

    def spread(self) -> int:
        bid, ask = self.touch()
        return max(1, ask - bid)

    def size_at(self, buy: bool, price: int) -> int:
        return self.total[buy].get(-price if buy else price, 0)

    def depth(self, buy: bool, levels: int) -> int:
        total = self.total[buy]
        return sum(total[key] for key in self.keys[buy][:levels])

    def imbalance(self) -> float:
        bid, ask = self.depth(True, 5), self.depth(False, 5)
        return (bid - ask) / (bid + ask) if bid and ask else 0.0

    def ahead(self, order: Order) -> int:
        """Open size with priority over a resting order."""
        key = -order.price if order.buy else order.price
        total, out = self.total[order.buy], 0
        for better in self.keys[order.buy]:
            if better >= key:
                break
            out += total[better]
        for oid, other in self.level[order.buy].get(key, {}).items():
            if oid == order.oid:
                break
            out += other.size
        return out

    def submit(self, account: str, buy: bool, price: int, size: int, rest: bool = True) -> Order:
        """Enter an order: match, then rest or cancel what is left."""
        self.clock.tick()
        order = Order(next(self.ids), account, buy, max(1, int(price)), max(1, int(size)))
        self._row("new", order, order.price, order.size)
        self._match(order)
        if order.size and rest:
            self._insert(order)
        elif order.size:
            self._row("cancel", order, order.price, order.size)
        return order

    def _match(self, order: Order) -> None:
        limit = order.price if order.buy else -order.price
        other = not order.buy
        keys, levels, total = self.keys[other], self.level[other], self.total[other]
        while order.size and keys and keys[0] <= limit:
            key = keys[0]
            queue = levels[key]
            resting = next(iter(queue.values()))
            size = min(order.size, resting.size)
            order.fill(size, resting.price)
            resting.fill(size, resting.price)
            total[key] -= size
            self._row("trade", resting, resting.price, size)
            self.trades += 1
            self.last = resting.price
            if not resting.size:
                resting.live = False
                del queue[resting.oid]
                if not queue:
                    del levels[key], total[key]
                    keys.pop(0)
            if resting.tag is not None:
                resting.tag.filled(resting, size)
        if order.filled:
            self.flow[order.buy] += order.filled
            if self.on_take is not None:
                self.on_take(order.buy, order.filled)

    def _insert(self, order: Order) -> None:
        key = -order.price if order.buy else order.price
        if key not in self.level[order.buy]:
            self.level[order.buy][key] = {}
            self.total[order.buy][key] = 0
            insort(self.keys[order.buy], key)
        self.level[order.buy][key][order.oid] = order
        self.total[order.buy][key] += order.size
        order.live = True

    def _remove(self, order: Order) -> None:
        key = -order.price if order.buy else order.price
        queue = self.level[order.buy][key]
        del queue[order.oid]
        self.total[order.buy][key] -= order.size
        if not queue:
            del self.level[order.buy][key], self.total[order.buy][key]
            keys = self.keys[order.buy]
            keys.pop(bisect_left(keys, key))
        order.live = False

    def cancel(self, order: Order, size: int | None = None) -> bool:
        """Take out the whole open size, or a part of it."""
        if not order.live:
            return False
        self.clock.tick()
        if size is not None and 0 < size < order.size:
            self._row("cancel", order, order.price, size)
            order.size -= size
            self.total[order.buy][-order.price if order.buy else order.price] -= size
            return True
        self._row("cancel", order, order.price, order.size)
        self._remove(order)
        order.size = 0
        return True

    def crosses(self, buy: bool, price: int) -> bool:
        other = self.best(not buy)
        return other is not None and (price >= other if buy else price <= other)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Reprice or resize a resting order; refused when it would trade."""
        price = max(1, int(price))
        if not order.live or size < 1 or self.crosses(order.buy, price):
            return False
        if price == order.price and size == order.size:
            return False
        self.clock.tick()
        if price == order.price and size < order.size:
            self.total[order.buy][-price if order.buy else price] -= order.size - size
            order.size = size
        else:
            self._remove(order)
            order.price, order.size = price, size
            self._insert(order)
        self._row("modify", order, price, order.size)
        return True

    def resting(self) -> list[Order]:
        return [order for side in self.level for queue in side.values() for order in queue.values()]
