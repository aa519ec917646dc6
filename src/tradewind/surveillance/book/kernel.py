"""The loop over events: each brings the book forward and leaves its rows on the tape."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from tradewind.core.arrays import Int32Array, IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book import rows as col
from tradewind.surveillance.book.executions import match, report, settle, waiting_order
from tradewind.surveillance.book.hashing import find_order, hash_order, insert, mixed, pair_slot
from tradewind.surveillance.book.levels import book_at, crosses, enter, order_at, rank_of, reduce, rest, symbol_at
from tradewind.surveillance.book.named import BOTH_NAMED, UNPRINTED, find_named, on_pair, on_trade, report_unknown
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.events.table import Int8Array, Kind

NEW, CANCEL, TRADE, HIDDEN = int(Kind.NEW), int(Kind.CANCEL), int(Kind.TRADE), int(Kind.HIDDEN)
HALT, QUOTE = int(Kind.HALT), int(Kind.QUOTE)


class Events(NamedTuple):
    """The columns of an :class:`EventTable`; ``contra``, ``contra_order`` are -1 and 0 where the source has none."""

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
    contra_order: IntArray


@njit(cache=True, nogil=True, error_model="numpy")
def on_new(m: IntArray, out: IntArray, r: int, implied: bool) -> int:
    """Enter an order; return the position after the rows written."""
    symbol, side, price, size = m[at.E_SYMBOL], m[at.E_SIDE], m[at.E_PRICE], m[at.E_SIZE]
    order, time = m[at.E_ORDER], m[at.E_TIME]
    s = symbol_at(m, symbol)
    m[s + at.LAST_OTHER] = 0
    settle(m, symbol, time)
    if size <= 0 or price < 0 or (side != 1 and side != -1):
        report(m, at.INVALID)
        return r
    col.open_row(m, out, r)
    living = find_order(m, order, symbol) if order else -1
    if living >= 0:
        report(m, at.REPEATED)
        reduce(m, living, m[order_at(m, living) + at.LEFT])
    own = enter(m, order if order else -1 - m[at.MADE], symbol, side)
    o = order_at(m, own)
    m[o + at.PRICE] = price
    m[o + at.SIZE] = size
    m[o + at.LEFT] = size
    m[o + at.TIME] = time
    m[o + at.ACCOUNT] = m[at.E_ACCOUNT]
    m[s + at.SEEN] = 1
    col.write_order(m, out, r, own)
    crossing = price == 0 or (crosses(m, symbol, side, price) and not m[s + at.HALTED])
    out[r + col.LEVEL] = -1 if crossing else rank_of(m, symbol, side, price)
    if crossing and not implied:
        settle(m, symbol, -1)
        m[o + at.STATE] = at.PENDING
        m[s + at.WAITING] = own
        return r + col.WIDTH
    end = match(m, out, r, own) if crossing else r + col.WIDTH
    if price == 0 or m[o + at.LEFT] == 0:
        reduce(m, own, m[o + at.LEFT])
    else:
        rest(m, own)
    return int(end)


@njit(cache=True, nogil=True, error_model="numpy")
def on_cancel(m: IntArray, out: IntArray, r: int) -> int:
    """Take back what an order has left, or part of it; return the position after the row written."""
    symbol, account = m[at.E_SYMBOL], m[at.E_ACCOUNT]
    s = symbol_at(m, symbol)
    m[s + at.LAST_OTHER] = 0
    found = find_named(m)
    if found < 0 or found != m[s + at.WAITING]:
        settle(m, symbol, m[at.E_TIME])
    elif m[order_at(m, found) + at.TIME] != m[at.E_TIME]:
        waiting_order(m, symbol)  # taken back at once it never rested
    if found < 0:
        report_unknown(m)
        return r
    o = order_at(m, found)
    col.open_row(m, out, r)
    if m[o + at.ACCOUNT] < 0 and not m[o + at.SEEDED]:
        m[o + at.ACCOUNT] = account
    col.write_order(m, out, r, found)
    if m[at.E_ORDER] != 0:
        out[r + col.ORDER] = m[at.E_ORDER]
    left, price = m[o + at.LEFT], m[o + at.PRICE]
    size = m[at.E_SIZE] if 0 < m[at.E_SIZE] < left else left
    out[r + col.SIZE] = size
    out[r + col.PRICE] = price
    if price > 0:
        out[r + col.LEVEL] = rank_of(m, symbol, m[o + at.SIDE], price)
    reduce(m, found, size)
    return r + col.WIDTH


@njit(cache=True, nogil=True, error_model="numpy")
def on_hidden(m: IntArray, out: IntArray, r: int) -> None:
    """Write who met an order that was not shown: the pending order if there is one, which has less left."""
    symbol = m[at.E_SYMBOL]
    waiting = m[symbol_at(m, symbol) + at.WAITING]
    out[r + col.TAKER] = m[at.E_CONTRA]
    if waiting >= 0 and m[order_at(m, waiting) + at.SIDE] != m[at.E_SIDE]:
        o = order_at(m, waiting)
        out[r + col.TAKER] = m[o + at.ACCOUNT]
        out[r + col.TAKER_ORDER] = m[o + at.ID]
        out[r + col.TAKER_SIDE] = m[o + at.SIDE]
        reduce(m, waiting, min(max(m[at.E_SIZE], 0), m[o + at.LEFT]))
    out[r + col.TAKER_PAIR] = pair_slot(m, out[r + col.TAKER], symbol)


@njit(cache=True, nogil=True, error_model="numpy")
def on_other(m: IntArray, out: IntArray, r: int) -> int:
    """Pass an event on that enters or takes back nothing; return the position after the row written."""
    symbol, kind, price = m[at.E_SYMBOL], m[at.E_KIND], m[at.E_PRICE]
    if symbol >= 0 and kind != HIDDEN:
        settle(m, symbol, m[at.E_TIME])
    col.open_row(m, out, r)
    out[r + col.PAIR] = pair_slot(m, m[at.E_ACCOUNT], symbol)
    if symbol < 0:
        return r + col.WIDTH
    s = symbol_at(m, symbol)
    if kind == QUOTE and m[at.E_SIDE] != 0:
        place = s + (at.QUOTE_BID if m[at.E_SIDE] > 0 else at.QUOTE_ASK)
        m[place] = max(price, 0)
        m[place + at.QUOTE_BID_SIZE - at.QUOTE_BID] = max(m[at.E_SIZE], 0) if price > 0 else 0
    elif kind == HALT:
        # as LOBSTER has it: -1 stopped, 0 quoted again, 1 traded again
        m[s + at.HALTED] = 1 if price < 0 else 0 if price > 0 else m[s + at.HALTED]
    elif kind == HIDDEN:
        on_hidden(m, out, r)
    return r + col.WIDTH


@njit(cache=True, nogil=True, error_model="numpy")
def lacks_room(m: IntArray, out: IntArray, r: int, symbol: int) -> int:
    """Return what must grow before an event in ``symbol`` can be taken in; ``DONE`` where nothing must."""
    most = 1
    if symbol >= 0:
        s = symbol_at(m, symbol)
        most += max(m[s + at.BIDS + at.QUEUED], m[s + at.ASKS + at.QUEUED])
        for book in (s + at.BIDS, s + at.ASKS):
            if m[book + at.COUNT] + 2 > m[book + at.ROOM]:
                m[at.NEED] = book
                return at.LEVELS_FULL
    if r + most * col.WIDTH > len(out):
        m[at.NEED] = most
        return at.OUT_FULL
    if m[at.FREE_ROW] < 0:
        return at.ORDERS_FULL
    if m[at.PAIRS_USED] + 4 > m[at.ROWS + at.PAIRS] and m[at.ROWS + at.PAIRS] < m[at.PAIR_LIMIT]:
        return at.PAIRS_FULL
    return at.DONE


@njit(cache=True, nogil=True, error_model="numpy")
def is_pair(ev: Events, i: int) -> bool:
    """Whether event ``i`` and the next are the two sides of one execution."""
    j = i + 1
    if j >= len(ev.time) or ev.kind[j] != TRADE or ev.symbol[i] != ev.symbol[j] or ev.time[i] != ev.time[j]:
        return False
    if ev.price[i] != ev.price[j] or ev.size[i] != ev.size[j]:
        return False
    if ev.order[i] == ev.order[j]:
        return bool(ev.order[i] == 0 and ev.side[i] * ev.side[j] <= 0)
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def load(m: IntArray, ev: Events, i: int) -> None:
    """Make event ``i`` the one at hand."""
    m[at.E_TIME] = ev.time[i]
    m[at.E_SYMBOL] = ev.symbol[i]
    m[at.E_SEQ] = ev.seq[i]
    m[at.E_KIND] = ev.kind[i]
    m[at.E_ORDER] = ev.order[i]
    m[at.E_ACCOUNT] = ev.account[i]
    m[at.E_SIDE] = ev.side[i]
    m[at.E_PRICE] = ev.price[i]
    m[at.E_SIZE] = ev.size[i]
    m[at.E_CONTRA] = ev.contra[i]
    m[at.E_NUMBER] = i


@njit(cache=True, nogil=True, error_model="numpy")
def run(m: IntArray, ev: Events, out: IntArray, style: int, final: bool) -> tuple[int, int]:
    """Replay events from ``NEXT_EVENT`` on; return why it stopped (``DONE``: all are in) and the numbers written.

    ``final``: no event follows the last, so a TRADE there has no second side to wait for.
    """
    m, ev, out = borrowed(m), borrowed(ev), borrowed(out)
    total, i, r, why = len(ev.time), m[at.NEXT_EVENT], 0, at.DONE
    while i < total:
        kind = ev.kind[i]
        if kind == TRADE and style == BOTH_NAMED and i + 1 == total and not final:
            why = at.NEXT_NEEDED
            break
        why = lacks_room(m, out, r, ev.symbol[i])
        if why != at.DONE:
            break
        load(m, ev, i)
        m[at.PRINTED] |= kind == TRADE
        if kind == NEW:
            r = on_new(m, out, r, style == UNPRINTED and not m[at.PRINTED])
        elif kind == CANCEL:
            r = on_cancel(m, out, r)
        elif kind != TRADE:
            r = on_other(m, out, r)
        elif ev.contra_order[i] != 0 or (ev.order[i] == 0 and ev.contra[i] >= 0):
            r = on_pair(m, out, r, ev.contra_order[i], (int(ev.contra[i]), -int(ev.side[i])))
        elif style == BOTH_NAMED and is_pair(ev, i):
            i += 1
            r = on_pair(m, out, r, ev.order[i], (int(ev.account[i]), int(ev.side[i])))
        else:
            r = on_trade(m, out, r, style)
        i += 1
    m[at.NEXT_EVENT] = i
    return why, r


@njit(cache=True, nogil=True, error_model="numpy")
def drop_orders(m: IntArray, serial: int) -> int:
    """Remove the orders entered up to ``serial``; return how many."""
    dropped = 0
    for row in range(m[at.ROWS + at.ORDERS]):
        o = order_at(m, row)
        if m[o + at.STATE] != at.FREE and m[o + at.SERIAL] <= serial:
            reduce(m, row, m[o + at.LEFT])
            dropped += 1
    return dropped


@njit(cache=True, nogil=True, error_model="numpy")
def reload_tables(m: IntArray) -> None:
    """Fill the empty hash tables of orders and pairs from their rows."""
    for row in range(m[at.ROWS + at.ORDERS]):
        o = order_at(m, row)
        if m[o + at.STATE] != at.FREE:
            insert(m, at.TABLE, hash_order(m[o + at.ID], m[o + at.SYMBOL]), row)
    for slot in range(m[at.PAIRS_USED]):
        insert(m, at.PAIR_TABLE, mixed(m[m[at.PAIRS] + 2 * slot + at.PAIR_KEY]), slot)


@njit(cache=True, nogil=True, error_model="numpy")
def seed(m: IntArray, symbol: int, side: int, price: int, size: int) -> None:
    """Put shares of nobody at a price (there is a free row, and room for a level)."""
    row = enter(m, -1 - m[at.MADE], symbol, side)
    o = order_at(m, row)
    m[o + at.PRICE] = price
    m[o + at.SIZE] = size
    m[o + at.LEFT] = size
    m[o + at.SEEDED] = 1
    m[o + at.ACCOUNT] = -1
    m[symbol_at(m, symbol) + at.SEEN] = 1
    rest(m, row)


@njit(cache=True, nogil=True, error_model="numpy")
def has_level_room(m: IntArray, symbol: int, side: int) -> bool:
    """Whether two more levels fit into a side's book."""
    book = book_at(m, symbol, side)
    return bool(m[book + at.COUNT] + 2 <= m[book + at.ROOM])
