"""Orders that are not meant, and how one that is meant is had while they stand."""

from __future__ import annotations

from collections.abc import Callable, Generator

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play

Cycle = Generator[float, None, int]
"""What yields seconds and returns the shares that were had."""


class Bluff:
    """Size on ``levels`` prices of one side; ``side`` is that of the order that is meant."""

    def __init__(self, deed: Deed, levels: int) -> None:
        dice = deed.dice
        self.deed, self.levels, self.side = deed, levels, dice.side()
        self.trader = deed.gang(1, 1)[0]
        self.pressers = deed.gang(1, dice.choice((1, 1, 3))) if dice.chance(0.2) else [self.trader]
        self.weight = dice.spread(0.8, 8)
        self.away = dice.choice((0, 0, 1, 1, 2, round(deed.spread * dice.uniform(0.3, 1.5))))
        self.gap = dice.choice((1, 1, max(1, round(deed.spread * dice.spread(0.1, 1)))))
        self.rises = dice.choice((0.0, 0.0, dice.uniform(0.1, 1.0), -dice.uniform(0.02, 0.08)))
        self.pieces = dice.choice((1, 1, 1, 2, 4)) if levels == 1 else 1
        self.uneven = dice.choice((0.0, dice.uniform(0.0, 0.5)))
        self.pace = dice.choice((0.0, dice.spread(0.002, 0.8)))
        self.out = dice.choice((0.0, 0.0, dice.spread(0.003, 0.8)))
        self.inner_first = dice.chance(0.5)
        self.multiple = dice.spread(0.3, 4)
        self.patience = deed.beat(0.6, 9)
        self.follows = dice.chance(0.4)
        self.meant = 0
        self.orders: list[Order] = []
        self._every: list[Order] = []

    def show(self) -> Play:
        """Show it on the other side than what is meant: at once, or price by price."""
        deed, side, dice = self.deed, -self.side, self.deed.dice
        unit = deed.ex.stocks[deed.symbol].unit
        whole = max(self.weight * deed.shown(side, 1 if self.levels == 1 else 3), 1.8 * self.meant, 1.5 * unit)
        parts = [1 + self.rises * k for k in range(self.levels)]
        best = deed.touch(side) - side * self.away
        for level, part in enumerate(parts):
            for _ in range(self.pieces):
                size = whole * part / sum(parts) / self.pieces * (1 + self.uneven * dice.uniform(-1, 1))
                who = self.pressers[len(self.orders) % len(self.pressers)]
                order = deed.enter(who, side, best - side * level * self.gap, deed.round(size))
                self.orders.append(order)
                self._every.append(order)
            if self.pace:
                yield dice.wait(self.pace)

    def follow(self) -> None:
        """Move it with the market, where it is moved."""
        side = -self.side
        best = self.deed.touch(side) - side * self.away
        near = max((side * o.price for o in self.orders if o.left), default=side * best)
        shift = best - side * near
        if not self.follows or not shift:
            return
        for place, order in enumerate(self.orders):
            if order.left:
                self.orders[place] = self.deed.replace(order, order.price + shift, order.left)
                self._every.append(self.orders[place])

    @property
    def hit(self) -> bool:
        """Whether others begin to trade against it."""
        return sum(o.filled for o in self.orders) > 0.05 * sum(o.size for o in self.orders)

    @property
    def kept(self) -> bool:
        """Whether hardly any of it traded."""
        return sum(o.filled for o in self._every) <= 0.25 * max(sum(o.size for o in self.orders), 1)

    def hide(self) -> Play:
        """Take it back: at once or price by price."""
        for order in self.orders if self.inner_first else self.orders[::-1]:
            self.deed.withdraw(order)
            if self.out:
                yield self.deed.dice.wait(self.out)

    def stand(self, done: Callable[[], bool]) -> Play:
        """Let it stand until something is done, it is hit, or patience ends."""
        for _ in range(12):
            yield self.patience / 12
            if done() or self.hit:
                return
            self.follow()

    # ---------------------------------------------------------------------------------------------------------- tactics
    def waiting(self) -> Cycle:
        """Wait with a small order, press, and let it be had; take it if nobody comes."""
        deed, side = self.deed, self.side
        inside = side if deed.ex.room(deed.symbol) > 0 and deed.dice.chance(0.5) else 0
        order = deed.enter(self.trader, side, deed.touch(side) + inside, self.meant)
        yield deed.dice.spread(0.003, 1)
        yield from self.show()
        yield from self.stand(lambda: order.left == 0)
        deed.withdraw(order)
        got = order.filled
        if not got and not self.hit and deed.dice.chance(0.7):
            got = self._reach_over(self.meant)
        return got

    def flip(self) -> Cycle:
        """Press until others join, take it back and trade with those who joined."""
        deed = self.deed
        yield from self.show()
        yield from self.stand(lambda: False)
        yield from self.hide()
        yield deed.dice.spread(0.0005, 0.05)
        return deed.take(self.trader, self.side, self.meant, 1)

    def slices(self) -> Cycle:
        """Show a small part of what is meant at a time, while the pressure stands."""
        deed, side, got = self.deed, self.side, 0
        yield from self.show()
        for _ in range(deed.dice.randint(2, 6)):
            order = deed.enter(self.trader, side, deed.touch(side), max(self.meant // 3, 1))
            yield from self.stand(lambda order=order: order.left == 0)  # type: ignore[misc]
            deed.withdraw(order)
            got += order.filled
            if self.hit:
                break
        if not got and not self.hit:
            got = self._reach_over(self.meant)
        return got

    def drifting(self) -> Cycle:
        """Press first, see the price give way, and take at the better price while the pressure stands."""
        deed, side, began = self.deed, self.side, self.deed.mid()
        yield from self.show()
        yield from self.stand(lambda: deed.moved(began, -side) > 0.3)
        return 0 if self.hit else self._reach_over(self.meant)

    def _reach_over(self, size: int) -> int:
        """Take from the side that is pressed on, but not from oneself."""
        best = self.deed.touch(-self.side)
        if any(o.left and o.price == best for o in self.orders):
            ahead = self.deed.ex.books[self.deed.symbol].first(-self.side)
            if ahead.account in self.pressers:
                return 0
            size = min(size, ahead.left)
        return self.deed.take(self.trader, self.side, size, 0)

    def play(self) -> Play:
        """Play cycles of one tactic until enough were won."""
        deed, dice = self.deed, self.deed.dice
        tactic = (self.waiting, self.flip, self.slices, self.drifting)[deed.choose(4)]
        flips, won, tries, pause = dice.uniform(0, 0.7), 0, dice.count(2, 14), deed.beat(0.6, 20)
        reaction = dice.spread(0.001, 1.5)
        for number in range(tries + 6):
            if number >= tries and won >= 2:
                return
            self.orders.clear()
            self._every.clear()
            self.meant = deed.shares(self.multiple * dice.uniform(0.7, 1.4))
            got = yield from tactic()
            yield dice.wait(reaction)
            yield from self.hide()
            won += got > 0 and self.kept
            deed.carried(through=won >= (1 if self.weight >= 3 else 2))
            yield dice.wait(pause)
            self.side = -self.side if dice.chance(flips) else self.side
