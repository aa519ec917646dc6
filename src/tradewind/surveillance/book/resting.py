"""The book as events: what would have to be entered anew so that a replay could go on from a moment within a source."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.replay import BookReplay
from tradewind.surveillance.events.table import EventTable, Kind, Names


def resting(replay: BookReplay, symbols: Names, accounts: Names) -> EventTable:
    """Return events that rebuild the books of ``replay`` as they stand, in the order in which orders were entered.

    An order that has lost shares is two rows: NEW with all it had and CANCEL of what it lost, at the time it was
    entered. A replay that reads them, and then what follows in the source, tells the same of it as one that read all
    from the first event. Rows have no sequence number (-1). An execution that waits for the row after it
    (:attr:`TradeStyle.BOTH`) is not among them: ask where the last event was none.
    """
    memory = replay.memory
    orders = at.region(memory, at.ORDERS)
    alive = orders[orders[:, at.STATE] != at.FREE]
    alive = alive[np.argsort(alive[:, at.SERIAL], kind="stable")]
    lost = alive[:, at.SIZE] - alive[:, at.LEFT]
    whole = np.where(alive[:, at.SEEDED] != 0, alive[:, at.LEFT], alive[:, at.SIZE])
    lost = np.where(alive[:, at.SEEDED] != 0, 0, lost)
    twice = np.repeat(np.arange(len(alive)), 1 + (lost > 0))
    second = np.append(False, twice[1:] == twice[:-1]) if len(twice) else np.empty(0, dtype=bool)
    picked = alive[twice]
    return EventTable(
        time=picked[:, at.TIME].copy(),
        symbol=picked[:, at.SYMBOL].astype(np.int32),
        seq=_filled(picked, -1),
        kind=np.where(second, int(Kind.CANCEL), int(Kind.NEW)).astype(np.int8),
        order=picked[:, at.ID].copy(),
        account=picked[:, at.ACCOUNT].astype(np.int32),
        side=picked[:, at.SIDE].astype(np.int8),
        price=picked[:, at.PRICE].copy(),
        size=np.where(second, lost[twice], whole[twice]).astype(np.int64),
        symbols=symbols,
        accounts=accounts,
        contra=_filled(picked, -1).astype(np.int32),
        contra_order=_filled(picked, 0),
    )


def _filled(like: IntArray, value: int) -> IntArray:
    return np.full(len(like), value, dtype=np.int64)
