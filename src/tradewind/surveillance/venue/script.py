"""A script: a trader who plays a scheme in a simulated market and tells afterwards what it did.

Prices are ten-thousandths of a dollar, sizes shares, sides +1 buy and -1 sell, times nanoseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted


@dataclass(frozen=True)
class ScheduledNews:
    """News that will be published: ``jump`` is the change of the fundamental's logarithm right after it."""

    time: int
    symbol: str
    tone: int
    jump: float


@dataclass(frozen=True)
class OrderState:
    """An order of a script as it stands now.

    ``filled`` is what was executed of ``size``; ``left`` what rests in the book, 0 once it is gone; ``paid`` the sum of
    price times shares over its executions.
    """

    order: int
    symbol: str
    account: str
    side: int
    price: int
    size: int
    left: int
    filled: int
    paid: int
    entered: int

    @property
    def live(self) -> bool:
        """True while some of it rests in the book."""
        return self.left > 0


class Desk(Protocol):
    """What a script sees of the market, and how it acts on it. What it does happens at once, in the order called."""

    @property
    def now(self) -> int:
        """The time of this wake-up."""
        ...

    @property
    def stamp(self) -> int:
        """Time of the last event written, by whomever: after ``submit`` or ``cancel``, the time of that act."""
        ...

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol of the market."""
        ...

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the background, the most active first; a script may act for one, which then trades on besides."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Opening and closing times."""
        ...

    @property
    def news(self) -> tuple[ScheduledNews, ...]:
        """All news of the market, past and to come, by time: what an insider knows."""
        ...

    def tick(self, symbol: str) -> int:
        """Return the price step."""
        ...

    def lot(self, symbol: str) -> int:
        """Return the smallest size; sizes are rounded up to a multiple of it."""
        ...

    def best(self, symbol: str, side: int) -> int:
        """Return the best bid (+1) or ask (-1), 0 where that side is empty."""
        ...

    def depth(self, symbol: str, side: int, levels: int = 10) -> list[tuple[int, int]]:
        """Return (price, shares) of the best levels of a side, best first."""
        ...

    def mid(self, symbol: str) -> float:
        """Return the mean of the best prices; the last price where a side is empty."""
        ...

    def last(self, symbol: str) -> int:
        """Return the price of the last trade; the opening reference price before any."""
        ...

    def spread(self, symbol: str) -> float:
        """Return the typical spread (a slow average)."""
        ...

    def typical_size(self, symbol: str) -> float:
        """Return the typical size of an order (a slow average)."""
        ...

    def volume(self, symbol: str) -> float:
        """Return the shares traded per second (a slow average over about a twentieth of a session)."""
        ...

    def rate(self, symbol: str) -> float:
        """Return the events per second (a slow average)."""
        ...

    def volatility(self, symbol: str, seconds: float) -> float:
        """Return the standard deviation of the mid's log return over ``seconds``, from recent changes."""
        ...

    def order(self, order: int) -> OrderState:
        """Return how an order of this script stands. Raises KeyError for one that is not its own."""
        ...

    def open_orders(self, account: str | None = None) -> list[OrderState]:
        """Return this script's resting orders, oldest first; of one account where given."""
        ...

    def position(self, account: str, symbol: str) -> int:
        """Return the shares that this script has bought less sold for an account."""
        ...

    def cash(self, account: str) -> int:
        """Return what this script has taken less paid for an account, price times shares."""
        ...

    def submit(self, symbol: str, account: str, side: int, price: int | None, size: int, *, ioc: bool = False) -> int:
        """Enter an order and return its id; ``price`` None is a market order. What is due at once executes at once.

        The price is rounded to the tick (away from the other side of the book), the size up to a lot. Outside a
        session nothing happens and the id is 0.
        """
        ...

    def cancel(self, order: int, size: int = 0) -> bool:
        """Take back ``size`` shares of an order, all of it with 0; return False where nothing is left of it."""
        ...

    def replace(self, order: int, price: int, size: int) -> bool:
        """Cancel what is left and enter it anew under the same id, behind the others at its price."""
        ...

    def publish(self, symbol: str, tone: int) -> None:
        """Publish a rumour: a NEWS row, to which those who trade on news react; the fundamental stays."""
        ...


class Script(Protocol):
    """A trader with ground truth. :func:`~tradewind.surveillance.venue.simulate_venue` wakes it."""

    @property
    def accounts(self) -> Sequence[str]:
        """Names of the accounts it acts for, known before the start."""
        ...

    @property
    def wake_on_fill(self) -> bool:
        """True to be woken also right after a resting order of its own was executed."""
        ...

    def start(self, desk: Desk) -> int | None:
        """Return when to be woken first; called before the market opens. None: never."""
        ...

    def wake(self, now: int, desk: Desk) -> int | None:
        """Act, and return when to be woken next (later than ``now``); None when done."""
        ...

    def truth(self) -> tuple[Planted, ...]:
        """Return what was really done, after the run; empty where the market gave no chance to."""
        ...
