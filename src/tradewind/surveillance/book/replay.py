"""The replay: events in, tape out, the book in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.book import kernel
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.levels import crosses
from tradewind.surveillance.book.rows import COLUMNS, WIDTH
from tradewind.surveillance.book.style import TradeStyle
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.table import EventTable, Names

CAPACITY = 1 << 20
"""Live orders held, and pairs of account and symbol, unless told otherwise."""

BLOCK = 1 << 14
"""Rows of the tape written before they are turned into columns: they are still in the cache then."""

MESSAGES = (
    "the order crosses the book and no execution followed; it is kept aside",
    "the order was never entered",
    "the order has already left the book",
    "more was executed than rested there; cut to what did",
    "an order with this id was still in the book and is replaced",
    "too many orders rest; the oldest were dropped",
    "no side, no size or a price below 0; the row was skipped",
)

TYPES: dict[str, type] = {
    **dict.fromkeys(("symbol", "account", "level", "taker", "pair", "taker_pair"), np.int32),
    **dict.fromkeys(("kind", "side", "taker_side"), np.int8),
}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The best levels of both sides, best first; prices and shares, int64."""

    bid: IntArray
    bid_size: IntArray
    ask: IntArray
    ask_size: IntArray


class BookReplay:
    """Rebuilds the books of all symbols from events and tells what each event met there.

    Parameters
    ----------
    symbols, accounts : the names behind the codes of the events to come; may grow as they are read.
    problems : collects crossed books, unknown orders and the like; nothing stops a run.
    style : how the source writes executions; :func:`detect_style` finds it.
    capacity : most live orders, over all symbols; beyond it the oldest sixteenth is dropped and reported.
    pair_capacity : most pairs of account and symbol; beyond it the slot of one long silent is used again.

    However the events are cut into chunks, the tapes joined are the same, bit for bit.
    """

    def __init__(
        self,
        symbols: Names,
        accounts: Names,
        *,
        problems: Problems | None = None,
        style: TradeStyle = TradeStyle.RESTING,
        capacity: int = CAPACITY,
        pair_capacity: int = CAPACITY,
    ) -> None:
        if capacity < 16 or pair_capacity < 16:
            raise UsageError("a book needs room for 16 orders and 16 pairs", field="capacity")
        self._symbols, self._accounts = symbols, accounts
        self.problems = Problems() if problems is None else problems
        self.style = style
        self.pair_capacity = pair_capacity
        self._memory = at.new_memory(capacity, pair_capacity)
        self._carried: EventTable | None = None
        self._first_row = 0

    def update(self, events: EventTable) -> Tape:
        """Take the next events in and return their rows.

        With :attr:`TradeStyle.BOTH` an execution that ends ``events`` waits for the row after it.
        """
        return self._run(events, final=False)

    def finish(self) -> Tape:
        """Return the rows still waited for; empty for most sources."""
        return self._run(None, final=True)

    @property
    def named(self) -> tuple[int, int, int]:
        """How many TRADE rows named an order that rested, one that had just arrived, and none that is known."""
        resting, arriving, unknown = self._memory[[at.BY_RESTING, at.BY_ARRIVING, at.BY_NONE]]
        return int(resting), int(arriving), int(unknown)

    @property
    def memory(self) -> IntArray:
        """The books as the kernel holds them, laid out as :mod:`tradewind.surveillance.book.layout` says; not kept."""
        return self._memory

    def _run(self, events: EventTable | None, *, final: bool) -> Tape:
        joined = _join(self._carried, events)
        self._carried = None
        if joined is None:
            return self._tape(_Columns(0))
        self._admit(max(len(self._symbols), int(joined.symbol.max(initial=-1)) + 1))
        columns = _kernel_events(joined)
        self._memory[at.NEXT_EVENT] = 0
        rows = _Columns(len(joined) + 64)
        block = _block(min(len(joined), BLOCK) + 64)
        used = 0
        while True:
            why, written = kernel.run(self._memory, columns, block[used:], int(self.style), final)
            used += written
            if why == at.NEXT_NEEDED:
                self._carried = joined.take(slice(len(joined) - 1, None))
            if why in (at.DONE, at.NEXT_NEEDED):
                break
            if why == at.OUT_FULL:
                rows.add(block[:used])
                used, need = 0, int(self._memory[at.NEED])
                block = block if len(block) >= need * WIDTH else _block(2 * need)
            else:
                self._grow(why)
        rows.add(block[:used])
        self._report(joined)
        return self._tape(rows)

    def _tape(self, rows: _Columns) -> Tape:
        values: dict[str, Any] = rows.written()
        tape = Tape(first_row=self._first_row, symbols=self._symbols, accounts=self._accounts, **values)
        self._first_row += len(tape)
        return tape

    def _admit(self, symbols: int) -> None:
        """Make room for so many symbols."""
        known = int(self._memory[at.ROWS + at.SYMBOLS])
        if symbols <= known:
            return
        self._memory = at.resized(self._memory, {at.SYMBOLS: max(symbols, min(2 * known, symbols + 1024))})
        at.region(self._memory, at.SYMBOLS)[known:, at.WAITING] = -1

    def _grow(self, why: int) -> None:
        """Make the room the kernel stopped for."""
        orders, pairs = int(self._memory[at.ROWS + at.ORDERS]), int(self._memory[at.ROWS + at.PAIRS])
        if why == at.LEVELS_FULL:
            self._grow_levels(*divmod(int(self._memory[at.NEED] - self._memory[at.SYMBOLS]), at.SYMBOL_WIDTH))
        elif why == at.PAIRS_FULL:
            self._resize(orders, min(2 * pairs, int(self._memory[at.PAIR_LIMIT])))
        elif orders < self._memory[at.ORDER_LIMIT]:
            self._resize(min(2 * orders, int(self._memory[at.ORDER_LIMIT])), pairs)
            at.chain_free(self._memory, orders)
        else:
            self._drop_oldest()

    def _resize(self, orders: int, pairs: int) -> None:
        """Lay the memory out for so many orders and pairs, and fill the hash tables anew."""
        tables = {at.TABLE: at.table_size(orders), at.PAIR_TABLE: at.table_size(pairs)}
        cleared = at.resized(self._memory, dict.fromkeys(tables, 0))
        self._memory = at.resized(cleared, {at.ORDERS: orders, at.PAIRS: pairs, **tables})
        kernel.reload_tables(self._memory)

    def _grow_levels(self, symbol: int, book: int) -> None:
        """Give a book twice the room; those after it are moved up, and the table grows where it is full."""
        books = self._books()
        own = (symbol, 1 if book == at.ASKS else 0)
        used, more = int(books[..., at.ROOM].sum()), max(8, int(books[own][at.ROOM]))
        if used + more > self._memory[at.ROWS + at.LEVELS]:
            self._memory = at.resized(self._memory, {at.LEVELS: 1 << (used + more).bit_length()})
            books = self._books()
        if books[own][at.ROOM] == 0:
            books[own][at.START] = used
        after = int(books[own][at.START] + books[own][at.ROOM])
        levels = at.region(self._memory, at.LEVELS)
        levels[after + more : used + more] = levels[after:used].copy()
        books[(books[..., at.ROOM] > 0) & (books[..., at.START] >= after), at.START] += more
        books[own][at.ROOM] += more

    def _books(self) -> IntArray:
        """Return a view of the books: (symbols, 2, 4)."""
        return at.region(self._memory, at.SYMBOLS)[:, at.BIDS :].reshape(-1, 2, 4)

    def _drop_oldest(self) -> None:
        serials = at.region(self._memory, at.ORDERS)[:, at.SERIAL]
        share = max(1, len(serials) // 16)
        dropped = kernel.drop_orders(self._memory, int(np.partition(serials, share - 1)[share - 1]))
        self.problems.add(Problem(code=at.CODES[at.DROPPED], message=MESSAGES[at.DROPPED], count=dropped))

    def _report(self, events: EventTable) -> None:
        """Hand the problems of a chunk to the collector: the first of each code one by one, the rest as a count."""
        counts = self._memory[at.COUNTS : at.COUNTS + len(at.CODES)]
        if not counts.any():
            return
        told = np.zeros(len(at.CODES), dtype=np.int64)
        for code, row in at.region(self._memory, at.PROBLEMS)[: self._memory[at.FOUND]].tolist():
            if self.problems.room(at.CODES[code]) <= 0:
                continue
            told[code] += 1
            self.problems.add(
                Problem(
                    code=at.CODES[code],
                    message=f"order {int(events.order[row])}: {MESSAGES[code]}",
                    seq=int(events.seq[row]),
                    symbol=self._symbols[int(events.symbol[row])],
                )
            )
        for code in np.flatnonzero(counts > told):
            rest = int(counts[code] - told[code])
            self.problems.add(Problem(code=at.CODES[code], message=MESSAGES[code], count=rest))
        self._memory[at.FOUND] = 0
        counts[:] = 0

    def seed(self, symbol: int, side: int, price: int, size: int) -> None:
        """Put shares that rested before the record began at a price: events on orders never entered take from them."""
        self._admit(symbol + 1)
        if self._memory[at.FREE_ROW] < 0:
            self._grow(at.ORDERS_FULL)
        if not kernel.has_level_room(self._memory, symbol, side):
            self._grow_levels(symbol, at.ASKS if side < 0 else at.BIDS)
        kernel.seed(self._memory, symbol, side, price, size)

    def snapshot(self, symbol: int, levels: int = 10) -> Snapshot:
        """Return the best ``levels`` of both sides of a symbol (by code) as the book stands."""
        bid, bid_size = self._side(symbol, 1)
        ask, ask_size = self._side(symbol, -1)
        return Snapshot(bid=bid[:levels], bid_size=bid_size[:levels], ask=ask[:levels], ask_size=ask_size[:levels])

    def depth_at(self, symbol: int, side: int, price: int) -> int:
        """Return the shares that rest at a price on one side of a symbol (by code)."""
        prices, sizes = self._side(symbol, side)
        return int(sizes[prices == price].sum())

    def _side(self, symbol: int, side: int) -> tuple[IntArray, IntArray]:
        """Return prices and shares of one side, best first; what is left of an order that traded counts as resting."""
        if not 0 <= symbol < self._memory[at.ROWS + at.SYMBOLS]:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        of = at.region(self._memory, at.SYMBOLS)[symbol]
        start, _, count, _ = of[at.ASKS :] if side < 0 else of[at.BIDS : at.ASKS]
        levels = at.region(self._memory, at.LEVELS)[start : start + count][::-1]
        prices, sizes = side * levels[:, at.KEY], levels[:, at.TOTAL].copy()
        if of[at.WAITING] < 0:
            return prices, sizes
        waiting = at.region(self._memory, at.ORDERS)[of[at.WAITING]]
        price, left = int(waiting[at.PRICE]), int(waiting[at.LEFT])
        if waiting[at.SIDE] != side or price == 0 or crosses(self._memory, symbol, side, price):
            return prices, sizes
        place = int(np.searchsorted(-side * prices, -side * price))
        if place < len(prices) and prices[place] == price:
            sizes[place] += left
            return prices, sizes
        return np.insert(prices, place, price), np.insert(sizes, place, left)


def replay_all(
    events: EventTable, *, problems: Problems | None = None, style: TradeStyle | None = None, capacity: int = CAPACITY
) -> Tape:
    """Return the tape of a whole source; its style is detected where it is not told."""
    from tradewind.surveillance.book.detect import detect_style

    found = detect_style(events) if style is None else style
    replay = BookReplay(events.symbols, events.accounts, problems=problems, style=found, capacity=capacity)
    first, last = replay.update(events), replay.finish()
    return join_tapes([first, last]) if len(last) else first


def join_tapes(tapes: list[Tape]) -> Tape:
    """Return successive runs of one tape as one."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(tape, name) for tape in tapes]) for name in tapes[0].columns()
    }
    return replace(tapes[0], **columns)


def _block(rows: int) -> IntArray:
    return np.empty(rows * WIDTH, dtype=np.int64)


class _Columns:
    """Columns of a tape that are being written, with room for ``room`` rows at first."""

    def __init__(self, room: int) -> None:
        self._length = 0
        self._columns: dict[str, AnyArray] = {name: np.empty(room, TYPES.get(name, np.int64)) for name in COLUMNS}

    def add(self, block: IntArray) -> None:
        """Add rows as the kernel writes them."""
        rows = block.reshape(-1, WIDTH)
        begin, self._length = self._length, self._length + len(rows)
        for i, (name, column) in enumerate(self._columns.items()):
            if self._length > len(column):
                self._columns[name] = np.concatenate([column, np.empty(self._length, column.dtype)])
            self._columns[name][begin : self._length] = rows[:, i]

    def written(self) -> dict[str, AnyArray]:
        """Return the columns of all rows added."""
        return {name: column[: self._length] for name, column in self._columns.items()}


def _join(carried: EventTable | None, events: EventTable | None) -> EventTable | None:
    if carried is None or events is None:
        return carried if events is None else events
    runs = [_complete(carried), _complete(events)]
    columns: dict[str, Any] = {
        name: np.concatenate([run.columns()[name] for run in runs]) for name in runs[0].columns()
    }
    return replace(events, **columns)


def _complete(events: EventTable) -> EventTable:
    """Return ``events`` with the columns about the other side, which most sources do not have."""
    contra, order = events.contra, events.contra_order
    if contra is None:
        contra = np.full(len(events), -1, dtype=np.int32)
    if order is None:
        order = np.zeros(len(events), dtype=np.int64)
    return replace(events, contra=contra, contra_order=order)


def _kernel_events(events: EventTable) -> kernel.Events:
    columns = _complete(events).columns()
    narrow = dict.fromkeys(("symbol", "account", "contra"), np.int32)
    byte = dict.fromkeys(("kind", "side"), np.int8)
    kinds: dict[str, type] = {**narrow, **byte}
    return kernel.Events(**{name: _plain(column, kinds.get(name, np.int64)) for name, column in columns.items()})


def _plain(column: AnyArray, kind: type) -> AnyArray:
    """Return a contiguous, writable column: one signature is compiled whatever the reader hands over."""
    column = np.ascontiguousarray(column, dtype=kind)
    return column if column.flags.writeable else column.copy()
