"""A populated market whole: exchange, people, makers, stops, and what becomes known in it."""

from __future__ import annotations

from functools import partial
from heapq import heappop, heappush

from tradewind.surveillance.elsewhere.populated.crowd import Crowd
from tradewind.surveillance.elsewhere.populated.exchange import SECOND, Exchange, Play
from tradewind.surveillance.elsewhere.populated.makers import Maker, shun, start_makers
from tradewind.surveillance.elsewhere.populated.world import World

_STEPS = 2_000


class Stops:
    """Orders that are sent once the price has come to where it hurts; they lie mostly beyond round prices."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._waiting: dict[tuple[int, int], list[tuple[int, int, str, int]]] = {}
        self._number = 0
        exchange.heard.append(self._hear)

    def protect(self, symbol: int, account: str, side: int, trigger: int, size: int) -> None:
        """Let an order be sent on ``side`` once the price comes to ``trigger``."""
        self._number += 1
        heappush(self._waiting.setdefault((symbol, side), []), (side * trigger, self._number, account, size))

    def nearest(self, symbol: int, side: int) -> int:
        """Return the price at which the next stop order of a side is sent, 0 where there is none."""
        waiting = self._waiting.get((symbol, side))
        return side * waiting[0][0] if waiting else 0

    def _hear(self, symbol: int, side: int, account: str, shares: int) -> None:
        exchange = self.exchange
        if not exchange.world.stops:
            return
        waiting = self._waiting.get((symbol, side))
        while waiting and side * exchange.last[symbol] >= waiting[0][0]:
            _, _, who, size = heappop(waiting)
            exchange.later(exchange.dice.wait(0.05), partial(self._send, symbol, who, side, size))
        if exchange.dice.random() < exchange.world.stops:
            away = exchange.gap[symbol] * exchange.dice.spread(1.5, 12)
            trigger = exchange.last[symbol] - side * away
            if exchange.dice.chance(0.5):  # beyond a round price
                trigger = 10 * round(trigger / 10) - side
            if trigger >= 1:
                self.protect(symbol, account, -side, round(trigger), shares)

    def _send(self, symbol: int, account: str, side: int, size: int) -> None:
        self.exchange.take(symbol, account, side, size)


class Town:
    """What everybody with a purpose needs to know."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.ex = Exchange(world, seed)
        self.dice = self.ex.dice
        self.crowd = Crowd(self.ex)
        self.stops = Stops(self.ex)
        self.makers: list[list[Maker]] = start_makers(self.ex, [self.crowd.newcomer() for _ in range(world.makers)])
        self.ex.start(0.0, self._worths())
        self.ex.start(0.004 * world.seconds, self.crowd.come())
        self.ex.start(0.0, self._calibrate())
        if world.day_orders:
            self.ex.start(0.0, self._evenings())

    def _worths(self) -> Play:
        """Let the worths wander: together and alone, calmly or not, far overnight."""
        world, dice, ex = self.world, self.dice, self.ex
        step, day, calm = world.length / _STEPS, 0, 1.0
        while True:
            yield step
            if dice.chance(3 / _STEPS):
                calm = dice.spread(0.3, 3)
            common = dice.gauss(0, 1)
            far = 15.0 if ex.now // ex.session > day else calm
            day = ex.now // ex.session
            for symbol, stock in enumerate(ex.stocks):
                shock = world.common * common + (1 - world.common**2) ** 0.5 * dice.gauss(0, 1)
                moved = ex.worth[symbol] + far * stock.volatility * step**0.5 * shock
                ex.worth[symbol] = max(moved, 25 * stock.half)

    def _calibrate(self) -> Play:
        """Learn early how much comes of people's coming, and keep to about what was drawn; makers calm down first."""
        ex, world, crowd = self.ex, self.world, self.crowd
        before, since = 0, 0.0
        for share in (0.004, 0.01, 0.02, 0.03, 0.04, 0.05, *(k / 20 for k in range(2, 20))):
            yield share * world.length - ex.now / SECOND
            rows, spent = len(ex.rows) - crowd.excess - before, share - since
            ratio = min(max(world.events * spent * crowd.busy() / max(rows, 1), 0.4), 2.5)
            before, since = len(ex.rows) - crowd.excess, share
            if ratio < 0.8:
                for makers in self.makers:
                    for maker in makers:
                        maker.calm(ratio)
            if share < 0.06 or ratio < 0.75:
                crowd.tempo = min(max(crowd.tempo * ratio**0.6, 0.25), 5.0)

    def _evenings(self) -> Play:
        for day in range(self.world.sessions):
            yield (day + 1) * self.world.seconds - 0.001 - self.ex.now / SECOND
            for book in self.ex.books:
                for order in book.resting():
                    self.ex.cancel(order, at_once=True)

    # ---------------------------------------------------------------------------------------------------- what is known
    def move(self, symbol: int, spreads: float) -> None:
        """Let a symbol be worth more, by so many usual spreads."""
        ex = self.ex
        ex.worth[symbol] = max(ex.worth[symbol] + spreads * 2 * ex.stocks[symbol].half, 25 * ex.stocks[symbol].half)

    def announce(self, symbol: int, side: int, spreads: float, readers: int) -> None:
        """Let news become public, the symbol be worth what it says, and people read it, fast or slowly."""
        self.ex.publish(symbol, side)
        self.move(symbol, side * spreads)
        for maker in self.makers[symbol]:
            maker.fair += side * spreads * self.ex.stocks[symbol].half * self.dice.uniform(0, 2)
        self.crowd.draw_in(symbol, side, readers, self.dice.spread(0.3, 20) * self.ex.memories[0] / 3)

    def event(self, symbol: int, *, told: bool, true: bool) -> Play:
        """Let something happen to a symbol: known beforehand that it will or not, told or not, true or not."""
        dice, side, far = self.dice, self.dice.side(), self.dice.spread(1.5, 10)
        if told and dice.chance(0.4):  # its time is known
            shun(self.makers[symbol], 0.7, self.dice.spread(2, 60))
            yield dice.spread(0.5, 20)
        early = true and dice.chance(0.2)
        if early:
            self.move(symbol, side * far / 2)
            yield dice.spread(1, 120)
        if told:
            self.announce(symbol, side, far if true else 0.0, dice.many(6 * dice.random()) if true else dice.many(1))
        elif true:
            self.move(symbol, side * far)
