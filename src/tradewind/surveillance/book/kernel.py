"""The loop over events: each brings the book forward and leaves its rows on the tape."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from tradewind.core.arrays import Int32Array, IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book import rows as col
from tradewind.surveillance.book.executions import (
    arrive,
    arriving_side,
    execute,
    print_only,
    report,
    settle,
    take_from,
)
from tradewind.surveillance.book.hashing import find_order, hash_order, insert, mixed, pair_slot
from tradewind.surveillance.book.layout import State
from tradewind.surveillance.book.levels import crosses, enter, first_at, first_of_best, rank_of, reduce, rest
from tradewind.surveillance.events.table import Int8Array, Kind

NEW, CANCEL, TRADE, HIDDEN = int(Kind.NEW), int(Kind.CANCEL), int(Kind.TRADE), int(Kind.HIDDEN)
HALT, QUOTE = int(Kind.HALT), int(Kind.QUOTE)

RESTING_NAMED, ARRIVING_NAMED, BOTH_NAMED, PRINTS, UNPRINTED = range(5)
"""How a source writes executions; the values of :class:`TradeStyle`."""


class Events(NamedTuple):
    """The columns of an :class:`EventTable`; ``contra`` is the other account of an execution, -1 where not known."""

    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: Int8Array
    order: IntArray
    account: Int32Array
    side: Int8Array
    price: IntArray
    size: IntArray
    contra: Int32Array


@njit(cache=True, nogil=True, error_model="numpy")
def open_row(st: State, row: IntArray, ev: Events, i: int) -> None:
    """Write event ``i`` and the state of its book into a row of the tape."""
    row[col.TIME] = ev.time[i]
    row[col.SYMBOL] = ev.symbol[i]
    row[col.SEQ] = ev.seq[i]
    row[col.KIND] = ev.kind[i]
    row[col.ORDER] = ev.order[i]
    row[col.ACCOUNT] = ev.account[i]
    row[col.SIDE] = ev.side[i]
    row[col.PRICE] = ev.price[i]
    row[col.SIZE] = ev.size[i]
    col.write_state(st, row, ev.symbol[i])


@njit(cache=True, nogil=True, error_model="numpy")
def match(st: State, out: IntArray, filled: int, order: int) -> int:
    """Execute an entered order against the other side, price and time first; return the rows filled afterwards."""
    orders, party, entry = st.orders, st.party, out[filled - 1]
    symbol, side, price = orders[order, at.SYMBOL], orders[order, at.SIDE], orders[order, at.PRICE]
    party[at.P_SIDE], party[at.P_ACCOUNT], party[at.P_ORDER] = side, orders[order, at.ACCOUNT], orders[order, at.ID]
    left = orders[order, at.LEFT]
    while left > 0 and crosses(st, symbol, side, price):
        resting = first_of_best(st, symbol, -side)
        row = out[filled]
        for j in range(col.SIZE):
            row[j] = entry[j]
        row[col.KIND] = TRADE
        row[col.PRICE] = orders[resting, at.PRICE]
        col.write_state(st, row, symbol)
        took = min(left, orders[resting, at.LEFT])
        left -= took
        execute(st, row, resting, took)
        filled += 1
    orders[order, at.LEFT] = left
    return filled


@njit(cache=True, nogil=True, error_model="numpy")
def on_new(st: State, ev: Events, out: IntArray, i: int, implied: bool) -> int:
    """Enter an order; return how many rows of the tape are filled."""
    filled, symbol = st.head[at.OUT_ROWS], ev.symbol[i]
    side, price, size, order = int(ev.side[i]), ev.price[i], ev.size[i], ev.order[i]
    settle(st, symbol, ev.time[i], i)
    if size <= 0 or price < 0 or (side != 1 and side != -1):
        report(st, at.INVALID, i)
        return filled
    row = out[filled]
    open_row(st, row, ev, i)
    if order == 0:
        order = -1 - st.head[at.MADE]
    else:
        living = find_order(st, order, symbol)
        if living >= 0:
            report(st, at.REPEATED, i)
            reduce(st, living, st.orders[living, at.LEFT])
    own = enter(st, order, symbol, side)
    orders = st.orders
    orders[own, at.PRICE] = price
    orders[own, at.SIZE] = size
    orders[own, at.LEFT] = size
    orders[own, at.TIME] = ev.time[i]
    orders[own, at.ACCOUNT] = ev.account[i]
    orders[own, at.STATE] = at.ASIDE
    st.symbols[symbol, at.SEEN] = 1
    crossing = price == 0 or crosses(st, symbol, side, price)
    col.write_order(st, row, own)
    filled += 1
    if st.symbols[symbol, at.HALTED] and price > 0:
        crossing = False
    row[col.LEVEL] = -1 if crossing else rank_of(st, symbol, side, price)
    if crossing and not implied:
        settle(st, symbol, -1, i)
        orders[own, at.STATE] = at.PENDING
        st.symbols[symbol, at.WAITING] = own
        return filled
    if crossing:
        filled = match(st, out, filled, own)
    if price == 0 or orders[own, at.LEFT] == 0:
        reduce(st, own, orders[own, at.LEFT])
    else:
        rest(st, own)
    return filled


@njit(cache=True, nogil=True, error_model="numpy")
def find_named(st: State, ev: Events, i: int) -> int:
    """Return the live order an event names: by id, or by account, side and price where it has no id; -1: none."""
    symbol, order = ev.symbol[i], ev.order[i]
    if order != 0:
        found = find_order(st, order, symbol)
        if found >= 0:
            return found
        if ev.side[i] == 0 or st.gone[hash_order(order, symbol) & (at.GONE_ROOM - 1)] == hash_order(order, symbol):
            return -1
        # what a book held before the record began is there as orders of nobody, first in line
        found = first_at(st, symbol, ev.side[i], ev.price[i], -1)
        return found if found >= 0 and st.orders[found, at.TIME] < 0 else -1
    if ev.side[i] == 0 or ev.kind[i] == TRADE:
        return -1
    return first_at(st, symbol, ev.side[i], ev.price[i], ev.account[i])


@njit(cache=True, nogil=True, error_model="numpy")
def report_unknown(st: State, ev: Events, i: int) -> None:
    """Note an event on an order that is not there: one that lately left, or one never entered."""
    key = hash_order(ev.order[i], ev.symbol[i])
    gone = ev.order[i] != 0 and st.gone[key & (at.GONE_ROOM - 1)] == key
    report(st, at.FINISHED if gone else at.UNKNOWN, i)


@njit(cache=True, nogil=True, error_model="numpy")
def on_cancel(st: State, ev: Events, out: IntArray, i: int) -> int:
    """Take back what an order has left, or part of it; return how many rows of the tape are filled."""
    filled, symbol = st.head[at.OUT_ROWS], ev.symbol[i]
    found = find_named(st, ev, i)
    if found < 0 or found != st.symbols[symbol, at.WAITING]:
        settle(st, symbol, ev.time[i], i)
    if found < 0:
        report_unknown(st, ev, i)
        return filled
    row, orders = out[filled], st.orders
    open_row(st, row, ev, i)
    if orders[found, at.ACCOUNT] < 0 and orders[found, at.TIME] >= 0:
        orders[found, at.ACCOUNT] = ev.account[i]
    col.write_order(st, row, found)
    if ev.order[i] != 0:
        row[col.ORDER] = ev.order[i]
    row[col.PRICE] = orders[found, at.PRICE]
    left = orders[found, at.LEFT]
    size = ev.size[i] if 0 < ev.size[i] < left else left
    row[col.SIZE] = size
    if row[col.PRICE] > 0:
        row[col.LEVEL] = rank_of(st, symbol, orders[found, at.SIDE], orders[found, at.PRICE])
    reduce(st, found, size)
    return filled + 1


@njit(cache=True, nogil=True, error_model="numpy")
def takes(st: State, row: int, other: int) -> bool:
    """Whether the pending order in ``row`` may have met the resting order in ``other``."""
    orders = st.orders
    side = orders[row, at.SIDE]
    if side == orders[other, at.SIDE]:
        return False
    return orders[row, at.PRICE] == 0 or side * (orders[row, at.PRICE] - orders[other, at.PRICE]) >= 0


@njit(cache=True, nogil=True, error_model="numpy")
def waiting_order(st: State, symbol: int, event: int) -> int:
    """Return the pending order, if it can still trade; one that cannot rests."""
    row = st.symbols[symbol, at.WAITING]
    if row < 0 or st.orders[row, at.PRICE] == 0:
        return row
    if crosses(st, symbol, st.orders[row, at.SIDE], st.orders[row, at.PRICE]):
        return row
    settle(st, symbol, -1, event)
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def rest_named(st: State, ev: Events, out: IntArray, i: int, named: int) -> int:
    """Execute the resting order in ``named``; who arrived is what ``party`` holds, or else found here."""
    filled, symbol, party, orders = st.head[at.OUT_ROWS], ev.symbol[i], st.party, st.orders
    row = out[filled]
    side = orders[named, at.SIDE]
    owner, told = orders[named, at.ACCOUNT], ev.account[i]
    if party[at.P_ACCOUNT] < 0 and told >= 0 and owner >= 0 and told != owner:
        party[at.P_ACCOUNT] = told
    if party[at.P_SLOT] < 0 and party[at.P_ORDER] == 0:
        other = waiting_order(st, symbol, i)
        if other < 0 and crosses(st, symbol, side, orders[named, at.PRICE]):
            other = first_of_best(st, symbol, -side)  # the uncrossing of an auction
        if other >= 0 and takes(st, other, named):
            known = party[at.P_ACCOUNT]
            if known < 0 or orders[other, at.ACCOUNT] < 0 or known == orders[other, at.ACCOUNT]:
                party[at.P_SLOT] = other
    arrived = party[at.P_SLOT]
    if arrived >= 0:
        party[at.P_ORDER] = orders[arrived, at.ID]
        if party[at.P_ACCOUNT] < 0:
            party[at.P_ACCOUNT] = orders[arrived, at.ACCOUNT]
    party[at.P_SIDE] = -side
    size = ev.size[i]
    if size > orders[named, at.LEFT]:
        report(st, at.OVER, i)
        size = orders[named, at.LEFT]
    if owner < 0 and party[at.P_ACCOUNT] != told and orders[named, at.TIME] >= 0:
        orders[named, at.ACCOUNT] = told
    execute(st, row, named, size)
    if ev.order[i] != 0:
        row[col.ORDER] = ev.order[i]
    take_from(st, arrived, size, i)
    return filled + 1


@njit(cache=True, nogil=True, error_model="numpy")
def set_other(st: State, ev: Events, i: int, order: int) -> None:
    """Remember the order on the other side of the execution of event ``i``, in case the source tells it again."""
    last = st.symbols[ev.symbol[i]]
    last[at.LAST_TIME] = ev.time[i]
    last[at.LAST_SIZE] = ev.size[i]
    last[at.LAST_OTHER] = order


@njit(cache=True, nogil=True, error_model="numpy")
def told_again(st: State, ev: Events, i: int) -> bool:
    """Whether the event is the other side's word on the execution just before it."""
    last, order = st.symbols[ev.symbol[i]], ev.order[i]
    if order == 0 or order != last[at.LAST_OTHER] or ev.time[i] != last[at.LAST_TIME]:
        return False
    again = ev.size[i] == last[at.LAST_SIZE] and ev.price[i] == last[at.LAST_PRICE]
    if again:
        last[at.LAST_OTHER] = 0
    return again


