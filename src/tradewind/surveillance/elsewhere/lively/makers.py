"""Makers of different habits, and what moves the values: regimes, jumps, news with and without a move, the night."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.elsewhere.lively.book import Order
from tradewind.surveillance.elsewhere.lively.venue import SECOND, LivelyVenue, Play

_STEPS = 5_000


def values(venue: LivelyVenue) -> Play:
    """Move the values: a common factor, volatility that changes its regime, a gap each night."""
    s, rng = venue.settings, venue.rng
    turns = sorted(float(t) for t in rng.uniform(0, s.length, s.turns))
    calm, step, day = 1.0, s.length / _STEPS, 0
    yield 0.0
    while True:
        if turns and venue.now / SECOND > turns[0]:
            turns.pop(0)
            venue.busy /= calm**0.5
            calm = venue.draw(0.25, 3.5)
            venue.busy *= calm**0.5
        common = float(rng.standard_normal())
        night = venue.now // venue.session > day
        day = venue.now // venue.session
        for symbol, nature in enumerate(s.natures):
            own = float(rng.standard_normal())
            shock = s.common * common + (1 - s.common**2) ** 0.5 * own
            far = 20.0 if night else step**0.5 * calm
            venue.move(symbol, nature.volatility * far * shock)
        yield step


def evening(venue: LivelyVenue) -> Play:
    """Take back, at each close, what rests."""
    for day in range(venue.settings.sessions):
        yield (day + 1) * venue.settings.seconds - 0.001 - venue.now / SECOND
        for book in venue.books:
            for order in book.resting():
                venue.cancel(order, at_once=True)


def jump(venue: LivelyVenue, symbol: int, *, news: bool, moves: bool) -> Play:
    """Let something happen: news, a move, or both, the one shortly before the other."""
    side, nature = venue.side(), venue.nature(symbol)
    early = news and moves and venue.chance(0.2)
    if news and not early:
        venue.publish(symbol, side if venue.chance(0.8) else 0)
    if moves:
        yield venue.draw(0.02, 4.0) if venue.chance(0.5) else 0.0
        venue.move(symbol, side * nature.half * venue.draw(2, 12), float(venue.rng.uniform(0.3, 1.0)))
        excited = venue.draw(1.2, 4)
        venue.busy *= excited
        if early:
            yield venue.draw(0.5, 30)
            venue.publish(symbol, side)
        if venue.chance(0.7):  # those who read it at once
            for _ in range(int(venue.rng.integers(1, 8))):
                yield venue.draw(0.01, 3)
                venue.take(symbol, venue.anyone(), side, venue.shares(symbol, venue.draw(0.5, 6)))
        yield venue.draw(10, 300)
        venue.busy /= excited


class Maker:
    """Keeps quotes on both sides of a symbol, in a way of its own."""

    def __init__(self, venue: LivelyVenue, symbol: int, account: str, moves: float) -> None:
        rng, nature = venue.rng, venue.nature(symbol)
        self.venue, self.symbol, self.account = venue, symbol, account
        self.levels = int(rng.choice([1, 1, 2, 3, 5, 8]))
        self.half = nature.half * float(rng.uniform(0.8, 2.2))
        self.step = max(1, round(nature.half * venue.draw(0.2, 2)))
        self.size = venue.draw(0.5, 12)
        self.grows = venue.chance(0.4)
        self.lean = float(rng.uniform(0.0, 0.6))
        self.regular = venue.chance(0.4)
        self.steady = float(rng.uniform(0.2, 1.0))
        self.pause = venue.settings.length / max(moves / (4 * self.levels), 20.0)
        self.flickers = venue.chance(0.35)
        self._quotes: dict[tuple[int, int], Order] = {}
        self._held = 0.0
        self._counted = 0

    def play(self) -> Play:
        """Quote, wait, quote anew where the value has moved or for no reason."""
        venue = self.venue
        centre = -1e9
        while True:
            filled = any(order.left == 0 for order in self._quotes.values())
            value = venue.value(self.symbol)
            if filled or abs(value - centre) > 0.5 or venue.chance(self.steady):
                centre = value
                self._quote(value)
            pause = self.pause if self.regular else float(venue.rng.exponential(self.pause))
            yield pause * float(venue.rng.uniform(0.9, 1.1))

    def flicker(self) -> Play:
        """Move one quote dozens of times within a second or two (Hasbrouck and Saar 2009): honest, and fleeting."""
        venue, rng, nature = self.venue, self.venue.rng, self.venue.nature(self.symbol)
        every = venue.settings.length / venue.draw(2, 20)
        while True:
            yield float(rng.exponential(every))
            side, pace = venue.side(), venue.draw(5, 150)
            size = venue.shares(self.symbol, venue.draw(0.3, 6))
            for _ in range(round(venue.draw(6, 90))):
                away = int(rng.integers(0, max(round(nature.half), 2)))
                order = venue.submit(
                    self.symbol, self.account, side, venue.touch(self.symbol, side) - side * away, size
                )
                yield float(rng.exponential(1 / pace))
                venue.cancel(order)
                if rng.random() < 0.1:
                    yield float(rng.exponential(5 / pace))

    def _quote(self, value: float) -> None:
        venue, rng = self.venue, self.venue.rng
        taken = sum(o.side * o.filled for o in self._quotes.values())
        new = taken - self._counted
        self._held = float(np.clip(0.97 * self._held + new / venue.nature(self.symbol).unit / max(self.size, 1), -6, 6))
        value -= self.lean * self.half * self._held / 6
        wanted = {
            (side, level): round(value - side * (self.half + level * self.step))
            for level in range(self.levels)
            for side in (1, -1)
        }
        # quotes in the way of the new ones go first: no maker trades with itself
        stale = [key for key, price in wanted.items() if key in self._quotes and self._quotes[key].price != price]
        for key in stale:
            venue.cancel(self._quotes.pop(key))
        for (side, level), price in wanted.items():
            old = self._quotes.get((side, level))
            if old is not None and old.left > 0:
                continue
            size = self.size * (1 + level if self.grows else 1) * float(rng.uniform(0.7, 1.3))
            self._quotes[side, level] = venue.submit(
                self.symbol, self.account, side, price, venue.shares(self.symbol, size)
            )
        self._counted = sum(o.side * o.filled for o in self._quotes.values())


def start_makers(venue: LivelyVenue) -> None:
    """Let the makers begin, with their part of the market's events; one may make most of them."""
    s = venue.settings
    shares = np.ones(s.makers)
    if s.dominant:
        shares[0] = 1.5 * s.makers
    shares /= shares.sum()
    for number in range(s.makers):
        account = venue.newcomer()
        for symbol, nature in enumerate(s.natures):
            if number > 1 and venue.chance(0.3):
                continue
            maker = Maker(venue, symbol, account, s.events * s.made * float(shares[number]) * max(nature.weight, 0.05))
            venue.start(float(venue.rng.uniform(0, 2)), maker.play())
            if maker.flickers:
                venue.start(0.0, maker.flicker())
