"""Spoofing and layering: orders that are shown and not meant (MAR Annex I A(f); Dodd-Frank 747; FINRA 5210).

Tactics after cases: a large order, or several on one level, at or near the touch against a small one that is meant
(Coscia 2013, Sarao 2015, JP Morgan 2020); a flip, where those who joined a shown order are hit; a wall behind which
one takes at the end; for layering a wall on many levels at once, a stair built and taken back one by one, a wall that
follows the price, and walls of several accounts of which one trades (Da Vinci 2011, 3Red 2016).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


@dataclass
class Pretence:
    """How one deed pretends; ``levels`` the number of prices, each of which has ``heap`` orders."""

    affair: Affair
    levels: int
    heap: int
    tactic: str
    wall: list[Order] = field(default_factory=list)
    shown: list[Order] = field(default_factory=list)
    won: int = 0

    def __post_init__(self) -> None:
        affair, draws = self.affair, self.affair.draws
        self.trader = affair.members.somebody()
        self.fronts = [self.trader]
        if draws.yes(0.3):
            self.fronts = [affair.members.other(self.trader) for _ in range(draws.randint(1, 3))]
            if draws.yes(0.4):
                self.fronts.append(self.trader)
        self.meant = draws.wide(0.3, 4)
        self.total = max(affair.queue() * draws.wide(1.2, 12), self.meant * draws.wide(2, 20))
        self.away = round(affair.spread * draws.choice([0.0, draws.uniform(0, 0.6), draws.uniform(0, 1.5)]))
        self.gap = max(1, round(affair.spread * draws.wide(0.1, 1.2)))
        self.growth = draws.choice([0.0, 0.0, draws.uniform(-0.15, 0.6)])
        self.building, self.clearing = (draws.choice([0.0, draws.wide(0.002, 0.8)]) for _ in range(2))
        self.outward = draws.yes(0.5)
        self.patience = affair.slow(draws.wide(0.4, 40))
        self.reaction = draws.wide(0.001, 1.5)
        self.follows = draws.yes(0.5)
        self.first = draws.yes(0.5)
        self.nerves = draws.uniform(0.2, 1.5)

    def raise_wall(self, side: int) -> Play:
        """Enter what is not meant, at once or order by order."""
        affair, draws = self.affair, self.affair.draws
        self.wall = []
        weights = [max(1 + self.growth * level, 0.2) for level in range(self.levels)]
        for level, weight in enumerate(weights):
            for _ in range(self.heap):
                size = affair.shares(self.total * weight / sum(weights) / self.heap * draws.uniform(0.85, 1.15))
                price = affair.touch(side) - side * (self.away + level * self.gap)
                order = affair.enter(self.fronts[level % len(self.fronts)], side, price, size)
                self.wall.append(order)
                self.shown.append(order)
                if self.building:
                    yield draws.wait(self.building)

    def drop_wall(self) -> Play:
        """Take back what was not meant."""
        for order in self.wall if self.outward else self.wall[::-1]:
            self.affair.withdraw(order)
            if self.clearing:
                yield self.affair.draws.wait(self.clearing)

    def stand(self, side: int, meant: Order | None) -> Play:
        """Let the wall on ``side`` stand until it has worked, patience ends, or it is about to be hit."""
        affair, best = self.affair, self.affair.touch(side)
        for _ in range(16):
            yield self.patience / 16
            if meant is not None and meant.left == 0:
                return
            front = [order for order in self.wall if order.left > 0 and order.price == affair.touch(side)]
            ladder = affair.venue.books[affair.symbol][side]
            near = bool(front) and ladder.ahead(front[0]) < self.nerves * affair.venue.clip[affair.symbol]
            if near and not (self.follows or self.away):
                if affair.draws.yes(0.5):
                    return
            elif near or (self.follows and affair.touch(side) != best):
                shift = affair.touch(side) - best if not near else -side * self.gap
                for place, order in enumerate(self.wall):
                    if order.left > 0 and (not near or order.price == affair.touch(side)):
                        self.wall[place] = affair.move(order, order.price + shift)
                        self.shown.append(self.wall[place])
            best = affair.touch(side)

    def cycle(self, side: int) -> Play:
        """Pretend once; ``side`` is that of the trade that is meant."""
        affair, draws = self.affair, self.affair.draws
        size, before = affair.shares(self.meant), len(self.shown)
        meant: Order | None = None
        inside = affair.touch(-1) - affair.touch(1) > 1 and draws.yes(0.5)
        rests = self.tactic in ("rest", "stair")
        if rests and self.first:
            meant = affair.enter(self.trader, side, affair.touch(side) + side * inside, size)
            yield draws.wide(0.003, 2)
        yield from self.raise_wall(-side)
        if rests and meant is None:
            yield draws.wide(0.003, 1)
            meant = affair.enter(self.trader, side, affair.touch(side) + side * inside, size)
        if self.tactic == "stair":
            yield from self._climb(-side, meant)
        else:
            yield from self.stand(-side, meant)
        got = meant.filled if meant is not None else 0
        if meant is not None and meant.left and draws.yes(0.8):
            affair.withdraw(meant)
        yield self.reaction
        if self.tactic == "flip":  # hit those who joined
            yield from self.drop_wall()
            got += affair.take(self.trader, side, affair.shares(self.meant * draws.wide(1, 3)), 0)
        elif not got and not any(order.left and order.price == affair.touch(-side) for order in self.wall):
            got += affair.take(self.trader, side, size, 0) if self.tactic == "take" or draws.yes(0.6) else 0
            yield self.reaction
        yield from self.drop_wall()
        if meant is not None:
            affair.withdraw(meant)
        hit = sum(order.filled for order in self.shown[before:])
        self.won += got > 0 and hit <= 0.2 * sum(order.size for order in self.wall)
        affair.carried(through=self.won > 0)

    def _climb(self, side: int, meant: Order | None) -> Play:
        """Add an order nearer to the price and take the farthest back, again and again."""
        affair, draws = self.affair, self.affair.draws
        for _ in range(draws.randint(3, 14)):
            yield self.patience / 8
            if meant is not None and meant.left == 0:
                return
            old = self.wall.pop(0)
            size = max(old.left, affair.shares(self.total / self.levels / 2))
            affair.withdraw(old)
            price = affair.touch(side) - side * (self.away + draws.randrange(self.levels) * self.gap)
            self.wall.append(affair.enter(old.account, side, price, size))
            self.shown.append(self.wall[-1])

    def play(self) -> Play:
        """Pretend a few times, on one side, on both by turns, or as it comes."""
        draws, side = self.affair.draws, self.affair.draws.side()
        turns, pause = draws.choice([0.0, 1.0, draws.random()]), self.affair.slow(draws.wide(0.4, 100))
        for _ in range(draws.whole(2, 16)):
            yield from self.cycle(side)
            yield pause * draws.wide(0.3, 3)
            side = -side if draws.yes(turns) else side


def spoofing(affair: Affair) -> Play:
    """Pretend on one level, by one order or a heap of them; now and then on two."""
    heap, levels = affair.draws.choice([1, 1, 1, 2, 3, 5]), 2 if affair.draws.yes(0.25) else 1
    yield from Pretence(affair, levels, heap, affair.draws.choice(["rest", "rest", "rest", "flip", "take"])).play()


def layering(affair: Affair) -> Play:
    """Pretend on three to ten."""
    levels = affair.draws.choice([3, 3, 4, 5, 6, 8, 10])
    yield from Pretence(affair, levels, 1, affair.draws.choice(["rest", "rest", "stair", "take"])).play()
