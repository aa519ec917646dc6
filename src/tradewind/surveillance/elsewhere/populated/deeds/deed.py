"""What the deeds share: who, where, the orders that count, and the truth about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.town import Town
from tradewind.surveillance.schemes import Scheme


@dataclass
class Part:
    """What was done in one symbol, and in one session where each is a deed of its own."""

    symbol: int
    first: int
    last: int
    acts: Counter[str] = field(default_factory=Counter)
    done: bool = False


class Deed:
    """One scheme being played by a drawn ``tactic``; ``parts`` is the truth about it."""

    def __init__(self, scheme: Scheme, town: Town, symbol: int) -> None:
        self.scheme, self.town, self.symbol = scheme, town, symbol
        self.ex, self.dice = town.ex, town.dice
        self.tactic = -1
        self.chapter = 0
        self.parts: dict[tuple[int, int], Part] = {}
        self._taken: Counter[str] = Counter()
        self._entered: list[Order] = []
        self.began, self.volume, self.start = 0.0, 0, 0

    # ------------------------------------------------------------------------------------------------------------ where
    def gang(self, least: int, most: int) -> list[str]:
        """Choose so many accounts."""
        return self.town.crowd.several(least, most)

    def choose(self, tactics: int) -> int:
        """Draw one of so many tactics."""
        self.tactic = self.dice.randrange(tactics)
        return self.tactic

    @property
    def spread(self) -> float:
        """The usual spread, in ticks."""
        return max(self.ex.gap[self.symbol], 1.0)

    def touch(self, side: int) -> int:
        """Return the best price of a side."""
        return self.ex.touch(self.symbol, side)

    def mid(self) -> float:
        """Return the middle of the best prices."""
        return self.ex.mid(self.symbol)

    def moved(self, began: float, side: int) -> float:
        """Return how far the price went since, in usual spreads."""
        return side * (self.mid() - began) / self.spread

    def beat(self, least: float, most: float) -> float:
        """Draw seconds in the rhythm of the symbol: some times what lies between two takes, within reason."""
        pulse = min(max(self.ex.pulse(self.symbol), 0.05), 60.0)
        return min(pulse * self.dice.spread(least, most), 0.03 * self.town.world.seconds)

    def shares(self, multiple: float) -> int:
        """Return a multiple of the usual order."""
        return self.ex.shares(self.symbol, multiple)

    def shown(self, side: int, levels: int = 2) -> int:
        """Return what others show on the best levels of a side, a usual order at least."""
        top = self.ex.books[self.symbol].sides[side].top(levels)
        return max(sum(depth for _, depth in top), self.ex.stocks[self.symbol].unit)

    def round(self, shares: float) -> int:
        """Return shares as they are ordered here."""
        return self.shares(shares / self.ex.stocks[self.symbol].unit)

    def held(self, account: str | None = None) -> int:
        """Return what the deed's orders left with an account, or with all."""
        entered = sum(o.side * o.filled for o in self._entered if account in (None, o.account))
        return entered + (sum(self._taken.values()) if account is None else self._taken[account])

    # ----------------------------------------------------------------------------------------------------------- orders
    def enter(self, account: str, side: int, price: int, size: int, symbol: int | None = None) -> Order:
        """Enter an order that belongs to the deed."""
        where, rows = self.symbol if symbol is None else symbol, len(self.ex.rows)
        order = self.ex.enter(where, account, side, price, max(size, 1))
        self._entered.append(order)
        self._mark(account, where, rows)
        return order

    def take(self, account: str, side: int, size: int, reach: int | None = None, symbol: int | None = None) -> int:
        """Take from the book; return what was executed."""
        where, rows = self.symbol if symbol is None else symbol, len(self.ex.rows)
        got = self.ex.take(where, account, side, size, reach) if size > 0 else 0
        if symbol is None:
            self._taken[account] += side * got
        self._mark(account, where, rows)
        return got

    def cross(self, order: Order, account: str, size: int) -> int:
        """Trade against an order of the deed's own and whatever comes before it; return what was executed."""
        rows = len(self.ex.rows)
        got = self.ex.cross(order, account, -order.side, max(size, 1))
        self._taken[account] -= order.side * got
        self._mark(account, order.symbol, rows)
        return got

    def withdraw(self, order: Order, size: int = 0) -> None:
        """Take an order of the deed back."""
        rows = len(self.ex.rows)
        self.ex.cancel(order, size)
        self._mark(order.account, order.symbol, rows)

    def replace(self, order: Order, price: int, size: int) -> Order:
        """Move an order of the deed; the one returned stands for it."""
        rows = len(self.ex.rows)
        moved = self.ex.replace(order, price, size)
        if moved is not order:
            self._entered.append(moved)
            self._mark(order.account, order.symbol, rows)
        return moved

    def carried(self, *, through: bool = True, symbol: int | None = None) -> None:
        """Note that the deed was carried through in a symbol, where it was."""
        part = self.parts.get((self.symbol if symbol is None else symbol, self.chapter))
        if part is not None and through:
            part.done = True

    def _mark(self, account: str, symbol: int, rows: int) -> None:
        made = len(self.ex.rows) - rows
        if not made:
            return
        self.town.crowd.excess += made
        now, key = self.ex.now, (symbol, self.chapter)
        part = self.parts.get(key)
        if part is None:
            part = self.parts[key] = Part(symbol, self.ex.rows[rows].time, now)
        part.last = now
        part.acts[account] += 1


def lift(deed: Deed, gang: Sequence[str], side: int, aim: float, orders: int, span: float) -> Play:
    """Take ever further until the price has gone ``aim`` spreads, boldly where it does not move."""
    dice, began, bold = deed.dice, deed.mid(), deed.dice.spread(0.15, 1.2)
    for number in range(2 * orders):
        gone = deed.moved(began, side)
        if gone >= aim or (number >= orders and gone >= 0.6 * aim):
            return
        behind = gone < aim * number / orders
        bold = min(bold * 1.3, 4.0) if behind else max(bold / 1.2, 0.15)
        size = max(bold * deed.shown(-side), 0.3 * deed.ex.stocks[deed.symbol].unit)
        deed.take(dice.choice(gang), side, deed.round(size * dice.uniform(0.5, 1.5)), round(deed.spread))
        yield dice.wait(span / orders)


def unwind(deed: Deed, gang: Sequence[str], side: int, pieces: int, span: float) -> Play:
    """Leave what the deed holds on ``side``: offered to followers, hit down, or both."""
    dice, waits = deed.dice, max(deed.dice.uniform(-0.6, 0.9), 0.0)
    whole = {name: side * deed.held(name) for name in dict.fromkeys(gang)}
    for number in range(pieces + 12):
        holders = [name for name in whole if side * deed.held(name) > 0]
        if not holders:
            return
        who = dice.choice(holders)
        held = side * deed.held(who)
        part = min(held, max(round(whole[who] * len(whole) / pieces * dice.uniform(0.6, 1.5)), 1))
        pause = dice.wait(span / pieces)
        if number < pieces and dice.chance(waits):
            order = deed.enter(who, -side, deed.touch(-side), part)
            yield pause
            deed.withdraw(order)
        else:
            deed.take(who, -side, part if number < pieces else held, round(deed.spread * 2))
            yield pause
