"""What an execution did to the book, whichever of its two orders the source named."""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book import rows as col
from tradewind.surveillance.book.hashing import pair_slot
from tradewind.surveillance.book.layout import State
from tradewind.surveillance.book.levels import crosses, first_at, first_of_best, rank_of, reduce, rest


@njit(cache=True, nogil=True, error_model="numpy")
def report(st: State, code: int, event: int) -> None:
    """Note a problem with event ``event`` of the chunk."""
    found = st.head[at.FOUND]
    if found < at.PROBLEM_ROOM:
        st.problems[found, 0] = code
        st.problems[found, 1] = event
        st.head[at.FOUND] = found + 1
    st.counts[code] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def settle(st: State, symbol: int, time: int, event: int) -> None:
    """Decide about the pending order, now that another event than its execution has come.

    What no longer crosses rests. What still does is waited for as long as the clock stands at its time (``time`` -1: no
    longer), then put aside and reported. What is left of a market order is gone.
    """
    row = st.symbols[symbol, at.WAITING]
    if row < 0:
        return
    orders = st.orders
    price = orders[row, at.PRICE]
    crossing = crosses(st, symbol, orders[row, at.SIDE], price)
    if crossing and orders[row, at.TIME] == time:
        return
    if price == 0:
        reduce(st, row, orders[row, at.LEFT])
        return
    st.symbols[symbol, at.WAITING] = -1
    if crossing and not st.symbols[symbol, at.HALTED]:
        orders[row, at.STATE] = at.ASIDE
        report(st, at.CROSSED, event)
    else:
        rest(st, row)


@njit(cache=True, nogil=True, error_model="numpy")
def arriving_side(st: State, row: IntArray) -> int:
    """Return which side arrived, where no order says it: by the quote, then the row, then the last change of price.

    Source: Lee and Ready (1991), "Inferring trade direction from intraday data".
    """
    bid, ask, price = row[col.BID], row[col.ASK], row[col.PRICE]
    if bid < ask or bid == 0 or ask == 0:
        if ask > 0 and price >= ask:
            return 1
        if bid > 0 and price <= bid:
            return -1
    if row[col.SIDE]:
        return row[col.SIDE]
    last = st.symbols[row[col.SYMBOL]]
    if last[at.LAST_PRICE] > 0 and price != last[at.LAST_PRICE]:
        return 1 if price > last[at.LAST_PRICE] else -1
    return last[at.LAST_SIGN]


@njit(cache=True, nogil=True, error_model="numpy")
def take_from(st: State, row: int, size: int, event: int) -> None:
    """Take an execution from the arriving order in ``row`` (-1: not known), never more than it has."""
    if row < 0:
        return
    if size > st.orders[row, at.LEFT]:
        report(st, at.OVER, event)
        size = st.orders[row, at.LEFT]
    reduce(st, row, size)


@njit(cache=True, nogil=True, error_model="numpy")
def execute(st: State, row: IntArray, resting: int, size: int) -> None:
    """Write the execution of ``size`` (at most what it has) of a resting order, and take it from the book."""
    symbol, side = st.orders[resting, at.SYMBOL], st.orders[resting, at.SIDE]
    col.write_order(st, row, resting)
    row[col.SIZE] = size
    row[col.LEVEL] = rank_of(st, symbol, side, st.orders[resting, at.PRICE])
    col.write_taker(st, row)
    reduce(st, resting, size)


@njit(cache=True, nogil=True, error_model="numpy")
def resting_for(st: State, symbol: int, price: int) -> int:
    """Return the resting order an arriving one met at ``price``: first in line there, of the account if that is known.

    Where nothing rests at the price but the best of the other side would have traded with it, it is the first there.
    """
    side, account = st.party[at.P_SIDE], st.party[at.P_MAKER]
    if side == 0:
        return -1
    found = first_at(st, symbol, -side, price, account)
    if found < 0 and account >= 0:
        found = first_at(st, symbol, -side, price, -1)
    if found < 0 and crosses(st, symbol, side, price):
        found = first_of_best(st, symbol, -side)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def print_only(st: State, row: IntArray) -> None:
    """Write an execution whose resting order is not known; the book stays as it is."""
    party = st.party
    row[col.ORDER] = party[at.P_MAKER_ORDER]
    row[col.ACCOUNT] = party[at.P_MAKER]
    row[col.SIDE] = -party[at.P_SIDE]
    row[col.ORDER_SIZE] = row[col.SIZE]
    row[col.ORDER_LEFT] = row[col.SIZE]
    row[col.PAIR] = pair_slot(st, row[col.ACCOUNT], row[col.SYMBOL])
    col.write_taker(st, row)


@njit(cache=True, nogil=True, error_model="numpy")
def arrive(st: State, out: IntArray, filled: int, event: int) -> int:
    """Write an execution told from the arriving side (``party``): one row for each resting order it took.

    ``out[filled]`` holds the event and the state of the book; returns the number of rows filled afterwards.
    """
    row = out[filled]
    party, symbol, price, size = st.party, row[col.SYMBOL], row[col.PRICE], row[col.SIZE]
    arrived, left = party[at.P_SLOT], size
    resting = resting_for(st, symbol, price)
    first = filled
    while left > 0 and resting >= 0 and resting != arrived:
        if filled > first:
            out[filled] = out[first]
            out[filled, col.PRICE] = price
            col.write_state(st, out[filled], symbol)
        took = min(left, st.orders[resting, at.LEFT])
        left -= took
        execute(st, out[filled], resting, took)
        filled += 1
        resting = resting_for(st, symbol, price)
    if filled == first:
        print_only(st, row)
        filled += 1
        if st.symbols[symbol, at.SEEN]:
            report(st, at.OVER, event)
    elif left > 0:
        report(st, at.OVER, event)
        size -= left
    take_from(st, arrived, size, event)
    return filled
