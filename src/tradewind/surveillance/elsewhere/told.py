"""What a simulated venue writes down of a market, and the events that a reader is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.events.table import EventTable, Kind, Names


class Row(NamedTuple):
    """One event; ``taker`` and ``taker_order`` of a trade, which names the resting order otherwise."""

    time: int
    symbol: int
    kind: int
    order: int
    account: str
    side: int
    price: int
    size: int
    taker: str = ""
    taker_order: int = 0


def as_told(rows: Sequence[Row], style: str) -> list[Row]:
    """Return the rows with trades told by the ``resting`` order, the ``arriving`` one, or ``both``."""
    told: list[Row] = []
    for row in rows:
        if row.kind != Kind.TRADE or style == "resting":
            told.append(row)
            continue
        if style == "both":
            told.append(row)
        told.append(row._replace(order=row.taker_order, account=row.taker, side=-row.side))
    return told


def column(rows: Sequence[Row], name: str, kind: type = np.int64) -> np.ndarray:
    """Return (n,) one field of all rows."""
    return np.array([getattr(row, name) for row in rows], dtype=kind)


def table_of(rows: Sequence[Row], *, time: IntArray, price: IntArray, symbols: Sequence[str]) -> EventTable:
    """Return the rows as a table; ``time`` and ``price`` are (n,), in the units of the table."""
    accounts = Names()
    codes = np.array([accounts.code(row.account) for row in rows], dtype=np.int32)
    return EventTable(
        time=time,
        symbol=column(rows, "symbol", np.int32),
        seq=np.arange(1, len(rows) + 1, dtype=np.int64),
        kind=column(rows, "kind", np.int8),
        order=column(rows, "order"),
        account=codes,
        side=column(rows, "side", np.int8),
        price=price,
        size=column(rows, "size"),
        symbols=Names(tuple(symbols)),
        accounts=accounts,
    )
