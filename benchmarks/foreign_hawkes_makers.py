"""Makers: they quote on several levels round what they believe and look again after every trade, each at his speed."""

from __future__ import annotations

import random

from foreign_hawkes_book import Ask, Order
from foreign_hawkes_market import Market
from foreign_hawkes_world import SECOND


class Maker:
    """One maker on one symbol."""

    def __init__(self, market: Market, s: int, account: str, rng: random.Random) -> None:
        unit, size = market.listing(s).unit, market.listing(s).size
        self.market, self.s, self.account, self.rng = market, s, account, rng
        self.levels = rng.choice((1, 2, 2, 3, 5))
        self.half = unit * rng.uniform(0.6, 1.3)
        self.gap = max(1.0, unit * rng.uniform(0.7, 1.8))
        self.size = size * rng.uniform(1.0, 3.0)
        self.delay = 0.0004 * 1_500 ** rng.random()
        self.slack = max(0.9, unit * rng.uniform(0.7, 1.6))
        self.changes = rng.random() < 0.35
        self.most = self.size * rng.uniform(15, 40)
        self.held = 0
        self.pending = False
        self.quotes: dict[tuple[bool, int], Order] = {}

    def poke(self) -> None:
        """Look again soon, unless that is due already."""
        if not self.pending:
            self.pending = True
            pause = self.delay * self.rng.uniform(0.7, 1.8)
            self.market.at(self.market.now + int(pause * SECOND), self.look)

    def open(self) -> None:
        """Begin a session."""
        self.quotes, self.held, self.pending = {}, 0, False
        self.look()

    def filled(self, order: Order, other: Order, size: int, price: int) -> None:
        """Count what is held."""
        self.held += size if order.buy else -size

    def look(self) -> None:
        """Bring the quotes to where they belong."""
        self.pending = False
        market, s = self.market, self.s
        unit = market.listing(s).unit
        skew = max(-1.5, min(1.5, self.held / self.most))
        centre = market.states[s].belief + unit * (0.9 * market.lean(s) - skew)
        self._snipe(centre)
        for level in range(self.levels):
            for buy in (True, False):
                away = self.half + level * self.gap
                self._quote(buy, level, max(1, round(centre - away if buy else centre + away)))

    def _snipe(self, centre: float) -> None:
        book, unit = self.market.book(self.s), self.market.listing(self.s).unit
        for buy in (True, False):
            for _ in range(4):
                best = book.best(not buy)
                if best is None or (centre - best if buy else best - centre) < 0.4 * unit:
                    break
                size = min(book.at(not buy, best), self._lots())
                if not self.market.venue.send(self.s, Ask(self.account, buy, best, size, True, self)).filled:
                    break

    def _quote(self, buy: bool, level: int, price: int) -> None:
        venue, book = self.market.venue, self.market.book(self.s)
        other = book.best(not buy)
        if other is not None:
            price = min(price, other - 1) if buy else max(price, other + 1)
        order = self.quotes.get((buy, level))
        if order is not None and order.open:
            if abs(order.price - price) <= self.slack * (1 + 0.5 * level):
                return
            if self.changes and venue.modify(self.s, order, price, order.open):
                return
            venue.cancel(self.s, order)
        if price > 0:
            ask = Ask(self.account, buy, price, self._lots(), False, self)
            self.quotes[buy, level] = venue.send(self.s, ask)

    def _lots(self) -> int:
        lot = self.market.listing(self.s).lot
        return lot * max(1, round(self.size * self.rng.uniform(0.6, 1.4) / lot))


def make_makers(market: Market, rng: random.Random) -> list[Maker]:
    """Let two to four makers quote each symbol; some quote several."""
    found = []
    for s, state in enumerate(market.states):
        names = rng.sample(market.world.makers, min(len(market.world.makers), rng.randint(2, 4)))
        mine = [Maker(market, s, name, rng) for name in names]
        state.makers.extend(mine)
        found += mine
    return found
