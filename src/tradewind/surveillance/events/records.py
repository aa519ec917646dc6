"""Events from the event log, and to it: records of the topic ``orders`` as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tradewind.streaming.records import OrderEvent, OrderKind
from tradewind.surveillance.events.table import PRICE_UNIT, EventTable, Kind, Names

_KINDS: dict[OrderKind, Kind] = {
    "new": Kind.NEW,
    "cancel": Kind.CANCEL,
    "trade": Kind.TRADE,
    "hidden": Kind.HIDDEN,
    "halt": Kind.HALT,
    "resume": Kind.HALT,
    "news": Kind.NEWS,
    "quote": Kind.QUOTE,
}
_WORDS: dict[int, OrderKind] = {int(kind): word for word, kind in _KINDS.items() if word != "resume"}
_SIDES: dict[str, int] = {"buy": 1, "sell": -1, "": 0}
_SIDE_WORDS: dict[int, Literal["buy", "sell", ""]] = {1: "buy", -1: "sell", 0: ""}


def events_from_records(records: Sequence[OrderEvent], symbols: Names, accounts: Names) -> EventTable:
    """Return records as rows, in their order; names not yet known are added to ``symbols`` and ``accounts``."""
    price = np.rint(np.array([r.price for r in records], dtype=np.float64) * PRICE_UNIT).astype(np.int64)
    kind = np.array([_KINDS[r.kind] for r in records], dtype=np.int8)
    halts = kind == Kind.HALT
    if halts.any():
        resumed = np.array([r.kind == "resume" for r in records], dtype=bool)
        price[halts] = np.where(resumed[halts], 1, -1)
    return EventTable(
        time=np.array([r.timestamp_ns for r in records], dtype=np.int64),
        symbol=np.array([symbols.code(r.symbol) for r in records], dtype=np.int32),
        seq=np.array([r.venue_seq for r in records], dtype=np.int64),
        kind=kind,
        order=np.array([r.order_id for r in records], dtype=np.int64),
        account=np.array([accounts.code(r.account) for r in records], dtype=np.int32),
        side=np.array([_SIDES[r.side] for r in records], dtype=np.int8),
        price=price,
        size=np.array([r.size for r in records], dtype=np.int64),
        symbols=symbols,
        accounts=accounts,
    )


def records_from_events(table: EventTable, source: str = "") -> list[OrderEvent]:
    """Return rows as records for the log; the two columns about the other side of a trade have no place there.

    A halt in which quoting has begun again (``price`` 0) is told as a halt.
    """
    columns = (table.time, table.symbol, table.seq, table.kind, table.order, table.account, table.side, table.size)
    prices = np.where(table.kind == Kind.HALT, 0, table.price) / PRICE_UNIT
    resumed = (table.kind == Kind.HALT) & (table.price == 1)
    return [
        OrderEvent(
            symbol=table.symbols[symbol],
            timestamp_ns=time,
            venue_seq=seq,
            kind="resume" if resumes else _WORDS[kind],
            order_id=order,
            account=table.accounts[account],
            side=_SIDE_WORDS[side],
            price=price,
            size=size,
            source=source,
        )
        for time, symbol, seq, kind, order, account, side, size, price, resumes in zip(
            *(column.tolist() for column in columns), prices.tolist(), resumed.tolist(), strict=True
        )
    ]
