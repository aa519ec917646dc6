"""Parent orders and the algorithms that work them."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.exchange import SECOND, Play
from tradewind.surveillance.elsewhere.populated.town import Town


@dataclass
class Parent:
    """A large order: whose, of which side, how much, until when."""

    town: Town
    symbol: int
    who: str
    side: int
    size: int
    span: float

    def __post_init__(self) -> None:
        self.done = 0
        self.began = self.town.ex.now
        self.until = self.began + int(self.span * SECOND)

    @property
    def left(self) -> int:
        """What is still to be had."""
        return self.size - self.done

    @property
    def open(self) -> bool:
        """Whether something is left, and time."""
        return self.left > 0 and self.town.ex.now < self.until

    def take(self, size: int, reach: int = 1) -> int:
        """Take some of it."""
        got = self.town.ex.take(self.symbol, self.who, self.side, min(size, self.left), reach)
        self.done += got
        return got

    def post(self, size: int, away: int = 0) -> Order:
        """Wait for some of it, near the best price."""
        ex = self.town.ex
        price = ex.touch(self.symbol, self.side) - self.side * away
        return ex.enter(self.symbol, self.who, self.side, price, max(min(size, self.left), 1))

    def close(self, order: Order) -> None:
        """Take back what waits, and count what was had."""
        self.town.ex.cancel(order)
        self.done += order.filled


def parent(town: Town, symbol: int, who: str = "", side: int = 0) -> Parent:
    """Draw a large order of somebody, by what usually trades in its time."""
    dice, ex = town.dice, town.ex
    span = min(town.world.seconds * dice.spread(0.02, 0.9), 0.97 * ex.left())
    size = ex.flow(symbol) * span * dice.spread(0.02, 0.35)
    multiple = min(max(size / ex.stocks[symbol].unit, 3.0), 600.0)
    return Parent(
        town, symbol, who or town.crowd.somebody(), side or dice.side(), ex.shares(symbol, multiple), max(span, 2.0)
    )


def schedule(town: Town, symbol: int) -> Play:
    """Even slices (TWAP), by the time of day (VWAP), or early ones (shortfall): waiting first, then taking."""
    yield from work(parent(town, symbol))


def work(order: Parent) -> Play:
    """Work a parent order in slices."""
    town, dice = order.town, order.town.dice
    slices, waits = dice.count(4, 90), dice.uniform(0, 1)
    rush, regular = dice.share(0.0, 0.0, dice.uniform(0.2, 1.6), -dice.uniform(0.2, 0.5)), dice.chance(0.4)
    reach = dice.choice((0, 1, 2))
    for number in range(slices):
        if not order.open:
            return
        pause = order.span / slices * (1 + rush) * (1 - (number + 0.5) / slices) ** rush / town.crowd.busy()
        pause = pause if regular else dice.wait(pause)
        size = max(round(order.size / slices * dice.uniform(0.6, 1.4)), 1)
        if dice.chance(waits):
            resting = order.post(size)
            yield pause * 0.8
            order.close(resting)
            if resting.filled < size and dice.chance(0.6):
                order.take(size - resting.filled, reach)
            yield pause * 0.2
        else:
            order.take(size, reach)
            yield pause


def participate(town: Town, symbol: int) -> Play:
    """Trade a share of what others trade (POV): much when they trade much."""
    order, dice, ex = parent(town, symbol), town.dice, town.ex
    share, look, seen = dice.uniform(0.05, 0.35), town.world.seconds * dice.spread(0.0005, 0.02), ex.volume[symbol]
    while order.open:
        yield dice.wait(look)
        traded, seen = ex.volume[symbol] - seen, ex.volume[symbol]
        if traded > 0:
            got = order.take(max(round(share * traded), 1), 1)
            seen += got


def iceberg(town: Town, symbol: int) -> Play:
    """Show a part, and the next when it is gone, at one price or with the market."""
    order, dice, ex = parent(town, symbol), town.dice, town.ex
    part, price = max(order.size // dice.count(4, 50), 1), ex.touch(symbol, order.side)
    moves = dice.chance(0.5)
    look = ex.pulse(symbol) * dice.spread(0.1, 2)
    for _ in range(90):
        if not order.open:
            return
        if moves:
            price = ex.touch(symbol, order.side)
        shown = ex.enter(symbol, order.who, order.side, price, min(part, order.left))
        for _ in range(60):
            yield look
            if not shown.left or (moves and ex.touch(symbol, order.side) != price):
                break
        order.close(shown)


def peg(town: Town, symbol: int) -> Play:
    """Keep an order at the best price, moved whenever that moves: many messages, one purpose."""
    order, dice, ex = parent(town, symbol), town.dice, town.ex
    look, away = ex.pulse(symbol) * dice.spread(0.03, 1.0), dice.randint(0, 2)
    resting, moved = order.post(max(order.size // dice.count(1, 12), 1), away), 0
    while order.open and moved < 250:
        yield look * dice.uniform(0.7, 1.3)
        best = ex.touch(symbol, order.side) - order.side * away
        if resting.left and resting.price != best:
            order.done += resting.filled
            resting, moved = ex.replace(resting, best, resting.left), moved + 1
        elif not resting.left:
            order.done += resting.filled
            resting = order.post(max(order.size // 8, 1), away)
    ex.cancel(resting)


def block(town: Town, symbol: int) -> Play:
    """Trade a block by hand: some large pieces, through the book where need be; the price moves and comes back."""
    order, dice = parent(town, symbol), town.dice
    pieces = dice.count(1, 7)
    for _ in range(pieces):
        order.take(max(order.size // pieces, 1), round(town.ex.gap[symbol] * dice.uniform(0, 2.5)))
        yield dice.spread(0.05, 40)


def trial(town: Town, symbol: int) -> Play:
    """Show a large order to find the other side, move it nearer, and take back or take what was not had: meant."""
    order, dice, ex = parent(town, symbol), town.dice, town.ex
    look = ex.pulse(symbol) * dice.spread(0.5, 20)
    away, size = dice.randint(0, 3), max(round(order.size * dice.uniform(0.15, 0.8)), 1)
    for _ in range(dice.count(1, 8)):
        if not order.open:
            return
        resting = order.post(size, away)
        yield look * dice.uniform(0.3, 2)
        order.close(resting)
        away = max(away - 1, 0)
        if dice.chance(0.3):
            order.take(size, dice.randint(0, 2))
        yield look * dice.uniform(0.0, 1.0)
