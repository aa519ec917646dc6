"""Market makers: quotes on several prices, quick to move; some flicker, some quote for a main client."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.acceptance.book import Order
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play, World


class Maker:
    """One maker on one symbol."""

    def __init__(self, w: World, symbol: int, account: str) -> None:
        rng = w.rng
        self.w, self.symbol, self.account = w, symbol, account
        self.depth = rng.choice((1, 2, 2, 3, 4))
        self.step = rng.choice((1, 1, 2))
        self.half = w.s.half[symbol] * rng.uniform(0.7, 1.6)
        self.size = max(w.s.lot, round(w.s.units[symbol] * spread_log(rng, 1, 6) / w.s.lot) * w.s.lot)
        self.skew = rng.uniform(0.0, 1.5)
        self.loose = rng.choice((0, 0, 1, 2))
        self.amends = rng.random() < 0.4
        self.delay = w.s.latency * spread_log(rng, 0.5, 200)
        self.quotes: dict[tuple[int, int], Order] = {}
        self.held = 0.0
        self.pending = False

    def poke(self) -> None:
        """Look again soon."""
        if not self.pending:
            self.pending = True
            self.w.after(self.w.rng.expovariate(1 / self.delay) + self.w.s.latency, self._poked)

    def _poked(self) -> None:
        self.pending = False
        self.quote()

    def quote(self) -> None:
        """Bring every quote to where it should stand."""
        w, book, rng = self.w, self.w.books[self.symbol], self.w.rng
        centre = w.fair[self.symbol] + self.skew * book.imbalance() - self.held
        self.held *= 0.9
        for side in (1, -1):
            for level in range(self.depth):
                price = round(centre - side * (self.half + level * self.step))
                order = self.quotes.get((side, level))
                if order is not None and order.live:
                    if abs(order.price - price) <= self.loose:
                        continue
                    if self.amends and book.modify(order, price, self._amount()):
                        continue
                    book.cancel(order)
                elif order is not None:
                    self.held += side * 0.3
                other = book.best(-side)
                stale = other is not None and (price - other) * side >= 0
                if stale and rng.random() < 0.4:
                    w.between_makers = True
                    w.take(self.symbol, self.account, side, self._amount(), 0)
                    w.between_makers = False
                    continue
                self.quotes[side, level] = w.rest(self.symbol, self.account, side, price, self._amount())

    def _amount(self) -> int:
        lot = self.w.s.lot
        return max(1, round(self.size * self.w.rng.uniform(0.6, 1.5) / lot)) * lot

    def play(self, mean: float) -> Play:
        """Quote from the opening on."""
        while True:
            self.quote()
            yield self.w.wait(mean, self.symbol)

    def pull(self) -> Play:
        """Take all quotes back at once, as after a limit is reached, and return later."""
        for order in self.quotes.values():
            self.w.books[self.symbol].cancel(order)
            yield int(self.w.s.latency * 0.05 * SECOND) + 1


def flicker(w: World, symbol: int, account: str) -> Play:
    """Requote by the hundred within a second or so: a model that cannot make up its mind."""
    rng, book = w.rng, w.books[symbol]
    count = int(min(spread_log(rng, 25, 220), w.s.events * 0.004))
    gap = spread_log(rng, 0.3, 2.0) / count
    side, size = rng.choice((1, -1)), w.s.units[symbol] * rng.randint(1, 3)
    amends, both = rng.random() < 0.3, rng.random() < 0.3
    order: Order | None = None
    for _ in range(count):
        price = w.touch(symbol, side) - side * rng.choice((0, 0, 1, 1, 2, 4))
        if order is not None and order.live and amends:
            book.modify(order, price, size + w.s.lot * rng.randint(0, 2))
        else:
            if order is not None:
                book.cancel(order)
            if both and rng.random() < 0.5:
                side = -side
            order = w.rest(symbol, account, side, w.touch(symbol, side) - side * rng.choice((0, 1, 2)), size)
        yield int(rng.expovariate(1 / gap) * SECOND) + 1
    if order is not None:
        book.cancel(order)


def main_client(w: World, symbol: int, maker: str, client: str) -> Play:
    """Let a maker improve its price and its main client deal on it, many times in an hour; they share no owner."""
    rng = w.rng
    side, size = rng.choice((1, -1)), w.s.units[symbol] * spread_log(rng, 0.5, 3)
    turns = rng.random() < 0.4
    for _ in range(rng.randint(4, 16)):
        amount = max(1, round(size * rng.uniform(0.7, 1.4) / w.s.lot)) * w.s.lot
        offer = w.rest(symbol, maker, -side, w.touch(symbol, -side) - side, amount)
        yield int(spread_log(rng, 0.05, 6) * SECOND)
        w.take(symbol, client, side, amount if rng.random() < 0.6 else amount // 2 + 1, 0)
        if turns and rng.random() < 0.5:
            side = -side
        yield int(spread_log(rng, 1, 8) * SECOND)
        w.books[symbol].cancel(offer)
        yield int(spread_log(rng, 5, 240) * SECOND)
