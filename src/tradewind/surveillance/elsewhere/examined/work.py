"""Work: ways to bring an order into the market that honest and dishonest people share."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.examined.engine import SECOND, Account, Order, Script
from tradewind.surveillance.elsewhere.examined.world import Stock, World


class Desk:
    """Acts for a party in one stock and remembers what it did."""

    def __init__(self, world: World, stock: Stock, accounts: list[Account]) -> None:
        self.world, self.stock, self.accounts = world, stock, accounts
        self.first = self.last = 0
        self.acted: dict[str, None] = {}
        self.orders: list[Order] = []
        self.sent: list[Order] = []

    def note(self, account: Account) -> None:
        self.last = self.world.clock.now
        self.first = self.first or self.last
        self.acted[account.name] = None

    def take(self, account: Account, side: int, size: float, slip: float = 2.0) -> int:
        self.note(account)
        self.sent.append(self.stock.take(account, side, size, slip))
        return self.sent[-1].filled

    def rest(self, account: Account, side: int, away: float, size: float) -> Order:
        self.note(account)
        order = self.stock.rest(account, side, away, size)
        self.orders.append(order)
        self.sent.append(order)
        return order

    def at(self, account: Account, side: int, price: int, size: float) -> Order:
        """Enter an order at a price, whether or not it trades at once."""
        self.note(account)
        order = self.stock.book.submit(account, side, max(1, price), max(1, round(size)))
        self.orders.append(order)
        self.sent.append(order)
        return order

    def pull(self, order: Order, size: int = 0) -> None:
        if self.stock.book.cancel(order, size):
            self.note(order.account)

    def clear(self) -> None:
        for order in self.orders:
            self.pull(order)
        self.orders.clear()

    def wait(self, seconds: float) -> float:
        """Jitter a pause."""
        return seconds * self.world.rng.uniform(0.5, 1.5)

    def work(self, account: Account, side: int, total: float, lasts: float, passive: float = 0.5) -> Script:
        """Bring ``total`` into the market over ``lasts`` seconds, in pieces; the share ``passive`` rests first."""
        rng, stock = self.world.rng, self.stock
        done, pieces = 0, max(2, min(40, round(total / (stock.unit * rng.uniform(0.5, 2)))))
        even = rng.random() < 0.4
        for i in range(pieces):
            want = min(total - done, total / pieces * (1 if even else rng.uniform(0.5, 1.6)))
            if want < 1:
                break
            if rng.random() < passive:
                order = self.rest(account, side, rng.choice((0, 0, 0, 1, -1)), want)
                yield lasts / pieces * 0.7
                self.pull(order)
                done += order.filled
                if order.filled < want and i > pieces / 2:
                    done += self.take(account, side, want - order.filled, 0.5)
                yield lasts / pieces * 0.3 * (1 if even else rng.expovariate(1))
            else:
                done += self.take(account, side, want, 0.5)
                yield lasts / pieces * (1 if even else rng.expovariate(1))

    def flatten(self, lasts: float, part: float = 1.0, passive: float = 0.3) -> Script:
        """Close what the accounts have gathered here, one after the other."""
        for account in self.accounts:
            load = self.net(account) * part
            if abs(load) >= 1:
                yield from self.work(account, -1 if load > 0 else 1, abs(load), lasts / len(self.accounts), passive)
                rest = self.net(account) * part
                for _ in range(12):
                    if rest * load <= 0 or abs(rest) < 0.25 * abs(load):
                        break
                    self.take(account, -1 if load > 0 else 1, abs(rest), 1.5)
                    rest = self.net(account) * part
                    yield lasts / 30

    def net(self, account: Account | None = None) -> int:
        """Return what an account, or all of them, gathered by what was done here."""
        return sum(o.side * o.filled for o in self.sent if account is None or o.account is account)

    def push(self, account: Account, side: int, goal: float, lasts: float, budget: float) -> Script:
        """Trade against the book in steps until the middle has moved to ``goal``."""
        rng, stock = self.world.rng, self.stock
        spent, steps, begun = 0, rng.randint(5, 25), stock.mid()
        depth = stock.book.near(-side, math.ceil(abs(goal - begun) + stock.spread))
        budget, stop = max(budget, depth * rng.uniform(1.5, 4)), self.world.clock.now + 1.5 * lasts * SECOND
        for i in range(4 * steps):
            due = begun + (goal - begun) * min(1.0, (i + 1) / steps)
            if ((stock.mid() - goal) * side >= 0 and i >= steps) or spent > budget or self.world.clock.now > stop:
                break
            if (due - stock.mid()) * side > -0.5:
                near = stock.book.near(-side, max(1, round(stock.spread / 2)))
                spent += self.take(account, side, max(stock.unit, near * rng.uniform(0.5, 1.1)), 0.7)
                if rng.random() < 0.4:
                    self.rest(account, side, 0, stock.unit * rng.uniform(0.5, 2))
            yield lasts / steps * rng.uniform(0.4, 1.6)
