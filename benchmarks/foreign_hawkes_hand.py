"""A hand: somebody with a purpose who sends orders through one account or several and sees what comes of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from foreign_hawkes_book import Ask, Book, Order
from foreign_hawkes_market import Market
from foreign_hawkes_world import SECOND


@dataclass(eq=False)
class Hand:
    """One who acts on the symbol ``s`` until ``until``; ``sly`` : he hides what he does."""

    market: Market
    s: int
    accounts: tuple[str, ...]
    rng: random.Random
    until: int
    sly: bool = False
    own_too: bool = False
    orders: dict[int, Order] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)
    used: dict[str, None] = field(default_factory=dict)
    traded: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    paid: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    own: int = 0
    price: int = 0
    first: int = 0
    last: int = 0
    flatten: bool = False
    verdict: Callable[[], bool] = lambda: False

    @property
    def book(self) -> Book:
        """The book he acts in."""
        return self.market.book(self.s)

    @property
    def unit(self) -> float:
        """About half the usual spread, in ticks."""
        return self.market.listing(self.s).unit

    @property
    def pace(self) -> float:
        """About how many seconds lie between two trades now."""
        return max(0.3, min(self.market.states[self.s].pace, 60.0))

    @property
    def left(self) -> float:
        """Seconds he has left."""
        return max(0.0, (self.until - self.market.now) / SECOND)

    @property
    def middle(self) -> float:
        """The middle of the best prices, in ticks."""
        bid, offer = self.best(True), self.best(False)
        return (bid + offer) / 2

    def best(self, buy: bool) -> int:
        """Return the best price of a side, or where it should be."""
        best = self.book.best(buy)
        if best is None:
            best = round(self.market.states[self.s].belief + (-self.unit if buy else self.unit))
        return best

    def lots(self, size: float) -> int:
        """Round a size to what is usual."""
        lot = self.market.listing(self.s).lot
        return lot * max(1, round(size / lot))

    def depth(self, buy: bool, levels: int = 3) -> int:
        """Return the size to be seen on a side, and never nothing."""
        return max(self.market.listing(self.s).size, self.book.depth(buy, levels))

    def mean(self, buy: bool) -> float:
        """Return the mean price of what was bought or sold."""
        return self.paid[buy] / max(1, self.traded[buy])

    def rest(self, account: str, buy: bool, price: int, size: float) -> Order:
        """Send an order that rests, at the price or as near to it as it may."""
        other = self.book.best(not buy)
        if other is not None:
            price = min(price, other - 1) if buy else max(price, other + 1)
        return self._send(Ask(account, buy, max(1, price), self.lots(size), False, self, self.own_too))

    def take(self, account: str, buy: bool, size: float, through: int = 0) -> int:
        """Trade at once, ``through`` so many ticks beyond the best price, and return what was traded."""
        if self.book.best(not buy) is None:
            return 0
        price = self.best(not buy) + (through if buy else -through)
        return self._send(Ask(account, buy, max(1, price), self.lots(size), True, self, self.own_too)).filled

    def meet(self, account: str, order: Order, size: int) -> int:
        """Trade against everything up to one order's price and return what was traded."""
        return self._send(Ask(account, not order.buy, order.price, size, True, self, True)).filled

    def drop(self, order: Order) -> None:
        """Cancel an order if any of it is left."""
        self.orders.pop(order.number, None)
        if order.open:
            self.market.venue.cancel(self.s, order)
            self._note(order.account)

    def shift(self, order: Order, price: int) -> None:
        """Bring an order to another price."""
        if order.open and self.market.venue.modify(self.s, order, max(1, price), order.open):
            self._note(order.account)

    def finish(self) -> None:
        """Cancel all that is left, and sell or buy back what is held if that is wanted."""
        for order in list(self.orders.values()):
            self.drop(order)
        for account, held in sorted(self.held.items()):
            if held and self.flatten:
                self.take(account, held < 0, abs(held), 1 + int(2 * self.unit))

    def filled(self, order: Order, other: Order, size: int, price: int) -> None:
        """Keep account of what was traded."""
        self.held[order.account] += size if order.buy else -size
        self.price = price
        self.traded[order.buy] += size
        self.paid[order.buy] += size * price
        self.own += size * (order.owner is other.owner and order.buy)
        if not order.open:
            self.orders.pop(order.number, None)
        self._note(order.account)

    def seat(self, start: int = 0) -> str:
        """Return one of his accounts, from the one numbered ``start`` on."""
        return self.rng.choice(self.accounts[start:] or self.accounts)

    def split(self, size: float, parts: int) -> Sequence[float]:
        """Split a size into uneven parts."""
        shares = [self.rng.uniform(0.6, 1.4) for _ in range(parts)]
        return [size * share / sum(shares) for share in shares]

    def _send(self, ask: Ask) -> Order:
        order = self.market.venue.send(self.s, ask)
        self._note(ask.account, order)
        if order.open:
            self.orders[order.number] = order
        return order

    def _note(self, account: str, order: Order | None = None) -> None:
        self.last = self.market.venue.clock
        self.used[account] = None
        if not self.first and order is not None:
            self.first = self.last
