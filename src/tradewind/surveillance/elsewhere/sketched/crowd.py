"""The many: noise, those who know the value, those who follow the trend, and the news that wakes them."""

from __future__ import annotations

import math
from random import Random

from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Exchange, Order, Play
from tradewind.surveillance.elsewhere.sketched.people import People
from tradewind.surveillance.elsewhere.sketched.sketch import Sketch


class Crowd:
    """What everybody does who has nothing to hide, and what can be told them: ``hype`` pulls on who takes."""

    def __init__(self, sketch: Sketch, exchange: Exchange, people: People, rng: Random) -> None:
        self.sketch, self.exchange, self.people, self.rng = sketch, exchange, people, rng
        count = len(sketch.papers)
        self.value = [float(paper.level) for paper in sketch.papers]
        self.slow = list(self.value)
        self.hype = [0.0] * count
        self.shock = [-1] * count
        self.live: list[list[Order]] = [[] for _ in range(count)]
        self.tempo = 1.0
        self._burst = 1.0

    def shape(self) -> float:
        """How busy it is now, about 1 on average: open and close and bursts are busier."""
        rush = self.sketch.rush_hours
        part = self.exchange.now / SECOND / self.sketch.seconds % 1.0
        return (1 + rush * (2 * part - 1) ** 4) / (1 + rush / 5) * self._burst

    def beat(self, symbol: int) -> float:
        """Seconds from one honest taker to the next, roughly."""
        part = self.sketch.pace * self.sketch.papers[symbol].share * (1 - self.sketch.maker_part)
        return 1.6 / (part * self.sketch.takes)

    def steer(self) -> Play:
        """Keep to the number of events that was drawn, gently."""
        whole, rows = self.sketch.sessions * self.sketch.seconds, len(self.exchange.rows)
        step = whole / 60
        while True:
            yield step
            left = whole - self.exchange.now / SECOND
            wanted = (self.sketch.events - len(self.exchange.rows)) / max(left, step) * self.shape() / self._burst
            ratio = wanted * step / max(1, len(self.exchange.rows) - rows)
            rows = len(self.exchange.rows)
            self.tempo = min(20.0, max(0.05, self.tempo * min(1.4, max(0.7, ratio))))

    def bursts(self) -> Play:
        """Spells in which everybody is busier."""
        while self.sketch.bursts:
            yield self.rng.expovariate(self.sketch.bursts / self.sketch.seconds * 4)
            self._burst = self.rng.uniform(1.5, 5)
            yield self.rng.uniform(1, 20)
            self._burst = 1.0

    def news(self, symbol: int) -> Play:
        """What becomes known by itself."""
        while self.sketch.news:
            yield self.rng.expovariate(self.sketch.news / self.sketch.seconds)
            self.break_news(symbol, self.rng.choice((-1, 1)), told=self.rng.random() < 0.7)

    def break_news(self, symbol: int, tone: int, *, told: bool = True, force: float = 1.0) -> None:
        """Let the value jump; those who watch react at once."""
        if told:
            self.exchange.news(symbol, tone if self.rng.random() < 0.8 else 0, self.rng.randrange(1, 1 << 62))
        self.value[symbol] += tone * force * self.sketch.papers[symbol].jump * self.rng.uniform(0.6, 1.6)
        self.value[symbol] = max(self.value[symbol], 0.3 * self.sketch.papers[symbol].level)
        self.shock[symbol] = self.exchange.now
        if self.sketch.rich:
            self.exchange.start(0.05, self.rush(symbol, tone, self.rng.randint(3, 25), self.rng.uniform(0.5, 20)))

    def rush(self, symbol: int, side: int, many: int, within: float) -> Play:
        """Strangers to each other who all want the same."""
        for _ in range(many):
            yield self.rng.expovariate(many / within)
            self.take(symbol, side)

    def days(self) -> Play:
        """Open and close: orders for the day end with it."""
        for day in range(self.sketch.sessions):
            for symbol, paper in enumerate(self.sketch.papers):
                have = sum(len(half.levels) for half in self.exchange.halves[symbol].values())
                for n in range(paper.orders if have < 0.3 * paper.orders else 0):
                    self.rest(symbol, (-1, 1)[n % 2], opening=True)
            close = (day + 1) * self.sketch.seconds - self.rng.uniform(0.001, 0.01)
            yield close - self.exchange.now / SECOND
            for halves in self.exchange.halves if self.sketch.purge else ():
                for half in halves.values():
                    for order in half.orders():
                        self.exchange.cancel(order)
            yield (day + 1) * self.sketch.seconds + self.rng.uniform(0.001, 0.1) - self.exchange.now / SECOND

    def stream(self, symbol: int) -> Play:
        """One symbol's flow of orders."""
        sketch, paper, rng = self.sketch, self.sketch.papers[symbol], self.rng
        base, before = sketch.events / (sketch.sessions * sketch.seconds) * paper.share * (1 - sketch.maker_part), 0
        while True:
            yield rng.expovariate(base / 1.35 * self.tempo * self.shape())
            lapse, before = (self.exchange.now - before) / SECOND, self.exchange.now
            self.value[symbol] += rng.gauss(0, paper.wander) * math.sqrt(lapse)
            keep = math.exp(-lapse / (12 * self.beat(symbol)))
            self.slow[symbol] = keep * self.slow[symbol] + (1 - keep) * self.exchange.mid(symbol)
            self.hype[symbol] *= keep
            draw = rng.random()
            if draw < sketch.takes:
                self.take(symbol)
            elif draw < sketch.takes + (1 - sketch.takes) * 0.5 * len(self.live[symbol]) / paper.orders:
                self.withdraw(symbol)
            else:
                self.rest(symbol, rng.choice((-1, 1)))

    def mood(self, symbol: int) -> float:
        """How much takers lean to buying, -1 to 1."""
        sketch, paper = self.sketch, self.sketch.papers[symbol]
        halves = self.exchange.halves[symbol]
        bid, ask = halves[1].near(4), halves[-1].near(4)
        mid = self.exchange.mid(symbol)
        scale = 2.0 * paper.spread + 1.0
        pull = sketch.imbalance * (bid - ask) / max(1, bid + ask) + self.hype[symbol]
        pull += sketch.anchor * max(-2.0, min(2.0, (self.value[symbol] - mid) / scale))
        pull += sketch.trend * max(-2.0, min(2.0, (mid - self.slow[symbol]) / scale))
        return math.tanh(pull)

    def take(self, symbol: int, side: int = 0, account: str = "") -> Order:
        """Somebody trades at once."""
        side = side or (1 if self.rng.random() < 0.5 + 0.45 * self.mood(symbol) else -1)
        account = account or self.people.regular()
        return self.hit(symbol, account, side, self.people.size(account))

    def hit(self, symbol: int, account: str, side: int, size: int, reach: int | None = None) -> Order:
        """Send an order that trades at once, as takers of this market word it."""
        other = self.exchange.halves[symbol][-side]
        if self.sketch.bare and reach is None and other.keys:
            return self.exchange.submit(symbol, account, side, 0, size)
        reach = self.rng.choice((0, 0, 1, 3)) if reach is None else reach
        price = max(1, self.exchange.touch(symbol, -side) + side * reach)
        return self.exchange.submit(symbol, account, side, price, size, keep=False)

    def rest(self, symbol: int, side: int, *, opening: bool = False) -> None:
        """Somebody lays an order into the book."""
        paper, rng = self.sketch.papers[symbol], self.rng
        wide = self.exchange.touch(symbol, -1) - self.exchange.touch(symbol, 1)
        scale = 0.6 * paper.spread + 1.0
        away = int(scale * (min(60.0, rng.paretovariate(self.sketch.tail)) - 1))
        if opening and not self.exchange.halves[symbol][side].keys:
            price = round(self.value[symbol]) - side * ((paper.spread + (side > 0)) // 2 + away)
        elif wide > 1 and rng.random() < (0.5 if wide > paper.spread else 0.05):
            price = self.exchange.touch(symbol, side) + side * rng.randint(1, max(1, min(wide - 1, wide // 2 + 1)))
        else:
            price = self.exchange.touch(symbol, side) - side * away
        account = self.people.regular()
        order = self.lay(symbol, account, side, price, self.people.size(account))
        if order is None:
            return
        if rng.random() < self.sketch.fleeting:
            self.exchange.start(rng.expovariate(1 / self.sketch.life), self._regret(order))
        else:
            self.live[symbol].append(order)

    def lay(self, symbol: int, account: str, side: int, price: int, size: int) -> Order | None:
        """Enter an order that must not trade at once."""
        best = self.exchange.halves[symbol][-side].best
        price = min(price, best - 1) if side > 0 and best else max(price, best + 1) if best else price
        return self.exchange.submit(symbol, account, side, price, size) if price > 0 else None

    def _regret(self, order: Order) -> Play:
        self.exchange.cancel(order)
        yield 0.0

    def withdraw(self, symbol: int) -> None:
        """Somebody takes an order back, in part at times."""
        live = self.live[symbol]
        while live:
            at = self.rng.randrange(len(live))
            order = live[at]
            part = self.people.rounded(order.left / 2) if self.rng.random() < 0.08 else 0
            if order.left and 0 < part < order.left:
                self.exchange.cancel(order, part)
                return
            live[at] = live[-1]
            live.pop()
            if order.left:
                self.exchange.cancel(order)
                return
