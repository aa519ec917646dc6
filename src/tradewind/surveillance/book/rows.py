"""One row of the tape as the kernel writes it: 24 int64, in the order of the tape's columns."""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.hashing import pair_slot
from tradewind.surveillance.book.layout import State
from tradewind.surveillance.events.table import Kind

COLUMNS = (
    *("time", "symbol", "seq", "kind", "order", "account", "side", "price", "size"),
    *("bid", "ask", "bid_size", "ask_size", "bid_depth", "ask_depth"),
    *("order_size", "order_left", "order_time", "level", "taker", "taker_order", "taker_side", "pair", "taker_pair"),
)
"""Names of the columns, as :class:`Tape` has them."""

TIME, SYMBOL, SEQ, KIND, ORDER, ACCOUNT, SIDE, PRICE, SIZE = range(9)
BID, ASK, BID_SIZE, ASK_SIZE, BID_DEPTH, ASK_DEPTH = range(9, 15)
ORDER_SIZE, ORDER_LEFT, ORDER_TIME, LEVEL, TAKER, TAKER_ORDER, TAKER_SIDE, PAIR, TAKER_PAIR = range(15, 24)

DEPTH = 5
"""Levels counted in ``bid_depth`` and ``ask_depth``."""

EXECUTION = int(Kind.TRADE)


@njit(cache=True, nogil=True, error_model="numpy")
def write_side(st: State, row: IntArray, book: int, side: int) -> None:
    """Write best price, its shares and the shares on the best five levels of one side."""
    first = 1 if side < 0 else 0
    count = st.books[book, at.COUNT]
    if count == 0:
        row[BID + first] = 0
        row[BID_SIZE + first] = 0
        row[BID_DEPTH + first] = 0
        return
    best = st.books[book, at.START] + count - 1
    row[BID + first] = side * st.levels[best, at.KEY]
    row[BID_SIZE + first] = st.levels[best, at.TOTAL]
    depth = 0
    for i in range(best, best - min(count, DEPTH), -1):
        depth += st.levels[i, at.TOTAL]
    row[BID_DEPTH + first] = depth


@njit(cache=True, nogil=True, error_model="numpy")
def write_state(st: State, row: IntArray, symbol: int) -> None:
    """Write the state of the book of ``symbol``; the published quote where it never had an order."""
    if symbol < 0:
        row[BID : ASK_DEPTH + 1] = 0
    elif st.symbols[symbol, at.SEEN]:
        write_side(st, row, 2 * symbol, 1)
        write_side(st, row, 2 * symbol + 1, -1)
    else:
        quote = st.symbols[symbol]
        row[BID] = quote[at.QUOTE_BID]
        row[ASK] = quote[at.QUOTE_ASK]
        row[BID_SIZE] = quote[at.QUOTE_BID_SIZE]
        row[ASK_SIZE] = quote[at.QUOTE_ASK_SIZE]
        row[BID_DEPTH] = quote[at.QUOTE_BID_SIZE]
        row[ASK_DEPTH] = quote[at.QUOTE_ASK_SIZE]
    row[ORDER_SIZE] = 0
    row[ORDER_LEFT] = 0
    row[ORDER_TIME] = row[TIME]
    row[LEVEL] = 0
    row[TAKER] = -1
    row[TAKER_ORDER] = 0
    row[TAKER_SIDE] = 0
    row[PAIR] = -1
    row[TAKER_PAIR] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def write_order(st: State, row: IntArray, order: int) -> None:
    """Write whose order it is, and what it has."""
    orders = st.orders
    row[ORDER] = orders[order, at.ID]
    row[ACCOUNT] = orders[order, at.ACCOUNT]
    row[SIDE] = orders[order, at.SIDE]
    row[ORDER_SIZE] = orders[order, at.SIZE]
    row[ORDER_LEFT] = orders[order, at.LEFT]
    row[ORDER_TIME] = orders[order, at.TIME]
    row[PAIR] = pair_slot(st, row[ACCOUNT], row[SYMBOL])


@njit(cache=True, nogil=True, error_model="numpy")
def write_taker(st: State, row: IntArray) -> None:
    """Write who arrived, from ``party``, and remember the execution as the symbol's last."""
    party, symbol = st.party, row[SYMBOL]
    row[TAKER] = party[at.P_ACCOUNT]
    row[TAKER_ORDER] = party[at.P_ORDER]
    row[TAKER_SIDE] = party[at.P_SIDE]
    row[TAKER_PAIR] = pair_slot(st, row[TAKER], symbol)
    last = st.symbols[symbol]
    if row[PRICE] != last[at.LAST_PRICE] and last[at.LAST_PRICE] > 0:
        last[at.LAST_SIGN] = 1 if row[PRICE] > last[at.LAST_PRICE] else -1
    last[at.LAST_PRICE] = row[PRICE]
