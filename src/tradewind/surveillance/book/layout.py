"""The memory of the replay: one array of int64 with everything in it, and where in it each thing lies.

One array, because a compiled function that is handed a dozen counts references to each of them at every call. An
*address* is a position in the array, valid until it is laid out anew; what is kept (queues, tables) holds row numbers.
Regions grow by doubling, between two events, at an event that depends on the events alone.
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import IntArray

ORDERS, TABLE, LEVELS, SYMBOLS, PAIRS, PAIR_TABLE, GONE, PROBLEMS = range(8)
"""Entries that hold the address of each region; the entry ``ROWS`` later holds how many rows it has."""

ROWS = 8

FREE_ROW, LIVE, MADE, PAIRS_USED, HAND, FOUND, NEXT_EVENT, NEED, ORDER_LIMIT, PAIR_LIMIT = range(16, 26)
"""First free order row (-1), orders alive, orders ever made, pairs in use, the evicting hand, problems written, next
event, what the kernel stopped for (an address or a number of rows), bounds."""

BY_RESTING, BY_ARRIVING, BY_NONE, PRINTED = range(26, 30)
"""TRADE rows that named a resting order, an arriving one, none that is known; whether there was any."""

COUNTS = 32
"""Problems by code."""

P_SIDE, P_ROW, P_ACCOUNT, P_ORDER, P_MAKER, P_MAKER_ORDER = range(40, 46)
"""Who arrived in the execution at hand (side, row of its order or -1, account, id) and what is told of the order it met
(account, id)."""

E_TIME, E_SYMBOL, E_SEQ, E_KIND, E_ORDER, E_ACCOUNT, E_SIDE, E_PRICE, E_SIZE, E_CONTRA, E_NUMBER = range(48, 59)
"""The event at hand: its columns, the other account if the source tells it, and its number in the chunk."""

HEADER = 64

ID, SYMBOL, SIDE, PRICE, SIZE, LEFT, TIME, ACCOUNT, NEXT, PREVIOUS, STATE, SERIAL, PAIR, SEEDED = range(14)
"""An order. ``NEXT`` also chains the free rows; ``SERIAL`` counts orders as they were entered; ``PAIR`` is the slot its
account and symbol had then; ``SEEDED`` marks shares that rested before the record began."""

FREE, RESTING, PENDING, ASIDE = range(4)
"""States of an order. Pending: it crosses and its executions may follow. Aside: it still crosses but no execution came;
it is kept by id, outside the levels, so that the book is never crossed by it."""

KEY, TOTAL, HEAD, TAIL = range(4)
"""A level: side times price (so the best of a side is the greatest), shares, first and last order."""

WAITING, HALTED, SEEN, LAST_TIME, LAST_PRICE, LAST_SIZE, LAST_OTHER, LAST_SIGN = range(8)
QUOTE_BID, QUOTE_ASK, QUOTE_BID_SIZE, QUOTE_ASK_SIZE = range(8, 12)
BIDS, ASKS = 12, 16
"""A symbol: row of its pending order (-1), halted, orders seen; the last execution and which order was on its other
side (0 unknown); the published quote; its two books."""

START, ROOM, COUNT, QUEUED = range(4)
"""A book, one side of a symbol: first row and room in ``LEVELS``, levels used, orders in its queues. Levels are sorted
by key; the best is the last."""

PAIR_KEY, PAIR_USED = range(2)
"""A pair: account and symbol in one number, and whether it was heard of since the hand last passed."""

WIDTHS = (16, 2, 4, 20, 2, 2, 1, 2)
ORDER_WIDTH, LEVEL_WIDTH, SYMBOL_WIDTH = 16, 4, 20
"""Numbers to a row, by region."""

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

PROBLEM_ROOM = 4096
GONE_ROOM = 1 << 16


def new_memory(order_limit: int, pair_limit: int) -> IntArray:
    """Return the memory of a replay that may grow to ``order_limit`` live orders and ``pair_limit`` pairs."""
    orders, pairs = min(1 << 12, order_limit), min(1 << 12, pair_limit)
    memory = np.zeros(HEADER, dtype=np.int64)
    memory[[ORDER_LIMIT, PAIR_LIMIT, FREE_ROW]] = order_limit, pair_limit, -1
    memory[ORDERS : ORDERS + len(WIDTHS)] = HEADER
    rows = {
        TABLE: table_size(orders),
        LEVELS: 1 << 10,
        PAIRS: pairs,
        PAIR_TABLE: table_size(pairs),
        GONE: GONE_ROOM,
        PROBLEMS: PROBLEM_ROOM,
    }
    return chain_free(resized(memory, {ORDERS: orders, **rows}), 0)


def resized(memory: IntArray, rows: dict[int, int]) -> IntArray:
    """Return ``memory`` laid out anew with ``rows`` of the regions named; what they held is kept, the rest is 0."""
    sizes = [rows.get(region, int(memory[ROWS + region])) for region in range(len(WIDTHS))]
    laid = np.zeros(HEADER + sum(n * width for n, width in zip(sizes, WIDTHS, strict=True)), dtype=np.int64)
    laid[:HEADER] = memory[:HEADER]
    address = HEADER
    for region, width in enumerate(WIDTHS):
        kept = min(sizes[region], int(memory[ROWS + region])) * width
        old = int(memory[region])
        laid[address : address + kept] = memory[old : old + kept]
        laid[region], laid[ROWS + region] = address, sizes[region]
        address += sizes[region] * width
    return laid


def region(memory: IntArray, which: int) -> IntArray:
    """Return a view of a region: (rows, width)."""
    start, rows, width = int(memory[which]), int(memory[ROWS + which]), WIDTHS[which]
    return memory[start : start + rows * width].reshape(rows, width)


def table_size(rows: int) -> int:
    """Return the size of a hash table over ``rows`` entries: a power of two, at most half full."""
    return 1 << (2 * rows - 1).bit_length()


def chain_free(memory: IntArray, first: int) -> IntArray:
    """Chain the order rows from ``first`` on as the free ones; return ``memory``."""
    orders = region(memory, ORDERS)
    orders[first:, NEXT] = np.arange(first + 1, len(orders) + 1)
    orders[-1, NEXT] = memory[FREE_ROW]
    memory[FREE_ROW] = first
    return memory
