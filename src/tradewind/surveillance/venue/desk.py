"""The desk from which a script sees and acts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradewind.core.errors import UsageError
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.build import Parts
from tradewind.surveillance.venue.nature import publish
from tradewind.surveillance.venue.script import OrderState, ScheduledNews
from tradewind.surveillance.venue.settings import VenueSettings
from tradewind.surveillance.venue.world import CLOSE, OPEN, TRADING, tickle


@dataclass
class _Order:
    """A script's order: what was asked for, where it rests, what was executed."""

    symbol: int
    account: str
    side: int
    price: int
    size: int
    entered: int
    slot: int = -1
    filled: int = 0
    paid: int = 0


class OrderBooks:
    """The orders of every script, found by id; executions are handed to them as the kernel reports them."""

    def __init__(self) -> None:
        self.owner: dict[int, VenueDesk] = {}
        self.touched: set[VenueDesk] = set()

    def collect(self, book: e.Book, arriving: int = 0) -> None:
        """Read the executions since last time; remember whose resting orders had one: all but ``arriving``."""
        n = int(book.meta[e.N_FILLS])
        for order, price, size, _, _ in book.fills[:n].tolist():
            desk = self.owner.get(order)
            if desk is not None:
                desk.fill(order, price, size)
                if order != arriving:
                    self.touched.add(desk)
        book.meta[e.N_FILLS] = 0


