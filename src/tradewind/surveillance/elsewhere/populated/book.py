"""The book of a populated market: levels that know their depth, and who has what in it."""

from __future__ import annotations

from bisect import bisect_left, insort


class Order:
    """An order; ``left`` falls as it is executed or taken back."""

    __slots__ = ("account", "filled", "id", "left", "price", "side", "size", "symbol")

    def __init__(self, number: int, symbol: int, account: str, side: int, price: int, size: int) -> None:
        self.id, self.symbol, self.account = number, symbol, account
        self.side, self.price, self.size = side, price, size
        self.left, self.filled = size, 0


class Level:
    """The orders at a price, first come first, and their shares together."""

    __slots__ = ("depth", "queue")

    def __init__(self) -> None:
        self.depth = 0
        self.queue: dict[int, Order] = {}


class Side:
    """One side of a book; ``keys`` are price times side, so that the best is last."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}

    def best(self) -> int:
        """Return the best price, 0 where there is none."""
        return self.sign * self.keys[-1] if self.keys else 0

    def top(self, levels: int) -> list[tuple[int, int]]:
        """Return price and shares of the best levels, best first."""
        return [(self.sign * key, self.levels[key].depth) for key in self.keys[: -levels - 1 : -1]]

    def before(self, price: int) -> int:
        """Return the shares that trade before or at a price."""
        place = bisect_left(self.keys, self.sign * price)
        return sum(self.levels[key].depth for key in self.keys[place:])


class Book:
    """Both sides of a symbol, and the resting orders of each account."""

    __slots__ = ("own", "sides")

    def __init__(self) -> None:
        self.sides = {1: Side(1), -1: Side(-1)}
        self.own: dict[str, dict[int, Order]] = {}

    def rest(self, order: Order) -> None:
        """Put an order at the end of the queue of its price."""
        side, key = self.sides[order.side], order.side * order.price
        level = side.levels.get(key)
        if level is None:
            level = side.levels[key] = Level()
            insort(side.keys, key)
        level.queue[order.id] = order
        level.depth += order.left
        self.own.setdefault(order.account, {})[order.id] = order

    def shrink(self, order: Order, shares: int) -> None:
        """Take shares off a resting order; one that has none left goes."""
        side, key = self.sides[order.side], order.side * order.price
        level = side.levels[key]
        order.left -= shares
        level.depth -= shares
        if order.left:
            return
        del level.queue[order.id]
        own = self.own[order.account]
        del own[order.id]
        if not own:
            del self.own[order.account]
        if not level.queue:
            del side.levels[key]
            del side.keys[bisect_left(side.keys, key)]

    def first(self, side: int) -> Order:
        """Return the order that trades next on a side that is not empty."""
        half = self.sides[side]
        return next(iter(half.levels[half.keys[-1]].queue.values()))

    def imbalance(self) -> float:
        """Return how much more is bid than offered on the best three levels, in [-1, 1]."""
        bid = sum(depth for _, depth in self.sides[1].top(3))
        ask = sum(depth for _, depth in self.sides[-1].top(3))
        return (bid - ask) / (bid + ask) if bid + ask else 0.0

    def resting(self) -> list[Order]:
        """Return every order."""
        return [order for own in list(self.own.values()) for order in list(own.values())]
