"""Batches of raw columns become rows of an event table; rows that make no sense are reported and left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tradewind.core.arrays import AnyArray, BoolArray, Int32Array, IntArray
from tradewind.surveillance.events.cells import NULLS, Ints, floats, ints, order_ids, rounded, times
from tradewind.surveillance.events.coding import TextCodes
from tradewind.surveillance.events.dialect import LATEST, Dialect
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sides import other_side
from tradewind.surveillance.events.sources import Batch
from tradewind.surveillance.events.table import EventTable, Int8Array, Kind, Names
from tradewind.surveillance.events.words import Action, kind_of, side_of

LARGEST = 2.0**53
"""Prices and sizes, in the table's units, are below this: they are exact as floats."""
ZERO_ORDER = 2**63 - 1
"""What the order id 0 becomes in a file where it is an id; in the table 0 is no order."""

_NO_SIDE = 9
_KIND_OF = np.zeros(len(Action), dtype=np.int8)
for _action, _kind in (
    (Action.NEW, Kind.NEW),
    (Action.MARKET, Kind.NEW),
    (Action.MODIFY, Kind.NEW),
    (Action.CANCEL, Kind.CANCEL),
    (Action.DELETE, Kind.CANCEL),
    (Action.TRADE, Kind.TRADE),
    (Action.HIDDEN, Kind.HIDDEN),
    (Action.HALT, Kind.HALT),
    (Action.RESUME, Kind.HALT),
    (Action.NEWS, Kind.NEWS),
    (Action.QUOTE, Kind.QUOTE),
):
    _KIND_OF[_action] = _kind


def _member(*actions: Action) -> BoolArray:
    """Return a table: action -> is it one of ``actions``."""
    table = np.zeros(len(Action), dtype=bool)
    table[list(actions)] = True
    return table


_ENTERS = _member(Action.NEW, Action.MARKET, Action.MODIFY)
_EXECUTES = _member(Action.TRADE, Action.HIDDEN)
_TAKES_BACK = _member(Action.CANCEL, Action.DELETE, Action.MODIFY)
_SIZED = _ENTERS | _EXECUTES
_PRICED = _SIZED | _member(Action.QUOTE)
_SIDED = _member(Action.NEW, Action.MARKET, Action.MODIFY, Action.QUOTE)


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of an event table with the number of the file's row each came from."""

    table: EventTable
    rows: IntArray


class _Sieve:
    """Takes rows out of a batch, for one reason each, and reports them."""

    def __init__(self, batch: Batch, dialect: Dialect, problems: Problems) -> None:
        self._batch, self._dialect, self._problems = batch, dialect, problems
        self.bad = np.zeros(len(batch), dtype=bool)

    def cell(self, field: str, row: int) -> object:
        """Return what stands in the file."""
        return self._batch.columns[self._dialect.columns[field]][row].as_py()

    def report(self, code: str, rows: BoolArray, field: str, message: str) -> None:
        """Report rows that stay in; ``message`` may hold ``{}`` for the cell's content."""
        rows = rows & ~self.bad
        found = np.flatnonzero(rows)
        if not len(found):
            return
        shown = found[: max(self._problems.room(code), 1)]
        rest = len(found) - len(shown)
        for i, row in enumerate(shown.tolist()):
            self._problems.add(
                Problem(
                    code=code,
                    message=message.format(repr(self.cell(field, row))),
                    row=int(self._batch.rows[row]),
                    seq=self._seq(row),
                    symbol=str(self.cell("symbol", row) or ""),
                    count=1 + (rest if i == len(shown) - 1 else 0),
                )
            )

    def drop(self, code: str, rows: BoolArray, field: str, message: str) -> None:
        """Report rows and take them out."""
        if rows.any():
            self.report(code, rows, field, message)
            self.bad |= rows

    def _seq(self, row: int) -> int:
        if "seq" not in self._dialect.columns:
            return -1
        found = ints(self._batch.columns[self._dialect.columns["seq"]].slice(row, 1))
        return -1 if found.empty[0] or found.unreadable[0] else int(found.values[0])


