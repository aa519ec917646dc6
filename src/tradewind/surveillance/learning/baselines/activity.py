"""What each account did in each symbol in each window of time: the table that anomaly detectors are used to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.events.table import Kind

ACTIVITY_NAMES = (
    "orders",
    "cancels",
    "trades_made",
    "trades_taken",
    "cancel_ratio",
    "order_to_trade",
    "size_mean",
    "size_max",
    "cancelled_share",
    "order_imbalance",
    "trade_imbalance",
    "volume",
    "aggressive_share",
    "level_mean",
    "lifetime_mean",
    "lifetime_min",
    "self_trades",
    "message_share",
    "volume_share",
    "depth_share_max",
    "price_move",
    "move_with_side",
)
"""Counts are logs of one plus the count, sizes are in the symbol's mean order, lifetimes are log seconds."""

NS = 1e9


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """Activity of n (account, symbol, window) cells of one market.

    Attributes
    ----------
    account, symbol : (n,) codes.
    start, end : (n,) the window, nanoseconds; the end is not in it.
    values : (n, p) of :data:`ACTIVITY_NAMES`, no NaN.
    """

    account: Int32Array
    symbol: Int32Array
    start: IntArray
    end: IntArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, eq=False)
class _Deeds:
    """Rows of a tape once for each account that acted in them, with the cell each belongs to."""

    row: IntArray
    taken: BoolArray
    cell: IntArray
    cells: int

    def count(self, where: BoolArray, weight: AnyArray | None = None) -> FloatArray:
        """Return (cells,) how many deeds, or what weight of them, satisfy ``where``."""
        chosen = None if weight is None else weight[where].astype(np.float64)
        found: FloatArray = np.bincount(self.cell[where], chosen, minlength=self.cells).astype(np.float64)
        return found

    def most(self, where: BoolArray, value: FloatArray, start: float) -> FloatArray:
        """Return (cells,) the largest ``value`` where ``where``, at least ``start``."""
        found = np.full(self.cells, start)
        np.maximum.at(found, self.cell[where], value[where])
        return found