class VenueDesk:
    """See :class:`~tradewind.surveillance.venue.script.Desk`."""

    def __init__(self, parts: Parts, settings: VenueSettings, books: OrderBooks, accounts: tuple[str, ...]) -> None:
        self._parts, self._settings, self._books = parts, settings, books
        self._book, self._world = parts.book, parts.world
        self._number = {s.name: i for i, s in enumerate(settings.symbols)}
        self._account = {name: i for i, name in enumerate(parts.names) if name in set(accounts)}
        self._orders: dict[int, _Order] = {}
        self._positions: dict[tuple[str, str], int] = {}
        self._cash: dict[str, int] = {}
        self._symbols = tuple(s.name for s in settings.symbols)
        self._sessions = Sessions(parts.world.calendar[:, 0].copy(), parts.world.calendar[:, 1].copy())
        self.now = int(settings.sessions[0][0])

    @property
    def stamp(self) -> int:
        """Time of the last event, cut to the venue's resolution."""
        return int(self._book.meta[e.CLOCK]) // self._settings.resolution * self._settings.resolution

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol."""
        return self._symbols

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the small traders, the most active first."""
        return self._parts.pool

    @property
    def sessions(self) -> Sessions:
        """Opening and closing times."""
        return self._sessions

    @property
    def news(self) -> tuple[ScheduledNews, ...]:
        """All news, past and to come."""
        return self._parts.news

    def tick(self, symbol: str) -> int:
        """Return the price step."""
        return int(self._world.tick[self._number[symbol]])

    def lot(self, symbol: str) -> int:
        """Return the smallest size."""
        return int(self._world.lot[self._number[symbol]])

    def best(self, symbol: str, side: int) -> int:
        """Return the best price of a side, 0 where it is empty."""
        return int(e.best(self._book, self._number[symbol], side))

    def depth(self, symbol: str, side: int, levels: int = 10) -> list[tuple[int, int]]:
        """Return (price, shares) of the best levels, best first."""
        row = 2 * self._number[symbol] + (1 - side) // 2
        n = int(self._book.counts[row])
        picked = self._book.levels[row, max(n - levels, 0) : n, :2][::-1].tolist()
        return [(key * side, shares) for key, shares in picked]

    def mid(self, symbol: str) -> float:
        """Return the mean of the best prices; the last price where a side is empty."""
        return float(e.mid(self._book, self._number[symbol]))

    def _stat(self, symbol: str, column: int) -> float:
        return float(self._book.stats[self._number[symbol], column])

    def _per_second(self, symbol: str, column: int) -> float:
        tau = float(self._book.scale[0])
        age = float(self._book.meta[e.CLOCK]) - self._stat(symbol, column + 1)
        return self._stat(symbol, column) * math.exp(-age / tau) / (tau / 1e9)

    def last(self, symbol: str) -> int:
        """Return the price of the last trade, the opening reference before any."""
        return int(self._stat(symbol, e.LAST))

    def spread(self, symbol: str) -> float:
        """Return the typical spread."""
        return self._stat(symbol, e.TYPICAL_SPREAD)

    def typical_size(self, symbol: str) -> float:
        """Return the typical size of an order."""
        return self._stat(symbol, e.TYPICAL_SIZE)

    def volume(self, symbol: str) -> float:
        """Return the shares traded per second."""
        return self._per_second(symbol, e.VOLUME)

    def rate(self, symbol: str) -> float:
        """Return the events per second."""
        return self._per_second(symbol, e.EVENTS)

    def volatility(self, symbol: str, seconds: float) -> float:
        """Return the standard deviation of the mid's log return over ``seconds``."""
        return math.sqrt(self._stat(symbol, e.VARIANCE) * seconds)

    def _state(self, order: int, o: _Order) -> OrderState:
        resting = o.slot >= 0 and self._book.orders[o.slot, e.ID] == order
        left = int(self._book.orders[o.slot, e.LEFT]) if resting else 0
        return OrderState(
            order, self._symbols[o.symbol], o.account, o.side, o.price, o.size, left, o.filled, o.paid, o.entered
        )

    def order(self, order: int) -> OrderState:
        """Return how an order stands. Raises KeyError for one that is not this script's."""
        return self._state(order, self._orders[order])

    def open_orders(self, account: str | None = None) -> list[OrderState]:
        """Return the resting orders, oldest first."""
        found = [
            self._state(order, o) for order, o in self._orders.items() if account in (None, o.account) and o.slot >= 0
        ]
        return [state for state in found if state.live]

    def position(self, account: str, symbol: str) -> int:
        """Return the shares bought less sold for an account."""
        return self._positions.get((account, symbol), 0)

    def cash(self, account: str) -> int:
        """Return what was taken less paid for an account."""
        return self._cash.get(account, 0)

    def fill(self, order: int, price: int, size: int) -> None:
        """Book an execution of one of this desk's orders."""
        o = self._orders[order]
        o.filled += size
        o.paid += price * size
        key = (o.account, self._symbols[o.symbol])
        self._positions[key] = self._positions.get(key, 0) + o.side * size
        self._cash[o.account] = self._cash.get(o.account, 0) - o.side * size * price

    def _open(self) -> bool:
        clock = max(self.now, int(self._book.meta[e.CLOCK]))
        hours = self._world.hours
        return bool(hours[TRADING]) and int(hours[OPEN]) <= clock <= int(hours[CLOSE])

    def _enter(self, order: int, o: _Order, price: int, size: int, ioc: bool) -> int:
        tickle(self._book, self._world, 5_000.0)
        given = order or int(self._book.meta[e.NEXT_ID])
        self._orders[given] = o
        self._books.owner[given] = self
        o.slot = int(
            e.submit(self._book, o.symbol, self._account[o.account], o.side, price, size, int(ioc), e.SCRIPT, order)
        )
        self._books.collect(self._book, given)
        return given

    def submit(self, symbol: str, account: str, side: int, price: int | None, size: int, *, ioc: bool = False) -> int:
        """Enter an order and return its id; 0 outside a session."""
        if side not in (-1, 1) or size < 1:
            raise UsageError("an order has a side of +1 or -1 and a size of at least 1")
        if account not in self._account:
            raise UsageError(
                f"the script does not act for account {account}", fix="name it among the script's accounts"
            )
        if not self._open():
            return 0
        number = self._number[symbol]
        tick, lot = self.tick(symbol), self.lot(symbol)
        whole = -(-int(size) // lot) * lot
        at = 0 if price is None else max((int(price) // tick if side > 0 else -(-int(price) // tick)), 1) * tick
        return self._enter(0, _Order(number, account, side, at, whole, self.now), at, whole, ioc)

    def cancel(self, order: int, size: int = 0) -> bool:
        """Take back ``size`` shares of an order, all with 0; False where nothing is left."""
        o = self._orders[order]
        if not self._state(order, o).live or not self._open():
            return False
        tickle(self._book, self._world, 5_000.0)
        e.cancel(self._book, o.slot, size)
        return True

    def replace(self, order: int, price: int, size: int) -> bool:
        """Cancel what is left and enter it anew under the same id; False where nothing is left."""
        o = self._orders[order]
        if not self.cancel(order):
            return False
        tick, lot = int(self._world.tick[o.symbol]), int(self._world.lot[o.symbol])
        o.price = max((int(price) // tick if o.side > 0 else -(-int(price) // tick)), 1) * tick
        whole = -(-int(size) // lot) * lot
        o.size = o.filled + whole
        self._enter(order, o, o.price, whole, False)
        return True

    def publish(self, symbol: str, tone: int) -> None:
        """Publish a rumour: a NEWS row, with what it does to those who trade on news."""
        if self._open():
            publish(
                self._book, self._world, self._parts.agents, self._number[symbol], tone, int(self._book.meta[e.CLOCK])
            )
