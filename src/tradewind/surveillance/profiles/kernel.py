"""Take rows of the tape into the memory of habits."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.profiles.memory import (
    A_COS,
    A_PARTNERS,
    A_ROWS,
    A_SIN,
    A_SYMBOLS,
    A_TRADES,
    AGGRESSIVE,
    BREAK,
    CANCELLED,
    CANCELLED_SIZE,
    EACH,
    ENTERED,
    ENTERED_SIZE,
    FIRST_SEEN,
    GAP,
    KEY,
    LEAST,
    LEVEL,
    LIFE,
    LOG_SIZE,
    NET,
    PARTNERS,
    PERIODS,
    PLACE,
    ROWS,
    S_COUNT,
    S_SIZE,
    S_TYPICAL,
    SIDE,
    SILENCES,
    SILENT,
    SIZE_MEMORY,
    TIME,
    TOTALS,
    TRADED,
    WINDOW,
    account_row,
    drop_pair,
    enter_pair,
    new_account,
)

NEW_PAIR, BROKE_SILENCE, PERIOD_ENDED = 1, 2, 4
"""What :func:`add_row` tells."""


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def entered(d: FloatArray, symbols: FloatArray, symbol: int, size: float, side: float, level: int) -> None:
    """Write what an order entered adds to ``d``; it forms its symbol's typical size too."""
    log_size = np.log2(max(size, 1.0))
    count = symbols[symbol, S_COUNT]
    if count == 0.0:
        symbols[symbol, S_SIZE], symbols[symbol, S_TYPICAL] = log_size, max(size, 1.0)
    d[:] = 0.0
    d[ENTERED] = 1.0
    d[LOG_SIZE] = log_size - symbols[symbol, S_SIZE]
    d[SIDE] = side
    d[ENTERED_SIZE] = size / symbols[symbol, S_TYPICAL]
    if level < 0:
        d[AGGRESSIVE] = 1.0
    elif level > 0:
        d[LEVEL] = np.log2(1.0 + level)
    symbols[symbol, S_COUNT] = count + 1.0
    symbols[symbol, S_SIZE] += (log_size - symbols[symbol, S_SIZE]) / min(count + 1.0, SIZE_MEMORY)
    if count < 64.0 or count % 16.0 == 0.0:
        symbols[symbol, S_TYPICAL] = 2.0 ** symbols[symbol, S_SIZE]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def cancelled(d: FloatArray, typical: float, age: float, size: float) -> None:
    """Write what a cancel adds; ``age`` in seconds, ``typical`` the symbol's typical size, 0 before its first order."""
    d[:] = 0.0
    d[CANCELLED] = 1.0
    d[LIFE] = np.log2(max(age, 0.0) + LEAST)
    d[CANCELLED_SIZE] = size / typical if typical > 0.0 else 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def traded(d: FloatArray, typical: float, size: float, side: float, column: int) -> None:
    """Write what a trade adds for one of the two; ``column``: it rested (``MADE``) or arrived (``TOOK``)."""
    d[:] = 0.0
    d[column] = 1.0
    d[TRADED] = size / typical if typical > 0.0 else 1.0
    d[NET] = side * d[TRADED]


