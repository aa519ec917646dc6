"""One planted case: who, where, how strongly, and what of it counts as having happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tradewind.surveillance.elsewhere.prosecuted.engine import SECOND, Order, Process
from tradewind.surveillance.elsewhere.prosecuted.world import Stock, World


@dataclass
class Case:
    """What a manipulator's script works with, and the record it leaves (``happened`` once the deeds are done)."""

    scheme: str
    world: World
    stock: Stock
    opening: int
    closing: int
    evasive: bool
    rng: Random
    accounts: list[int] = field(default_factory=list)
    start: int = 0
    end: int = 0
    happened: bool = False
    note: dict[str, float] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    @property
    def now(self) -> int:
        return self.world.venue.now

    def hire(self, low: int, high: int) -> list[int]:
        """Between ``low`` and ``high`` accounts: some new, some that trade honestly in the stock as well."""
        wanted = self.rng.randint(low, high)
        while len(self.accounts) < wanted:
            used = self.rng.random() < 0.4
            account = self.rng.choice(self.stock.crowd) if used else self.world.new_account()
            if account not in self.accounts:
                self.accounts.append(account)
        return self.accounts

    def beats(self, low: float, high: float) -> int:
        """A pause in ns, in the stock's own pace; longer when evasive."""
        pause = self.rng.uniform(low, high) * self.stock.beat * SECOND
        return int(pause * (self.rng.uniform(1.3, 3.0) if self.evasive else 1.0))

    def seconds(self, low: float, high: float) -> int:
        """A pause in ns, drawn evenly in seconds; longer when evasive."""
        return int(self.rng.uniform(low, high) * SECOND * (self.rng.uniform(1.5, 4.0) if self.evasive else 1.0))

    def shares(self, low: float, high: float) -> int:
        """A size in the stock's typical orders; smaller when evasive."""
        scale = self.rng.uniform(low, high) * (self.rng.uniform(0.35, 0.7) if self.evasive else 1.0)
        return max(self.stock.lot, int(self.stock.typical * scale / self.stock.lot) * self.stock.lot)

    def push(self, account: int, side: int, reach: float, most: float = 25.0) -> Order:
        """An aggressive order sized to eat much of three levels, at most ``most`` typical orders."""
        book = self.world.venue.books[self.stock.symbol]
        ahead = book.depth(-side, 3) * self.rng.uniform(0.3, 0.9) * (0.6 if self.evasive else 1.0)
        size = int(max(self.shares(1.0, 3.0), min(ahead, most * self.stock.typical)) / self.stock.lot) * self.stock.lot
        return self.take(account, side, max(size, self.stock.lot), reach)

    def mid(self) -> float:
        return self.world.venue.books[self.stock.symbol].mid()

    def best(self, side: int) -> int:
        return self.world.venue.books[self.stock.symbol].best(side)

    def take(self, account: int, side: int, size: int, reach: float = 1.0) -> Order:
        """Cross the spread, up to ``reach`` half spreads beyond the best price."""
        self.orders.append(self.world.take(self.stock, account, side, size, max(1, int(self.stock.half * reach))))
        return self.orders[-1]

    def place(self, account: int, side: int, price: int, size: int) -> Order:
        self.orders.append(self.world.place(self.stock, account, side, price, size))
        return self.orders[-1]

    def cancel(self, order: Order) -> None:
        self.world.venue.cancel(self.stock.symbol, order)

    def modify(self, order: Order, price: int, size: int) -> None:
        self.world.venue.modify(self.stock.symbol, order, price, size)

    def inside(self, side: int) -> int:
        """A price that leads its side: one tick better where the spread leaves room."""
        best = self.best(side)
        return best + side if abs(self.best(-side) - best) > 1 else best

    def held(self, account: int) -> int:
        """Shares an account has gained since the case began."""
        position = self.world.venue.positions.get((account, self.stock.symbol), 0)
        return position - self.before.get(account, 0)

    def begin(self) -> None:
        self.start = self.now
        self.before = {a: self.world.venue.positions.get((a, self.stock.symbol), 0) for a in self.accounts}
        if self.evasive and self.scheme != "wash_trading" and self.rng.random() < 0.6:
            self.world.venue.start(self.now, decoys(self))

    def finish(self, happened: bool, **note: float) -> None:
        self.end, self.happened = self.now, happened
        self.note.update(note)


def decoys(case: Case) -> Process:
    """Harmless orders of the same accounts, to look like anybody."""
    rng = case.rng
    for _ in range(rng.randint(3, 10)):
        yield case.beats(5, 60)
        account, side = rng.choice(case.accounts), rng.choice((1, -1))
        if case.now > case.closing:
            return
        order = case.place(account, side, case.best(side) - side * rng.randint(0, 3), case.shares(0.5, 1.5))
        yield case.beats(10, 80)
        case.cancel(order)


def bought(orders: list[Order]) -> tuple[int, float]:
    """Shares traded by ``orders`` and their average price in ticks."""
    shares = sum(o.filled for o in orders)
    return shares, sum(o.cost for o in orders) / shares if shares else 0.0
