"""Price levels and the queues on them: where an order rests, what it still has, and what is best."""

from __future__ import annotations

from numba import njit

from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.hashing import hash_order, insert, remove
from tradewind.surveillance.book.layout import State

SCAN = 64
"""Orders of one queue that are looked at when an order is sought by its account."""


@njit(cache=True, nogil=True, error_model="numpy")
def book_of(symbol: int, side: int) -> int:
    """Return the book of one side of a symbol."""
    return 2 * symbol + (1 if side < 0 else 0)


@njit(cache=True, nogil=True, error_model="numpy")
def place_of(st: State, book: int, key: int) -> int:
    """Return the first row of ``levels`` in ``book`` with a key of at least ``key`` (one past the last: none)."""
    levels = st.levels
    low = st.books[book, at.START]
    high = low + st.books[book, at.COUNT]
    for _ in range(4):  # most events are near the best
        if high == low or levels[high - 1, at.KEY] < key:
            return high
        high -= 1
    while low < high:
        middle = (low + high) >> 1
        if levels[middle, at.KEY] < key:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, error_model="numpy")
def level_of(st: State, book: int, key: int) -> int:
    """Return the row of the level with exactly ``key``, -1 where there is none."""
    place = place_of(st, book, key)
    end = st.books[book, at.START] + st.books[book, at.COUNT]
    return place if place < end and st.levels[place, at.KEY] == key else -1


@njit(cache=True, nogil=True, error_model="numpy")
def rank_of(st: State, symbol: int, side: int, price: int) -> int:
    """Return how many levels of the side are better than ``price``."""
    book = book_of(symbol, side)
    key = side * price
    place = place_of(st, book, key)
    end = st.books[book, at.START] + st.books[book, at.COUNT]
    if place < end and st.levels[place, at.KEY] == key:
        place += 1
    return min(end - place, 1000)


@njit(cache=True, nogil=True, error_model="numpy")
def crosses(st: State, symbol: int, side: int, price: int) -> bool:
    """Whether an order would trade with the other side's best; a market order does where there is any."""
    book = book_of(symbol, -side)
    count = st.books[book, at.COUNT]
    if count == 0:
        return False
    best = -side * st.levels[st.books[book, at.START] + count - 1, at.KEY]
    return price == 0 or side * (price - best) >= 0


@njit(cache=True, nogil=True, error_model="numpy")
def enter(st: State, order: int, symbol: int, side: int) -> int:
    """Give a new order a row (there is one free) under its id, not yet in a queue; return the row."""
    head, orders = st.head, st.orders
    row = head[at.FREE_ROW]
    head[at.FREE_ROW] = orders[row, at.NEXT]
    head[at.LIVE] += 1
    head[at.MADE] += 1
    orders[row, at.ID] = order
    orders[row, at.SYMBOL] = symbol
    orders[row, at.SIDE] = side
    orders[row, at.SERIAL] = head[at.MADE]
    insert(st.table, hash_order(order, symbol), row)
    return row


@njit(cache=True, nogil=True, error_model="numpy")
def rest(st: State, row: int) -> None:
    """Put an order at the end of the queue at its price."""
    orders, levels, books = st.orders, st.levels, st.books
    side = orders[row, at.SIDE]
    book = book_of(orders[row, at.SYMBOL], side)
    key = side * orders[row, at.PRICE]
    place = place_of(st, book, key)
    end = books[book, at.START] + books[book, at.COUNT]
    if place == end or levels[place, at.KEY] != key:
        for i in range(end, place, -1):
            for j in range(4):
                levels[i, j] = levels[i - 1, j]
        levels[place, at.KEY] = key
        levels[place, at.TOTAL] = 0
        levels[place, at.HEAD] = -1
        levels[place, at.TAIL] = -1
        books[book, at.COUNT] += 1
    tail = levels[place, at.TAIL]
    orders[row, at.PREVIOUS] = tail
    orders[row, at.NEXT] = -1
    if tail >= 0:
        orders[tail, at.NEXT] = row
    else:
        levels[place, at.HEAD] = row
    levels[place, at.TAIL] = row
    levels[place, at.TOTAL] += orders[row, at.LEFT]
    books[book, at.ORDERS] += 1
    orders[row, at.STATE] = at.RESTING


@njit(cache=True, nogil=True, error_model="numpy")
def take_off(st: State, row: int, place: int) -> None:
    """Take an order, which has nothing left, out of the queue of the level in row ``place``."""
    orders, levels, books = st.orders, st.levels, st.books
    before, after = orders[row, at.PREVIOUS], orders[row, at.NEXT]
    if before >= 0:
        orders[before, at.NEXT] = after
    else:
        levels[place, at.HEAD] = after
    if after >= 0:
        orders[after, at.PREVIOUS] = before
    else:
        levels[place, at.TAIL] = before
    book = book_of(orders[row, at.SYMBOL], orders[row, at.SIDE])
    books[book, at.ORDERS] -= 1
    if levels[place, at.HEAD] < 0:
        end = books[book, at.START] + books[book, at.COUNT]
        for i in range(place, end - 1):
            for j in range(4):
                levels[i, j] = levels[i + 1, j]
        books[book, at.COUNT] -= 1


@njit(cache=True, nogil=True, error_model="numpy")
def reduce(st: State, row: int, size: int) -> None:
    """Take ``size`` (at most what it has) from an order; one with nothing left is gone."""
    orders = st.orders
    left = orders[row, at.LEFT] - size
    orders[row, at.LEFT] = left
    symbol = orders[row, at.SYMBOL]
    if orders[row, at.STATE] == at.RESTING:
        side = orders[row, at.SIDE]
        place = level_of(st, book_of(symbol, side), side * orders[row, at.PRICE])
        st.levels[place, at.TOTAL] -= size
        if left == 0:
            take_off(st, row, place)
    elif left == 0 and orders[row, at.STATE] == at.PENDING:
        st.symbols[symbol, at.WAITING] = -1
    if left == 0:
        key = hash_order(orders[row, at.ID], symbol)
        remove(st.table, key, row)
        st.gone[key & (at.GONE_ROOM - 1)] = key
        orders[row, at.STATE] = at.FREE
        orders[row, at.NEXT] = st.head[at.FREE_ROW]
        st.head[at.FREE_ROW] = row
        st.head[at.LIVE] -= 1


@njit(cache=True, nogil=True, error_model="numpy")
def first_at(st: State, symbol: int, side: int, price: int, account: int) -> int:
    """Return the first order in the queue at a price, or the first there of ``account`` (-1: anyone's); -1: none."""
    place = level_of(st, book_of(symbol, side), side * price)
    if place < 0:
        return -1
    row = st.levels[place, at.HEAD]
    if account < 0:
        return row
    for _ in range(SCAN):
        if row < 0 or st.orders[row, at.ACCOUNT] == account:
            return row
        row = st.orders[row, at.NEXT]
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def first_of_best(st: State, symbol: int, side: int) -> int:
    """Return the order first in line on a side, -1 where the side is empty."""
    book = book_of(symbol, side)
    count = st.books[book, at.COUNT]
    return st.levels[st.books[book, at.START] + count - 1, at.HEAD] if count else -1
