"""The crowd: arrivals that excite one another (Hawkes 1971; Bacry, Mastromatteo and Muzy 2015), by branching."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.lively.book import Order
from tradewind.surveillance.elsewhere.lively.venue import SECOND, LivelyVenue, Play


class Crowd:
    """Takes and places; every order that takes, whoever sent it, sets off others."""

    def __init__(self, venue: LivelyVenue) -> None:
        self.venue = venue
        s = venue.settings
        taken = s.takes / (1 - s.excites)
        placed = (1 - s.takes + taken * s.refills) / (1 - s.echoes)
        self.rate = s.events * (1 - s.made) / s.length / (2.4 * taken + 1.9 * placed)
        self._live: list[list[Order]] = [[] for _ in s.natures]
        self._before = [nature.start for nature in s.natures]
        self._since = [0] * len(s.natures)
        self._crowd = frozenset(s.names[: s.accounts])
        venue.heard.append(self._hear)

    def arrivals(self) -> Play:
        """Let people arrive, more of them near open and close and in excited times."""
        venue, s = self.venue, self.venue.settings
        while True:
            place = 2 * (venue.now % venue.session) / venue.session - 1
            busy = (1 + s.smile * (place**2 - 1 / 3)) * venue.busy
            yield float(venue.rng.exponential(1 / (self.rate * busy)))
            if venue.chance(s.takes):
                symbol = venue.symbol()
                self.take(symbol, self._opinion(symbol))
            else:
                self.place(venue.symbol(), venue.side())

    def take(self, symbol: int, side: int, account: str = "") -> None:
        """Let somebody take a usual size."""
        venue = self.venue
        venue.take(symbol, account or venue.anyone(), side, venue.usual(symbol))

    def place(self, symbol: int, side: int) -> None:
        """Let somebody place an order at a distance that follows a power law, for a time that does."""
        venue, rng, nature = self.venue, self.venue.rng, self.venue.nature(symbol)
        away = round(nature.reach * min(float(rng.pareto(nature.tail)), 40.0)) - int(rng.random() < 0.15)
        price = venue.touch(symbol, side) - side * away
        order = venue.submit(symbol, venue.anyone(), side, price, venue.usual(symbol))
        if order.left:
            self._live[symbol].append(order)
            venue.later(self._life(symbol), partial(self._leave, order))
        if venue.settings.echoes and rng.random() < venue.settings.echoes:
            self._later(partial(self.place, symbol, side if rng.random() < 0.6 else -side))

    def _life(self, symbol: int) -> float:
        nature, rng = self.venue.nature(symbol), self.venue.rng
        return nature.life * float(rng.lognormal(0.0, 1.6))

    def _leave(self, order: Order) -> float | None:
        venue = self.venue
        if order.left and venue.chance(venue.settings.replaces):
            side, symbol = order.side, order.symbol
            moved = venue.replace(order, venue.touch(symbol, side) - side * int(venue.rng.integers(0, 4)), order.left)
            if moved.left:
                venue.later(self._life(symbol), partial(self._leave, moved))
            return None
        venue.cancel(order)
        return None

    def _opinion(self, symbol: int) -> int:
        """Return a side: toward the value mostly, with or against the last move as the market is."""
        venue, nature = self.venue, self.venue.nature(symbol)
        value = venue.value(symbol)
        lean = (value - venue.middle(symbol)) / (2 * nature.half)
        moved = (value - self._before[symbol]) / (2 * nature.half)
        if venue.now - self._since[symbol] > 20 * SECOND:
            self._before[symbol], self._since[symbol] = value, venue.now
        up = 0.5 + 0.35 * max(-1.0, min(lean, 1.0)) + venue.settings.herd * max(-1.0, min(moved, 1.0))
        return 1 if venue.rng.random() < up else -1

    def _hear(self, symbol: int, side: int, account: str, _: int) -> None:
        """Let an order that took set off others."""
        s, rng = self.venue.settings, self.venue.rng
        for _ in range(int(rng.poisson(s.excites))):
            who = account if rng.random() < s.splits and account in self._crowd else ""
            self._later(partial(self.take, symbol, side, who))
        for _ in range(int(rng.poisson(s.refills))):
            self._later(partial(self.place, symbol, -side if rng.random() < 0.7 else side))
        if rng.random() < s.flees:
            self._later(partial(self._flee, symbol, -side))

    def _flee(self, symbol: int, side: int) -> None:
        """Let somebody take back an order that may be traded through next."""
        live = self._live[symbol]
        for _ in range(min(4, len(live))):
            place = int(self.venue.rng.integers(len(live)))
            order, live[place] = live[place], live[-1]
            live.pop()
            if order.left and order.side == side:
                self.venue.cancel(order)
                return
            if order.left:
                live.append(order)

    def _later(self, act: partial[None]) -> None:
        memory = self.venue.settings.memory
        slow = 1.0 if self.venue.rng.random() < 0.7 else 15.0
        self.venue.later(float(self.venue.rng.exponential(memory * slow)), act)