@njit(cache=True, nogil=True, error_model="numpy")
def on_trade(st: State, ev: Events, out: IntArray, i: int, style: int) -> int:
    """Execute what one row tells; return how many rows of the tape are filled."""
    filled, symbol, order = st.head[at.OUT_ROWS], ev.symbol[i], ev.order[i]
    if ev.size[i] <= 0 or ev.price[i] < 0:
        report(st, at.INVALID, i)
        return filled
    if told_again(st, ev, i):
        return filled
    st.symbols[symbol, at.LAST_OTHER] = 0
    party, orders, row = st.party, st.orders, out[filled]
    waiting = waiting_order(st, symbol, i)
    open_row(st, row, ev, i)
    party[:] = -1
    party[at.P_ORDER] = 0
    party[at.P_MAKER_ORDER] = 0
    named = find_named(st, ev, i)
    if named >= 0 and orders[named, at.STATE] == at.RESTING:
        st.head[at.BY_RESTING] += 1
        party[at.P_ACCOUNT] = ev.contra[i]
        filled = rest_named(st, ev, out, i, named)
        set_other(st, ev, i, row[col.TAKER_ORDER])
        return filled
    if named >= 0:
        st.head[at.BY_ARRIVING] += 1
        party[at.P_SIDE] = orders[named, at.SIDE]
        party[at.P_SLOT] = named
        party[at.P_ORDER] = order
        party[at.P_ACCOUNT] = orders[named, at.ACCOUNT] if orders[named, at.ACCOUNT] >= 0 else ev.account[i]
        party[at.P_MAKER] = ev.contra[i]
        filled = arrive(st, out, filled, i)
        set_other(st, ev, i, row[col.ORDER])
        return filled
    st.head[at.BY_NONE] += 1
    if order != 0 and style != PRINTS and style != ARRIVING_NAMED:
        report_unknown(st, ev, i)
        return unknown_resting(st, ev, out, i, waiting)
    return unknown_arriving(st, ev, out, i, waiting)


