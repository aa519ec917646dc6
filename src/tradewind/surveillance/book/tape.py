"""The tape: events in the venue's order, each with the state of the book just before it and what it did there."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from tradewind.core.arrays import AnyArray, FloatArray, Int32Array, IntArray
from tradewind.surveillance.events.table import Int8Array, Names


@dataclass(frozen=True, kw_only=True)
class Tape:
    """A run of events as the book saw them; n rows, every column of length n, all states *before* the row.

    One TRADE row is one execution, whatever the source wrote (one row a side, the resting order's, the arriving
    order's, or none: then the book matches crossing orders itself). Rows the book could not use are not here but among
    the problems.

    Attributes
    ----------
    first_row : number of the first row, counted from the start of the source; row i is ``first_row + i``.
    time, symbol, seq, kind, order, account, side, price, size : as in :class:`EventTable`. A TRADE's ``order``,
        ``account`` and ``side`` are the resting order's; a CANCEL's ``size`` is what it really took back.
    bid, ask : best prices, 0 where a side is empty.
    bid_size, ask_size : shares at the best prices.
    bid_depth, ask_depth : shares on the best five levels.
    order_size : shares the order had when it was entered.
    order_left : shares it has left before the row (its size for a NEW).
    order_time : when it was entered (the row's own time for a NEW); of a HIDDEN, NEWS, HALT or QUOTE row too.
    level : price levels on its side that are better than its price; 0 at or inside the best, -1 where a NEW crosses the
        opposite best (an aggressive order); 0 where there is no order.
    taker, taker_order, taker_side : of a TRADE or HIDDEN: who arrived, with which order (0 unknown), and whether it
        bought (+1) or sold (-1); -1, 0, 0 elsewhere and where it is not known.
    pair, taker_pair : slot of (account, symbol) of ``account`` and of ``taker``; -1 where the account is not known.
        A slot is used again only after its pair has long been silent.
    symbols, accounts : the names behind the codes.
    """

    first_row: int
    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: Int8Array
    order: IntArray
    account: Int32Array
    side: Int8Array
    price: IntArray
    size: IntArray
    bid: IntArray
    ask: IntArray
    bid_size: IntArray
    ask_size: IntArray
    bid_depth: IntArray
    ask_depth: IntArray
    order_size: IntArray
    order_left: IntArray
    order_time: IntArray
    level: Int32Array
    taker: Int32Array
    taker_order: IntArray
    taker_side: Int8Array
    pair: Int32Array
    taker_pair: Int32Array
    symbols: Names = field(repr=False)
    accounts: Names = field(repr=False)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def mid(self) -> FloatArray:
        """The mean of the best prices; the one there is where a side is empty, 0 where both are."""
        both = (self.bid > 0) & (self.ask > 0)
        total: FloatArray = (self.bid + self.ask).astype(float)
        total[both] /= 2
        return total

    def columns(self) -> dict[str, AnyArray]:
        """Return every column of length n by name."""
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("first_row", "symbols", "accounts")
        }

    def rows(self, start: int, stop: int) -> Tape:
        """Return rows ``start`` to ``stop`` of this run (positions, as a slice has them)."""
        low = range(len(self))[start:stop].start
        picked: dict[str, Any] = {name: column[start:stop] for name, column in self.columns().items()}
        return replace(self, first_row=self.first_row + low, **picked)
