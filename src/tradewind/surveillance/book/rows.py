"""Rows of the tape as the kernel writes them: 24 int64 each, one after the other, in the order of the tape's columns.

``r`` is the position of a row's first number in ``out``.
"""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.hashing import pair_again, pair_slot
from tradewind.surveillance.book.levels import end_of, order_at, symbol_at

COLUMNS = (
    *("time", "symbol", "seq", "kind", "order", "account", "side", "price", "size"),
    *("bid", "ask", "bid_size", "ask_size", "bid_depth", "ask_depth"),
    *("order_size", "order_left", "order_time", "level", "taker", "taker_order", "taker_side", "pair", "taker_pair"),
)
"""Names of the columns, as :class:`Tape` has them."""

WIDTH = len(COLUMNS)

TIME, SYMBOL, SEQ, KIND, ORDER, ACCOUNT, SIDE, PRICE, SIZE = range(9)
BID, ASK, BID_SIZE, ASK_SIZE, BID_DEPTH, ASK_DEPTH = range(9, 15)
ORDER_SIZE, ORDER_LEFT, ORDER_TIME, LEVEL, TAKER, TAKER_ORDER, TAKER_SIDE, PAIR, TAKER_PAIR = range(15, 24)

DEPTH = 5
"""Levels counted in ``bid_depth`` and ``ask_depth``."""


@njit(cache=True, nogil=True, error_model="numpy")
def write_side(m: IntArray, out: IntArray, r: int, book: int, side: int) -> None:
    """Write best price, its shares and the shares on the best five levels of one side; ``r``: the bid's columns are
    written, of the row one further for the ask's."""
    count = m[book + at.COUNT]
    if count == 0:
        out[r + BID] = 0
        out[r + BID_SIZE] = 0
        out[r + BID_DEPTH] = 0
        return
    best = end_of(m, book) - at.LEVEL_WIDTH
    out[r + BID] = side * m[best + at.KEY]
    out[r + BID_SIZE] = m[best + at.TOTAL]
    depth = 0
    for i in range(min(count, DEPTH)):
        depth += m[best - i * at.LEVEL_WIDTH + at.TOTAL]
    out[r + BID_DEPTH] = depth


@njit(cache=True, nogil=True, error_model="numpy")
def write_state(m: IntArray, out: IntArray, r: int, symbol: int) -> None:
    """Write the state of the book of ``symbol``; the published quote where it never had an order."""
    s = symbol_at(m, symbol)
    if symbol < 0:
        for column in range(BID, ASK_DEPTH + 1):
            out[r + column] = 0
    elif m[s + at.SEEN]:
        write_side(m, out, r, s + at.BIDS, 1)
        write_side(m, out, r + 1, s + at.ASKS, -1)
    else:
        out[r + BID] = m[s + at.QUOTE_BID]
        out[r + ASK] = m[s + at.QUOTE_ASK]
        out[r + BID_SIZE] = m[s + at.QUOTE_BID_SIZE]
        out[r + ASK_SIZE] = m[s + at.QUOTE_ASK_SIZE]
        out[r + BID_DEPTH] = m[s + at.QUOTE_BID_SIZE]
        out[r + ASK_DEPTH] = m[s + at.QUOTE_ASK_SIZE]
    out[r + ORDER_SIZE] = 0
    out[r + ORDER_LEFT] = 0
    out[r + ORDER_TIME] = out[r + TIME]
    out[r + LEVEL] = 0
    out[r + TAKER] = -1
    out[r + TAKER_ORDER] = 0
    out[r + TAKER_SIDE] = 0
    out[r + PAIR] = -1
    out[r + TAKER_PAIR] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def open_row(m: IntArray, out: IntArray, r: int) -> None:
    """Write the event at hand and the state of its book."""
    for column in range(SIZE + 1):
        out[r + column] = m[at.E_TIME + column]
    write_state(m, out, r, m[at.E_SYMBOL])


@njit(cache=True, nogil=True, error_model="numpy")
def write_order(m: IntArray, out: IntArray, r: int, row: int) -> None:
    """Write whose order it is, and what it has."""
    o = order_at(m, row)
    out[r + ORDER] = m[o + at.ID]
    out[r + ACCOUNT] = m[o + at.ACCOUNT]
    out[r + SIDE] = m[o + at.SIDE]
    out[r + ORDER_SIZE] = m[o + at.SIZE]
    out[r + ORDER_LEFT] = m[o + at.LEFT]
    out[r + ORDER_TIME] = out[r + TIME] if m[o + at.SEEDED] else m[o + at.TIME]
    m[o + at.PAIR] = pair_again(m, m[o + at.PAIR], m[o + at.ACCOUNT], m[o + at.SYMBOL])
    out[r + PAIR] = m[o + at.PAIR]


@njit(cache=True, nogil=True, error_model="numpy")
def write_taker(m: IntArray, out: IntArray, r: int) -> None:
    """Write who arrived, and remember the price as the symbol's last."""
    symbol, account, row, price = out[r + SYMBOL], m[at.P_ACCOUNT], m[at.P_ROW], out[r + PRICE]
    out[r + TAKER] = account
    out[r + TAKER_ORDER] = m[at.P_ORDER]
    out[r + TAKER_SIDE] = m[at.P_SIDE]
    if row >= 0 and m[order_at(m, row) + at.ACCOUNT] == account:
        out[r + TAKER_PAIR] = pair_again(m, m[order_at(m, row) + at.PAIR], account, symbol)
    else:
        out[r + TAKER_PAIR] = pair_slot(m, account, symbol)
    s = symbol_at(m, symbol)
    last = m[s + at.LAST_PRICE]
    if price != last and last > 0:
        m[s + at.LAST_SIGN] = 1 if price > last else -1
    m[s + at.LAST_PRICE] = price
