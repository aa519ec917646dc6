"""Market makers: quotes on both sides at several levels, moved with the price, the stock at hand and the book."""

from __future__ import annotations

import random

from foreign_auditcase_book import Order
from foreign_auditcase_market import Market
from foreign_auditcase_stage import Stage


class Maker:
    """A maker in one stock."""

    def __init__(self, stage: Stage, market: Market, account: str) -> None:
        self.stage = stage
        self.market = market
        self.account = account
        self.rng = random.Random(f"auditcase/{stage.setting.seed}/{market.stock.symbol}/{account}")
        self.levels = self.rng.randint(1, 5)
        self.width = self.rng.uniform(0.7, 1.6)
        self.step = self.rng.uniform(0.25, 1.0)
        self.scale = self.rng.uniform(1.0, 4.0)
        self.speed = self.rng.uniform(0.05, 0.22)
        self.skew = self.rng.uniform(0.02, 0.08)
        self.lean = self.rng.uniform(0.1, 0.5)
        self.patience = self.rng.uniform(0.15, 0.6)
        self.amends = self.rng.random() < 0.4
        self.limit = self.rng.uniform(15, 60) * market.stock.typical
        self.stock_held = 0
        self.quotes: dict[tuple[int, int], Order] = {}

    def open(self) -> None:
        """Quote for the first time of a day."""
        self.quotes.clear()
        self.stage.later(self.rng.uniform(0.01, 1.0), self._look)

    def told(self, order: Order, size: int, price: int, other: Order) -> None:
        """Keep count of the stock at hand."""
        self.stock_held += order.side * size

    def _look(self) -> None:
        now = self.stage.now
        self.market.update(now)
        if now > self.market.jammed or self.rng.random() < 0.2:
            self._quote()
        self.stage.later(self.rng.expovariate(self.speed * self.stage.busy(self.market)), self._look)

    def _quote(self) -> None:
        market, stock = self.market, self.market.stock
        held = self.stock_held / stock.typical
        shift = self.lean * market.imbalance() - max(-3.0, min(3.0, self.skew * held))
        middle = market.fair + shift * stock.spread
        half = self.width * stock.spread * (1 + 0.25 * market.heat) / 2
        for side in (1, -1) if middle < market.mid() else (-1, 1):
            full = side * self.stock_held > self.limit
            for level in range(self.levels):
                price = middle - side * (half + level * self.step * stock.spread)
                self._place(side, level, None if full else round(price))

    def _place(self, side: int, level: int, price: int | None) -> None:
        venue, book, stock = self.stage.venue, self.market.book, self.market.stock
        order = self.quotes.get((side, level))
        if price is None:
            if order is not None:
                venue.cancel(book, order)
            return
        against = book.best(-side)
        if against is not None and side * (price - against) >= 0:
            price = against - side
        if order is not None and order.live:
            if abs(order.price - price) <= self.patience * stock.spread:
                return
            if self.amends:
                venue.modify(book, order, price, order.open)
                return
            venue.cancel(book, order)
        size = stock.size(self.rng, self.scale * (1 + 0.3 * level))
        self.quotes[side, level] = venue.send(book, Order(self.account, side, price, size, owner=self))
