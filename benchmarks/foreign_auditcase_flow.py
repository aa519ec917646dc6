"""The background: arrivals without a plan, and simple rules of people who look at the price or the book."""

from __future__ import annotations

import math
import random

from foreign_auditcase_book import Order
from foreign_auditcase_market import Market
from foreign_auditcase_stage import Stage


class Flow:
    """Arrivals in one stock."""

    def __init__(self, stage: Stage, market: Market) -> None:
        self.stage = stage
        self.market = market
        self.rng = random.Random(f"auditcase/{stage.setting.seed}/{market.stock.symbol}/flow")
        self.kinds = list(stage.setting.mix)
        self.shares = list(stage.setting.mix.values())
        self.acts = [getattr(self, f"_{kind}") for kind in self.kinds]
        self.resting: list[Order] = []

    def open(self) -> None:
        """Fill the book before the first trade, and begin."""
        self.resting.clear()
        for _ in range(int(self.market.stock.book_size / 2)):
            self._quote()
        self._next()

    def _next(self) -> None:
        self.stage.later(self.rng.expovariate(self.stage.busy(self.market)), self._arrive)

    def _arrive(self) -> None:
        self.market.update(self.stage.now)
        act = self.rng.choices(self.acts, self.shares)[0]
        herd = self.market.herd(self.stage.now)
        if herd and self.rng.random() < 0.45 * abs(herd):
            self._follow(1 if herd > 0 else -1)
        else:
            act()
        self._next()

    def _side(self) -> int:
        return self.market.mood if self.rng.random() < 0.12 else self.rng.choice((1, -1))

    def _take(self, account: str, side: int, size: int, slip: float) -> None:
        against = self.market.book.best(-side)
        if against is not None:
            order = Order(account, side, against + side * round(slip * self.market.stock.spread), size)
            self.stage.venue.send(self.market.book, order, rest=False)

    def _rest(self, account: str, side: int, price: float, size: int) -> None:
        against = self.market.book.best(-side)
        ticks = math.floor(price) if side > 0 else math.ceil(price)
        if against is not None and side * (ticks - against) >= 0:
            ticks = against - side
        order = self.stage.venue.send(self.market.book, Order(account, side, ticks, size))
        life = self.market.stock.book_size / max(0.05, 0.45 * self.stage.gain * self.market.stock.weight)
        if order.live:
            self.resting.append(order)
            self.stage.later(life * self.rng.lognormvariate(-0.5, 1.0), lambda: self._expire(order))

    def _expire(self, order: Order) -> None:
        self.stage.venue.cancel(self.market.book, order)

    def _quote(self) -> None:
        stock, side = self.market.stock, self._side()
        away = stock.spread * (self.rng.expovariate(0.5) - 0.25)
        price = self.market.mid() - side * (stock.spread / 2 + away)
        self._rest(self.stage.setting.people.noise(self.rng), side, price, stock.size(self.rng))

    def _cross(self) -> None:
        size = self.market.stock.size(self.rng, 0.8)
        self._take(self.stage.setting.people.noise(self.rng), self._side(), size, self.rng.choice((0, 0, 0.5, 2)))

    def _retail(self) -> None:
        stock, side = self.market.stock, self._side()
        account = self.rng.choice(self.stage.setting.people.retail)
        size = self._round()
        if self.rng.random() < 0.55:
            self._take(account, side, size, 3)
            return
        price = self.market.mid() - side * stock.spread * self.rng.uniform(0.4, 4)
        step = 5 if stock.price < 2_000 else 25
        self._rest(account, side, round(price / step) * step if self.rng.random() < 0.3 else price, size)

    def _round(self) -> int:
        stock = self.market.stock
        raw = stock.size(self.rng, 0.7)
        step = max(stock.lot, 10 ** max(0, len(str(raw)) - 1))
        return step * max(1, round(raw / step))

    def _follow(self, side: int) -> None:
        people = self.stage.setting.people
        account = self.rng.choice(people.retail) if self.rng.random() < 0.7 else people.noise(self.rng)
        if self.rng.random() < 0.75:
            self._take(account, side, self._round(), 1.5)
        else:
            self._rest(account, side, self.market.mid() - side * self.market.stock.spread * 0.6, self._round())

    def _informed(self) -> None:
        stock = self.market.stock
        value = self.market.value(self.stage.now)
        gap = (value - self.market.mid()) / stock.spread
        if abs(gap) > self.rng.uniform(0.5, 1.5):
            side = 1 if gap > 0 else -1
            size = stock.size(self.rng, min(3.0, 0.7 * abs(gap)))
            self._take(self.rng.choice(self.stage.setting.people.funds), side, size, min(3.0, abs(gap) / 2))

    def _trend(self) -> None:
        trend = self.market.trend
        if abs(trend) > self.rng.uniform(0.5, 2.5):
            size = self.market.stock.size(self.rng, 1.2)
            self._take(self.stage.setting.people.noise(self.rng), 1 if trend > 0 else -1, size, 1)

    def _contrary(self) -> None:
        trend, stock = self.market.trend, self.market.stock
        if abs(trend) > self.rng.uniform(0.3, 2.0):
            side = -1 if trend > 0 else 1
            price = self.market.mid() - side * stock.spread * self.rng.uniform(0.2, 1.0)
            self._rest(self.stage.setting.people.noise(self.rng), side, price, stock.size(self.rng, 1.5))

    def _lean(self) -> None:
        leaning = self.market.imbalance()
        if self.rng.random() < abs(leaning) * 1.2:
            size = self.market.stock.size(self.rng, 0.9)
            self._take(self.stage.setting.people.noise(self.rng), 1 if leaning > 0 else -1, size, 0)

    def _amend(self) -> None:
        rng, stock = self.rng, self.market.stock
        while self.resting and len(self.resting) > 3 * stock.book_size:
            self.resting.pop(0)
        order = rng.choice(self.resting) if self.resting else None
        if order is None or not order.live:
            self.resting = [order for order in self.resting if order.live]
            return
        if rng.random() < 0.3:
            lots = order.open // stock.lot
            self.stage.venue.modify(self.market.book, order, order.price, stock.lot * rng.randint(1, max(1, lots)))
        else:
            away = stock.spread * rng.uniform(0.3, 2.0)
            price = round(self.market.mid() - order.side * away)
            self.stage.venue.modify(self.market.book, order, price, order.open)
