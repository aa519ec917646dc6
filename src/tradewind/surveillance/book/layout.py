"""The arrays the replay keeps its state in: orders, price levels, symbols, pairs, and the hash tables over them.

Rows of one table lie together (an order is one row of 16 int64), so that an event touches few lines of memory. Tables
grow by doubling, outside the kernel, at a row that depends on the events alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import IntArray

ID, SYMBOL, SIDE, PRICE, SIZE, LEFT, TIME, ACCOUNT, NEXT, PREVIOUS, STATE, SERIAL = range(12)
"""Columns of ``orders``; ``NEXT`` also chains the free rows. ``SERIAL`` counts orders as they were entered."""

FREE, RESTING, PENDING, ASIDE = range(4)
"""States of an order. Pending: it crosses and its executions may follow. Aside: it still crosses but no execution came;
it is kept by id, outside the levels, so that the book is never crossed by it."""

KEY, TOTAL, HEAD, TAIL = range(4)
"""Columns of ``levels``: side times price (so the best of a side is the greatest), shares, first and last order."""

START, ROOM, COUNT, ORDERS = range(4)
"""Columns of ``books`` (book 2 s of symbol s holds bids, 2 s + 1 asks): first row and room in ``levels``, levels used,
orders in the queues. Levels are sorted by key; the best is the last."""

WAITING, HALTED, SEEN, LAST_TIME, LAST_PRICE, LAST_SIZE, LAST_OTHER, LAST_SIGN = range(8)
QUOTE_BID, QUOTE_BID_SIZE, QUOTE_ASK, QUOTE_ASK_SIZE = range(8, 12)
"""Columns of ``symbols``: the pending order (-1), halted, orders seen; the last execution and who was on its other side
(by order id, 0 unknown); the published quote."""

PAIR_KEY, PAIR_USED = range(2)
"""Columns of ``pairs``: account and symbol in one number, and whether it was heard of since the hand last passed."""

FREE_ROW, LIVE, MADE, PAIRS, HAND, FOUND, NEXT_ROW, OUT_ROWS, NEED, ORDER_LIMIT, PAIR_LIMIT = range(11)
BY_RESTING, BY_ARRIVING, BY_NONE = range(11, 14)
"""Entries of ``head``: first free order row, orders alive, orders ever made, pairs in use, the evicting hand, problems
written, next event, rows written, what the kernel stopped for (book or symbol), bounds; TRADE rows that named a resting
order, an arriving one, and none that is known."""

P_SIDE, P_SLOT, P_ACCOUNT, P_ORDER, P_MAKER, P_MAKER_ORDER = range(6)
"""Entries of ``party``: the arriving side of an execution (side, row in ``orders`` or -1, account, id) and what
is known of the resting one (account, id)."""

CROSSED, UNKNOWN, FINISHED, OVER, REPEATED, DROPPED, INVALID = range(7)
CODES = (
    "crossed_book",
    "unknown_order",
    "finished_order",
    "over_execution",
    "repeated_order",
    "dropped_order",
    "unusable_order",
)
"""Codes of problems, as they are collected, by their number in the kernel."""

DONE, OUT_FULL, ORDERS_FULL, LEVELS_FULL, PAIRS_FULL, NEXT_NEEDED = range(6)
"""Why the kernel came back."""

WIDTH = 16
PROBLEM_ROOM = 4096
GONE_ROOM = 1 << 16


class State(NamedTuple):
    """Everything the replay remembers; int64 throughout.

    ``orders`` (n, 16), ``table`` (h, 2) hash and row + 1 of each live order, ``levels`` (m, 4), ``books`` (2 S, 4),
    ``symbols`` (S, 12), ``pairs`` (p, 2), ``pair_table`` (q, 2), ``gone`` hashes of orders that lately left,
    ``head``, ``party`` scratch, ``problems`` (.., 2) code and event, ``counts`` by code.
    """

    orders: IntArray
    table: IntArray
    levels: IntArray
    books: IntArray
    symbols: IntArray
    pairs: IntArray
    pair_table: IntArray
    gone: IntArray
    head: IntArray
    party: IntArray
    problems: IntArray
    counts: IntArray


def new_state(order_limit: int, pair_limit: int) -> State:
    """Return an empty state that may grow to ``order_limit`` live orders and ``pair_limit`` pairs."""
    rows, pairs = min(1 << 12, order_limit), min(1 << 12, pair_limit)
    orders = np.zeros((rows, WIDTH), dtype=np.int64)
    chain_free(orders, 0)
    head = np.zeros(16, dtype=np.int64)
    head[ORDER_LIMIT], head[PAIR_LIMIT] = order_limit, pair_limit
    return State(
        orders=orders,
        table=np.zeros((table_size(rows), 2), dtype=np.int64),
        levels=np.zeros((1 << 10, 4), dtype=np.int64),
        books=np.zeros((0, 4), dtype=np.int64),
        symbols=np.zeros((0, 12), dtype=np.int64),
        pairs=np.zeros((pairs, 2), dtype=np.int64),
        pair_table=np.zeros((table_size(pairs), 2), dtype=np.int64),
        gone=np.zeros(GONE_ROOM, dtype=np.int64),
        head=head,
        party=np.zeros(8, dtype=np.int64),
        problems=np.zeros((PROBLEM_ROOM, 2), dtype=np.int64),
        counts=np.zeros(len(CODES), dtype=np.int64),
    )


def table_size(rows: int) -> int:
    """Return the size of a hash table over ``rows`` entries: a power of two, at most half full."""
    return 1 << (2 * rows - 1).bit_length()


def chain_free(orders: IntArray, first: int) -> None:
    """Chain the rows from ``first`` on as free, ending with -1."""
    orders[first:, NEXT] = np.arange(first + 1, len(orders) + 1)
    orders[-1, NEXT] = -1
