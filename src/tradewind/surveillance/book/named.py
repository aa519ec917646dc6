"""Executions as sources tell them: by the resting order, the arriving one, both, or by no order at all."""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book import rows as col
from tradewind.surveillance.book.executions import (
    TRADE,
    arrive,
    arriving_side,
    execute,
    print_only,
    report,
    take_from,
    waiting_order,
)
from tradewind.surveillance.book.hashing import find_order
from tradewind.surveillance.book.levels import crosses, first_at, first_of_best, has_gone, order_at, symbol_at

RESTING_NAMED, ARRIVING_NAMED, BOTH_NAMED, PRINTS, UNPRINTED = range(5)
"""How a source writes executions; the values of :class:`TradeStyle`."""


@njit(cache=True, nogil=True, error_model="numpy")
def find_named(m: IntArray) -> int:
    """Return the live order the event at hand names: by id, or by account, side and price where it has no id; -1: none.

    An id never entered may be of an order older than the record: shares seeded at its price stand for it.
    """
    symbol, order, side, price = m[at.E_SYMBOL], m[at.E_ORDER], m[at.E_SIDE], m[at.E_PRICE]
    if order == 0:
        if side == 0 or m[at.E_KIND] == TRADE:
            return -1
        return int(first_at(m, symbol, side, price, m[at.E_ACCOUNT]))
    found = find_order(m, order, symbol)
    if found >= 0 or side == 0 or has_gone(m, order, symbol):
        return int(found)
    found = first_at(m, symbol, side, price, -1)
    return int(found) if found >= 0 and m[order_at(m, found) + at.SEEDED] else -1


@njit(cache=True, nogil=True, error_model="numpy")
def report_unknown(m: IntArray) -> None:
    """Note an event on an order that is not there: one that lately left, or one never entered."""
    gone = m[at.E_ORDER] != 0 and has_gone(m, m[at.E_ORDER], m[at.E_SYMBOL])
    report(m, at.FINISHED if gone else at.UNKNOWN)


@njit(cache=True, nogil=True, error_model="numpy")
def takes(m: IntArray, row: int, other: int) -> bool:
    """Whether the arriving order in ``row`` may have met the resting order in ``other``."""
    o, rests = order_at(m, row), order_at(m, other)
    side, price = m[o + at.SIDE], m[o + at.PRICE]
    if side == m[rests + at.SIDE]:
        return False
    return bool(price == 0 or side * (price - m[rests + at.PRICE]) >= 0)


@njit(cache=True, nogil=True, error_model="numpy")
def counterpart(m: IntArray, named: int) -> int:
    """Return the order that met the resting order in ``named``: the pending one, in an auction the best, or -1."""
    o = order_at(m, named)
    symbol, side, price = m[o + at.SYMBOL], m[o + at.SIDE], m[o + at.PRICE]
    other = waiting_order(m, symbol)
    if other < 0 and crosses(m, symbol, side, price):
        other = first_of_best(m, symbol, -side)
    if other < 0 or not takes(m, other, named):
        return -1
    owner, told = m[order_at(m, other) + at.ACCOUNT], m[at.P_ACCOUNT]
    return int(other) if owner < 0 or told < 0 or owner == told else -1


@njit(cache=True, nogil=True, error_model="numpy")
def rest_named(m: IntArray, out: IntArray, r: int, named: int) -> int:
    """Execute the resting order in ``named``; who arrived is told (``P_ROW`` and on), or else found here."""
    o = order_at(m, named)
    owner, told, symbol = m[o + at.ACCOUNT], m[at.E_ACCOUNT], m[at.E_SYMBOL]
    if m[at.P_ACCOUNT] < 0 and told >= 0 and owner >= 0 and told != owner:
        m[at.P_ACCOUNT] = told
    if m[at.P_ROW] < 0 and m[at.P_ORDER] == 0:
        m[at.P_ROW] = counterpart(m, named)
    arrived = m[at.P_ROW]
    if arrived >= 0:
        m[at.P_ORDER] = m[order_at(m, arrived) + at.ID]
        if m[at.P_ACCOUNT] < 0:
            m[at.P_ACCOUNT] = m[order_at(m, arrived) + at.ACCOUNT]
    m[at.P_SIDE] = -m[o + at.SIDE]
    if owner < 0 and not m[o + at.SEEDED] and m[at.P_ACCOUNT] != told:
        m[o + at.ACCOUNT] = told
    size = m[at.E_SIZE]
    if size > m[o + at.LEFT]:
        report(m, at.OVER)
        size = m[o + at.LEFT]
    execute(m, out, r, named, size)
    if m[at.E_ORDER] != 0:
        out[r + col.ORDER] = m[at.E_ORDER]
    take_from(m, arrived, size)
    remember(m, symbol, m[at.P_ORDER])
    return r + col.WIDTH


