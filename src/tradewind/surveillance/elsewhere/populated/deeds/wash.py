"""Wash trading: shares that change hands and not owners (MAR Annex II 1, 3(a); Commodity Exchange Act 4c(a))."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


class Washing:
    """A ring of accounts under one owner, and how they meet."""

    def __init__(self, deed: Deed, sizes: tuple[int, ...]) -> None:
        dice = deed.dice
        count = dice.choice(sizes)
        self.deed, self.ring = deed, deed.gang(count, count)
        self.size, self.uneven = dice.spread(0.4, 10), dice.choice((0.0, 0.0, dice.uniform(0, 0.4)))
        self.delay, self.pause = dice.spread(0.0004, 5), deed.beat(0.5, 25)
        self.legs = dice.count(4, 45)
        self.common = deed.shares(self.size)
        self.matches = self.matched = self.gross = 0

    def quantity(self) -> int:
        """Draw the size of a leg: the same mostly."""
        return max(round(self.common * self.deed.dice.lognormvariate(0, self.uneven)), 1)

    def place(self, helper: str, side: int) -> int:
        """Return a price between the best ones, or where the queue is short enough to be cleared."""
        deed = self.deed
        if deed.ex.room(deed.symbol) > 0:
            bid, ask = deed.touch(1), deed.touch(-1)
            return deed.dice.choice(((bid + ask) // 2 or 1, deed.dice.randint(bid + 1, ask - 1)))
        top = deed.ex.books[deed.symbol].sides[-side].top(1)
        if top and top[0][1] <= 8 * max(deed.ex.stocks[deed.symbol].unit, self.common):
            self.gross += abs(deed.take(helper, side, top[0][1], 0))
            return top[0][0]
        return deed.touch(side)

    def leg(self, first: str, second: str, side: int, parts: int = 1) -> Play:
        """Let one wait and the other take, at once or soon, in parts."""
        deed, dice = self.deed, self.deed.dice
        order = deed.enter(first, side, self.place(second, side), self.quantity())
        self.gross += order.filled
        yield dice.wait(self.delay)
        for part in range(parts):
            queue = self._before(order)
            if not order.left or queue > 4 * order.size:
                break
            before = order.filled
            self.gross += deed.cross(order, second, max(order.left // (parts - part), 1) + queue)
            self.matched += order.filled - before
            self.matches += order.filled > before
            if part + 1 < parts:
                yield dice.wait(1.0)
        deed.withdraw(order)
        deed.carried(through=self.matches >= 2 and self.matched >= 0.3 * self.gross)

    def _before(self, order: Order) -> int:
        level = self.deed.ex.books[order.symbol].sides[order.side].before(order.price)
        return max(level - order.left, 0)

    def rest(self) -> float:
        """Draw the seconds to the next leg."""
        return self.deed.dice.wait(self.pause)


def washing(deed: Deed) -> Play:
    """Wash by one tactic."""
    yield from (_alone, _pair, _round, _hub)[deed.choose(4)](deed)


def _alone(deed: Deed) -> Play:
    """One account on both sides, small pieces to print volume or few large ones."""
    wash = Washing(deed, (1,))
    for _ in range(wash.legs):
        who = wash.ring[0]
        yield from wash.leg(who, who, deed.dice.side())
        yield wash.rest()


def _pair(deed: Deed) -> Play:
    """Two accounts to and fro; others' trades between are not feared."""
    wash, dice = Washing(deed, (2,)), deed.dice
    first, second = (wash.ring * 2)[:2]
    side, mixes = dice.side(), dice.uniform(0, 0.3)
    for _ in range(wash.legs):
        yield from wash.leg(first, second, side, dice.choice((1, 1, 2, 3)))
        if dice.chance(mixes):
            wash.gross += deed.take(first, -side, max(wash.common // 3, 1), 0)
        yield wash.rest()
        side = -side


def _round(deed: Deed) -> Play:
    """A ring in which each sells to the next until the shares are back; at one price or rising."""
    wash, dice = Washing(deed, (3, 3, 4, 5, 7)), deed.dice
    order = dice.mixed(wash.ring) if dice.chance(0.3) else wash.ring
    for turn in range(max(wash.legs, 2 * len(order))):
        seller, buyer = order[turn % len(order)], order[(turn + 1) % len(order)]
        if dice.chance(0.5):
            yield from wash.leg(seller, buyer, -1)
        else:
            yield from wash.leg(buyer, seller, 1)
        yield wash.rest()


def _hub(deed: Deed) -> Play:
    """One account that meets helpers at brokers, in turn or by chance, buying from them and selling to them."""
    wash, dice = Washing(deed, (3, 4, 6)), deed.dice
    hub, *helpers = wash.ring
    for turn in range(wash.legs):
        helper = dice.choice(helpers) if helpers else hub
        side = 1 if turn % 2 else -1
        pair = (hub, helper) if dice.chance(0.5) else (helper, hub)
        yield from wash.leg(*pair, side if pair[0] == hub else -side)
        yield wash.rest()
