"""The columns of a tape that detectors of orders read, as one tuple of arrays for compiled loops."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray
from tradewind.surveillance.book.tape import Tape


class Rows(NamedTuple):
    """Columns of a :class:`~tradewind.surveillance.book.tape.Tape`, each contiguous and of a fixed type."""

    time: AnyArray
    symbol: AnyArray
    seq: AnyArray
    kind: AnyArray
    order: AnyArray
    account: AnyArray
    side: AnyArray
    price: AnyArray
    size: AnyArray
    bid: AnyArray
    ask: AnyArray
    bid_depth: AnyArray
    ask_depth: AnyArray
    order_size: AnyArray
    order_left: AnyArray
    order_time: AnyArray
    level: AnyArray
    taker: AnyArray
    taker_order: AnyArray
    taker_side: AnyArray
    pair: AnyArray
    taker_pair: AnyArray


TYPES: dict[str, type] = {
    "symbol": np.int32,
    "kind": np.int8,
    "account": np.int32,
    "side": np.int8,
    "level": np.int32,
    "taker": np.int32,
    "taker_side": np.int8,
    "pair": np.int32,
    "taker_pair": np.int32,
}
"""Types of the columns that are not int64."""


ROW = np.dtype([(name, TYPES.get(name, np.int64)) for name in Rows._fields])
"""One row; compiled functions take it as one argument."""

Row: TypeAlias = Any
"""A record of :data:`ROW` (numba knows its type, mypy does not)."""


def rows_of(tape: Tape) -> Rows:
    """Return the tape's columns; nothing is copied where they already have the right type."""
    return Rows(**{name: np.ascontiguousarray(getattr(tape, name), TYPES.get(name, np.int64)) for name in Rows._fields})


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def load(rows: Rows, i: int, row: Row) -> None:
    """Copy row ``i`` into ``row``."""
    row.time = rows.time[i]
    row.symbol = rows.symbol[i]
    row.seq = rows.seq[i]
    row.kind = rows.kind[i]
    row.order = rows.order[i]
    row.account = rows.account[i]
    row.side = rows.side[i]
    row.price = rows.price[i]
    row.size = rows.size[i]
    row.bid = rows.bid[i]
    row.ask = rows.ask[i]
    row.bid_depth = rows.bid_depth[i]
    row.ask_depth = rows.ask_depth[i]
    row.order_size = rows.order_size[i]
    row.order_left = rows.order_left[i]
    row.order_time = rows.order_time[i]
    row.level = rows.level[i]
    row.taker = rows.taker[i]
    row.taker_order = rows.taker_order[i]
    row.taker_side = rows.taker_side[i]
    row.pair = rows.pair[i]
    row.taker_pair = rows.taker_pair[i]
