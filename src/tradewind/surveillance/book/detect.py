"""Finding from its first events how a source writes executions."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.book.replay import BookReplay
from tradewind.surveillance.book.style import TradeStyle
from tradewind.surveillance.events.table import EventTable, Kind

PREFIX = 50_000
"""Events looked at."""


def detect_style(events: EventTable, prefix: int = PREFIX) -> TradeStyle:
    """Return how a source writes executions, from its first ``prefix`` events (its first chunk will do).

    No TRADE row although orders cross: implied. Most TRADE rows have a second one right after, same symbol, time,
    price and size, on the other side: both. Otherwise the rows' order ids decide: known and resting, known and just
    arrived, or none the book knows.
    """
    head = events.take(slice(0, prefix))
    trades = np.flatnonzero(head.kind == Kind.TRADE)
    orders = bool((head.kind == Kind.NEW).any())
    if not len(trades):
        return TradeStyle.IMPLIED if orders else TradeStyle.RESTING
    if 2 * _paired(head) > 0.6 * len(trades):
        return TradeStyle.BOTH
    if not orders:
        return TradeStyle.PRINTS if not _named(head, trades) else TradeStyle.RESTING
    return _by_orders(head)


def _paired(head: EventTable) -> int:
    """Count executions told by two successive rows."""
    a, b = slice(0, -1), slice(1, None)
    same = (head.kind[a] == Kind.TRADE) & (head.kind[b] == Kind.TRADE) & (head.symbol[a] == head.symbol[b])
    same &= (head.time[a] == head.time[b]) & (head.price[a] == head.price[b]) & (head.size[a] == head.size[b])
    same &= (head.side[a].astype(int) * head.side[b] < 0) & ((head.order[a] != head.order[b]) | (head.order[a] == 0))
    count, last = 0, -2
    for place in np.flatnonzero(same):
        if place > last + 1:
            count, last = count + 1, int(place)
    return count


def _named(head: EventTable, trades: np.ndarray) -> bool:
    """Whether trades and cancellations name orders by the same ids (the orders were entered before the record)."""
    cancels = head.order[head.kind == Kind.CANCEL]
    return bool(len(cancels)) and bool((head.order[trades] != 0).any())


def _by_orders(head: EventTable) -> TradeStyle:
    """Tell the styles with one row an execution apart by what their ids name in the book."""
    replay = BookReplay(head.symbols, head.accounts, style=TradeStyle.RESTING)
    replay.update(head)
    replay.finish()
    resting, arriving, unknown = replay.named
    if unknown > resting + arriving:
        return TradeStyle.PRINTS
    return TradeStyle.ARRIVING if arriving > resting else TradeStyle.RESTING