@njit(cache=True, nogil=True, error_model="numpy")
def remember(m: IntArray, symbol: int, order: int) -> None:
    """Remember which order was on the other side of the execution at hand, in case the source tells it again."""
    s = symbol_at(m, symbol)
    m[s + at.LAST_TIME] = m[at.E_TIME]
    m[s + at.LAST_SIZE] = m[at.E_SIZE]
    m[s + at.LAST_OTHER] = order


@njit(cache=True, nogil=True, error_model="numpy")
def told_again(m: IntArray) -> bool:
    """Whether the event at hand is the other side's word on the execution just before it."""
    s, order = symbol_at(m, m[at.E_SYMBOL]), m[at.E_ORDER]
    other = m[s + at.LAST_OTHER]
    m[s + at.LAST_OTHER] = 0
    if order == 0 or order != other or m[at.E_TIME] != m[s + at.LAST_TIME]:
        return False
    return bool(m[at.E_SIZE] == m[s + at.LAST_SIZE] and m[at.E_PRICE] == m[s + at.LAST_PRICE])


@njit(cache=True, nogil=True, error_model="numpy")
def nobody_arrived(m: IntArray) -> None:
    """Forget who arrived in the execution before."""
    for entry in range(at.P_SIDE, at.P_MAKER_ORDER + 1):
        m[entry] = -1
    m[at.P_SIDE] = 0
    m[at.P_ORDER] = 0
    m[at.P_MAKER_ORDER] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def on_trade(m: IntArray, out: IntArray, r: int, style: int) -> int:
    """Execute what one row tells; return the position after the rows written."""
    symbol = m[at.E_SYMBOL]
    if m[at.E_SIZE] <= 0 or m[at.E_PRICE] < 0:
        report(m, at.INVALID)
        return r
    if told_again(m):
        return r
    m[symbol_at(m, symbol) + at.HALTED] = 0  # whoever trades is open
    waiting = waiting_order(m, symbol)
    col.open_row(m, out, r)
    nobody_arrived(m)
    named = find_named(m)
    if named >= 0 and m[order_at(m, named) + at.STATE] == at.RESTING:
        m[at.BY_RESTING] += 1
        m[at.P_ACCOUNT] = m[at.E_CONTRA]
        return int(rest_named(m, out, r, named))
    if named >= 0:
        m[at.BY_ARRIVING] += 1
        o = order_at(m, named)
        m[at.P_SIDE], m[at.P_ROW], m[at.P_ORDER] = m[o + at.SIDE], named, m[o + at.ID]
        m[at.P_ACCOUNT] = m[o + at.ACCOUNT] if m[o + at.ACCOUNT] >= 0 else m[at.E_ACCOUNT]
        m[at.P_MAKER] = m[at.E_CONTRA]
        end = arrive(m, out, r)
        remember(m, symbol, out[r + col.ORDER])
        return int(end)
    m[at.BY_NONE] += 1
    if m[at.E_ORDER] != 0 and style != PRINTS and style != ARRIVING_NAMED:
        return int(unknown_resting(m, out, r, waiting))
    return int(unknown_arriving(m, out, r, waiting))


@njit(cache=True, nogil=True, error_model="numpy")
def unknown_resting(m: IntArray, out: IntArray, r: int, waiting: int) -> int:
    """Write the execution of a resting order the book does not know."""
    report_unknown(m)
    side = m[at.E_SIDE]
    if waiting >= 0:
        o = order_at(m, waiting)
        if side != m[o + at.SIDE]:
            m[at.P_ROW], m[at.P_ORDER], m[at.P_ACCOUNT] = waiting, m[o + at.ID], m[o + at.ACCOUNT]
            side = -m[o + at.SIDE]
    if m[at.E_CONTRA] >= 0:
        m[at.P_ACCOUNT] = m[at.E_CONTRA]
    m[at.P_SIDE] = -side if side else arriving_side(m, out, r)
    m[at.P_MAKER] = m[at.E_ACCOUNT]
    m[at.P_MAKER_ORDER] = m[at.E_ORDER]
    print_only(m, out, r)
    take_from(m, m[at.P_ROW], m[at.E_SIZE])
    return r + col.WIDTH


