"""Open addressing over plain arrays: an order's row by (id, symbol), a pair's slot by (account, symbol).

Linear probing with backward shift on deletion (Knuth, The Art of Computer Programming 3, 6.4, algorithm R), so there
are no tombstones and nothing to rebuild.
"""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at
from tradewind.surveillance.book.layout import State

FIRST, SECOND, SYMBOLS = -4658895280553007687, -7723592293110705685, -7046029254386353131
"""Odd multipliers of splitmix64 (Steele, Lea and Flood 2014), as signed numbers."""


@njit(cache=True, nogil=True, error_model="numpy")
def mixed(value: int) -> int:
    """Return ``value`` with its bits spread (splitmix64); one to one, never 0 for what is not 0."""
    value ^= (value >> 30) & 0x3FFFFFFFF
    value *= FIRST
    value ^= (value >> 27) & 0x1FFFFFFFFF
    value *= SECOND
    return value ^ ((value >> 31) & 0x1FFFFFFFF)


@njit(cache=True, nogil=True, error_model="numpy")
def hash_order(order: int, symbol: int) -> int:
    """Return the hash of an order's id within its symbol."""
    return mixed(order + (symbol + 1) * SYMBOLS)


@njit(cache=True, nogil=True, error_model="numpy")
def insert(table: IntArray, key: int, row: int) -> None:
    """Enter ``row`` under hash ``key``."""
    mask = len(table) - 1
    place = key & mask
    while table[place, 1]:
        place = (place + 1) & mask
    table[place, 0] = key
    table[place, 1] = row + 1


@njit(cache=True, nogil=True, error_model="numpy")
def remove(table: IntArray, key: int, row: int) -> None:
    """Take ``row``, which was entered under hash ``key``, out."""
    mask = len(table) - 1
    hole = key & mask
    while table[hole, 1] != row + 1:
        hole = (hole + 1) & mask
    place = hole
    while True:
        place = (place + 1) & mask
        if table[place, 1] == 0:
            break
        home = table[place, 0] & mask
        if ((place - home) & mask) >= ((place - hole) & mask):
            table[hole, 0] = table[place, 0]
            table[hole, 1] = table[place, 1]
            hole = place
    table[hole, 1] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def find_order(st: State, order: int, symbol: int) -> int:
    """Return the row of a live order, -1 where there is none."""
    table, orders = st.table, st.orders
    mask = len(table) - 1
    key = hash_order(order, symbol)
    place = key & mask
    while table[place, 1]:
        if table[place, 0] == key:
            row = table[place, 1] - 1
            if orders[row, at.ID] == order and orders[row, at.SYMBOL] == symbol:
                return row
        place = (place + 1) & mask
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def pair_slot(st: State, account: int, symbol: int) -> int:
    """Return the slot of (account, symbol), a new one where it has none; -1 for an account that is not known.

    When all slots are taken the hand passes over them and takes the first not heard of since it last passed (second
    chance: Tanenbaum, Modern Operating Systems, 3.4).
    """
    if account < 0:
        return -1
    table, pairs, head = st.pair_table, st.pairs, st.head
    whole = (account << 31) | (symbol + 1)
    key = mixed(whole)
    mask = len(table) - 1
    place = key & mask
    while table[place, 1]:
        if table[place, 0] == key:
            slot = table[place, 1] - 1
            pairs[slot, at.PAIR_USED] = 1
            return slot
        place = (place + 1) & mask
    slot = head[at.PAIRS]
    if slot < len(pairs):
        head[at.PAIRS] = slot + 1
    else:
        slot = head[at.HAND]
        while pairs[slot, at.PAIR_USED]:
            pairs[slot, at.PAIR_USED] = 0
            slot = slot + 1 if slot + 1 < len(pairs) else 0
        head[at.HAND] = slot + 1 if slot + 1 < len(pairs) else 0
        remove(table, mixed(pairs[slot, at.PAIR_KEY]), slot)
    pairs[slot, at.PAIR_KEY] = whole
    pairs[slot, at.PAIR_USED] = 1
    insert(table, key, slot)
    return slot