def activity(tape: Tape, window_ns: int) -> Windows:
    """Return what every account did in ``tape``, in windows of ``window_ns`` from its first row.

    An account's deeds are its orders, cancels and executions on either side. Cells without a deed are not there.
    """
    rows = np.arange(len(tape), dtype=np.int64)
    traded = (tape.kind == Kind.TRADE) | (tape.kind == Kind.HIDDEN)
    acted = (tape.account >= 0) & (traded | (tape.kind == Kind.NEW) | (tape.kind == Kind.CANCEL))
    took = traded & (tape.taker >= 0)
    row = np.concatenate([rows[acted], rows[took]])
    taken = np.concatenate([np.zeros(int(acted.sum()), dtype=bool), np.ones(int(took.sum()), dtype=bool)])
    who = np.where(taken, tape.taker[row], tape.account[row])
    first = int(tape.time[0]) if len(tape) else 0
    key = np.stack([who.astype(np.int64), tape.symbol[row].astype(np.int64), (tape.time[row] - first) // window_ns])
    cells, code = np.unique(key, axis=1, return_inverse=True)
    deeds = _Deeds(row, taken, code.reshape(-1), cells.shape[1])
    return Windows(
        account=cells[0].astype(np.int32),
        symbol=cells[1].astype(np.int32),
        start=first + cells[2] * window_ns,
        end=first + (cells[2] + 1) * window_ns,
        values=_values(tape, deeds, cells[1], cells[2]),
    )


def _values(tape: Tape, deeds: _Deeds, symbol: IntArray, window: IntArray) -> FloatArray:
    kind, size = tape.kind[deeds.row], tape.size[deeds.row].astype(np.float64)
    side = np.where(deeds.taken, tape.taker_side[deeds.row], tape.side[deeds.row]).astype(np.float64)
    new, cancel = (kind == Kind.NEW) & ~deeds.taken, (kind == Kind.CANCEL) & ~deeds.taken
    trade = (kind == Kind.TRADE) | (kind == Kind.HIDDEN)
    unit = _typical_size(tape)[tape.symbol[deeds.row]]
    orders, cancels = deeds.count(new), deeds.count(cancel)
    made, taken = deeds.count(trade & ~deeds.taken), deeds.count(trade & deeds.taken)
    volume, ordered = deeds.count(trade, size), deeds.count(new, size)
    life = np.log10(np.maximum(tape.time[deeds.row] - tape.order_time[deeds.row], 1) / NS)
    depth = (tape.bid_depth + tape.ask_depth)[deeds.row].astype(np.float64)
    signed = deeds.count(trade, side * size)
    move = _moves(tape, symbol, deeds)
    messages = _all(deeds)
    itself = trade & (tape.account[deeds.row] == tape.taker[deeds.row]) & (tape.account[deeds.row] >= 0)
    columns = (
        np.log1p(orders),
        np.log1p(cancels),
        np.log1p(made),
        np.log1p(taken),
        cancels / np.maximum(orders, 1),
        np.log1p(orders / np.maximum(made + taken, 1)),
        deeds.count(new, size / unit) / np.maximum(orders, 1),
        deeds.most(new, size / unit, 0.0),
        deeds.count(cancel, size) / np.maximum(ordered, 1),
        np.abs(deeds.count(new, side * size)) / np.maximum(ordered, 1),
        np.abs(signed) / np.maximum(volume, 1),
        np.log1p(deeds.count(trade, size / unit)),
        deeds.count(new & (tape.level[deeds.row] < 0)) / np.maximum(orders, 1),
        deeds.count(new, np.maximum(tape.level[deeds.row], 0)) / np.maximum(orders, 1),
        deeds.count(cancel, life) / np.maximum(cancels, 1),
        -deeds.most(cancel, -life, -6.0),
        np.log1p(deeds.count(itself)),
        messages / np.maximum(_of_place(symbol, window, messages), 1),
        volume / np.maximum(_of_place(symbol, window, volume), 1),
        deeds.most(new, size / np.maximum(depth, 1), 0.0),
        np.abs(move),
        move * np.sign(signed),
    )
    values: FloatArray = np.nan_to_num(np.stack(columns, axis=1), nan=0.0, posinf=0.0, neginf=0.0)
    return values


def _all(deeds: _Deeds) -> FloatArray:
    return deeds.count(np.ones(len(deeds.row), dtype=bool))


def _typical_size(tape: Tape) -> FloatArray:
    """Return the mean size of a new order by symbol code, at least one."""
    new = tape.kind == Kind.NEW
    symbols = len(tape.symbols) + 1
    total = np.bincount(tape.symbol[new], tape.size[new].astype(np.float64), minlength=symbols)
    return np.maximum(total / np.maximum(np.bincount(tape.symbol[new], minlength=symbols), 1), 1.0)


def _of_place(symbol: IntArray, window: IntArray, value: FloatArray) -> FloatArray:
    """Return for each cell the sum of ``value`` over all accounts of its symbol and window."""
    _, code = np.unique(np.stack([symbol, window]), axis=1, return_inverse=True)
    code = code.reshape(-1)
    summed: FloatArray = np.bincount(code, value)[code].astype(np.float64)
    return summed


def _moves(tape: Tape, symbol: IntArray, deeds: _Deeds) -> FloatArray:
    """Return for each cell the change of its symbol's mid over its own deeds, in the symbol's typical change."""
    mid = np.log(np.maximum(tape.mid[deeds.row], 1.0))
    order = np.lexsort((deeds.row, deeds.cell))
    cell, ranked = deeds.cell[order], mid[order]
    edge = np.flatnonzero(np.diff(cell, prepend=-1, append=deeds.cells))
    change = ranked[edge[1:] - 1] - ranked[edge[:-1]]
    usual = np.bincount(symbol, np.abs(change)) / np.maximum(np.bincount(symbol), 1)
    return np.asarray(change / np.maximum(usual[symbol], 1e-9))
