"""What a hand can do in the market: deal, show, pull, wait, and get out again."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.frontier.hand import Hand
from tradewind.surveillance.elsewhere.frontier.venue import Order
from tradewind.surveillance.elsewhere.frontier.world import Actor, World


class Play:
    """A hand at work on its symbol; all that it sends is written down as its own."""

    def __init__(self, world: World, hand: Hand, strength: float) -> None:
        self.world, self.hand, self.rng = world, hand, hand.rng
        self.symbol = hand.symbol
        self.strength = strength
        self.hidden = hand.evasive

    @property
    def left(self) -> float:
        """Seconds until the deed has to be over."""
        return min(self.hand.limit - self.world.now, self.world.session_left() - 0.5)

    @property
    def mine(self) -> list[Order]:
        own = self.world.venue.own
        return [o for account in self.hand.accounts for o in own[account].values() if o.hand is self.hand]

    def someone(self) -> str:
        return self.rng.choice(self.hand.accounts)

    def join(self, few: int, many: int, *, fresh: float = 0.25) -> list[str]:
        """Draw the accounts of the deed: most of them people's own, with a past; some quite new."""
        world, found = self.world, list[str]()
        pool = world.people + world.rich + world.chasers
        while len(found) < self.rng.randint(few, many):
            name = next(world.names) if self.rng.random() < fresh else self.rng.choice(pool)
            if name not in found and (name, self.symbol) not in world.busy:
                found.append(name)
        self.hand.accounts = found
        if not self.hidden:
            world.busy |= {(name, self.symbol) for name in found}
        return found

    def leave(self) -> None:
        """Take away what is left in the book and let the accounts go."""
        for order in self.mine:
            self.world.venue.cancel(order)
        self.world.busy -= {(name, self.symbol) for name in self.hand.accounts}

    def ordinary(self) -> float:
        return max(0.4, self.world.typical[self.symbol] / self.world.set.units[self.symbol])

    def size(self, scale: float, spread: float = 0.3) -> int:
        """So many ordinary deals; a hidden hand makes it smaller and less alike."""
        if self.hidden:
            scale, spread = scale * self.rng.uniform(0.4, 0.85), spread + 0.25
        return self.world.size(self.symbol, scale * self.ordinary() * self.strength, self.rng, spread)

    def wait(self, mean: float) -> float:
        mean *= self.rng.uniform(1.0, 2.2) if self.hidden else 1.0
        return max(0.0, min(self.rng.expovariate(1 / mean) + 0.02 * mean, self.left))

    def best(self, side: int) -> int:
        return self.world.best(self.symbol, side) or self.world.last[self.symbol]

    def clear(self, side: int, price: int) -> None:
        """Pull own orders that a deal on ``side`` at ``price`` would meet."""
        for account in self.hand.accounts:
            for order in list(self.world.venue.own[account].values()):
                meets = order.symbol == self.symbol and order.side != side and (price - order.price) * side >= 0
                if meets and (order.hand is self.hand or order.hand is None):
                    self.world.venue.cancel(order)

    def enter(self, account: str, side: int, price: int, size: int, *, ioc: bool = False) -> Order:
        return self.world.venue.enter(self.symbol, account, side, price, size, ioc=ioc, hand=self.hand)

    def take(self, account: str, side: int, size: int, reach: float) -> int:
        """Deal at once with what lies within a share ``reach`` of the best."""
        best = self.world.best(self.symbol, -side)
        if size <= 0:
            return 0
        if best is None:
            price = self.best(side) + side * max(1, round(self.best(side) * reach / 2))
            self.clear(side, price)
            self.post(account, side, price, size)
            return 0
        price = best + side * round(best * reach)
        self.clear(side, price)
        return self.enter(account, side, price, size, ioc=self.rng.random() < 0.6).filled

    def post(self, account: str, side: int, price: int, size: int) -> Order:
        other = self.world.best(self.symbol, -side)
        if other is not None and (price - other) * side >= 0:
            price = other - side
        return self.enter(account, side, price, size)

    def pull(self, order: Order) -> None:
        self.world.venue.cancel(order)

    def lift(self) -> float:
        """The price now, as the logarithm of ticks."""
        return math.log(self.world.last[self.symbol])

    def cover(self) -> None:
        """A hidden hand also does what anybody does, for no purpose: it does not belong to the deed."""
        if self.hidden and self.hand.accounts and self.rng.random() < 0.3:
            symbol, rng = self.rng.randrange(len(self.world.set.symbols)), self.rng
            if symbol != self.symbol:
                side = rng.choice((1, -1))
                price = round(
                    (self.world.best(symbol, side) or self.world.last[symbol]) * (1 - side * rng.random() * 0.01)
                )
                self.world.post(symbol, self.someone(), side, price, self.world.size(symbol, 0.8, rng))

    def collect(self, side: int, total: int, seconds: float, slices: int, reach: float = 0.003) -> Actor:
        """Build a position of about ``total`` without haste, partly from orders that rest."""
        start = self.hand.bought if side > 0 else self.hand.sold
        resting: list[Order] = []
        for number in range(slices):
            have = (self.hand.bought if side > 0 else self.hand.sold) - start
            if have >= total or self.left < 5:
                break
            for order in resting:
                self.pull(order)
            resting.clear()
            part = max(1, (total - have) // max(1, slices - number))
            if self.rng.random() < 0.45:
                resting.append(self.post(self.someone(), side, self.best(side) + side * self.rng.choice((0, 1)), part))
            else:
                self.take(self.someone(), side, part, reach)
            self.cover()
            yield self.wait(seconds / slices)
        for order in resting:
            self.pull(order)
        if (self.hand.bought if side > 0 else self.hand.sold) - start < total / 4:
            self.take(self.someone(), side, total, 3 * reach + 0.004)

    def unwind(
        self, seconds: float, slices: int, reach: float = 0.006, patience: float = 0.35, floor: float = 0.0
    ) -> Actor:
        """Get out of the position: slices at the best of the other side, some offered a little better.

        For most of the time nothing is sold below ``floor``: it is offered there instead.
        """
        begun, low = self.world.now, max(1, round(floor))
        goal = self.hand.net
        side = -1 if goal > 0 else 1
        for number in range(slices * 2):
            open_size = self.hand.net * -side
            if open_size <= 0 or self.left < 3:
                break
            part = max(1, min(open_size, open_size // max(1, slices - number)))
            for order in self.mine:
                self.pull(order)
            firm = side < 0 and self.world.now - begun < 0.7 * seconds and self.best(1) < low
            if firm or (number < slices and self.rng.random() < patience):
                price = self.best(side) - side * self.rng.choice((0, 1))
                self.post(self.someone(), side, max(price, low) if firm else price, part)
            else:
                self.take(self.someone(), side, part, reach)
            yield self.wait(seconds / slices)
        for order in self.mine:
            self.pull(order)
        open_size = self.hand.net * -side
        if open_size > 0:
            self.take(self.someone(), side, open_size, reach * 2)
