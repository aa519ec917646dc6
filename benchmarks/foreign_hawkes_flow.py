"""The general flow: what each event of the kernel is, whose it is, and how many there are to be by the hour."""

from __future__ import annotations

import itertools
import math
import random

from foreign_hawkes_book import DEEP, DROP_TOUCH, MARKET, TOUCH, Ask, Order
from foreign_hawkes_market import Market, Meta
from foreign_hawkes_world import SECOND, Account

USUAL = {MARKET: 1.0, TOUCH: 1.5, DEEP: 1.3, DROP_TOUCH: 0.8, DROP_TOUCH + 1: 1.1}
"""Base rates of the kinds, beside one another."""
GRID = 200


class Flow:
    """Turns events of the kernel into orders of accounts, and steers how many come."""

    def __init__(self, market: Market, seed: int) -> None:
        self.market = market
        self.rng = random.Random(f"hawkes:{seed}:flow")
        self.lull = self.rng.uniform(0.3, 0.7)
        shape = [self._season((i + 0.5) / GRID) for i in range(GRID)]
        mean = sum(shape) / GRID
        self.shape = [value / mean for value in shape]
        self.heaped = [0.0, *itertools.accumulate(value / GRID for value in self.shape)]
        self.length = sum(close - start for start, close in market.world.sessions) / SECOND
        self.made, self.asked = 60.0, 40.0
        self.before = 0.0
        people = market.world.accounts
        symbols = range(len(market.world.listings))
        self.hasty = [list(itertools.accumulate(a.weight * a.hurry * a.home[s] for a in people)) for s in symbols]
        self.calm = [list(itertools.accumulate(a.weight * (1 - a.hurry) * a.home[s] for a in people)) for s in symbols]

    def season(self, share: float) -> float:
        """Return how busy a moment of the session is, 1 on average."""
        return self.shape[min(GRID - 1, int(share * GRID))]

    def steer(self, share: float, seconds: float, done: float) -> None:
        """Set the base rates for the next ``seconds``, the ``share`` of a session after its beginning.

        ``done`` : rows of the flow's own and of those who react to it, so far.
        """
        world = self.market.world
        day = (world.sessions[0][1] - world.sessions[0][0]) / SECOND
        cell = min(GRID - 1, int(share * GRID))
        part = self.heaped[cell] + (share * GRID - cell) * (self.heaped[cell + 1] - self.heaped[cell])
        due = world.events * (self.before + part * day / self.length)
        right = max(0.4, min(1.7, 1 + (due - done) / (0.12 * world.events)))
        rate = world.events / self.length * self.season(share) * self.asked / self.made * right
        self.made, self.asked = done + 60.0, self.asked + rate * seconds
        for s, listing in enumerate(world.listings):
            self._base(s, rate * listing.share)

    def end_day(self) -> None:
        """Count a session as over."""
        start, close = self.market.world.sessions[0]
        self.before += (close - start) / SECOND / self.length

    def act(self, s: int, kind: int) -> None:
        """Let an event happen."""
        deed, buy = kind // 2, kind % 2 == 0
        if deed == MARKET:
            self._trade(s, buy)
        elif deed in (TOUCH, DEEP):
            self._rest(s, buy, deed == DEEP)
        else:
            self._drop(s, buy, deed == DROP_TOUCH)

    def fill(self, s: int) -> None:
        """Rest the first orders of a session."""
        for _ in range(24):
            self._rest(s, self.rng.random() < 0.5, True)

    def size(self, s: int, account: Account) -> int:
        """Draw a size with a heavy tail."""
        listing = self.market.listing(s)
        heavy = 0.5 * self.rng.paretovariate(1.7) if self.rng.random() < 0.35 else self.rng.lognormvariate(-0.5, 0.7)
        return listing.lot * max(1, round(listing.size * account.scale * min(heavy, 25.0) / listing.lot))

    def _season(self, x: float) -> float:
        return 0.7 + 1.5 * abs(2 * x - 1) ** 3 - self.lull * math.exp(-(((x - 0.45) / 0.1) ** 2)) + 0.3 * (x > 0.97)

    def _base(self, s: int, rate: float) -> None:
        market, state = self.market, self.market.states[s]
        rate *= (1 + state.heat) * (0.6 + 0.4 * state.burst) / (2 * sum(USUAL.values()))
        sides = [1 if meta.buy else -1 for meta in state.metas]
        worth = (state.value - state.belief) / market.listing(s).unit
        tilt = 0.15 * market.trend(s) + state.herd + 0.5 * market.lean(s) + 0.03 * max(-15.0, min(15.0, worth))
        tilt = max(-1.4, min(1.4, tilt + 0.5 * sum(sides) / (2 + len(sides))))
        for buy in (True, False):
            bent = math.exp(tilt if buy else -tilt)
            loose = market.book(s).loose[buy] / 35.0
            row = market.kernel.base[s]
            for kind, usual in USUAL.items():
                factor = bent if kind == MARKET else math.sqrt(bent) if kind == TOUCH else 1.0
                row[2 * kind + (not buy)] = rate * usual * (factor if kind < DROP_TOUCH else min(2.5, loose))

    def _who(self, s: int, heaped: list[float]) -> Account | None:
        for _ in range(3):
            account = self.rng.choices(self.market.world.accounts, cum_weights=heaped)[0]
            if not self.market.busy[s, account.name]:
                return account
        return None

    def _trade(self, s: int, buy: bool) -> None:
        book = self.market.book(s)
        best = book.best(not buy)
        if best is None:
            return
        metas = [meta for meta in self.market.states[s].metas if meta.buy == buy]
        if metas and self.rng.random() < 0.55 and self._slice(s, self.rng.choice(metas), best):
            return
        account = self._who(s, self.hasty[s])
        if account is None:
            return
        size = self.size(s, account)
        there = book.at(not buy, best)
        if size > there and self.rng.random() < 0.6:
            size = there
        reach = self.rng.choice((0, 0, 0, 1, 2, 4))
        self._send(s, account.name, buy, best + (reach if buy else -reach), size, self.rng.random() < 0.4)

    def _slice(self, s: int, meta: Meta, best: int) -> bool:
        free = [name for name in meta.accounts if not self.market.busy[s, name]]
        if not free:
            return False
        lot = self.market.listing(s).lot
        size = min(meta.left, lot * max(1, round(meta.child * self.rng.uniform(0.6, 1.4) / lot)))
        meta.left -= size
        if meta.left <= 0:
            self.market.states[s].metas.remove(meta)
        self._send(s, self.rng.choice(free), meta.buy, best, size, self.rng.random() < 0.5)
        return True

    def _rest(self, s: int, buy: bool, deep: bool) -> None:
        account = self._who(s, self.calm[s])
        if account is None:
            return
        book, unit, sign = self.market.book(s), self.market.listing(s).unit, 1 if buy else -1
        belief = round(self.market.states[s].belief - sign * unit)
        best, other = book.best(buy), book.best(not buy)
        price = belief if best is None else best
        if deep:
            price -= sign * (1 + min(60, int(unit * self.rng.paretovariate(1.1))))
        elif other is not None and abs(other - price) > 1 and self.rng.random() < 0.4:
            price += sign * self.rng.randint(1, max(1, min(int(unit), abs(other - price) - 1)))
        if other is not None:
            price = min(price, other - 1) if buy else max(price, other + 1)
        self._send(s, account.name, buy, max(1, price), self.size(s, account), False)

    def _send(self, s: int, name: str, buy: bool, price: int, size: int, now: bool) -> None:
        self.market.venue.send(s, Ask(name, buy, max(1, price), size, now))

    def _drop(self, s: int, buy: bool, touch: bool) -> None:
        order = self._some(s, buy, touch)
        if order is None or self.market.busy[s, order.account]:
            return
        venue, chance = self.market.venue, self.rng.random()
        if chance < 0.12:
            step = self.rng.choice((-2, -1, 1, 1, 2)) * (1 if buy else -1)
            venue.modify(s, order, max(1, order.price + step), order.open)
        elif chance < 0.18 and order.open > 1:
            venue.modify(s, order, order.price, max(1, order.open // 2))
        else:
            venue.cancel(s, order)

    def _some(self, s: int, buy: bool, touch: bool) -> Order | None:
        book = self.market.book(s)
        prices = book.prices[buy]
        if not prices:
            return None
        for _ in range(1 if touch else 5):
            price = book.levels(buy, 1)[0] if touch else self.rng.choice(prices)
            loose = [order for order in book.queues[buy][price].values() if order.owner is None]
            if loose:
                return self.rng.choice(loose)
        return None
