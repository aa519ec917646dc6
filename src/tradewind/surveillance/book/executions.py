"""What an execution did to the book, whichever of its two orders the source named."""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book import rows as col
from tradewind.surveillance.book.hashing import pair_slot
from tradewind.surveillance.book.levels import (
    crosses,
    first_at,
    first_of_best,
    order_at,
    rank_of,
    reduce,
    rest,
    symbol_at,
)
from tradewind.surveillance.events.table import Kind

TRADE = int(Kind.TRADE)


@njit(cache=True, nogil=True, error_model="numpy")
def report(m: IntArray, code: int) -> None:
    """Note a problem with the event at hand."""
    found = m[at.FOUND]
    if found < at.PROBLEM_ROOM:
        m[m[at.PROBLEMS] + 2 * found] = code
        m[m[at.PROBLEMS] + 2 * found + 1] = m[at.E_NUMBER]
        m[at.FOUND] = found + 1
    m[at.COUNTS + code] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def settle(m: IntArray, symbol: int, time: int) -> None:
    """Decide about the pending order, now that another event than its execution has come.

    What no longer crosses rests. What still does is waited for as long as the clock stands at its time (``time`` -1: no
    longer), then put aside and reported. What is left of a market order is gone.
    """
    row = m[symbol_at(m, symbol) + at.WAITING]
    if row < 0:
        return
    o = order_at(m, row)
    price = m[o + at.PRICE]
    crossing = crosses(m, symbol, m[o + at.SIDE], price)
    if crossing and m[o + at.TIME] == time:
        return
    if price == 0:
        reduce(m, row, m[o + at.LEFT])
        return
    m[symbol_at(m, symbol) + at.WAITING] = -1
    if crossing and not m[symbol_at(m, symbol) + at.HALTED]:
        m[o + at.STATE] = at.ASIDE
        report(m, at.CROSSED)
    else:
        rest(m, row)


@njit(cache=True, nogil=True, error_model="numpy")
def waiting_order(m: IntArray, symbol: int) -> int:
    """Return the pending order's row, if it can still trade, else -1; one that cannot rests."""
    row = m[symbol_at(m, symbol) + at.WAITING]
    if row < 0:
        return -1
    o = order_at(m, row)
    if m[o + at.PRICE] == 0 or crosses(m, symbol, m[o + at.SIDE], m[o + at.PRICE]):
        return int(row)
    settle(m, symbol, -1)
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def arriving_side(m: IntArray, out: IntArray, r: int) -> int:
    """Return which side arrived, where no order says it: by the quote, then the row, then the last change of price.

    Source: Lee and Ready (1991), "Inferring trade direction from intraday data".
    """
    bid, ask, price = out[r + col.BID], out[r + col.ASK], out[r + col.PRICE]
    if bid < ask or bid == 0 or ask == 0:
        if ask > 0 and price >= ask:
            return 1
        if bid > 0 and price <= bid:
            return -1
    if out[r + col.SIDE]:
        return int(out[r + col.SIDE])
    s = symbol_at(m, out[r + col.SYMBOL])
    last = m[s + at.LAST_PRICE]
    if last > 0 and price != last:
        return 1 if price > last else -1
    return int(m[s + at.LAST_SIGN])


@njit(cache=True, nogil=True, error_model="numpy")
def take_from(m: IntArray, row: int, size: int) -> None:
    """Take an execution from the arriving order in ``row`` (-1: not known), never more than it has."""
    if row < 0:
        return
    left = m[order_at(m, row) + at.LEFT]
    if size > left:
        report(m, at.OVER)
        size = left
    reduce(m, row, size)


@njit(cache=True, nogil=True, error_model="numpy")
def execute(m: IntArray, out: IntArray, r: int, resting: int, size: int) -> None:
    """Write the execution of ``size`` (at most what it has) of a resting order, and take it from the book."""
    o = order_at(m, resting)
    col.write_order(m, out, r, resting)
    out[r + col.SIZE] = size
    out[r + col.LEVEL] = rank_of(m, m[o + at.SYMBOL], m[o + at.SIDE], m[o + at.PRICE])
    col.write_taker(m, out, r)
    reduce(m, resting, size)


