"""A matching engine with price-time priority: limit, market and immediate-or-cancel orders, cancels, replacements.

It writes the venue's rows itself: NEW with the full size, then one TRADE row per execution that names the resting
order, then CANCEL for what may not rest. It shares no code with the replay of events into a book, which is tested
against it.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from tradewind.core.arrays import FloatArray, IntArray

ID, SIDE, PRICE, LEFT, SIZE, ACCOUNT, SYMBOL, PREV, NEXT, ENTERED, OWNER, PLACE, FILLED, PAID = range(14)
"""Columns of ``Book.orders``."""

KEY, SHARES, HEAD, TAIL = range(4)
"""Columns of ``Book.levels``: side times price, shares, first and last order of the queue."""

N_FREE, NEXT_ID, CLOCK, N_OUT, N_FILLS, LAST_ID, REJECTED, TOTAL, PREVENT = range(9)
"""Places in ``Book.meta``; PREVENT is 1 where the venue keeps accounts from trading with themselves."""

O_TIME, O_SYMBOL, O_KIND, O_ORDER, O_ACCOUNT, O_SIDE, O_PRICE, O_SIZE = range(8)
"""Columns of ``Book.out``."""

LAST, TYPICAL_SIZE, TYPICAL_SPREAD, VOLUME, VOLUME_TIME, EVENTS, EVENTS_TIME, VARIANCE, PRESSURE, SAMPLE = range(10)
"""Columns of ``Book.stats``: last price, slow averages of order size and spread, decayed sums, variance of the log mid
per second, signed volume since last asked, last sampled mid."""

SCRIPT, CROWD = -2, -1
"""Owners that are no agent: a script, and the pool of small traders."""

LEVELS = 512
"""Most price levels of one side of one symbol; the worst is cancelled where more would be needed."""

NEW, CANCEL, TRADE, NEWS = 1, 2, 3, 6

jit = nb.njit(cache=True, nogil=True, error_model="numpy")


class Book(NamedTuple):
    """All state of the venue, as plain arrays.

    ``levels`` has two rows of levels a symbol (bids, asks), worst first; ``crowd`` lists the resting orders of the
    pool of small traders by symbol. ``scale`` holds the time constant of the decayed sums, in nanoseconds.
    """

    orders: IntArray
    levels: IntArray
    counts: IntArray
    free: IntArray
    meta: IntArray
    out: IntArray
    fills: IntArray
    position: IntArray
    cash: FloatArray
    stats: FloatArray
    crowd: IntArray
    crowd_counts: IntArray
    scale: FloatArray


def empty_book(symbols: int, accounts: int, *, capacity: int = 1 << 16, out: int = 1 << 17, tau: float = 6e11) -> Book:
    """Return an empty venue for a number of symbols and accounts; ``tau`` is the averages' time constant (ns)."""
    meta = np.zeros(9, np.int64)
    meta[N_FREE], meta[NEXT_ID] = capacity, 1
    return Book(
        orders=np.zeros((capacity, 14), np.int64),
        levels=np.zeros((2 * symbols, LEVELS, 4), np.int64),
        counts=np.zeros(2 * symbols, np.int64),
        free=np.arange(capacity - 1, -1, -1, dtype=np.int64),
        meta=meta,
        out=np.zeros((out, 8), np.int64),
        fills=np.zeros((1 << 14, 5), np.int64),
        position=np.zeros((accounts, symbols), np.int64),
        cash=np.zeros(accounts),
        stats=np.zeros((symbols, 10)),
        crowd=np.zeros((symbols, 4096), np.int64),
        crowd_counts=np.zeros(symbols, np.int64),
        scale=np.array([tau]),
    )


@jit
def emit(b, symbol, kind, order, account, side, price, size):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write one row at the venue's clock."""
    row = b.out[b.meta[N_OUT]]
    now = b.meta[CLOCK]
    row[O_TIME] = now
    row[O_SYMBOL] = symbol
    row[O_KIND] = kind
    row[O_ORDER] = order
    row[O_ACCOUNT] = account
    row[O_SIDE] = side
    row[O_PRICE] = price
    row[O_SIZE] = size
    b.meta[N_OUT] += 1
    b.meta[TOTAL] += 1
    stats = b.stats[symbol]
    stats[EVENTS] = stats[EVENTS] * np.exp((stats[EVENTS_TIME] - now) / b.scale[0]) + 1.0
    stats[EVENTS_TIME] = now


