"""The hand behind a deed: its accounts, what it did, when, and what it holds."""

from __future__ import annotations

from random import Random

from tradewind.surveillance.elsewhere.appraised.book import Book, Order
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process, Stock, World


class Hand:
    """Accounts acting together in one symbol; every act is noted."""

    def __init__(self, world: World, stock: Stock, scheme: str, accounts: list[str], evasive: bool) -> None:
        self.world, self.stock, self.scheme, self.accounts, self.evasive = world, stock, scheme, accounts, evasive
        self.book: Book = stock.book
        self.rng: Random = world.rng
        self.first = self.last = 0
        self.acted: dict[str, None] = {}
        self.orders: list[Order] = []
        self.span = 600.0  # seconds the plan gave
        self.news_at, self.good = 0, False
        self.took = [0, 0]

    def note(self, account: str) -> None:
        self.first = self.first or self.world.clock.now
        self.last = self.world.clock.now
        self.acted[account] = None

    def filled(self, order: Order, _size: int) -> None:
        self.note(order.account)

    def _keep(self, order: Order) -> Order:
        order.tag = self
        self.orders.append(order)
        self.note(order.account)
        return order

    def quote(self, account: str, buy: bool, price: int, size: float) -> Order:
        """A passive order; a price that would trade is moved behind the far touch."""
        bid, ask = self.book.touch()
        price = min(price, ask - 1) if buy else max(price, bid + 1)
        return self._keep(self.book.submit(account, buy, price, self.stock.lots(size)))

    def join(self, account: str, buy: bool, size: float, inside: int = 0) -> Order:
        """Rest at the near touch, or `inside` ticks better where the spread has room."""
        bid, ask = self.book.touch()
        room = min(inside, ask - bid - 1)
        return self.quote(account, buy, bid + room if buy else ask - room, size)

    def take(self, account: str, buy: bool, size: float, reach: int = 0) -> Order:
        """Trade up to `reach` ticks past the far touch; the rest is withdrawn at once."""
        if self.book.best(not buy) is None:
            return Order(0, account, buy, 0, 0)
        bid, ask = self.book.touch()
        order = self.book.submit(account, buy, ask + reach if buy else bid - reach, self.stock.lots(size), rest=False)
        self.took[buy] += order.filled
        return self._keep(order)

    def pull(self, order: Order, size: int | None = None) -> None:
        if self.book.cancel(order, size):
            self.note(order.account)

    def shift(self, order: Order, price: int, size: int | None = None) -> bool:
        done = self.book.modify(order, price, size or order.size)
        if done:
            self.note(order.account)
        return done

    def clear(self) -> None:
        for order in self.orders:
            if order.live:
                self.pull(order)

    def side_sum(self, buy: bool) -> tuple[int, int]:
        """Size and ticks x size traded on one side."""
        mine = [order for order in self.orders if order.buy == buy]
        return sum(o.filled for o in mine), sum(o.paid for o in mine)

    def net(self, account: str | None = None) -> int:
        return sum(o.filled if o.buy else -o.filled for o in self.orders if account is None or o.account == account)

    def others(self, buy: bool) -> int:
        """Volume taken so far by everybody else on one side."""
        return self.book.flow[buy] - self.took[buy]

    def left(self) -> float:
        return self.world.left() - 6.0

    def wait(self, low: float, high: float) -> float:
        return min(self.rng.uniform(low, high), max(0.05, self.left()))

    def who(self) -> str:
        return self.rng.choice(self.accounts)

    def soft(self, bold: float, shy: float) -> float:
        """The bold figure, or the shy one of an evasive deed."""
        return shy if self.evasive else bold

    def unload(self, buy: bool, seconds: float, chunk: float) -> Process:
        """Trade the net position away on `buy` within about `seconds`, passive first, then taking."""
        end = self.world.clock.now + int(seconds * SECOND)
        while self.net() * (-1 if buy else 1) > 0 and self.left() > 0:
            account = max(self.accounts, key=lambda a: self.net(a) * (-1 if buy else 1))
            want = min(abs(self.net(account)), chunk * self.rng.uniform(0.6, 1.4))
            hurried = self.world.clock.now > end
            if hurried or self.rng.random() < 0.6:
                self.take(account, buy, want, int(self.stock.half * (2 if hurried else 1)))
                yield self.wait(0.2, max(0.4, seconds / 15))
            else:
                order = self.join(account, buy, want, 1)
                yield self.wait(0.5, max(1.0, seconds / 10))
                self.pull(order)


def perform(hand: Hand, deed: Process, out: list[tuple[Hand, bool]]) -> Process:
    """Run a deed to its end and write it down."""
    if not hand.evasive:
        hand.world.busy.update(hand.accounts)
    done = yield from deed
    hand.clear()
    hand.world.busy.difference_update(hand.accounts)
    if hand.first:
        out.append((hand, bool(done)))