@njit(cache=True, nogil=True, error_model="numpy")
def unknown_arriving(m: IntArray, out: IntArray, r: int, waiting: int) -> int:
    """Write an execution that names no order the book knows: the account is the one that arrived.

    Unless the pending order is another's and the account rests at the price: then it is the resting side's.
    """
    account, price = m[at.E_ACCOUNT], m[at.E_PRICE]
    m[at.P_MAKER] = m[at.E_CONTRA]
    m[at.P_ACCOUNT] = account
    m[at.P_SIDE] = arriving_side(m, out, r)
    if waiting >= 0:
        o = order_at(m, waiting)
        owner, side, limit = m[o + at.ACCOUNT], m[o + at.SIDE], m[o + at.PRICE]
        own = account < 0 or owner < 0 or account == owner
        other = not own and first_at(m, m[at.E_SYMBOL], -side, price, account) >= 0
        if (limit == 0 or side * (limit - price) >= 0) and (own or other):
            m[at.P_ROW], m[at.P_ORDER], m[at.P_SIDE] = waiting, m[o + at.ID], side
            if account < 0 or other:
                m[at.P_ACCOUNT] = owner
            if other:
                m[at.P_MAKER] = account
    return int(arrive(m, out, r))


@njit(cache=True, nogil=True, error_model="numpy")
def first_rests(m: IntArray, a: int, b: int) -> bool:
    """Whether of two live orders that traded with each other (-1: not known) ``a`` is the one that rested."""
    state_a = m[order_at(m, a) + at.STATE] if a >= 0 else -1
    state_b = m[order_at(m, b) + at.STATE] if b >= 0 else -1
    if a >= 0 and b >= 0 and state_a == state_b:
        return bool(m[order_at(m, a) + at.SERIAL] < m[order_at(m, b) + at.SERIAL])
    return bool(state_a == at.RESTING or (a < 0 and state_b != at.RESTING))


@njit(cache=True, nogil=True, error_model="numpy")
def on_pair(m: IntArray, out: IntArray, r: int, next_order: int, told: tuple[int, int]) -> int:
    """Execute what the event at hand and the next (its order; its account and side) tell together.

    Returns the position after the rows written.
    """
    symbol, order, account, side = m[at.E_SYMBOL], m[at.E_ORDER], m[at.E_ACCOUNT], m[at.E_SIDE]
    next_account, next_side = told
    if m[at.E_SIZE] <= 0 or m[at.E_PRICE] < 0:
        report(m, at.INVALID)
        return r
    m[symbol_at(m, symbol) + at.HALTED] = 0
    waiting = waiting_order(m, symbol)
    a = find_order(m, order, symbol) if order else -1
    b = find_order(m, next_order, symbol) if next_order else -1
    col.open_row(m, out, r)
    nobody_arrived(m)
    first = first_rests(m, a, b)
    if a < 0 and b < 0:
        out[r + col.SIDE] = 0
        arriving = m[order_at(m, waiting) + at.SIDE] if waiting >= 0 else arriving_side(m, out, r)
        first = side != arriving if side else next_side == arriving
        a, b = (a, waiting) if first else (waiting, b)
    rests, arrived = (a, b) if first else (b, a)
    m[at.P_ROW] = arrived
    m[at.P_ORDER], m[at.P_ACCOUNT] = (next_order, next_account) if first else (order, account)
    if arrived >= 0:
        m[at.P_ORDER] = m[order_at(m, arrived) + at.ID]
    m[at.P_MAKER_ORDER], m[at.P_MAKER] = (order, account) if first else (next_order, next_account)
    m[at.E_ORDER], m[at.E_ACCOUNT] = m[at.P_MAKER_ORDER], m[at.P_MAKER]
    if arrived >= 0 and m[order_at(m, arrived) + at.ACCOUNT] >= 0:
        m[at.P_ACCOUNT] = m[order_at(m, arrived) + at.ACCOUNT]
    if rests >= 0 and m[order_at(m, rests) + at.STATE] == at.RESTING:
        return int(rest_named(m, out, r, rests))
    its, other = (next_side, side) if first else (side, next_side)
    if arrived >= 0:
        m[at.P_SIDE] = m[order_at(m, arrived) + at.SIDE]
    elif its or other:
        m[at.P_SIDE] = its if its else -other
    else:
        m[at.P_SIDE] = arriving_side(m, out, r)
    return int(arrive(m, out, r))
