"""Coordinated accounts: several that act as one, each too small to be seen (MAR Annex I A(e))."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


class Hand:
    """The one hand: whom it moves, how much, how often, and how exactly."""

    def __init__(self, deed: Deed) -> None:
        dice = deed.dice
        self.deed, self.gang = deed, deed.gang(*dice.choice(((2, 3), (3, 5), (4, 9), (6, 14))))
        self.rounds, self.pause = dice.count(5, 30), deed.beat(1, 25)
        self.late = dice.spread(0.003, 2.5)
        self.size, self.uneven = dice.spread(0.3, 3), dice.choice((0.0, dice.uniform(0.0, 0.6)))
        self.joins, self.loyal = dice.uniform(0.5, 1.0), dice.uniform(0.3, 1.0)
        self.side = dice.side()
        self.common = 0

    def acting(self) -> list[str]:
        """Draw who acts in a round, in drawn order."""
        dice = self.deed.dice
        acting = [name for name in self.gang if dice.chance(self.joins)]
        return dice.mixed(acting if len(acting) >= 2 else self.gang[:2])

    def shares(self) -> int:
        """Draw a size."""
        return self.deed.shares(self.size * self.deed.dice.lognormvariate(0, self.uneven))

    def counted(self, together: int) -> None:
        """Note a round in which so many acted."""
        self.common += together >= 2
        self.deed.carried(through=self.common >= 4)

    def takes(self) -> Play:
        """All take the same side in the same moments."""
        acting, reach = self.acting(), self.deed.dice.choice((0, 1, None))
        for name in acting:
            self.deed.take(name, self.side, self.shares(), reach)
            yield min(self.deed.dice.wait(self.late), 6.0 / len(acting))
        self.counted(len(acting))

    def waits(self) -> Play:
        """All place on the same side, near one another, and take back alike."""
        deed, dice, placed = self.deed, self.deed.dice, list[Order]()
        acting = self.acting()
        for name in acting:
            price = deed.touch(self.side) - self.side * dice.choice((0, 0, 1))
            placed.append(deed.enter(name, self.side, price, self.shares()))
            yield min(dice.wait(self.late), 6.0 / len(acting))
        self.counted(len(acting))
        yield 0.7 * self.pause
        for order in placed:
            deed.withdraw(order)
            yield min(dice.wait(self.late / 4), 0.3)

    def turns(self) -> Play:
        """Each in its turn buys a slice of one purchase, a breath after the one before."""
        deed, dice = self.deed, self.deed.dice
        for name in self.gang:
            deed.take(name, self.side, self.shares(), 1)
            yield min(dice.wait(max(self.late, 0.2)), 8.0 / len(self.gang))
        self.counted(len(self.gang))

    def after_leader(self) -> Play:
        """One leads, the others follow at a lag that hardly varies; hidden among people who are drawn along."""
        deed, dice = self.deed, self.deed.dice
        leader, *others = self.acting()
        lag = min(self.late, 2.0)
        if dice.chance(0.4):
            deed.town.crowd.draw_in(deed.symbol, self.side, dice.many(3), 2 * lag)
        deed.take(leader, self.side, self.shares(), 1)
        yield lag * dice.uniform(0.8, 1.2)
        for name in others:
            deed.take(name, self.side, self.shares(), 1)
            yield 0.1 * lag * dice.uniform(0.5, 1.5)
        self.counted(1 + len(others))


def together(deed: Deed) -> Play:
    """Act together round after round."""
    hand, dice = Hand(deed), deed.dice
    tactic = deed.choose(4)
    for _ in range(hand.rounds):
        yield from (hand.takes, hand.waits, hand.turns, hand.after_leader)[tactic]()
        yield dice.wait(hand.pause)
        hand.side = hand.side if dice.chance(hand.loyal) else -hand.side
