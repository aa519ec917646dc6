"""Price levels and the queues on them: where an order rests, what it still has, and what is best."""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.hashing import hash_order, insert, remove

SCAN = 64
"""Orders of one queue that are looked at when an order is sought by its account."""

DEEPEST = 1000
"""Levels counted, at most."""


@njit(cache=True, nogil=True, error_model="numpy")
def order_at(m: IntArray, row: int) -> int:
    """Return the address of an order."""
    return int(m[at.ORDERS] + row * at.ORDER_WIDTH)


@njit(cache=True, nogil=True, error_model="numpy")
def symbol_at(m: IntArray, symbol: int) -> int:
    """Return the address of a symbol."""
    return int(m[at.SYMBOLS] + symbol * at.SYMBOL_WIDTH)


@njit(cache=True, nogil=True, error_model="numpy")
def book_at(m: IntArray, symbol: int, side: int) -> int:
    """Return the address of one side's book."""
    return int(m[at.SYMBOLS] + symbol * at.SYMBOL_WIDTH + (at.ASKS if side < 0 else at.BIDS))


@njit(cache=True, nogil=True, error_model="numpy")
def end_of(m: IntArray, book: int) -> int:
    """Return the address just after a book's best level."""
    return int(m[at.LEVELS] + (m[book + at.START] + m[book + at.COUNT]) * at.LEVEL_WIDTH)