@njit(cache=True, nogil=True, error_model="numpy")
def unknown_resting(st: State, ev: Events, out: IntArray, i: int, waiting: int) -> int:
    """Write the execution of a resting order the book does not know."""
    filled, party, orders = st.head[at.OUT_ROWS], st.party, st.orders
    row = out[filled]
    side = int(ev.side[i])
    if waiting >= 0 and (side == 0 or side != orders[waiting, at.SIDE]):
        party[at.P_SLOT] = waiting
        party[at.P_ORDER] = orders[waiting, at.ID]
        party[at.P_ACCOUNT] = orders[waiting, at.ACCOUNT]
        side = -orders[waiting, at.SIDE]
    if ev.contra[i] >= 0:
        party[at.P_ACCOUNT] = ev.contra[i]
    party[at.P_SIDE] = -side if side else arriving_side(st, row)
    party[at.P_MAKER] = ev.account[i]
    party[at.P_MAKER_ORDER] = ev.order[i]
    print_only(st, row)
    take_from(st, party[at.P_SLOT], ev.size[i], i)
    return filled + 1


@njit(cache=True, nogil=True, error_model="numpy")
def unknown_arriving(st: State, ev: Events, out: IntArray, i: int, waiting: int) -> int:
    """Write an execution that names no order the book knows: the account is the one that arrived."""
    filled, party, orders = st.head[at.OUT_ROWS], st.party, st.orders
    row = out[filled]
    account = ev.account[i]
    party[at.P_MAKER] = ev.contra[i]
    party[at.P_ACCOUNT] = account
    party[at.P_SIDE] = arriving_side(st, row)
    if waiting >= 0:
        fits = orders[waiting, at.PRICE] == 0
        fits = fits or orders[waiting, at.SIDE] * (orders[waiting, at.PRICE] - ev.price[i]) >= 0
        owner = orders[waiting, at.ACCOUNT]
        if fits and (account < 0 or owner < 0 or account == owner):
            party[at.P_SLOT] = waiting
            party[at.P_ORDER] = orders[waiting, at.ID]
            party[at.P_SIDE] = orders[waiting, at.SIDE]
            if account < 0:
                party[at.P_ACCOUNT] = owner
        elif fits and first_at(st, ev.symbol[i], -orders[waiting, at.SIDE], ev.price[i], account) >= 0:
            party[at.P_SLOT] = waiting  # the row's account is the resting side's
            party[at.P_ORDER] = orders[waiting, at.ID]
            party[at.P_SIDE] = orders[waiting, at.SIDE]
            party[at.P_ACCOUNT] = owner
            party[at.P_MAKER] = account
    return arrive(st, out, filled, i)