@njit(cache=True, nogil=True, error_model="numpy")
def begin_pair(totals: FloatArray, heads: IntArray, finder: IntArray, rings: FloatArray, pair: int, key: int) -> None:
    """Let a slot hold another pair than it did; its place is kept, emptied."""
    if heads[pair, KEY]:
        drop_pair(finder, heads[pair, KEY])
    enter_pair(finder, key, pair)
    place = heads[pair, PLACE]
    if place > 0:
        rings[place - 1, :, TIME] = np.inf
    heads[pair, :] = 0
    heads[pair, KEY], heads[pair, PLACE] = key, place
    totals[pair, :] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_row(totals: FloatArray, heads: IntArray, d: FloatArray, pair: int, key: int, t: float) -> int:
    """Add a row's changes ``d`` to the totals of a pair and tell what it means; nothing is added to one that is new.

    ``d[TIME]`` is left as the time of the row before.
    """
    if heads[pair, KEY] != key:
        return NEW_PAIR
    told = 0
    rows, last = totals[pair, ROWS], totals[pair, TIME]
    if rows > 0.0:
        gap = np.log2(max(t - last, 0.0) + LEAST)
        if gap - totals[pair, GAP] / rows > BREAK and heads[pair, PLACE] > 0:
            told = BROKE_SILENCE
        d[GAP] = gap
    else:
        heads[pair, FIRST_SEEN] = int(t * 1e6)
    d[ROWS], d[TIME] = 1.0, 0.0
    for c in range(TOTALS):
        totals[pair, c] += d[c]
    totals[pair, TIME], d[TIME] = t, last
    if int(rows + 1.0) % PERIODS[0] == 0:
        told |= PERIOD_ENDED
    return told


@njit(cache=True, nogil=True, error_model="numpy")
def keep_silence(rings: FloatArray, heads: IntArray, totals: FloatArray, d: FloatArray, pair: int) -> None:
    """Keep the totals as they were before the row ``d`` that broke a silence."""
    place = heads[pair, PLACE] - 1
    at = len(PERIODS) * EACH + heads[pair, SILENCES] % SILENT
    heads[pair, SILENCES] += 1
    for c in range(TOTALS):
        rings[place, at, c] = totals[pair, c] - d[c]
    rings[place, at, TIME] = d[TIME]


@njit(cache=True, nogil=True, error_model="numpy")
def keep_period(rings: FloatArray, heads: IntArray, totals: FloatArray, pair: int, work: FloatArray) -> bool:
    """Keep the checkpoints due at a row number that the shortest period divides.

    True where a whole window ends: what was done in it is then in ``work``.
    """
    rows, place = int(totals[pair, ROWS]), heads[pair, PLACE] - 1
    whole = False
    if rows % WINDOW == 0:
        oldest = (rows // PERIODS[0]) % EACH
        known = rings[place, oldest, TIME] < np.inf and rings[place, oldest, ROWS] == rows - WINDOW
        whole = rows == WINDOW or known
        for c in range(TOTALS):
            work[c] = totals[pair, c] - (rings[place, oldest, c] if known else 0.0)
    for level in range(len(PERIODS)):
        if rows % PERIODS[level]:
            break
        at = level * EACH + (rows // PERIODS[level]) % EACH
        for c in range(TOTALS):
            rings[place, at, c] = totals[pair, c]
    return whole


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def take_account(accounts: FloatArray, code: int, t: float, newly: bool, day: FloatArray) -> int:
    """Count a row of an account over all symbols; return its row. ``day``: cosine and sine of the time of day."""
    at = account_row(accounts, code)
    if at < 0:
        at = new_account(accounts, code, t)
    accounts[at, A_ROWS] += 1.0
    accounts[at, A_COS] += day[0]
    accounts[at, A_SIN] += day[1]
    if newly:
        accounts[at, A_SYMBOLS] += 1.0
    return at


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def take_partner(accounts: FloatArray, row: int, other: int) -> None:
    """Count a trade of an account with another."""
    accounts[row, A_TRADES] += 1.0
    if other < 0:
        return
    least = A_PARTNERS
    for at in range(A_PARTNERS, A_PARTNERS + 2 * PARTNERS, 2):
        if accounts[row, at] == other + 1.0:
            accounts[row, at + 1] += 1.0
            return
        if accounts[row, at + 1] < accounts[row, least + 1]:
            least = at
    accounts[row, least] = other + 1.0
    accounts[row, least + 1] += 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_day(day: FloatArray, t: float) -> None:
    """Write cosine and sine of the time of day at ``t``, seconds since 1970, to the minute; ``day[2]``: that minute."""
    minute = np.floor(t / 60.0)
    if day[2] != minute:
        angle = 2.0 * np.pi * (minute % 1440.0) / 1440.0
        day[0], day[1], day[2] = np.cos(angle), np.sin(angle), minute
