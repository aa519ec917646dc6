"""Quote stuffing: bursts of messages that nobody can use, to slow others down or blind them (MAR Annex II 1, 4(c))."""

from __future__ import annotations

from collections import Counter

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


class Stuffing:
    """How one deed stuffs: how fast, how far away, in which symbols, by whom."""

    def __init__(self, deed: Deed) -> None:
        dice, ex = deed.dice, deed.ex
        self.deed = deed
        self.who = deed.gang(1, dice.choice((1, 1, 1, 2, 4)))
        count = min(dice.choice((1, 1, 1, 2, 3)), len(ex.stocks))
        self.symbols = [(deed.symbol + k) % len(ex.stocks) for k in range(count)]
        usual = len(ex.rows) / (ex.now / 1e9 + 1) / len(ex.stocks)
        self.rate = max(dice.spread(12, 1_500), min(6 * usual, 800.0))
        self.orders = dice.count(70, 1_300)
        self.size, self.near, self.far = dice.spread(0.1, 4), dice.choice((0.0, 0.5, 2.0)), dice.spread(0.3, 8)
        self.both, self.bursts = dice.chance(0.5), dice.count(1, 8)
        self.side = dice.side()
        self.sent: Counter[int] = Counter()

    def place(self, side: int, symbol: int) -> int:
        """Return a price away from the best one."""
        ex = self.deed.ex
        width = ex.gap[symbol] * (self.near + self.far * self.deed.dice.random())
        return ex.touch(symbol, side) - side * (1 + round(width))

    def one(self, number: int) -> Order:
        """Enter one order."""
        dice = self.deed.dice
        symbol, who = self.symbols[number % len(self.symbols)], self.who[number % len(self.who)]
        side = dice.side() if self.both else self.side
        size = self.deed.ex.shares(symbol, self.size)
        order = self.deed.enter(who, side, self.place(side, symbol), size, symbol)
        self.count(symbol)
        return order

    def count(self, symbol: int) -> None:
        """Count what was sent; scores of orders make it a deed."""
        self.sent[symbol] += 1
        self.deed.carried(through=self.sent[symbol] >= 50, symbol=symbol)

    def pause(self) -> float:
        """Draw the seconds to the next message."""
        return self.deed.dice.wait(1 / self.rate)

    def in_turn(self, orders: int) -> Play:
        """Enter and take back, one by one or some together."""
        batch = self.deed.dice.choice((1, 1, 5, 20, 50))
        standing: list[Order] = []
        for number in range(orders):
            standing.append(self.one(number))
            if len(standing) >= batch:
                for order in standing:
                    self.deed.withdraw(order)
                standing.clear()
            yield self.pause()
        for order in standing:
            self.deed.withdraw(order)

    def to_and_fro(self, orders: int) -> Play:
        """Move a few orders without end."""
        deed = self.deed
        standing = [self.one(number) for number in range(deed.dice.choice((1, 2, 6, 15)))]
        for number in range(orders):
            place = number % len(standing)
            order = standing[place]
            if not order.left:
                standing[place] = self.one(number)
                continue
            standing[place] = deed.replace(order, self.place(order.side, order.symbol), order.left)
            self.count(order.symbol)
            yield self.pause()
        for order in standing:
            deed.withdraw(order)

    def pings(self, orders: int) -> Play:
        """Orders beside the best price, gone at once, with a tiny take among them now and then."""
        deed, dice = self.deed, self.deed.dice
        for number in range(orders):
            order = self.one(number)
            yield dice.wait(0.3 / self.rate)
            deed.withdraw(order)
            if dice.chance(0.04):
                deed.take(order.account, dice.side(), 1, 0, order.symbol)
            yield self.pause()

    def fans(self, orders: int) -> Play:
        """Whole fans of prices at once, all of them gone at once, again and again."""
        width = self.deed.dice.randint(5, 30)
        for first in range(0, orders, width):
            fan = [self.one(first + k) for k in range(width)]
            yield width * self.pause()
            for order in fan:
                self.deed.withdraw(order)


def stuffing(deed: Deed) -> Play:
    """Stuff in bursts."""
    dice, how = deed.dice, Stuffing(deed)
    tactic = (how.in_turn, how.to_and_fro, how.pings, how.fans)[deed.choose(4)]
    for _ in range(how.bursts):
        how.side = dice.side()
        yield from tactic(max(how.orders // how.bursts, 12))
        yield deed.beat(0.2, 30)
