"""The replay: events in, tape out, the book in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, Int32Array, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.book import kernel
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.rows import COLUMNS
from tradewind.surveillance.book.style import TradeStyle
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.table import EventTable, Names

CAPACITY = 1 << 20
"""Live orders held, and pairs of account and symbol, unless told otherwise."""

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
        self._state = at.new_state(capacity, pair_capacity)
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
        resting, arriving, unknown = self._state.head[[at.BY_RESTING, at.BY_ARRIVING, at.BY_NONE]]
        return int(resting), int(arriving), int(unknown)

    def _run(self, events: EventTable | None, *, final: bool) -> Tape:
        joined = _join(self._carried, events)
        self._carried = None
        if joined is None:
            return self._tape([])
        self._admit(joined)
        columns = _kernel_events(joined)
        state = self._state
        state.head[at.NEXT_ROW] = 0
        blocks: list[IntArray] = []
        block = _block(len(joined) + 64)
        state.head[at.OUT_ROWS] = 0
        while True:
            why = kernel.run(self._state, columns, block, int(self.style), final)
            head = self._state.head
            if why == at.OUT_FULL:
                blocks.append(block[: head[at.OUT_ROWS]])
                block = _block(max(len(joined) - int(head[at.NEXT_ROW]) + 64, 4 * int(head[at.NEED])))
                head[at.OUT_ROWS] = 0
            elif why == at.NEXT_NEEDED:
                self._carried = joined.take(slice(len(joined) - 1, None))
                break
            elif why == at.DONE:
                break
            else:
                self._grow(int(why))
        blocks.append(block[: self._state.head[at.OUT_ROWS]])
        self._report(joined)
        return self._tape(blocks)

    def _tape(self, blocks: list[IntArray]) -> Tape:
        rows = blocks[0] if len(blocks) == 1 else np.concatenate([_block(0), *blocks])
        values: dict[str, Any] = {name: rows[:, i].astype(TYPES.get(name, np.int64)) for i, name in enumerate(COLUMNS)}
        tape = Tape(first_row=self._first_row, symbols=self._symbols, accounts=self._accounts, **values)
        self._first_row += len(tape)
        return tape

    def _admit(self, events: EventTable) -> None:
        """Make room for the symbols of ``events``."""
        known = len(self._state.symbols)
        needed = max(len(self._symbols), int(events.symbol.max(initial=-1)) + 1)
        if needed <= known:
            return
        total = max(needed, min(2 * known, needed + 1024))
        symbols = np.zeros((total, 12), dtype=np.int64)
        symbols[:known] = self._state.symbols
        symbols[known:, at.WAITING] = -1
        books = np.zeros((2 * total, 4), dtype=np.int64)
        books[: 2 * known] = self._state.books
        self._state = self._state._replace(symbols=symbols, books=books)

    def _grow(self, why: int) -> None:
        if why == at.LEVELS_FULL:
            self._grow_levels(int(self._state.head[at.NEED]))
        elif why == at.PAIRS_FULL:
            self._grow_pairs()
        elif len(self._state.orders) < self._state.head[at.ORDER_LIMIT]:
            self._grow_orders()
        else:
            self._drop_oldest()

    def _grow_orders(self) -> None:
        state = self._state
        known = len(state.orders)
        total = min(2 * known, int(state.head[at.ORDER_LIMIT]))
        orders = np.zeros((total, at.WIDTH), dtype=np.int64)
        orders[:known] = state.orders
        at.chain_free(orders, known)
        state.head[at.FREE_ROW] = known
        self._state = state._replace(orders=orders)
        self._reload()

    def _grow_pairs(self) -> None:
        state = self._state
        total = min(2 * len(state.pairs), int(state.head[at.PAIR_LIMIT]))
        pairs = np.zeros((total, 2), dtype=np.int64)
        pairs[: len(state.pairs)] = state.pairs
        self._state = state._replace(pairs=pairs)
        self._reload()

    def _reload(self) -> None:
        table = np.zeros((at.table_size(len(self._state.orders)), 2), dtype=np.int64)
        pair_table = np.zeros((at.table_size(len(self._state.pairs)), 2), dtype=np.int64)
        self._state = self._state._replace(table=table, pair_table=pair_table)
        kernel.reload_tables(self._state)

    def _grow_levels(self, book: int) -> None:
        """Move a book to a place with twice the room; the places left behind are closed up when the table is full."""
        state = self._state
        start, room, count, _ = (int(value) for value in state.books[book])
        end = int((state.books[:, at.START] + state.books[:, at.ROOM]).max())
        wanted = max(8, 2 * room)
        if end + wanted > len(state.levels):
            used = int(state.books[:, at.ROOM].sum())
            levels = np.zeros((1 << (2 * (used + wanted)).bit_length(), 4), dtype=np.int64)
            place = 0
            for other in np.flatnonzero(state.books[:, at.ROOM]):
                begin, width = int(state.books[other, at.START]), int(state.books[other, at.ROOM])
                levels[place : place + width] = state.levels[begin : begin + width]
                state.books[other, at.START] = place
                place += width
            self._state = state = state._replace(levels=levels)
            start, end = int(state.books[book, at.START]), place
        state.levels[end : end + count] = state.levels[start : start + count]
        state.books[book, at.START], state.books[book, at.ROOM] = end, wanted

    def _drop_oldest(self) -> None:
        state = self._state
        serials = state.orders[:, at.SERIAL]
        share = max(1, len(serials) // 16)
        dropped = kernel.drop_orders(state, int(np.partition(serials, share - 1)[share - 1]))
        self.problems.add(Problem(code=at.CODES[at.DROPPED], message=MESSAGES[at.DROPPED], count=dropped))

    def _report(self, events: EventTable) -> None:
        """Hand the problems of a chunk to the collector: the first of each code one by one, the rest as a count."""
        state = self._state
        told = np.zeros(len(at.CODES), dtype=np.int64)
        for code, row in state.problems[: state.head[at.FOUND]]:
            if self.problems.room(at.CODES[code]) <= 0:
                continue
            told[code] += 1
            symbol = int(events.symbol[row])
            self.problems.add(
                Problem(
                    code=at.CODES[code],
                    message=f"order {int(events.order[row])}: {MESSAGES[code]}",
                    seq=int(events.seq[row]),
                    symbol=self._symbols[symbol] if symbol < len(self._symbols) else "",
                )
            )
        for code in np.flatnonzero(state.counts > told):
            rest = int(state.counts[code] - told[code])
            self.problems.add(Problem(code=at.CODES[code], message=MESSAGES[code], count=rest))
        state.head[at.FOUND] = 0
        state.counts[:] = 0

    def seed(self, symbol: int, side: int, price: int, size: int) -> None:
        """Put shares that rested before the record began at a price: events on orders never entered take from them."""
        symbols = np.array([symbol], dtype=np.int32)
        empty = np.zeros(1, dtype=np.int64)
        self._admit(_one(empty, symbols, self._symbols, self._accounts))
        book = 2 * symbol + (side < 0)
        while self._state.head[at.FREE_ROW] < 0:
            self._grow(at.ORDERS_FULL)
        if self._state.books[book, at.COUNT] + 2 > self._state.books[book, at.ROOM]:
            self._grow_levels(book)
        kernel.seed(self._state, symbol, side, price, size)

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
        state = self._state
        if not 0 <= symbol < len(state.symbols):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        start, _, count, _ = state.books[2 * symbol + (side < 0)]
        levels = state.levels[start : start + count][::-1]
        prices, sizes = side * levels[:, at.KEY], levels[:, at.TOTAL].copy()
        waiting = int(state.symbols[symbol, at.WAITING])
        if waiting < 0 or state.orders[waiting, at.SIDE] != side or state.orders[waiting, at.PRICE] == 0:
            return prices, sizes
        price, left = int(state.orders[waiting, at.PRICE]), int(state.orders[waiting, at.LEFT])
        if kernel.crosses(state, symbol, side, price):
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
    return np.empty((rows, len(COLUMNS)), dtype=np.int64)


def _join(carried: EventTable | None, events: EventTable | None) -> EventTable | None:
    if carried is None or events is None:
        return carried if events is None else events
    columns: dict[str, Any] = {
        name: np.concatenate([column, events.columns()[name]]) for name, column in carried.columns().items()
    }
    return replace(events, **columns)


def _kernel_events(events: EventTable) -> kernel.Events:
    contra: Int32Array | None = getattr(events, "contra", None)
    if contra is None:
        contra = np.full(len(events), -1, dtype=np.int32)
    return kernel.Events(
        time=_plain(events.time, np.int64),
        symbol=_plain(events.symbol, np.int32),
        seq=_plain(events.seq, np.int64),
        kind=_plain(events.kind, np.int8),
        order=_plain(events.order, np.int64),
        account=_plain(events.account, np.int32),
        side=_plain(events.side, np.int8),
        price=_plain(events.price, np.int64),
        size=_plain(events.size, np.int64),
        contra=_plain(contra, np.int32),
    )


def _plain(column: AnyArray, kind: type) -> AnyArray:
    """Return a contiguous, writable column: one signature is compiled whatever the reader hands over."""
    column = np.ascontiguousarray(column, dtype=kind)
    return column if column.flags.writeable else column.copy()


def _one(zero: IntArray, symbol: Int32Array, symbols: Names, accounts: Names) -> EventTable:
    byte, narrow = zero.astype(np.int8), zero.astype(np.int32)
    return EventTable(
        time=zero,
        symbol=symbol,
        seq=zero,
        kind=byte,
        order=zero,
        account=narrow,
        side=byte,
        price=zero,
        size=zero,
        symbols=symbols,
        accounts=accounts,
    )
