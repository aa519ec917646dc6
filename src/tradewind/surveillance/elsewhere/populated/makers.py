"""Makers: each quotes on one level or many, leans on what it holds, and learns from what is traded."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.exchange import SECOND, Exchange, Play


class Maker:
    """Somebody who quotes both sides of a symbol."""

    def __init__(self, exchange: Exchange, symbol: int, account: str, events: float) -> None:
        dice, stock = exchange.dice, exchange.stocks[symbol]
        self.exchange, self.symbol, self.account, self.stock = exchange, symbol, account, stock
        self.levels = dice.choice((1, 1, 1, 2, 3, 5, 10))
        self.half = stock.half * dice.uniform(0.7, 1.8)
        self.step = max(1, round(stock.half * dice.spread(0.15, 1.5)))
        self.size = stock.deep * dice.spread(0.4, 2.5)
        self.grows = dice.share(0.0, 0.0, 0.2, 0.6)
        self.limit = self.size * dice.spread(4, 40)
        self.lean = dice.uniform(0.2, 2.0)
        self.slack = max(0, round(self.half * dice.uniform(0.0, 0.6)))
        self.memory = dice.spread(10, 600) * exchange.memories[0] / 12
        self.delay = dice.spread(0.0005, 1.5)
        self.restless = dice.choice((0.0, 0.0, dice.uniform(0.05, 1.0)))
        self.careful = dice.chance(0.5)
        self.pause = exchange.world.length / max(events / (1 + 2 * self.levels * (0.3 + self.restless)), 10.0)
        self.fair = exchange.worth[symbol] + stock.half * dice.gauss(0, 0.3)
        self.away_until = 0
        self._quotes: dict[tuple[int, int], Order] = {}
        self._then = 0
        self._soon = False
        self._told = self.fair
        exchange.heard.append(self._hear)

    def play(self) -> Play:
        """Look at the quotes now and then."""
        while True:
            self.look()
            yield self.exchange.dice.wait(self.pause)

    def pull(self, seconds: float) -> None:
        """Take all quotes back for a while."""
        self.away_until = self.exchange.now + int(seconds * SECOND)
        for order in self._quotes.values():
            self.exchange.cancel(order)
        self._quotes.clear()
        self.exchange.later(seconds, self._wake)

    def calm(self, part: float) -> None:
        """Mind small moves less, and look less often."""
        self.slack = min(max(round(self.slack / part), self.slack + 1), max(round(1.2 * self.half), self.slack))
        self.pause /= part
        self.delay = max(self.delay, min(self.delay / part, 2.0))

    def _hear(self, symbol: int, side: int, account: str, shares: int) -> None:
        if symbol != self.symbol or account == self.account:
            return
        stock = self.stock
        self.fair += side * stock.impact * min((shares / stock.unit) ** 0.5, 6.0)
        touched = abs(self.fair - self._told) > self.slack + 0.5 or any(not o.left for o in self._quotes.values())
        if touched and not self._soon:
            self._soon = True
            self.exchange.later(self.exchange.dice.wait(self.delay), self._wake)

    def _wake(self) -> None:
        self._soon = False
        self.look()

    def look(self) -> None:
        """Think what the symbol is worth, and quote round it."""
        exchange, symbol, dice = self.exchange, self.symbol, self.exchange.dice
        since, self._then = (exchange.now - self._then) / SECOND, exchange.now
        mind = min(since / self.memory, 1.0)
        self.fair = max(self.fair + mind * (exchange.worth[symbol] - self.fair), 3 * self.half)
        if exchange.now < self.away_until:
            return
        heed = exchange.world.heeds
        centre = self.fair + (heed * self.half * exchange.books[symbol].imbalance() if heed else 0.0)
        full = exchange.held.get((self.account, symbol), 0) / self.stock.unit / self.limit
        full = max(-1.0, min(full, 1.0))
        self._quote(centre - self.lean * self.half * full, full)
        if self.restless and dice.random() < self.restless and self._quotes:
            key = dice.choice(list(self._quotes))
            exchange.cancel(self._quotes.pop(key))

    def _quote(self, centre: float, full: float) -> None:
        exchange, symbol, quotes = self.exchange, self.symbol, self._quotes
        slack = self.slack
        wanted: list[tuple[int, int, int]] = []
        for side in (1, -1):
            if side * full >= 1.0:
                continue
            best = round(centre - side * self.half)
            old = max((p * s for s, p in quotes if s == side), default=None)
            if old is not None and abs(old * side - best) <= slack:
                best = old * side
            wanted.extend((side, best - side * k * self.step, k) for k in range(self.levels))
        keep = {(side, price) for side, price, _ in wanted}
        for key in [key for key, order in quotes.items() if key not in keep or order.left < 0.3 * order.size]:
            exchange.cancel(quotes.pop(key))
        for side, price, level in wanted:
            if (side, price) in quotes or price < 1:
                continue
            size = exchange.shares(symbol, self.size * (1 + self.grows * level) * exchange.dice.uniform(0.7, 1.3))
            order = exchange.enter(symbol, self.account, side, price, size)
            if order.left:
                quotes[side, price] = order
        self._told = centre

    def flicker(self) -> Play:
        """Move one quote dozens of times in a second or some, after the best price: honest, and fleeting."""
        exchange, dice, symbol = self.exchange, self.exchange.dice, self.symbol
        every = exchange.world.length / dice.spread(1.5, 15)
        while True:
            yield dice.wait(every)
            side, pace = dice.side(), dice.spread(4, 200)
            size = exchange.shares(symbol, self.size * dice.spread(0.2, 1))
            for _ in range(dice.count(6, 110)):
                away = dice.randint(0, max(round(self.stock.half), 1))
                order = exchange.enter(symbol, self.account, side, exchange.touch(symbol, side) - side * away, size)
                yield dice.wait(1 / pace)
                exchange.cancel(order)
                if dice.chance(0.1):
                    yield dice.wait(5 / pace)


def start_makers(exchange: Exchange, accounts: list[str]) -> list[list[Maker]]:
    """Let makers quote, most in every symbol; return them by symbol."""
    world, dice = exchange.world, exchange.dice
    weights = [dice.paretovariate(1.2) for _ in accounts]
    found: list[list[Maker]] = [[] for _ in exchange.stocks]
    for number, account in enumerate(accounts):
        for symbol, stock in enumerate(exchange.stocks):
            if number and dice.chance(0.3):
                continue
            share = world.made * weights[number] / sum(weights) * max(stock.weight, 0.04)
            maker = Maker(exchange, symbol, account, world.events * share)
            found[symbol].append(maker)
            exchange.start(dice.uniform(0, 0.002) * world.seconds, maker.play())
            if dice.chance(0.3):
                exchange.start(0.0, maker.flicker())
    return found


def shun(makers: list[Maker], dice_share: float, seconds: float) -> None:
    """Let careful makers take their quotes back, as before news that has been announced."""
    for maker in makers:
        if maker.careful and maker.exchange.dice.chance(dice_share):
            maker.exchange.later(maker.exchange.dice.wait(0.5), partial(maker.pull, seconds))
