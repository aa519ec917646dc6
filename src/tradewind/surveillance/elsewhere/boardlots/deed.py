"""What is written down about one planted deed while it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book, Order
from tradewind.surveillance.elsewhere.boardlots.world import World


@dataclass(eq=False)
class Case:
    """One deed: who acted, from when to when, what they traded, and whether it was carried through.

    ``quits`` is drawn beforehand: such a deed is broken off. ``hides`` plays it to stay unseen.
    """

    scheme: str
    w: World
    book: Book
    span: float
    quits: bool
    hides: bool
    deadline: int = 0
    accounts: dict[str, None] = field(default_factory=dict)
    start: int = -1
    end: int = -1
    done: bool = False
    orders: list[Order] = field(default_factory=list)
    bought: int = 0
    sold: int = 0
    inner: int = 0
    wins: int = 0

    def saw(self, account: Account, stamp: int) -> None:
        """Take down an event of an order of the deed."""
        self.accounts[account.name] = None
        if self.start < 0:
            self.start = stamp
        self.end = stamp

    def filled(self, order: Order, other: Order, k: int, lots: int) -> None:
        """Take down a trade of an order of the deed."""
        if order.side > 0:
            self.bought += lots
        else:
            self.sold += lots
        if other.case is self and order.side > 0:
            self.inner += lots
            self.wins += 1

    def held(self) -> int:
        """Return the lots that the deed has bought and not sold."""
        return self.bought - self.sold

    def left(self) -> float:
        """Return the seconds until the deed has to be over."""
        return (self.deadline - self.w.now) / 1e9

    def send(self, account: Account, side: int, k: float, lots: float, *, ioc: bool = False) -> Order:
        """Enter an order of the deed."""
        order = self.w.send(account, self.book, side, k, lots, ioc=ioc, case=self)
        if order.left:
            self.orders.append(order)
        return order

    def hit(self, account: Account, side: int, lots: float, reach: int = 0) -> Order:
        """Take what stands on the other side, up to ``reach`` steps deep; nothing rests."""
        return self.send(account, side, self.book.touch(-side) + side * reach, lots, ioc=True)

    def cancel(self, order: Order) -> None:
        """Withdraw an order of the deed."""
        self.w.venue.cancel(order)

    def clear(self) -> None:
        """Withdraw everything that still stands."""
        for order in self.orders:
            self.w.venue.cancel(order)
        self.orders.clear()

    def people(self, least: int, most: int) -> list[Account]:
        """Draw accounts for the deed: any clients, the busy ones when it hides, now and then a house."""
        rng, w = self.w.rng, self.w
        n = rng.randint(least, most)
        found: list[Account] = []
        while len(found) < n:
            draw = rng.random()
            if draw < (0.6 if self.hides else 0.25):
                one = w.client(self.book)
            elif draw < 0.9 or n > 2:
                one = rng.choice(w.setup.clients)
            else:
                one = rng.choice(w.setup.houses)
            if one not in found:
                found.append(one)
        return found

    def size(self, factor: float) -> int:
        """Draw a size of about ``factor`` ordinary orders."""
        rng = self.w.rng
        lots = self.book.typical * factor
        return self.w.lots(lots) if rng.random() < 0.5 else max(1, round(lots * rng.uniform(0.7, 1.3)))

    def decoy(self, people: list[Account], chance: float) -> None:
        """Now and then enter something ordinary from one of the accounts, as they do on other days."""
        rng = self.w.rng
        if rng.random() < chance:
            side = rng.choice((1, -1))
            account = rng.choice(people)
            order = self.w.send(
                account, self.book, side, self.book.touch(side) - side * rng.randint(0, 4), self.size(1)
            )
            self.w.after(rng.uniform(5, 200), lambda: self.w.venue.cancel(order))


Deed = Callable[[World, Case], Iterator[float]]


def drive(w: World, case: Case, deed: Deed) -> Iterator[float]:
    """Do a deed until it is over or its time is."""
    case.deadline = w.now + int(case.span * 1e9)
    while not (case.book.quoted(1) and case.book.quoted(-1)) and case.left() > 0.7 * case.span:
        yield 0.03 * case.span
    acts = deed(w, case)
    for pause in acts:
        left = case.left()
        if pause >= left:
            yield max(0.0, left)
            break
        yield pause
    case.clear()
