"""The exchange of a populated market: orders in, rows out, who holds what, and who acts when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from heapq import heappop, heappush
from math import exp

from tradewind.surveillance.elsewhere.populated.book import Book, Order
from tradewind.surveillance.elsewhere.populated.dice import Dice
from tradewind.surveillance.elsewhere.populated.world import World
from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000

Play = Iterator[float]
"""What somebody does: acts, then yields the seconds until it acts again."""

Heard = Callable[[int, int, str, int], None]
"""Is told of every order that took: symbol, side, account, shares executed."""

_NEW, _CANCEL, _TRADE, _NEWS = int(Kind.NEW), int(Kind.CANCEL), int(Kind.TRADE), int(Kind.NEWS)


class Exchange:
    """One market; time is open time, in nanoseconds since the first open."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, Dice(seed * 1_009 + 12)
        self.length = int(world.length * SECOND)
        self.session = int(world.seconds * SECOND)
        self.now = 0
        self.rows: list[Row] = []
        self.heard: list[Heard] = []
        self.stocks = world.stocks
        self.books = [Book() for _ in world.stocks]
        self.worth = [stock.start for stock in world.stocks]
        self.last = [round(stock.start) for stock in world.stocks]
        self.gap = [2 * stock.half for stock in world.stocks]
        self.volume = [0] * len(world.stocks)
        self.takes = [0] * len(world.stocks)
        self.trail = [[stock.start] * 3 for stock in world.stocks]
        self.held: dict[tuple[str, int], int] = {}
        pace = world.length * len(world.stocks) / world.events
        self.memories = (12 * pace, 80 * pace, 500 * pace)
        self._seen = [0] * len(world.stocks)
        self._due: list[tuple[int, int, Callable[[], float | None]]] = []
        self._orders, self._turns = self.dice.randrange(1_000_000), 0

    # ------------------------------------------------------------------------------------------------------ what it is
    def touch(self, symbol: int, side: int) -> int:
        """Return the best price of a side; where it is empty, what it might be."""
        book = self.books[symbol]
        best = book.sides[side].best()
        if best:
            return best
        other = book.sides[-side].best()
        width = max(round(self.gap[symbol]), 1)
        return max(other - side * width if other else self.last[symbol] - side * (width // 2), 1)

    def mid(self, symbol: int) -> float:
        """Return the middle of the best prices."""
        return (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2

    def room(self, symbol: int) -> int:
        """Return the ticks between the best prices, less one."""
        return self.touch(symbol, -1) - self.touch(symbol, 1) - 1

    def drift(self, symbol: int, memory: int) -> float:
        """Return how far the price is above its trailing mean, in usual spreads."""
        return (self.mid(symbol) - self.trail[symbol][memory]) / max(self.gap[symbol], 1.0)

    def pulse(self, symbol: int) -> float:
        """Return the seconds between two takes."""
        return (self.now / SECOND + 1.0) / (self.takes[symbol] + 1.0)

    def flow(self, symbol: int) -> float:
        """Return the shares traded a second so far."""
        return (self.volume[symbol] + self.stocks[symbol].unit) / (self.now / SECOND + 5.0)

    def left(self) -> float:
        """Return the seconds until this session's close."""
        return (self.session - self.now % self.session) / SECOND

    def shares(self, symbol: int, multiple: float) -> int:
        """Return a multiple of the usual order, in lots mostly."""
        stock = self.stocks[symbol]
        size = max(multiple * stock.unit, 1.0)
        if self.dice.random() < self.world.rounds:
            return max(round(size / stock.lot), 1) * stock.lot
        return max(round(size), 1)

    def usual(self, symbol: int) -> int:
        """Draw the size of somebody's order."""
        tail = self.world.tail
        return self.shares(symbol, min(self.dice.paretovariate(tail) * (tail - 1) / tail, 40.0) * 0.9)

    # ----------------------------------------------------------------------------------------------------------- orders
    def enter(self, symbol: int, account: str, side: int, price: int, size: int) -> Order:
        """Enter an order; what does not execute rests."""
        return self._settle(Order(self._next(), symbol, account, side, max(price, 1), size))

    def take(self, symbol: int, account: str, side: int, size: int, reach: int | None = None) -> int:
        """Take what rests up to ``reach`` ticks beyond the best price; return what was executed."""
        far = round(1.5 * self.gap[symbol]) if reach is None else reach
        price = max(self.touch(symbol, -side) + side * far, 1)
        self._avoid(symbol, account, side, price)
        bare = self.world.bare
        if bare:
            size = min(size, self.books[symbol].sides[-side].before(price))
        if size <= 0:
            return 0
        order = Order(self._next(), symbol, account, side, price, size)
        self._match(order, bare=bare)
        if order.left > 0:
            self._log(_CANCEL, order, order.price, order.left)
            order.left = 0
        return order.filled

    def cancel(self, order: Order, size: int = 0, *, at_once: bool = False) -> None:
        """Take back an order, or ``size`` shares of it; ``at_once`` where the exchange itself does, for all."""
        gone = min(size or order.left, order.left)
        if gone <= 0:
            return
        if not at_once:
            self._tick()
        self._log(_CANCEL, order, order.price, gone)
        self.books[order.symbol].shrink(order, gone)

    def replace(self, order: Order, price: int, size: int) -> Order:
        """Take an order back and enter it otherwise; one that is gone stays as it is."""
        if order.left <= 0:
            return order
        self.cancel(order)
        number = order.id if self.world.same_id else self._next()
        return self._settle(Order(number, order.symbol, order.account, order.side, max(price, 1), size), quick=True)

    def publish(self, symbol: int, tone: int) -> None:
        """Let news become public, where the market has any."""
        if self.world.silent:
            return
        self._tick()
        told = tone if self.dice.chance(self.world.noticed) else 0
        self.rows.append(Row(self.now, symbol, _NEWS, self._next(), "", told, 0, 0))

    def cross(self, order: Order, account: str, side: int, size: int) -> int:
        """Take down to the price of an order and no further, oneself included; return what was executed."""
        taker = Order(self._next(), order.symbol, account, side, order.price, size)
        self._match(taker)
        if taker.left > 0:
            self._log(_CANCEL, taker, taker.price, taker.left)
            taker.left = 0
        return taker.filled

    def _settle(self, order: Order, *, quick: bool = False) -> Order:
        best = self.books[order.symbol].sides[-order.side].best()
        if best and order.side * (order.price - best) >= 0:
            self._avoid(order.symbol, order.account, order.side, order.price)
        self._match(order, quick=quick)
        if order.left > 0:
            self.books[order.symbol].rest(order)
        return order

    def _avoid(self, symbol: int, account: str, side: int, price: int) -> None:
        own = self.books[symbol].own.get(account)
        if own and self.dice.random() < self.world.prevents:
            for order in [o for o in own.values() if o.side == -side and side * (price - o.price) >= 0]:
                self.cancel(order)

    def _match(self, order: Order, *, bare: bool = False, quick: bool = False) -> None:
        if not quick:
            self._tick()
        self._log(_NEW, order, 0 if bare else order.price, order.left)
        book, symbol, held = self.books[order.symbol], order.symbol, self.held
        others = book.sides[-order.side]
        while order.left > 0:
            best = others.best()
            if not best or (best - order.price) * order.side > 0:
                break
            maker = book.first(-order.side)
            done = min(maker.left, order.left)
            order.left -= done
            order.filled += done
            maker.filled += done
            book.shrink(maker, done)
            self.rows.append(
                Row(self.now, symbol, _TRADE, maker.id, maker.account, maker.side, best, done, order.account, order.id)
            )
            key, other = (order.account, symbol), (maker.account, symbol)
            held[key] = held.get(key, 0) + order.side * done
            held[other] = held.get(other, 0) - order.side * done
            self.last[symbol] = best
        if order.filled:
            self._traded(order)

    def _traded(self, order: Order) -> None:
        symbol = order.symbol
        self.volume[symbol] += order.filled
        self.takes[symbol] += 1
        mid, sides = self.mid(symbol), self.books[symbol].sides
        if sides[1].keys and sides[-1].keys:
            wide = min(sides[-1].best() - sides[1].best(), 10 * self.stocks[symbol].half)
            self.gap[symbol] += 0.02 * (max(wide, 1.0) - self.gap[symbol])
        since, self._seen[symbol] = (self.now - self._seen[symbol]) / SECOND, self.now
        trail = self.trail[symbol]
        for place, memory in enumerate(self.memories):
            trail[place] += (1 - exp(-since / memory)) * (mid - trail[place])
        for told in self.heard:
            told(symbol, order.side, order.account, order.filled)

    def _log(self, kind: int, order: Order, price: int, size: int) -> None:
        self.rows.append(Row(self.now, order.symbol, kind, order.id, order.account, order.side, price, size))

    def _tick(self) -> None:
        self.now += 200 + int(self.dice.expovariate(1.0) * self.world.latency)

    def _next(self) -> int:
        self._orders += 1
        return self._orders

    # ------------------------------------------------------------------------------------------------------------- time
    def start(self, at: float, play: Play) -> None:
        """Let somebody begin ``at`` seconds after the first open."""
        self.later(at - self.now / SECOND, partial(next, play, None))

    def later(self, seconds: float, act: Callable[[], float | None]) -> None:
        """Let something happen after some seconds, and again after those it returns."""
        self._turns += 1
        heappush(self._due, (self.now + max(int(seconds * SECOND), 0), self._turns, act))

    def run(self) -> None:
        """Run to the last close."""
        while self._due:
            time, _, act = heappop(self._due)
            if time >= self.length:
                break
            self.now = max(self.now, time)
            wait = act()
            if wait is not None:
                self.later(wait, act)
