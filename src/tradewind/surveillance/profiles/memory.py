"""What is remembered of accounts, in bounded arrays.

A pair of account and symbol has running totals. So that they can be looked up as they were before a candidate began,
active pairs keep checkpoints: after every 4, 16, 64, ... rows of their own, four of each, and where they broke a
silence, the last eight of those. A candidate therefore never trains the habit it is held against.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray

# running totals of a pair; the checkpoints have the same columns
(
    TIME,
    ROWS,
    ENTERED,
    CANCELLED,
    MADE,
    TOOK,
    AGGRESSIVE,
    LOG_SIZE,
    LIFE,
    SIDE,
    NET,
    TRADED,
    ENTERED_SIZE,
    LEVEL,
    GAP,
    CANCELLED_SIZE,
) = range(16)
TOTALS = 16
"""``TIME``: of the last row, seconds; ``LOG_SIZE``: of orders, log2 over the symbol's typical; ``LIFE``: log2 seconds
that cancelled orders had lived; ``SIDE``: bought less sold, orders; ``NET``, ``TRADED``, ``ENTERED_SIZE``,
``CANCELLED_SIZE``: in typical orders; ``LEVEL``: log2 of one plus better levels; ``GAP``: log2 seconds between rows.
"""

KEY, FIRST_SEEN, PLACE, SILENCES, OWN_WINDOWS = range(5)
HEADS = 5
"""Of a pair: its account and symbol in one number plus one, the microsecond it was first seen, its place among the
checkpoints plus one, silences it broke, windows it gave the population."""

PERIODS = (4, 16, 64, 256, 1024, 4096)
EACH = 4
SILENT = 8
CHECKPOINTS = len(PERIODS) * EACH + SILENT
WINDOW = PERIODS[0] * EACH
"""Rows over which the conduct of a pair is compared with the population's."""
BREAK = 3.0
"""log2 of how many usual gaps make a silence."""

CODE, A_ROWS, A_FIRST, A_SYMBOLS, A_COS, A_SIN, A_TRADES, A_PARTNERS = range(8)
PARTNERS = 4
ACCOUNT = A_PARTNERS + 2 * PARTNERS
"""Of an account over all symbols: code plus one, rows, seconds it was first seen, symbols, sums of the cosine and sine
of its times of day, trades, and its main partners (code plus one, trades), counted by space saving (Metwally, Agrawal
and El Abbadi 2005)."""

S_COUNT, S_SIZE, S_TYPICAL, S_FIRST = range(4)
SYMBOL = 4
"""Of a symbol: orders, mean of log2 size, the typical size that gives, one plus the second it was first seen."""

LEAST = 1e-6
"""Seconds added to a duration before its logarithm is taken."""
SIZE_MEMORY = 512.0
"""Orders over which a symbol's typical size is formed."""


class Memory(NamedTuple):
    """All of it: rows of ``totals`` and ``heads`` by pair, ``rings`` by place, ``places`` (pair, touched) by place,
    ``clock`` (places used, hand), ``finder`` (key, pair plus one), ``accounts`` and ``symbols``."""

    totals: FloatArray
    heads: IntArray
    rings: FloatArray
    places: IntArray
    clock: IntArray
    finder: IntArray
    accounts: FloatArray
    symbols: FloatArray

    @classmethod
    def empty(cls, accounts: int, places: int) -> Memory:
        """Return a memory of nothing. Pages of an array that were never written take no room."""
        return cls(
            totals=np.zeros((0, TOTALS)),
            heads=np.zeros((0, HEADS), np.int64),
            rings=np.zeros((places, CHECKPOINTS, TOTALS)),
            places=np.zeros((places, 2), np.int64),
            clock=np.zeros(2, np.int64),
            finder=np.zeros((1024, 2), np.int64),
            accounts=np.zeros((accounts, ACCOUNT)),
            symbols=np.zeros((0, SYMBOL)),
        )

    def with_room(self, pairs: int, symbols: int) -> Memory:
        """Return the memory with room for so many pairs and symbols."""
        memory = self
        if symbols > len(self.symbols):
            grown = np.zeros((max(symbols, 2 * len(self.symbols)), SYMBOL))
            grown[: len(self.symbols)] = self.symbols
            memory = memory._replace(symbols=grown)
        if pairs > len(self.totals):
            size = 1 << (pairs - 1).bit_length()
            totals, heads = np.zeros((size, TOTALS)), np.zeros((size, HEADS), np.int64)
            totals[: len(self.totals)], heads[: len(self.heads)] = self.totals, self.heads
            memory = memory._replace(totals=totals, heads=heads)
            if 2 * size > len(self.finder):
                finder = np.zeros((2 * size, 2), np.int64)
                _refill(self.finder, finder)
                memory = memory._replace(finder=finder)
        return memory


