"""One planted deed: whose hands it has, what they did, and whether it came off."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tradewind.surveillance.elsewhere.pennies.setting import Share, spread_out
from tradewind.surveillance.elsewhere.pennies.venue import Order
from tradewind.surveillance.elsewhere.pennies.world import Actor, World


@dataclass(eq=False)
class Deed:
    """A deed in play; all its orders carry it as their mark."""

    world: World
    share: Share
    scheme: str
    hands: list[str]
    evasive: bool
    broken: bool
    start: float
    until: float
    rng: Random
    orders: list[Order] = field(default_factory=list)
    acted: dict[str, None] = field(default_factory=dict)
    first: int = -1
    last: int = -1
    inner: int = 0
    closed: float = 0.0
    done: bool = False

    def touched(self, stamp: int, order: Order) -> None:
        """Note a row of the deed."""
        if self.first < 0:
            self.first = stamp
        self.last = stamp
        self.acted[order.account] = None

    def filled(self, order: Order, other: Order, size: int) -> None:
        """Note a trade of the deed: those within it count for themselves."""
        if other.mark is self and size and order.oid > other.oid:
            self.inner += 1

    @property
    def over(self) -> bool:
        """Whether the time set for the deed has run out."""
        return self.world.tau >= self.until

    def through(self) -> float:
        """Return how much of the time set has gone."""
        return (self.world.tau - self.start) / (self.until - self.start)

    def hand(self) -> str:
        """Return one of the hands."""
        return self.rng.choice(self.hands)

    def pause(self, low: float, high: float) -> float:
        """Draw a wait; those who hide take longer, yet nobody waits beyond the end."""
        wait = spread_out(self.rng, low, high) * (self.rng.uniform(1, 2.2) if self.evasive else 1.0)
        return min(wait, max(0.001, self.until - self.world.tau))

    def size(self, times: float) -> int:
        """Draw a size in ordinary sizes; round in plain play, odd and smaller when hidden."""
        raw = self.share.base * times
        if self.evasive:
            return max(1, round(raw * self.rng.uniform(0.3, 0.9)))
        lot = 100 if raw > 400 else 1
        return max(1, round(raw * self.rng.uniform(0.8, 1.2) / lot) * lot)

    def enter(self, side: int, price: int, size: int, hand: str | None = None, *, ioc: bool = False) -> Order:
        """Enter an order of the deed."""
        book = self.share.book
        order = self.world.venue.enter(book, hand or self.hand(), side, price, size, ioc=ioc, mark=self)
        if order.live:
            self.orders.append(order)
        return order

    def take(self, side: int, size: int, slip: int = 0, hand: str | None = None) -> int:
        """Trade at once; return how much was done."""
        best = self.share.book.best(-side)
        if best is None:
            return 0
        return self.enter(side, best + side * slip, size, hand, ioc=True).done

    def eat(self, side: int, most: float, slip: int = 0, hand: str | None = None) -> int:
        """Take about what the best price offers, up to so many ordinary sizes."""
        best = self.share.book.best(-side)
        if best is None:
            return 0
        there = self.share.book.depth[-side][best]
        size = max(self.size(0.5), min(round(there * self.rng.uniform(0.5, 1.1)), self.size(most)))
        return self.take(side, size, slip, hand)

    def rest(self, side: int, away: int, size: int, hand: str | None = None) -> Order:
        """Place an order of the deed behind the best price (ahead of it if ``away`` is negative)."""
        return self.enter(side, self.world.behind(self.share, side, away), size, hand)

    def decoy(self) -> Actor:
        """Do something harmless between, when hiding."""
        if self.evasive and self.rng.random() < 0.3:
            order = self.rest(self.rng.choice((1, -1)), self.rng.randint(0, 3), self.size(0.8))
            yield self.pause(1, 20)
            self.world.venue.cancel(order)

    def sell_out(self, side: int, amount: int, least: float, most: float) -> Actor:
        """Get rid of an amount in slices by trading on ``side``, some of it by resting orders."""
        left = amount
        slack = amount * self.rng.uniform(0, 0.15)
        while left > slack and not self.over:
            if self.rng.random() < 0.25:
                order = self.rest(side, self.rng.choice((-1, 0)), min(left, self.size(3)))
                yield self.pause(2, 20)
                self.world.venue.cancel(order)
                left -= order.done
            else:
                slip = 1 if self.through() < 0.85 else 3
                best = self.share.book.best(-side)
                if best is not None:
                    there = self.share.book.near(-side, slip + 1)
                    part = max(self.size(1), min(round(0.6 * there), round(amount / self.rng.uniform(3, 8))))
                    left -= self.take(side, min(left, part), slip)
            yield self.pause(least, most)
        self.closed = 1 - left / max(1, amount)


def run(deed: Deed, play: Actor) -> Actor:
    """Play a deed until it ends by itself, breaks off or runs out of time; then take back what stands."""
    limit = deed.rng.uniform(0.04, 0.25) if deed.broken else 1.05
    for wait in play:
        yield wait
        if deed.through() >= limit:
            break
    play.close()
    for order in deed.orders:
        deed.world.venue.cancel(order)


def cover(world: World, share: Share, hands: list[str], rng: Random) -> Actor:
    """Ordinary trading of the same accounts, at other times."""
    for _ in range(rng.randint(2, 10)):
        yield spread_out(rng, 60, 6000)
        hand = rng.choice(hands)
        if rng.random() < 0.5:
            world.take(share, hand, rng.choice((1, -1)), world.size(share), 0)
        else:
            order = world.rest(share, hand, rng.choice((1, -1)), rng.randint(0, 3), world.size(share))
            world.fleeting(order, rng.uniform(30, 1500))