class Decoder:
    """Decodes the batches of one file.

    Parameters
    ----------
    dialect : how the file writes events.
    symbols, accounts : names known so far; new ones are added.
    problems : takes what is wrong.
    """

    def __init__(self, dialect: Dialect, symbols: Names, accounts: Names, problems: Problems) -> None:
        self._dialect, self._symbols, self._accounts, self._problems = dialect, symbols, accounts, problems
        self._kinds = TextCodes(lambda word: int(kind_of(word)), int(Action.UNKNOWN))
        self._sides = TextCodes(self._side, 0)
        self._symbol_codes = TextCodes(symbols.code, -1)
        self._account_codes = {
            field: TextCodes(self._account_code, -1)
            for field in ("account", "contra", "buyer", "seller", "maker", "taker")
        }

    def _account_code(self, name: str) -> int:
        return -1 if name in NULLS else self._accounts.code(name)

    def _side(self, word: str) -> int:
        side = side_of(word, self._dialect.zero, self._dialect.one)
        return _NO_SIDE if side is None else side

    def _column(self, batch: Batch, field: str) -> pa.Array | None:
        name = self._dialect.columns.get(field)
        return None if name is None else batch.columns[name]

    def decode(self, batch: Batch) -> Block:
        """Return the rows of ``batch`` that make sense, in their order; a changed order is two rows."""
        columns, dialect = batch.columns, self._dialect
        names = dialect.columns
        sieve = _Sieve(batch, dialect, self._problems)
        action = self._kinds(columns[names["kind"]])
        sieve.drop("unknown_kind", action == Action.UNKNOWN, "kind", "{} is no kind of event that is known")
        sieve.drop("ignored_kind", action == Action.IGNORED, "kind", "{} says nothing about orders")
        time = self._times(batch, sieve)
        symbol = self._symbol_codes(columns[names["symbol"]]).astype(np.int32)
        sieve.drop("missing_symbol", symbol < 0, "symbol", "has no symbol")
        seq = self._seqs(batch, sieve)
        order = self._orders(batch, sieve, action)
        side = self._sides(columns[names["side"]]).astype(np.int8)
        sieve.report("unknown_side", side == _NO_SIDE, "side", "{} is no side that is known")
        sieve.report("unknown_side", _SIDED[action] & (side == 0), "side", "an order without a side: {}")
        side[side == _NO_SIDE] = 0
        price, has_price = self._prices(batch, sieve, action)
        size = self._sizes(batch, sieve, action)
        changed = action == Action.MODIFY
        sieve.drop("incomplete_change", changed & ~(has_price & (size > 0)), "price", "changed to a price of {}")
        account = self._account(batch, "account")
        found: dict[str, AnyArray] = {
            "time": time,
            "symbol": symbol,
            "seq": seq,
            "kind": _KIND_OF[action],
            "order": order,
            "account": np.full(len(batch), -1, dtype=np.int32) if account is None else account,
            "side": side,
            "price": price,
            "size": size,
        }
        found |= other_side(
            found,
            {field: self._account(batch, field) for field in ("contra", "buyer", "seller", "maker", "taker")},
            {
                f: self._order(batch, f)
                for f in ("contra_order", "buy_order", "sell_order", "maker_order", "taker_order")
            },
        )
        block = Block(EventTable(**found, symbols=self._symbols, accounts=self._accounts), batch.rows)
        if changed.any():
            block = self._parted(block, batch, changed, sieve)
        elif sieve.bad.any():
            kept = np.flatnonzero(~sieve.bad)
            block = Block(block.table.take(kept), block.rows[kept])
        return block

    def _times(self, batch: Batch, sieve: _Sieve) -> IntArray:
        found = times(batch.columns[self._dialect.columns["time"]], self._dialect.time_factor)
        self._readable(sieve, "time", found)
        sieve.drop("unreadable", found.empty, "time", "has no time")
        outside = (found.values < self._dialect.earliest) | (found.values > LATEST)
        sieve.drop("time_out_of_range", outside, "time", "{} is no time of this file")
        return found.values

    def _seqs(self, batch: Batch, sieve: _Sieve) -> IntArray:
        column = self._column(batch, "seq")
        if column is None:
            return batch.rows
        found = ints(column)
        self._readable(sieve, "seq", found)
        return found.values

    def _readable(self, sieve: _Sieve, field: str, found: Ints) -> None:
        sieve.drop("unreadable", found.unreadable, field, f"{{}} cannot be read as the {field}")

    def _orders(self, batch: Batch, sieve: _Sieve, action: IntArray) -> IntArray:
        order = self._order(batch, "order")
        assert order is not None, "the order id is a required column"
        none = order == 0
        if none.any():
            sieve.drop("missing_order", none & _TAKES_BACK[action], "order", "takes back an order without an id: {}")
            entered = none & _ENTERS[action]
            sieve.report("missing_order", entered, "order", "enters an order without an id: {}")
            order = np.where(entered, -batch.rows, order)  # an id of its own, which nothing else can name
        return order

    def _order(self, batch: Batch, field: str) -> IntArray | None:
        column = self._column(batch, field)
        if column is None:
            return None
        ids, empty = order_ids(column)
        if self._dialect.zero_order:
            ids = np.where(ids == 0, ZERO_ORDER, ids)
        return np.where(empty, 0, ids) if empty.any() else ids

    def _account(self, batch: Batch, field: str) -> Int32Array | None:
        column = self._column(batch, field)
        return None if column is None else self._account_codes[field](column).astype(np.int32)

    def _prices(self, batch: Batch, sieve: _Sieve, action: IntArray) -> tuple[IntArray, BoolArray]:
        """Return prices in the table's units, 0 where there is none, and where there is one."""
        column = batch.columns[self._dialect.columns["price"]]
        found = floats(column)
        priced = _PRICED[action]
        sieve.drop("unreadable", found.unreadable & priced, "price", "{} cannot be read as the price")
        scaled = rounded(found.values, self._dialect.price_scale)
        empty = np.isnan(scaled)
        wrong = priced & ~empty & ~((scaled >= 0) & (scaled < LARGEST))
        sieve.drop("bad_price", wrong, "price", "the price is {}")
        sieve.drop("bad_price", _EXECUTES[action] & ~(scaled > 0), "price", "an execution at a price of {}")
        price = np.where((scaled >= 0) & (scaled < LARGEST) & (action != Action.MARKET), scaled, 0).astype(np.int64)
        halts = np.flatnonzero((action == Action.HALT) | (action == Action.RESUME))
        if len(halts):
            price[halts] = _halt_states(action[halts], found.values[halts])
        return price, price > 0

    def _sizes(self, batch: Batch, sieve: _Sieve, action: IntArray) -> IntArray:
        """Return sizes in the table's units, 0 where there is none."""
        found = floats(batch.columns[self._dialect.columns["size"]])
        sized = _SIZED[action] & (action != Action.MODIFY)
        needed = sized | (action == Action.CANCEL) | (action == Action.QUOTE) | (action == Action.MODIFY)
        sieve.drop("unreadable", found.unreadable & needed, "size", "{} cannot be read as the size")
        scaled = rounded(found.values, self._dialect.size_scale)
        sieve.drop("bad_size", sized & ~(scaled > 0), "size", "the size is {}")
        sieve.drop("bad_size", needed & ((scaled < 0) | (scaled >= LARGEST)), "size", "the size is {}")
        within = np.where(needed & (scaled < LARGEST) & (scaled > -LARGEST), found.values, 0.0)
        uneven = np.abs(within * self._dialect.size_scale - np.rint(within * self._dialect.size_scale)) > 1e-6
        sieve.report("fractional_size", uneven, "size", "the size {} was rounded")
        usable = (scaled > 0) & (scaled < LARGEST) & (action != Action.DELETE)
        return np.where(usable, scaled, 0).astype(np.int64)

    def _parted(self, block: Block, batch: Batch, changed: BoolArray, sieve: _Sieve) -> Block:
        """Return ``block`` without its bad rows and with each changed order as two rows."""
        table = block.table
        rows = np.repeat(np.arange(len(batch)), np.where(sieve.bad, 0, np.where(changed, 2, 1)))
        first = np.flatnonzero(changed[rows] & np.append(rows[1:] == rows[:-1], False))
        parted = table.take(rows)
        kind: Int8Array = parted.kind.copy()
        size, order = parted.size.copy(), parted.order.copy()
        kind[first], size[first] = Kind.CANCEL, 0
        origin = self._order(batch, "origin")
        if origin is not None:
            named = origin[rows[first]]
            order[first] = np.where(named != 0, named, order[first])
        columns: dict[str, AnyArray] = {**parted.columns(), "kind": kind, "size": size, "order": order}
        made = EventTable(**columns, symbols=self._symbols, accounts=self._accounts)
        return Block(made, block.rows[rows])


def _halt_states(action: IntArray, written: AnyArray) -> IntArray:
    """Return -1 (stopped), 0 (quoting) or 1 (trading again): as LOBSTER's price column says it, or as the word does."""
    said = (action == Action.HALT) & np.isin(written, (0.0, 1.0))
    word = np.where(action == Action.RESUME, 1, -1)
    return np.where(said, np.nan_to_num(written), word).astype(np.int64)