@jit
def find_level(b, row, key):  # type: ignore[no-untyped-def]
    """Return the first place of a side whose key is not below ``key``."""
    low, high = 0, b.counts[row]
    while low < high:
        middle = (low + high) >> 1
        if b.levels[row, middle, KEY] < key:
            low = middle + 1
        else:
            high = middle
    return low


@jit
def best(b, symbol, side):  # type: ignore[no-untyped-def]
    """Return the best price of a side, 0 where it is empty."""
    row = 2 * symbol + (1 - side) // 2
    n = b.counts[row]
    return b.levels[row, n - 1, KEY] * side if n else 0


@jit
def best_shares(b, symbol, side):  # type: ignore[no-untyped-def]
    """Return the shares at the best price of a side."""
    row = 2 * symbol + (1 - side) // 2
    n = b.counts[row]
    return b.levels[row, n - 1, SHARES] if n else 0


@jit
def mid(b, symbol):  # type: ignore[no-untyped-def]
    """Return the mean of the best prices, the last price where a side is empty."""
    bid, ask = best(b, symbol, 1), best(b, symbol, -1)
    if bid and ask:
        return 0.5 * (bid + ask)
    return b.stats[symbol, LAST]


@jit
def drop_level(b, row, place):  # type: ignore[no-untyped-def]
    """Close the gap that an empty level leaves."""
    n = b.counts[row]
    for i in range(place, n - 1):
        for c in range(4):
            b.levels[row, i, c] = b.levels[row, i + 1, c]
    b.counts[row] = n - 1


@jit
def unlink(b, slot):  # type: ignore[no-untyped-def]
    """Take an order out of its queue and give its slot back; its shares must have left the level already."""
    o = b.orders[slot]
    row = 2 * o[SYMBOL] + (1 - o[SIDE]) // 2
    place = find_level(b, row, o[SIDE] * o[PRICE])
    level = b.levels[row, place]
    before, after = o[PREV], o[NEXT]
    if before >= 0:
        b.orders[before, NEXT] = after
    else:
        level[HEAD] = after
    if after >= 0:
        b.orders[after, PREV] = before
    else:
        level[TAIL] = before
    if level[HEAD] < 0:
        drop_level(b, row, place)
    if o[OWNER] == CROWD:
        symbol = o[SYMBOL]
        last = b.crowd_counts[symbol] - 1
        moved = b.crowd[symbol, last]
        b.crowd[symbol, o[PLACE]] = moved
        b.orders[moved, PLACE] = o[PLACE]
        b.crowd_counts[symbol] = last
    o[ID] = 0
    b.free[b.meta[N_FREE]] = slot
    b.meta[N_FREE] += 1


@jit
def cancel(b, slot, size):  # type: ignore[no-untyped-def]
    """Take back ``size`` shares of the order in ``slot``, all with 0; return what was taken."""
    o = b.orders[slot]
    taken = o[LEFT] if size <= 0 or size > o[LEFT] else size
    emit(b, o[SYMBOL], CANCEL, o[ID], o[ACCOUNT], o[SIDE], o[PRICE], taken)
    row = 2 * o[SYMBOL] + (1 - o[SIDE]) // 2
    b.levels[row, find_level(b, row, o[SIDE] * o[PRICE]), SHARES] -= taken
    o[LEFT] -= taken
    if o[LEFT] == 0:
        unlink(b, slot)
    return taken


@jit
def note_fill(b, order, price, size):  # type: ignore[no-untyped-def]
    """Remember an execution of a script's order."""
    fill = b.fills[b.meta[N_FILLS]]
    fill[0], fill[1], fill[2], fill[3] = order, price, size, b.meta[CLOCK]
    b.meta[N_FILLS] += 1


@jit
def execute(b, slot, order, account, size, owner):  # type: ignore[no-untyped-def]
    """Execute ``size`` shares of the resting order in ``slot`` against an arriving one, and keep the accounts."""
    o = b.orders[slot]
    symbol, side, price, maker = o[SYMBOL], o[SIDE], o[PRICE], o[ACCOUNT]
    emit(b, symbol, TRADE, o[ID], maker, side, price, size)
    money = float(price) * size
    b.position[maker, symbol] += side * size
    b.cash[maker] -= side * money
    b.position[account, symbol] -= side * size
    b.cash[account] += side * money
    o[FILLED] += size
    o[PAID] += price * size
    if o[OWNER] == SCRIPT:
        note_fill(b, o[ID], price, size)
    if owner == SCRIPT:
        note_fill(b, order, price, size)
    stats = b.stats[symbol]
    stats[LAST] = price
    stats[PRESSURE] -= side * size
    now = b.meta[CLOCK]
    stats[VOLUME] = stats[VOLUME] * np.exp((stats[VOLUME_TIME] - now) / b.scale[0]) + size
    stats[VOLUME_TIME] = now
    row = 2 * symbol + (1 - side) // 2
    b.levels[row, b.counts[row] - 1, SHARES] -= size
    o[LEFT] -= size
    if o[LEFT] == 0:
        unlink(b, slot)