@njit(cache=True, nogil=True, error_model="numpy")
def place_of(m: IntArray, book: int, key: int) -> int:
    """Return the address of the first level with a key of at least ``key``; that after the last where there is none."""
    high = end_of(m, book)
    low = high - m[book + at.COUNT] * at.LEVEL_WIDTH
    for _ in range(4):  # most events are near the best
        if high == low or m[high - at.LEVEL_WIDTH + at.KEY] < key:
            return int(high)
        high -= at.LEVEL_WIDTH
    while low < high:
        middle = low + ((high - low) // (2 * at.LEVEL_WIDTH)) * at.LEVEL_WIDTH
        if m[middle + at.KEY] < key:
            low = middle + at.LEVEL_WIDTH
        else:
            high = middle
    return int(low)


@njit(cache=True, nogil=True, error_model="numpy")
def level_of(m: IntArray, book: int, key: int) -> int:
    """Return the address of the level with exactly ``key``, -1 where there is none."""
    place = place_of(m, book, key)
    return place if place < end_of(m, book) and m[place + at.KEY] == key else -1


@njit(cache=True, nogil=True, error_model="numpy")
def rank_of(m: IntArray, symbol: int, side: int, price: int) -> int:
    """Return how many levels of the side are better than ``price``."""
    book, key = book_at(m, symbol, side), side * price
    place, end = place_of(m, book, key), end_of(m, book)
    if place < end and m[place + at.KEY] == key:
        place += at.LEVEL_WIDTH
    return min((end - place) // at.LEVEL_WIDTH, DEEPEST)


@njit(cache=True, nogil=True, error_model="numpy")
def crosses(m: IntArray, symbol: int, side: int, price: int) -> bool:
    """Whether an order would trade with the other side's best; a market order does where there is any."""
    book = book_at(m, symbol, -side)
    if m[book + at.COUNT] == 0:
        return False
    best = -side * m[end_of(m, book) - at.LEVEL_WIDTH + at.KEY]
    return bool(price == 0 or side * (price - best) >= 0)


@njit(cache=True, nogil=True, error_model="numpy")
def enter(m: IntArray, order: int, symbol: int, side: int) -> int:
    """Give a new order a row (there is one free) under its id, not yet in a queue; return the row."""
    row = m[at.FREE_ROW]
    o = order_at(m, row)
    m[at.FREE_ROW] = m[o + at.NEXT]
    m[at.LIVE] += 1
    m[at.MADE] += 1
    m[o + at.ID] = order
    m[o + at.SYMBOL] = symbol
    m[o + at.SIDE] = side
    m[o + at.SERIAL] = m[at.MADE]
    m[o + at.STATE] = at.ASIDE
    m[o + at.SEEDED] = 0
    insert(m, at.TABLE, hash_order(order, symbol), row)
    return int(row)


@njit(cache=True, nogil=True, error_model="numpy")
def rest(m: IntArray, row: int) -> None:
    """Put an order at the end of the queue at its price."""
    o = order_at(m, row)
    side = m[o + at.SIDE]
    book, key = book_at(m, m[o + at.SYMBOL], side), side * m[o + at.PRICE]
    place, end = place_of(m, book, key), end_of(m, book)
    if place == end or m[place + at.KEY] != key:
        for i in range(end - 1, place - 1, -1):
            m[i + at.LEVEL_WIDTH] = m[i]
        m[place + at.KEY] = key
        m[place + at.TOTAL] = 0
        m[place + at.HEAD] = -1
        m[place + at.TAIL] = -1
        m[book + at.COUNT] += 1
    tail = m[place + at.TAIL]
    m[o + at.PREVIOUS] = tail
    m[o + at.NEXT] = -1
    if tail >= 0:
        m[order_at(m, tail) + at.NEXT] = row
    else:
        m[place + at.HEAD] = row
    m[place + at.TAIL] = row
    m[place + at.TOTAL] += m[o + at.LEFT]
    m[book + at.QUEUED] += 1
    m[o + at.STATE] = at.RESTING


@njit(cache=True, nogil=True, error_model="numpy")
def take_off(m: IntArray, o: int, book: int, place: int) -> None:
    """Take the order at address ``o``, which has nothing left, out of the queue of the level at ``place``."""
    before, after = m[o + at.PREVIOUS], m[o + at.NEXT]
    if before >= 0:
        m[order_at(m, before) + at.NEXT] = after
    else:
        m[place + at.HEAD] = after
    if after >= 0:
        m[order_at(m, after) + at.PREVIOUS] = before
    else:
        m[place + at.TAIL] = before
    m[book + at.QUEUED] -= 1
    if m[place + at.HEAD] < 0:
        for i in range(place, end_of(m, book) - at.LEVEL_WIDTH):
            m[i] = m[i + at.LEVEL_WIDTH]
        m[book + at.COUNT] -= 1


@njit(cache=True, nogil=True, error_model="numpy")
def reduce(m: IntArray, row: int, size: int) -> None:
    """Take ``size`` (at most what it has) from an order; one with nothing left is gone."""
    o = order_at(m, row)
    left, symbol, state = m[o + at.LEFT] - size, m[o + at.SYMBOL], m[o + at.STATE]
    m[o + at.LEFT] = left
    if state == at.RESTING:
        side = m[o + at.SIDE]
        book = book_at(m, symbol, side)
        place = level_of(m, book, side * m[o + at.PRICE])
        m[place + at.TOTAL] -= size
        if left == 0:
            take_off(m, o, book, place)
    elif state == at.PENDING and left == 0:
        m[symbol_at(m, symbol) + at.WAITING] = -1
    if left == 0:
        key = hash_order(m[o + at.ID], symbol)
        remove(m, at.TABLE, key, row)
        m[m[at.GONE] + (key & (at.GONE_ROOM - 1))] = key
        m[o + at.STATE] = at.FREE
        m[o + at.NEXT] = m[at.FREE_ROW]
        m[at.FREE_ROW] = row
        m[at.LIVE] -= 1


@njit(cache=True, nogil=True, error_model="numpy")
def has_gone(m: IntArray, order: int, symbol: int) -> bool:
    """Whether an order lately left the book."""
    key = hash_order(order, symbol)
    return bool(m[m[at.GONE] + (key & (at.GONE_ROOM - 1))] == key)


@njit(cache=True, nogil=True, error_model="numpy")
def first_at(m: IntArray, symbol: int, side: int, price: int, account: int) -> int:
    """Return the first order in the queue at a price, or the first there of ``account`` (-1: anyone's); -1: none."""
    place = level_of(m, book_at(m, symbol, side), side * price)
    if place < 0:
        return -1
    row = m[place + at.HEAD]
    if account < 0:
        return int(row)
    for _ in range(SCAN):
        if row < 0 or m[order_at(m, row) + at.ACCOUNT] == account:
            return int(row)
        row = m[order_at(m, row) + at.NEXT]
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def first_of_best(m: IntArray, symbol: int, side: int) -> int:
    """Return the order first in line on a side, -1 where the side is empty."""
    book = book_at(m, symbol, side)
    return int(m[end_of(m, book) - at.LEVEL_WIDTH + at.HEAD]) if m[book + at.COUNT] else -1