@njit(cache=True, nogil=True, error_model="numpy")
def is_pair(ev: Events, i: int) -> bool:
    """Whether event ``i`` and the next are the two sides of one execution."""
    j = i + 1
    if j >= len(ev.time) or ev.kind[j] != TRADE or ev.symbol[i] != ev.symbol[j] or ev.time[i] != ev.time[j]:
        return False
    if ev.price[i] != ev.price[j] or ev.size[i] != ev.size[j] or (ev.order[i] == ev.order[j] and ev.order[i] != 0):
        return False
    return ev.side[i] * ev.side[j] <= 0 or ev.order[i] != ev.order[j]


@njit(cache=True, nogil=True, error_model="numpy")
def first_rests(st: State, a: int, b: int) -> bool:
    """Whether of two live orders that traded with each other (-1: not known) ``a`` is the one that rested."""
    orders = st.orders
    if a >= 0 and b >= 0:
        if orders[a, at.STATE] != orders[b, at.STATE]:
            return orders[a, at.STATE] == at.RESTING
        return orders[a, at.SERIAL] < orders[b, at.SERIAL]
    if a >= 0:
        return orders[a, at.STATE] == at.RESTING
    if b >= 0:
        return orders[b, at.STATE] != at.RESTING
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def on_pair(st: State, ev: Events, out: IntArray, i: int) -> int:
    """Execute what the rows ``i`` and ``i + 1`` tell together; return how many rows of the tape are filled."""
    filled, symbol, party, orders = st.head[at.OUT_ROWS], ev.symbol[i], st.party, st.orders
    if ev.size[i] <= 0 or ev.price[i] < 0:
        report(st, at.INVALID, i)
        return filled
    waiting_order(st, symbol, i)
    a = find_order(st, ev.order[i], symbol) if ev.order[i] else -1
    b = find_order(st, ev.order[i + 1], symbol) if ev.order[i + 1] else -1
    row = out[filled]
    open_row(st, row, ev, i)
    first = first_rests(st, a, b)
    if a < 0 and b < 0:
        row[col.SIDE] = 0
        side = arriving_side(st, row)
        first = ev.side[i] != side if ev.side[i] else ev.side[i + 1] == side
    rests, arrives = (i, i + 1) if first else (i + 1, i)
    resting, arrived = (a, b) if first else (b, a)
    party[at.P_SLOT] = arrived
    party[at.P_ORDER] = ev.order[arrives]
    party[at.P_ACCOUNT] = ev.account[arrives]
    if arrived >= 0 and orders[arrived, at.ACCOUNT] >= 0:
        party[at.P_ACCOUNT] = orders[arrived, at.ACCOUNT]
    party[at.P_MAKER] = ev.account[rests]
    party[at.P_MAKER_ORDER] = ev.order[rests]
    if resting >= 0 and orders[resting, at.STATE] == at.RESTING:
        return rest_named(st, ev, out, rests, resting)
    if arrived >= 0:
        party[at.P_SIDE] = orders[arrived, at.SIDE]
    elif ev.side[arrives]:
        party[at.P_SIDE] = ev.side[arrives]
    else:
        party[at.P_SIDE] = -ev.side[rests] if ev.side[rests] else arriving_side(st, row)
    return arrive(st, out, filled, rests)


