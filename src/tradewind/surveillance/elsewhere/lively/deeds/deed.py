"""What the plays of all schemes share: who, where, orders that count as the deed, and the truth about it."""

from __future__ import annotations

from collections import Counter

from tradewind.surveillance.elsewhere.lively.book import Order
from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.venue import LivelyVenue
from tradewind.surveillance.schemes import Scheme


class Deed:
    """One scheme being played; a play notes in ``done`` the symbols in which it was carried through.

    ``spans`` : first and last act in each symbol; ``acts`` : orders of each account.
    """

    def __init__(self, scheme: Scheme, venue: LivelyVenue, crowd: Crowd, symbol: int) -> None:
        self.scheme, self.venue, self.crowd, self.symbol = scheme, venue, crowd, symbol
        self.done: set[int] = set()
        self.spans: dict[int, tuple[int, int]] = {}
        self.acts: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._entered: list[Order] = []

    # ---------------------------------------------------------------------------------------------------- who and where
    def crook(self) -> str:
        """Choose who does it: a busy one, anyone of the crowd, or a new account, which then does other things too."""
        venue = self.venue
        what = venue.rng.random()
        if what < 0.3:
            return venue.anyone()
        if what < 0.5:
            return venue.settings.names[int(venue.rng.integers(venue.settings.accounts))]
        name = venue.newcomer()
        if venue.chance(0.75):
            venue.later(venue.draw(0.1, 60), Habit(self, name).turn)
        return name

    def gang(self, least: int, most: int) -> list[str]:
        """Choose ``least`` to ``most`` distinct accounts."""
        wanted = int(self.venue.rng.integers(least, most + 1))
        chosen = dict.fromkeys(self.crook() for _ in range(wanted))
        while len(chosen) < wanted:
            chosen[self.venue.newcomer()] = None
        return list(chosen)

    @property
    def spread(self) -> float:
        """The usual spread, in ticks."""
        return 2 * self.venue.nature(self.symbol).half

    @property
    def slow(self) -> float:
        """By how much longer things take here than where an order trades every three seconds."""
        flow = self.venue.flow(self.symbol) / self.venue.nature(self.symbol).unit
        return min(max(float((0.3 / flow) ** 0.5), 0.4), 6.0)

    def shares(self, multiple: float) -> int:
        """Return a multiple of the usual order."""
        return self.venue.shares(self.symbol, multiple)

    def touch(self, side: int) -> int:
        """Return the best price of a side."""
        return self.venue.touch(self.symbol, side)

    def held(self, account: str | None = None) -> int:
        """Return what the deed's orders left with an account, or with all."""
        entered = sum(o.side * o.filled for o in self._entered if account in (None, o.account))
        return entered + (sum(self._taken.values()) if account is None else self._taken[account])

    # ----------------------------------------------------------------------------------------------------------- orders
    def enter(self, account: str, side: int, price: int, size: int, symbol: int | None = None) -> Order:
        """Enter an order that belongs to the deed."""
        where = self.symbol if symbol is None else symbol
        order = self.venue.submit(where, account, side, price, size)
        self._entered.append(order)
        self._mark(account, where)
        return order

    def take(self, account: str, side: int, size: int, reach: int | None = None) -> int:
        """Take from the book; return what was executed."""
        if size <= 0:
            return 0
        rows = len(self.venue.rows)
        got = self.venue.take(self.symbol, account, side, size, reach)
        self._taken[account] += side * got
        if len(self.venue.rows) > rows:
            self._mark(account, self.symbol)
        return got

    def withdraw(self, order: Order, size: int = 0) -> None:
        """Take an order of the deed back."""
        if order.left > 0:
            self.venue.cancel(order, size)
            self._mark(order.account, order.symbol)

    def replace(self, order: Order, price: int, size: int) -> Order:
        """Move an order of the deed; the one returned stands for it."""
        if order.left <= 0:
            return order
        moved = self.venue.replace(order, price, size)
        self._entered.append(moved)
        self._mark(order.account, order.symbol)
        return moved

    def push(self, spreads: float, lasting: float = 0.3) -> None:
        """Let the others' minds change: move the value, in usual spreads."""
        self.venue.move(self.symbol, spreads * self.spread, lasting)

    def draw_in(self, side: int, others: int, span: float) -> None:
        """Let so many others follow within about ``span`` seconds."""
        for _ in range(others):
            self.venue.later(float(self.venue.rng.exponential(span)), lambda: self.crowd.take(self.symbol, side))

    def carried(self, *, through: bool = True, symbol: int | None = None) -> None:
        """Note that the deed was carried through, where it was."""
        if through:
            self.done.add(self.symbol if symbol is None else symbol)

    def _mark(self, account: str, symbol: int) -> None:
        first, _ = self.spans.get(symbol, (self.venue.now, 0))
        self.spans[symbol] = (first, self.venue.now)
        self.acts[account] += 1


class Habit:
    """The honest business of an account that also does something else: an order now and then, until the end."""

    def __init__(self, deed: Deed, account: str) -> None:
        self._deed, self._account = deed, account
        self._every = deed.venue.settings.length / deed.venue.draw(5, 300)
        self._takes = float(deed.venue.rng.uniform(0, 0.8))
        self._order: Order | None = None

    def turn(self) -> float:
        """Do something; return the seconds until the next."""
        venue = self._deed.venue
        symbol = self._deed.symbol if venue.chance(0.6) else venue.symbol()
        side = venue.side()
        if self._order is not None and venue.chance(0.7):
            venue.cancel(self._order)
        if venue.chance(self._takes):
            venue.take(symbol, self._account, side, venue.usual(symbol))
        else:
            away = round(venue.nature(symbol).half * float(venue.rng.exponential()))
            price = venue.touch(symbol, side) - side * away
            self._order = venue.submit(symbol, self._account, side, price, venue.usual(symbol))
        return float(venue.rng.exponential(self._every))
