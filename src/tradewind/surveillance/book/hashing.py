"""Open addressing: an order's row by (id, symbol), a pair's slot by (account, symbol).

Linear probing with backward shift on deletion (Knuth, The Art of Computer Programming 3, 6.4, algorithm R), so there
are no tombstones and nothing to rebuild. A place of a table holds a hash and a row + 1; 0 there is an empty place.
"""

from __future__ import annotations

from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book import layout as at

FIRST, SECOND, SYMBOLS = -4658895280553007687, -7723592293110705685, -7046029254386353131
"""Odd multipliers of splitmix64 (Steele, Lea and Flood 2014), as signed numbers."""


@njit(cache=True, nogil=True, error_model="numpy")
def mixed(value: int) -> int:
    """Return ``value`` with its bits spread (splitmix64), one to one."""
    value ^= (value >> 30) & 0x3FFFFFFFF
    value *= FIRST
    value ^= (value >> 27) & 0x1FFFFFFFFF
    value *= SECOND
    return value ^ ((value >> 31) & 0x1FFFFFFFF)


@njit(cache=True, nogil=True, error_model="numpy")
def hash_order(order: int, symbol: int) -> int:
    """Return the hash of an order's id within its symbol."""
    return int(mixed(order + (symbol + 1) * SYMBOLS))


@njit(cache=True, nogil=True, error_model="numpy")
def pair_key(account: int, symbol: int) -> int:
    """Return account and symbol in one number."""
    return (account << 31) | (symbol + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def insert(m: IntArray, table: int, key: int, row: int) -> None:
    """Enter ``row`` under hash ``key`` into region ``table``."""
    first, mask = m[table], m[at.ROWS + table] - 1
    place = key & mask
    while m[first + 2 * place + 1]:
        place = (place + 1) & mask
    m[first + 2 * place] = key
    m[first + 2 * place + 1] = row + 1


@njit(cache=True, nogil=True, error_model="numpy")
def remove(m: IntArray, table: int, key: int, row: int) -> None:
    """Take ``row``, which was entered under hash ``key``, out of region ``table``."""
    first, mask = m[table], m[at.ROWS + table] - 1
    hole = key & mask
    while m[first + 2 * hole + 1] != row + 1:
        hole = (hole + 1) & mask
    place = hole
    while True:
        place = (place + 1) & mask
        if m[first + 2 * place + 1] == 0:
            break
        home = m[first + 2 * place] & mask
        if ((place - home) & mask) >= ((place - hole) & mask):
            m[first + 2 * hole] = m[first + 2 * place]
            m[first + 2 * hole + 1] = m[first + 2 * place + 1]
            hole = place
    m[first + 2 * hole + 1] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def find_order(m: IntArray, order: int, symbol: int) -> int:
    """Return the row of a live order, -1 where there is none."""
    first, mask, orders = m[at.TABLE], m[at.ROWS + at.TABLE] - 1, m[at.ORDERS]
    key = hash_order(order, symbol)
    place = key & mask
    while m[first + 2 * place + 1]:
        if m[first + 2 * place] == key:
            row = m[first + 2 * place + 1] - 1
            o = orders + row * at.ORDER_WIDTH
            if m[o + at.ID] == order and m[o + at.SYMBOL] == symbol:
                return int(row)
        place = (place + 1) & mask
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def pair_slot(m: IntArray, account: int, symbol: int) -> int:
    """Return the slot of (account, symbol), a new one where it has none; -1 for an account that is not known.

    When all slots are taken a hand passes over them and takes the first not heard of since it last passed (second
    chance: Tanenbaum, Modern Operating Systems, 3.4).
    """
    if account < 0:
        return -1
    first, mask, pairs = m[at.PAIR_TABLE], m[at.ROWS + at.PAIR_TABLE] - 1, m[at.PAIRS]
    key = mixed(pair_key(account, symbol))
    place = key & mask
    while m[first + 2 * place + 1]:
        if m[first + 2 * place] == key:
            slot = m[first + 2 * place + 1] - 1
            m[pairs + 2 * slot + at.PAIR_USED] = 1
            return int(slot)
        place = (place + 1) & mask
    slot, rows = m[at.PAIRS_USED], m[at.ROWS + at.PAIRS]
    if slot < rows:
        m[at.PAIRS_USED] = slot + 1
    else:
        slot = m[at.HAND]
        while m[pairs + 2 * slot + at.PAIR_USED]:
            m[pairs + 2 * slot + at.PAIR_USED] = 0
            slot = slot + 1 if slot + 1 < rows else 0
        m[at.HAND] = slot + 1 if slot + 1 < rows else 0
        remove(m, at.PAIR_TABLE, mixed(m[pairs + 2 * slot + at.PAIR_KEY]), slot)
    m[pairs + 2 * slot + at.PAIR_KEY] = pair_key(account, symbol)
    m[pairs + 2 * slot + at.PAIR_USED] = 0  # the hand has just passed: heard of once, it stays for a whole round
    insert(m, at.PAIR_TABLE, key, slot)
    return int(slot)


@njit(cache=True, nogil=True, error_model="numpy")
def pair_again(m: IntArray, slot: int, account: int, symbol: int) -> int:
    """Return the slot of (account, symbol), which was ``slot`` when last looked up."""
    if account >= 0 and slot >= 0:
        p = m[at.PAIRS] + 2 * slot
        if m[p + at.PAIR_KEY] == pair_key(account, symbol):
            m[p + at.PAIR_USED] = 1
            return slot
    return int(pair_slot(m, account, symbol))