@jit
def open_level(b, row, key):  # type: ignore[no-untyped-def]
    """Return the place of the level with ``key``, made where it is not there; -1 where it would be too deep to keep."""
    place = find_level(b, row, key)
    n = b.counts[row]
    if place < n and b.levels[row, place, KEY] == key:
        return place
    if n == LEVELS:
        if place == 0:
            return -1
        while b.counts[row] == LEVELS:
            cancel(b, b.levels[row, 0, HEAD], 0)
        place -= 1
        n -= 1
    for i in range(n, place, -1):
        for c in range(4):
            b.levels[row, i, c] = b.levels[row, i - 1, c]
    level = b.levels[row, place]
    level[KEY], level[SHARES], level[HEAD], level[TAIL] = key, 0, -1, -1
    b.counts[row] = n + 1
    return place


@jit
def rest(b, order, symbol, account, side, price, left, size, paid, owner):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Lay what is left of an order into the book; return its slot, -1 where there is no room for it."""
    row = 2 * symbol + (1 - side) // 2
    room = b.meta[N_FREE] > 0 and (owner != CROWD or b.crowd_counts[symbol] < b.crowd.shape[1])
    place = open_level(b, row, side * price) if room else -1
    if place < 0:
        b.meta[REJECTED] += 1
        emit(b, symbol, CANCEL, order, account, side, price, left)
        return -1
    b.meta[N_FREE] -= 1
    slot = b.free[b.meta[N_FREE]]
    o = b.orders[slot]
    level = b.levels[row, place]
    o[ID], o[SIDE], o[PRICE], o[LEFT], o[SIZE] = order, side, price, left, size
    o[ACCOUNT], o[SYMBOL], o[PREV], o[NEXT] = account, symbol, level[TAIL], -1
    o[ENTERED], o[OWNER], o[FILLED], o[PAID] = b.meta[CLOCK], owner, size - left, paid
    if level[TAIL] >= 0:
        b.orders[level[TAIL], NEXT] = slot
    else:
        level[HEAD] = slot
    level[TAIL] = slot
    level[SHARES] += left
    if owner == CROWD:
        o[PLACE] = b.crowd_counts[symbol]
        b.crowd[symbol, o[PLACE]] = slot
        b.crowd_counts[symbol] += 1
    return slot


@jit
def submit(b, symbol, account, side, price, size, ioc, owner, order):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Enter an order: match it, let the rest lie or go. Price 0 is a market order; ``order`` 0 asks for a new id.

    Returns the slot of what rests, -1 where nothing does; the id is in ``meta[LAST_ID]``.
    """
    if order == 0:
        order = b.meta[NEXT_ID]
        b.meta[NEXT_ID] += 1
    b.meta[LAST_ID] = order
    emit(b, symbol, NEW, order, account, side, price, size)
    b.stats[symbol, TYPICAL_SIZE] += 0.005 * (
        min(size, 10.0 * b.stats[symbol, TYPICAL_SIZE]) - b.stats[symbol, TYPICAL_SIZE]
    )
    left, paid = size, 0
    other = 2 * symbol + (1 + side) // 2
    while left > 0 and b.counts[other] > 0:
        top = b.levels[other, b.counts[other] - 1]
        found = -side * top[KEY]
        if price > 0 and side * (price - found) < 0:
            break
        slot = top[HEAD]
        if b.meta[PREVENT] and owner != SCRIPT and b.orders[slot, ACCOUNT] == account:
            cancel(b, slot, 0)  # the venue keeps an account from trading with itself; a script is let through
            continue
        part = min(left, b.orders[slot, LEFT])
        execute(b, slot, order, account, part, owner)
        left -= part
        paid += part * found
    if left == 0:
        return -1
    if price == 0 or ioc:
        emit(b, symbol, CANCEL, order, account, side, price, left)
        return -1
    return rest(b, order, symbol, account, side, price, left, size, paid, owner)


@jit
def withdraw(b, everything):  # type: ignore[no-untyped-def]
    """Cancel every resting order at the close, or only those that belong to agents (who never leave one overnight)."""
    for slot in range(len(b.orders)):
        if b.orders[slot, ID] and (everything or b.orders[slot, OWNER] >= 0):
            cancel(b, slot, 0)
