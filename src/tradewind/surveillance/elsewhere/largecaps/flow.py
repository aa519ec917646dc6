"""The everyday flow in large shares: clients with habits, and wholesale brokers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from tradewind.surveillance.elsewhere.largecaps.setting import SECOND
from tradewind.surveillance.elsewhere.largecaps.venue import Order
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World


@dataclass
class Habit:
    """How one client deals."""

    home: int
    haste: float
    far: float
    units: float
    patience: float
    leaning: float
    quick: bool
    ladder: float
    pegs: bool


class Clients:
    """All clients: who deals how, and how often."""

    def __init__(self, world: World, accounts: list[str]) -> None:
        rng = world.rng
        self.world, self.accounts = world, accounts
        self.habits = {
            account: Habit(
                home=rng.choice(world.symbols),
                haste=rng.betavariate(1.0, 1.4),
                far=rng.choice((0.0, 0.5, 1.0, 2.5, 5.0)),
                units=0.9 * rng.lognormvariate(0, 0.7),
                patience=rng.lognormvariate(5.3, 1.2),
                leaning=rng.gauss(0, 0.25),
                quick=rng.random() < 0.12,
                ladder=rng.choice((0.0, 0.0, 0.0, 0.05, 0.3)),
                pegs=rng.random() < 0.1,
            )
            for account in accounts
        }
        tail = rng.uniform(1.05, 1.8)
        self.weights = [min(60.0, rng.paretovariate(tail)) for _ in accounts]
        self._sums = list(accumulate(self.weights))

    def anyone(self) -> str:
        """Draw a client by activity."""
        return self.world.rng.choices(self.accounts, cum_weights=self._sums)[0]

    def others(self, count: int, active: bool) -> list[str]:
        """Draw different clients, active ones or any."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.anyone() if active else self.world.rng.choice(self.accounts)] = None
        return list(found)

    def live(self) -> Actor:
        """Let clients deal, one after the other."""
        rng, world = self.world.rng, self.world
        while True:
            yield world.pause(8.5)
            account = self.anyone()
            habit = self.habits[account]
            symbol = habit.home if rng.random() < 0.8 else rng.choice(world.symbols)
            self.deal(account, symbol, rng.random() < 0.5 + habit.leaning)
            if rng.random() < 0.01:
                habit.leaning = rng.gauss(0, 0.25)

    def deal(self, account: str, symbol: int, buy: bool) -> None:
        """Do one thing a client does."""
        world, rng, habit = self.world, self.world.rng, self.habits[account]
        size = world.size(symbol, habit.units)
        if habit.quick and abs(world.venue.holding[symbol].get(account, 0)) >= world.setting.lot:
            held = world.venue.holding[symbol][account]
            buy, size = held < 0, min(size * 2, abs(held))
        if rng.random() < habit.haste:
            world.take(account, symbol, buy, size, rng.choice((0, 0, 0, 1)), rest=rng.random() < 0.6)
        elif rng.random() < habit.ladder:
            world.start(self._ladder(account, symbol, buy, habit), world.now + 1)
        else:
            behind = int(rng.expovariate(1.0) * habit.far) if habit.far else rng.choice((0, 0, -1))
            self.leave(world.place(account, symbol, buy, behind, size), habit.patience, habit.pegs)

    def leave(self, order: Order, patience: float, moves: bool = False) -> None:
        """Take an order back, or change it, once its owner has lost patience."""
        world, rng = self.world, self.world.rng

        def lost() -> None:
            if not order.size:
                return
            book = world.book(order.symbol)
            best = book.bid if order.buy else book.ask
            if moves and best is not None and best != order.price and world.venue.modify(order, best, order.size):
                self.leave(order, patience, rng.random() < 0.7)
            elif rng.random() < 0.08 and order.size > 2 * world.setting.lot:
                world.venue.modify(order, order.price, world.setting.lot * (order.size // (2 * world.setting.lot)))
                self.leave(order, patience)
            else:
                world.venue.cancel(order)

        world.later(rng.expovariate(1.0) * patience * SECOND, lost)

    def _ladder(self, account: str, symbol: int, buy: bool, habit: Habit) -> Actor:
        rng, world = self.world.rng, self.world
        gap, start = rng.choice((0.0003, 0.02, 0.5)), rng.choice((0, 0, 1, 2))
        orders: list[Order] = []
        for k in range(rng.randint(3, 7)):
            size = world.size(symbol, habit.units * rng.choice((1, 1, 3)), 0.2)
            orders.append(world.place(account, symbol, buy, start + k, size))
            yield int(gap * rng.expovariate(1.0) * SECOND) + 1
        if rng.random() < 0.5:
            yield int(rng.expovariate(1.0) * habit.patience * SECOND)
            for order in orders:
                world.venue.cancel(order)
        else:
            for order in orders:
                self.leave(order, habit.patience * 2)

    def open(self, _number: int) -> None:
        """Bring the orders of the morning."""
        world, rng = self.world, self.world.rng
        for symbol in world.symbols:
            middle = world.fair(symbol)
            for _ in range(rng.randint(36, 64)):
                buy = rng.random() < 0.5
                away = min(14, int(rng.expovariate(1.0) * 4)) + 1
                price = int(middle) + (1 - away if buy else away)
                account = self.anyone()
                size = world.size(symbol, 1.5 * world.setting.depth)
                order = world.venue.enter(account, symbol, buy, price, size)
                self.leave(order, self.habits[account].patience * 4)


def wholesaler(world: World, account: str) -> Actor:
    """A broker for whom many small investors stand: odd sizes, both sides."""
    rng = world.rng
    mean, rests = rng.uniform(40, 110), rng.uniform(0.02, 0.3)
    resting: list[Order] = []
    while True:
        yield world.pause(mean)
        symbol, buy = rng.choice(world.symbols), rng.random() < 0.5
        size = max(1, int(rng.lognormvariate(0, 1.1) * 0.12 * world.setting.units[symbol]))
        if rng.random() < rests:
            resting.append(world.place(account, symbol, buy, int(rng.expovariate(0.5)), size))
            if len(resting) > 8:
                world.venue.cancel(resting.pop(rng.randrange(8)))
        else:
            world.take(account, symbol, buy, size)
