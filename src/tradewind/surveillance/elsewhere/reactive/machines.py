"""Programs of members: two-sided quotes with inventory, ladders, requotes after moves, one size again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.flow import CROWD, Crowd
from tradewind.surveillance.elsewhere.reactive.venue import Play


@dataclass
class Quoter:
    """A member obliged to quote both sides: wider or narrower, on few or many levels, leaning on what it holds."""

    crowd: Crowd
    symbol: int
    account: str
    budget: float
    held: float = 0.0
    quotes: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        draws = self.crowd.venue.draws
        self.levels = draws.choice([1, 1, 2, 3, 5, 10])
        self.away = draws.uniform(0.0, 2.0)
        self.step = draws.wide(0.3, 2)
        self.size = draws.wide(0.4, 12)
        self.grows = draws.choice([0.0, 0.0, draws.uniform(-0.1, 0.6)])
        self.lean = draws.uniform(0, 2)
        self.regular, self.whole = draws.yes(0.3), draws.yes(0.4)
        self.bursts = draws.choice([0.0, 0.0, draws.uniform(0.05, 0.6)])
        self.pause = self.crowd.venue.world.length / max(self.budget / (2.5 * self.levels), 20.0)

    def play(self) -> Play:
        """Quote, and quote anew when the price has moved, something was filled, or it is time."""
        venue, draws, seen = self.crowd.venue, self.crowd.venue.draws, 0.0
        while True:
            middle = venue.mid(self.symbol)
            filled = any(order.left == 0 for order in self.quotes)
            if filled or middle != seen or self.whole or draws.yes(0.2):
                yield from self._quote()
                for _ in range(4 if middle != seen and draws.yes(self.bursts) else 0):
                    yield draws.wait(0.2)
                    yield from self._quote(force=True)
            seen = middle
            yield self.pause * (draws.uniform(0.95, 1.05) if self.regular else draws.wait(1.0))

    def _quote(self, *, force: bool = False) -> Play:
        venue, draws, symbol = self.crowd.venue, self.crowd.venue.draws, self.symbol
        unit = venue.paper(symbol).unit
        self.held += sum(order.side * order.filled for order in self.quotes if order.left == 0) / unit / self.size
        self.held = max(-5.0, min(self.held * 0.95, 5.0))
        spread = max(venue.spread[symbol], 1.0)
        skew = round(-self.lean * self.held * spread / 5)
        wanted: list[tuple[int, int]] = []
        for side in (1, -1):
            best = venue.touch(symbol, side) + (skew if side * skew < 0 else 0)
            wanted += [
                (side, best - side * round(spread * (self.away + self.step * level))) for level in range(self.levels)
            ]
        keep = [o for o in self.quotes if o.left > 0 and (o.side, o.price) in wanted and not (self.whole or force)]
        for order in self.quotes:
            if order.left > 0 and order not in keep:
                venue.cancel(order)
        if draws.yes(0.1):
            yield draws.wait(0.05)
        there = {(order.side, order.price) for order in keep}
        self.quotes = keep
        for level, (side, price) in enumerate(wanted):
            if (side, price) in there or side * (venue.touch(symbol, -side) - price) <= 0 or price < 1:
                continue
            there.add((side, price))
            size = self.size * max(1 + self.grows * (level % self.levels), 0.2) * draws.uniform(0.7, 1.3)
            self.quotes.append(venue.submit(symbol, self.account, side, price, venue.shares(symbol, size)))


def size_bot(crowd: Crowd, symbol: int, account: str, budget: float) -> Play:
    """Post one size again and again, at the best price or behind it; the next when the last is gone or old."""
    venue, draws = crowd.venue, crowd.venue.draws
    size, away, life = venue.shares(symbol, draws.wide(0.2, 4)), draws.uniform(0, 2), draws.uniform(0.2, 1)
    pause, side, turns = venue.world.length / max(budget / 2, 10.0), draws.side(), draws.random()
    while True:
        price = venue.touch(symbol, side) - side * round(away * venue.spread[symbol])
        order = venue.submit(symbol, account, side, price, size)
        yield pause * life
        venue.cancel(order)
        yield pause * (1 - life) * draws.uniform(0.8, 1.2) + 0.001
        side = -side if draws.yes(turns) else side


def slicer(crowd: Crowd, symbol: int, account: str, budget: float) -> Play:
    """Take a slice at even times, one way for long (Bouchaud et al. 2004: why signs of trades have long memory)."""
    venue, draws = crowd.venue, crowd.venue.draws
    pause, size = venue.world.length / max(budget / 2.5, 10.0), draws.wide(0.2, 1.5)
    while True:
        side = draws.side()
        for _ in range(int(draws.heavy(1.2, 200)) * 3):
            venue.take(symbol, account, side, venue.shares(symbol, size), 0)
            yield pause * draws.uniform(0.5, 1.5)
        yield pause * draws.wait(20)


def jumpy(crowd: Crowd, symbol: int, account: str, budget: float) -> Play:
    """Take back and enter anew, many times in a row, whenever the price has moved; else stand still."""
    venue, draws = crowd.venue, crowd.venue.draws
    look, quick = venue.world.length / max(budget / 4, 20.0), draws.wide(0.002, 0.3)
    moves, away, size = draws.whole(2, 14), draws.uniform(0, 1.2), draws.wide(0.3, 4)
    seen, orders = venue.mid(symbol), list[Order]()
    while True:
        yield draws.wait(look)
        now = venue.mid(symbol)
        if abs(now - seen) < max(0.5 * venue.spread[symbol], 1.0) and not draws.yes(0.05):
            continue
        seen = now
        for _ in range(draws.randint(1, moves)):
            for order in orders:
                venue.cancel(order)
            orders = [
                venue.submit(
                    symbol,
                    account,
                    side,
                    venue.touch(symbol, side) - side * round(away * venue.spread[symbol] * draws.random()),
                    venue.shares(symbol, size),
                )
                for side in (1, -1)
            ]
            yield draws.wait(quick)


_PROGRAMS: tuple[Callable[[Crowd, int, str, float], Play], ...] = (size_bot, slicer, jumpy)


def start_machines(crowd: Crowd) -> None:
    """Let the programs of a market begin, with their part of its events."""
    venue, draws = crowd.venue, crowd.venue.draws
    count = draws.randint(1, 8)
    parts = [draws.heavy(1.0, 15) for _ in range(count)]
    whole = CROWD * venue.world.events * venue.world.machines
    accounts = crowd.members.some(count, count)
    for part, account in zip(parts, accounts, strict=False):
        program = draws.choice([None, None, None, *_PROGRAMS])
        mine = [s for s in range(len(venue.books)) if draws.yes(0.7)] or [0]
        weight = sum(venue.paper(s).weight for s in mine)
        for symbol in mine:
            budget = whole * part / sum(parts) * venue.paper(symbol).weight / weight
            if program is None:
                play = Quoter(crowd, symbol, account, budget).play()
            else:
                play = program(crowd, symbol, account, budget)
            venue.start(draws.uniform(0.5, 5.0), play)