@njit(cache=True, nogil=True, error_model="numpy")
def on_other(st: State, ev: Events, out: IntArray, i: int) -> int:
    """Pass an event on that enters or takes back nothing; return how many rows of the tape are filled."""
    filled, symbol, kind = st.head[at.OUT_ROWS], ev.symbol[i], ev.kind[i]
    row = out[filled]
    if symbol >= 0 and kind != HIDDEN:
        settle(st, symbol, ev.time[i], i)
    open_row(st, row, ev, i)
    row[col.PAIR] = pair_slot(st, ev.account[i], symbol)
    if symbol < 0:
        return filled + 1
    values = st.symbols[symbol]
    if kind == QUOTE and ev.side[i] != 0:
        place = at.QUOTE_BID if ev.side[i] > 0 else at.QUOTE_ASK
        values[place] = ev.price[i]
        values[place + 1] = ev.size[i] if ev.price[i] > 0 else 0
    elif kind == HALT:
        if ev.price[i] == -1 or ev.price[i] == 1:  # LOBSTER: stopped, resumed
            values[at.HALTED] = 1 if ev.price[i] < 0 else 0
        else:
            values[at.HALTED] = 1 - values[at.HALTED]
    elif kind == HIDDEN:
        waiting, orders = values[at.WAITING], st.orders
        row[col.TAKER] = ev.contra[i]
        if waiting >= 0 and orders[waiting, at.SIDE] != ev.side[i]:
            row[col.TAKER_ORDER] = orders[waiting, at.ID]
            row[col.TAKER_SIDE] = orders[waiting, at.SIDE]
            row[col.TAKER] = orders[waiting, at.ACCOUNT]
            reduce(st, waiting, min(ev.size[i], orders[waiting, at.LEFT]))
        row[col.TAKER_PAIR] = pair_slot(st, row[col.TAKER], symbol)
    return filled + 1