@njit(cache=True, nogil=True, error_model="numpy")
def key_of(account: int, symbol: int) -> int:
    """Return account and symbol in one number, never 0."""
    return ((account << 31) | symbol) + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _home(finder: IntArray, key: int) -> int:
    """Return where the search for ``key`` begins."""
    mixed = key * -7046029254386353131
    return int((mixed ^ ((mixed >> 32) & 0xFFFFFFFF)) & (len(finder) - 1))


@njit(cache=True, nogil=True, error_model="numpy")
def find_pair(finder: IntArray, key: int) -> int:
    """Return the pair that has ``key``, -1 where none has."""
    at, mask = _home(finder, key), len(finder) - 1
    while finder[at, 1]:
        if finder[at, 0] == key:
            return int(finder[at, 1] - 1)
        at = (at + 1) & mask
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def enter_pair(finder: IntArray, key: int, pair: int) -> None:
    """Enter a pair under a key that is not there."""
    at, mask = _home(finder, key), len(finder) - 1
    while finder[at, 1]:
        at = (at + 1) & mask
    finder[at, 0], finder[at, 1] = key, pair + 1


@njit(cache=True, nogil=True, error_model="numpy")
def drop_pair(finder: IntArray, key: int) -> None:
    """Take a key out, where it is (backward shift: Knuth, The Art of Computer Programming 3, 6.4, algorithm R)."""
    hole, mask = _home(finder, key), len(finder) - 1
    while finder[hole, 1] and finder[hole, 0] != key:
        hole = (hole + 1) & mask
    if finder[hole, 1] == 0:
        return
    at = hole
    while True:
        at = (at + 1) & mask
        if finder[at, 1] == 0:
            break
        home = _home(finder, finder[at, 0])
        if ((at - home) & mask) >= ((at - hole) & mask):
            finder[hole, 0], finder[hole, 1] = finder[at, 0], finder[at, 1]
            hole = at
    finder[hole, 0], finder[hole, 1] = 0, 0


@njit(cache=True, nogil=True, error_model="numpy")
def _refill(old: IntArray, new: IntArray) -> None:
    """Enter all that is in ``old`` into ``new``."""
    for at in range(len(old)):
        if old[at, 1]:
            enter_pair(new, old[at, 0], old[at, 1] - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def account_row(accounts: FloatArray, code: int) -> int:
    """Return the row of an account, -1 where it has none; one of two rows that its code gives."""
    mask = len(accounts) - 1
    home = code & mask
    if accounts[home, CODE] == code + 1.0:
        return int(home)
    other = (home ^ ((code >> 7) * 40503 + 1)) & mask
    return int(other) if accounts[other, CODE] == code + 1.0 else -1


@njit(cache=True, nogil=True, error_model="numpy")
def new_account(accounts: FloatArray, code: int, t: float) -> int:
    """Give an account a row: its first, or of its two the one whose holder has done least."""
    mask = len(accounts) - 1
    at = code & mask
    if accounts[at, CODE] != 0.0:
        other = (at ^ ((code >> 7) * 40503 + 1)) & mask
        if accounts[other, A_ROWS] < accounts[at, A_ROWS]:
            at = other
    accounts[at, :] = 0.0
    accounts[at, CODE] = code + 1.0
    accounts[at, A_FIRST] = t
    return int(at)


@njit(cache=True, nogil=True, error_model="numpy")
def take_place(places: IntArray, clock: IntArray, heads: IntArray, rings: FloatArray, pair: int) -> int:
    """Give a pair a place for its checkpoints; where all are taken, that of one long silent (clock algorithm)."""
    if clock[0] < len(places):
        at = clock[0]
        clock[0] += 1
    else:
        at = clock[1]
        while places[at, 1]:
            places[at, 1] = 0
            at = (at + 1) % len(places)
        clock[1] = (at + 1) % len(places)
        heads[places[at, 0], PLACE] = 0
    places[at, 0], places[at, 1] = pair, 1
    heads[pair, PLACE] = at + 1
    rings[at, :, TIME] = np.inf
    return int(at)
