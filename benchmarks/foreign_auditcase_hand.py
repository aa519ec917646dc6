"""A hand: somebody with a plan, the accounts to play it with, and what comes of it."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from foreign_auditcase_book import Order
from foreign_auditcase_market import Market, Swell
from foreign_auditcase_world import SECOND, log_uniform

if TYPE_CHECKING:
    from foreign_auditcase_stage import Stage


@dataclass(eq=False)
class Hand:
    """Somebody with a plan and accounts to play it with, be it a deed (``scheme``) or honest business."""

    stage: Stage
    market: Market
    rng: random.Random
    accounts: list[str]
    deadline: int
    scheme: str = ""
    evasive: bool = False
    done: bool = False
    since: int = 0
    first: int = 0
    last: int = 0
    matched: int = 0
    bought: int = 0
    sold: int = 0
    held: dict[str, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    @property
    def left(self) -> float:
        """The seconds until the hand must be done."""
        return (self.deadline - self.stage.now) / SECOND

    @property
    def length(self) -> float:
        """The seconds that the hand has in all."""
        return (self.deadline - self.since) / SECOND

    @property
    def beat(self) -> float:
        """The seconds that some arrivals take in this stock: little comes of waiting for less."""
        return 9 / self.stage.busy(self.market)

    def span(self, plain: Sequence[float], sly: Sequence[float] | None = None) -> float:
        """Draw a number between two, evenly over the logarithm; another where the hand hides."""
        return log_uniform(self.rng, sly if self.evasive and sly else plain)

    def whole(self, plain: tuple[int, int], sly: tuple[int, int] | None = None) -> int:
        """Draw a whole number between two."""
        return self.rng.randint(*(sly if self.evasive and sly else plain))

    def size(self, scale: float) -> int:
        """Draw a size about ``scale`` usual ones."""
        lot = self.market.stock.lot
        wobble = self.rng.uniform(0.6, 1.5) if self.evasive else self.rng.uniform(0.9, 1.1)
        return lot * max(1, round(self.market.stock.typical * scale * wobble / lot))

    def send(self, order: Order, rest: bool = True) -> Order:
        """Send an order to the venue."""
        order.owner = self
        self._mark(order.account)
        self.stage.venue.send(self.market.book, order, rest)
        if order.live:
            self.orders.append(order)
        return order

    def post(self, account: str, side: int, size: int, back: float = 0) -> Order:
        """Rest an order ``back`` ticks behind the touch, or as many before it, short of crossing."""
        book = self.market.book
        touch, against = book.best(side), book.best(-side)
        if touch is None:
            touch = round(self.market.fair - side * self.market.stock.spread / 2)
        price = touch - side * round(back)
        if against is not None and side * (price - against) >= 0:
            price = against - side
        return self.send(Order(account, side, price, size))

    def take(self, account: str, side: int, size: int, slip: float = 1.0) -> int:
        """Take from the other side, ``slip`` spreads deep at most; return what was got."""
        against = self.market.book.best(-side)
        if against is None or size < 1:
            return 0
        price = against + side * round(slip * self.market.stock.spread)
        return self.send(Order(account, side, price, size), rest=False).filled

    def drop(self, order: Order) -> None:
        """Cancel an order, if it still rests."""
        if order.live:
            self._mark(order.account)
            self.stage.venue.cancel(self.market.book, order)

    def change(self, order: Order, price: int, size: int) -> None:
        """Change an order, if it still rests."""
        if order.live and (price, size) != (order.price, order.open):
            before = len(self.stage.venue.rows)
            self.stage.venue.modify(self.market.book, order, price, size)
            if len(self.stage.venue.rows) > before:
                self._mark(order.account)

    def told(self, order: Order, size: int, price: int, other: Order) -> None:
        """Keep account of a fill."""
        self._mark(order.account)
        self.held[order.account] += order.side * size
        if order.side > 0:
            self.bought += size
        else:
            self.sold += size
        if other.owner is self and order.side > 0:
            self.matched += 1

    def swell(self, rise: float, height: float, fade: float) -> None:
        """Let people begin to believe in a price."""
        self.market.swells.append(Swell(self.stage.now, rise, height, fade))

    def unload(self, seconds: float, pieces: int) -> Generator[float, None, None]:
        """Get out of what is held, in pieces over some seconds."""
        lot = self.market.stock.lot
        for turn in range(pieces + 4):
            if not any(self.held.values()):
                return
            for account, held in list(self.held.items()):
                share = min(abs(held), lot * max(1, round(abs(held) / max(1, pieces - turn) / lot)))
                if held:
                    self.take(account, -1 if held > 0 else 1, share, 2.5)
                yield seconds / (pieces + 4) * self.rng.uniform(0.2, 1.0) / len(self.held)

    def _mark(self, account: str) -> None:
        self.held.setdefault(account, 0)
        self.first = self.first or self.stage.now
        self.last = self.stage.now
        self.stage.played += bool(self.scheme)