@njit(cache=True, nogil=True, error_model="numpy")
def match(m: IntArray, out: IntArray, r: int, own: int) -> int:
    """Execute an entered order (written at ``r``) against the other side, best price and oldest order first.

    Returns the position after the rows written.
    """
    o = order_at(m, own)
    symbol, side, price, left = m[o + at.SYMBOL], m[o + at.SIDE], m[o + at.PRICE], m[o + at.LEFT]
    m[at.P_SIDE], m[at.P_ROW], m[at.P_ACCOUNT], m[at.P_ORDER] = side, own, m[o + at.ACCOUNT], m[o + at.ID]
    entry = r
    r += col.WIDTH
    while left > 0 and crosses(m, symbol, side, price):
        resting = first_of_best(m, symbol, -side)
        for column in range(col.SIZE):
            out[r + column] = out[entry + column]
        out[r + col.KIND] = TRADE
        out[r + col.PRICE] = m[order_at(m, resting) + at.PRICE]
        col.write_state(m, out, r, symbol)
        took = min(left, m[order_at(m, resting) + at.LEFT])
        left -= took
        execute(m, out, r, resting, took)
        r += col.WIDTH
    m[o + at.LEFT] = left
    return r


@njit(cache=True, nogil=True, error_model="numpy")
def resting_for(m: IntArray, symbol: int, price: int) -> int:
    """Return the resting order an arriving one met at ``price``: first in line there, of the account if that is known.

    Where nothing rests at the price but the best of the other side would have traded with it, it is the first there.
    """
    side, account = m[at.P_SIDE], m[at.P_MAKER]
    if side == 0:
        return -1
    found = first_at(m, symbol, -side, price, account)
    if found < 0 and account >= 0:
        found = first_at(m, symbol, -side, price, -1)
    if found < 0 and price > 0 and crosses(m, symbol, side, price):
        found = first_of_best(m, symbol, -side)
    return int(found)


@njit(cache=True, nogil=True, error_model="numpy")
def print_only(m: IntArray, out: IntArray, r: int) -> None:
    """Write an execution whose resting order is not known; the book stays as it is."""
    out[r + col.ORDER] = m[at.P_MAKER_ORDER]
    out[r + col.ACCOUNT] = m[at.P_MAKER]
    out[r + col.SIDE] = -m[at.P_SIDE]
    out[r + col.ORDER_SIZE] = out[r + col.SIZE]
    out[r + col.ORDER_LEFT] = out[r + col.SIZE]
    out[r + col.PAIR] = pair_slot(m, m[at.P_MAKER], out[r + col.SYMBOL])
    col.write_taker(m, out, r)


@njit(cache=True, nogil=True, error_model="numpy")
def arrive(m: IntArray, out: IntArray, r: int) -> int:
    """Write an execution told from the arriving side: one row for each resting order it took.

    The row at ``r`` holds the event and the state of the book; returns the position after the rows written.
    """
    symbol, price, size, arrived = out[r + col.SYMBOL], out[r + col.PRICE], out[r + col.SIZE], m[at.P_ROW]
    left, first = size, r
    resting = resting_for(m, symbol, price)
    while left > 0 and resting >= 0 and resting != arrived:
        if r > first:
            for column in range(col.SIZE):
                out[r + column] = out[first + column]
            col.write_state(m, out, r, symbol)
        took = min(left, m[order_at(m, resting) + at.LEFT])
        left -= took
        execute(m, out, r, resting, took)
        r += col.WIDTH
        resting = resting_for(m, symbol, price)
    if r == first:
        print_only(m, out, r)
        r += col.WIDTH
    if left > 0 and m[symbol_at(m, symbol) + at.SEEN]:
        report(m, at.OVER)
    take_from(m, arrived, size)
    return r