@njit(cache=True, nogil=True, error_model="numpy")
def lacks_room(st: State, out: IntArray, ev: Events, i: int) -> int:
    """Return what must grow before event ``i`` can be taken in; ``DONE`` where nothing must."""
    head, symbol = st.head, ev.symbol[i]
    most = 1
    if symbol >= 0:
        most += max(st.books[2 * symbol, at.ORDERS], st.books[2 * symbol + 1, at.ORDERS])
        for book in range(2 * symbol, 2 * symbol + 2):
            if st.books[book, at.COUNT] + 2 > st.books[book, at.ROOM]:
                head[at.NEED] = book
                return at.LEVELS_FULL
    if head[at.OUT_ROWS] + most > len(out):
        head[at.NEED] = most
        return at.OUT_FULL
    if head[at.FREE_ROW] < 0:
        return at.ORDERS_FULL
    if head[at.PAIRS] + 4 > len(st.pairs) and len(st.pairs) < head[at.PAIR_LIMIT]:
        return at.PAIRS_FULL
    return at.DONE


@njit(cache=True, nogil=True, error_model="numpy")
def run(st: State, ev: Events, out: IntArray, style: int, final: bool) -> int:
    """Replay events from ``head[NEXT_ROW]`` on; return why it stopped (``DONE``: all are in).

    ``final``: no event follows the last, so a TRADE there has no second side to wait for.
    """
    head, total = st.head, len(ev.time)
    i = head[at.NEXT_ROW]
    why = at.DONE
    while i < total:
        kind = ev.kind[i]
        if kind == TRADE and style == BOTH_NAMED and i + 1 == total and not final:
            why = at.NEXT_NEEDED
            break
        why = lacks_room(st, out, ev, i)
        if why != at.DONE:
            break
        step = 1
        if kind == TRADE:
            if style == BOTH_NAMED and is_pair(ev, i):
                head[at.OUT_ROWS] = on_pair(st, ev, out, i)
                step = 2
            else:
                head[at.OUT_ROWS] = on_trade(st, ev, out, i, style)
        elif kind == NEW:
            st.symbols[ev.symbol[i], at.LAST_OTHER] = 0
            head[at.OUT_ROWS] = on_new(st, ev, out, i, style == UNPRINTED)
        elif kind == CANCEL:
            st.symbols[ev.symbol[i], at.LAST_OTHER] = 0
            head[at.OUT_ROWS] = on_cancel(st, ev, out, i)
        else:
            head[at.OUT_ROWS] = on_other(st, ev, out, i)
        i += step
    head[at.NEXT_ROW] = i
    return why


@njit(cache=True, nogil=True, error_model="numpy")
def drop_orders(st: State, serial: int) -> int:
    """Remove the orders entered up to ``serial``; return how many."""
    dropped = 0
    for row in range(len(st.orders)):
        if st.orders[row, at.STATE] != at.FREE and st.orders[row, at.SERIAL] <= serial:
            reduce(st, row, st.orders[row, at.LEFT])
            dropped += 1
    return dropped


@njit(cache=True, nogil=True, error_model="numpy")
def reload_tables(st: State) -> None:
    """Fill the empty hash tables of orders and pairs from their rows."""
    for row in range(len(st.orders)):
        if st.orders[row, at.STATE] != at.FREE:
            insert(st.table, hash_order(st.orders[row, at.ID], st.orders[row, at.SYMBOL]), row)
    for slot in range(st.head[at.PAIRS]):
        insert(st.pair_table, mixed(st.pairs[slot, at.PAIR_KEY]), slot)


@njit(cache=True, nogil=True, error_model="numpy")
def seed(st: State, symbol: int, side: int, price: int, size: int) -> None:
    """Put shares of nobody at a price (there is a free row, and room for a level)."""
    row = enter(st, -1 - st.head[at.MADE], symbol, side)
    orders = st.orders
    orders[row, at.PRICE] = price
    orders[row, at.SIZE] = size
    orders[row, at.LEFT] = size
    orders[row, at.TIME] = -1
    orders[row, at.ACCOUNT] = -1
    st.symbols[symbol, at.SEEN] = 1
    rest(st, row)
