"""What anybody with a plan does in one symbol, honest or not, and the record of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from tradewind.surveillance.elsewhere.brokered.book import SECOND, Order
from tradewind.surveillance.elsewhere.brokered.setting import spread_over
from tradewind.surveillance.elsewhere.brokered.stage import Stage
from tradewind.surveillance.events.table import Kind
from tradewind.surveillance.schemes import Scheme

Work = Generator[float, None, int]


class Act:
    """One plan; ``accounts``, ``first`` and ``last`` are of the deeds done in it, ``done`` once carried through."""

    def __init__(self, stage: Stage, symbol: int, scheme: Scheme | None = None) -> None:
        self.stage, self.symbol, self.scheme = stage, symbol, scheme
        self.rng, self.venue, self.people = stage.rng, stage.venue, stage.people
        self.book = stage.venue.books[symbol]
        self.spread = stage.setting.papers[symbol].spread
        self.accounts: dict[str, None] = {}
        self.first = self.last = 0
        self.begun = 0
        self.done = False

    @property
    def mid(self) -> float:
        """The middle price, ticks."""
        return self.stage.mid(self.symbol)

    def over(self, low: float, high: float) -> float:
        """Return a log-uniform number."""
        return spread_over(self.rng, low, high)

    def span(self, low: float, high: float) -> float:
        """Return seconds for about as many events of the symbol, at most a quarter of a session."""
        return min(self.over(low, high) * self.stage.pulse[self.symbol], 0.25 * self.stage.setting.seconds)

    def coin(self, up: float = 0.5) -> int:
        """Return a side."""
        return 1 if self.rng.random() < up else -1

    def size(self, low: float = 1.0, high: float = 1.0) -> int:
        """Return an order size, some multiple of the usual."""
        return self.stage.size(self.symbol, self.over(low, high))

    def touch(self, side: int) -> int:
        """Return the best price of a side."""
        return self.book[side].best() or max(round(self.mid - side * self.spread), 1)

    def moved(self, since: float, side: int) -> float:
        """Return how many spreads the price went to a side."""
        return side * (self.mid - since) / self.spread

    def rest(self, account: str, side: int, size: int, away: int = 0, *, price: int = 0) -> Order:
        """Let an order rest ``away`` ticks behind the touch, or at a price, never crossing."""
        price = price or self.touch(side) - side * away
        other = self.book[-side].best()
        if other:
            price = side * min(side * price, side * other - 1)
        self._note(account)
        return self.venue.submit(account, (self.symbol, side), max(size, 1), max(price, 1))

    def take(self, account: str, side: int, size: int, reach: float = 1.0, *, own: bool = False) -> Order:
        """Take up to ``size`` at most ``reach`` spreads beyond the other touch."""
        self._note(account)
        price = max(self.touch(-side) + side * round(reach * self.spread), 1)
        return self.venue.submit(account, (self.symbol, side), max(size, 1), price, flash=True, own=own)

    def push(self, account: str, side: int, reach: float, share: float = 1.0) -> int:
        """Take a share of all that is offered up to ``reach`` spreads beyond the touch; return what was got."""
        limit = self.touch(-side) + side * round(reach * self.spread)
        size = max(round(share * self.book[-side].within(limit)), 1)
        filled = self.take(account, side, size, reach).filled
        mood = self.stage.moods[self.symbol]
        # Others take a sweep for knowledge: part of what it moved stays.
        mood.value += 0.25 * (self.mid - mood.value)
        mood.worth += 0.08 * (self.mid - mood.worth)
        return filled

    def drop(self, order: Order, size: int = 0) -> None:
        """Cancel what is left of an order, or part of it."""
        if order.left:
            self._note(order.account)
            self.venue.cancel(order, size)

    def move(self, order: Order, price: int, size: int = 0) -> Order:
        """Replace an order, never crossing."""
        other = self.book[-order.side].best()
        if other:
            price = order.side * min(order.side * price, order.side * other - 1)
        self._note(order.account)
        return self.venue.amend(order, max(price, 1), size or order.left)

    def work(self, hands: Sequence[str], side: int, total: int, time: tuple[float, int], *, eager: float) -> Work:
        """Trade ``total`` over ``time``, seconds and slices, by turns; ``eager`` is the share that is taken at once."""
        seconds, slices = time
        turn = self.rng.choice(("ring", "blocks", "any"))
        done, waiting, uneven = 0, None, self.rng.choice((0.05, 0.6))
        for k in range(slices):
            yield seconds / slices * (self.rng.expovariate(1) if uneven > 0.5 else self.rng.uniform(0.9, 1.1))
            if waiting:
                self.drop(waiting)
                done += waiting.filled
                waiting = None
            part = round((total - done) / (slices - k) * self.rng.uniform(1 - uneven, 1 + uneven))
            if part < 1 or done >= total:
                continue
            where = {"ring": k, "blocks": k * len(hands) // slices, "any": self.rng.randrange(len(hands))}[turn]
            hand = hands[where % len(hands)]
            if self.rng.random() < eager or k == slices - 1:
                done += self.take(hand, side, part, 3.0).filled
            else:
                waiting = self.rest(hand, side, part)
        return done

    def crossed(self) -> tuple[int, int]:
        """Return how many trades there were among the accounts of this plan, and their shares."""
        own = [
            row.size
            for row in self.venue.rows[self.begun :]
            if row.kind == Kind.TRADE and row.account in self.accounts and row.taker in self.accounts
        ]
        return len(own), sum(own)

    def _note(self, account: str) -> None:
        now = int(self.venue.now * SECOND)
        if not self.accounts:
            self.first, self.begun = now, len(self.venue.rows)
        self.last = now
        self.accounts[account] = None
