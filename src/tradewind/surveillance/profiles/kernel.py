"""Take rows of the tape into the memory of habits."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.profiles.measures import MEASURES, add_window, measure
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
    MADE,
    NET,
    OWN_WINDOWS,
    PARTNERS,
    PERIODS,
    PLACE,
    ROWS,
    S_COUNT,
    S_FIRST,
    S_SIZE,
    S_TYPICAL,
    SIDE,
    SILENCES,
    SILENT,
    SIZE_MEMORY,
    TIME,
    TOOK,
    TOTALS,
    TRADED,
    WINDOW,
    account_row,
    drop_pair,
    enter_pair,
    new_account,
)


@njit(cache=True, nogil=True, error_model="numpy")
def entered(d: FloatArray, symbol: FloatArray, t: float, size: float, side: float, level: int) -> None:
    """Write what an order entered adds; ``symbol`` is the row of its symbol, whose typical size it forms too."""
    log_size = np.log2(max(size, 1.0))
    count = symbol[S_COUNT]
    if count == 0.0:
        symbol[S_SIZE], symbol[S_TYPICAL], symbol[S_FIRST] = log_size, max(size, 1.0), t
    d[:] = 0.0
    d[ENTERED] = 1.0
    d[LOG_SIZE] = log_size - symbol[S_SIZE]
    d[SIDE] = side
    d[ENTERED_SIZE] = size / symbol[S_TYPICAL]
    if level < 0:
        d[AGGRESSIVE] = 1.0
    else:
        d[LEVEL] = np.log2(1.0 + level) if level > 0 else 0.0
    symbol[S_COUNT] = count + 1.0
    symbol[S_SIZE] += (log_size - symbol[S_SIZE]) / min(count + 1.0, SIZE_MEMORY)
    if count < 64.0 or count % 16.0 == 0.0:
        symbol[S_TYPICAL] = 2.0 ** symbol[S_SIZE]


@njit(cache=True, nogil=True, error_model="numpy")
def cancelled(d: FloatArray, symbol: FloatArray, age: float, size: float) -> None:
    """Write what a cancel adds; ``age`` in seconds."""
    d[:] = 0.0
    d[CANCELLED] = 1.0
    d[LIFE] = np.log2(max(age, 0.0) + LEAST)
    d[CANCELLED_SIZE] = size / max(symbol[S_TYPICAL], 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def traded(d: FloatArray, symbol: FloatArray, size: float, side: float, column: int) -> None:
    """Write what a trade adds for one of the two; ``column``: it rested (``MADE``) or arrived (``TOOK``)."""
    d[:] = 0.0
    d[column] = 1.0
    d[TRADED] = size / max(symbol[S_TYPICAL], 1.0)
    d[NET] = side * d[TRADED]


@njit(cache=True, nogil=True, error_model="numpy")
def begin_pair(total: FloatArray, head: IntArray, finder: IntArray, key: int, pair: int, t: float) -> None:
    """Let a slot hold another pair than it did."""
    if head[KEY]:
        drop_pair(finder, head[KEY])
    enter_pair(finder, key, pair)
    total[:] = 0.0
    total[TIME] = t
    place = head[PLACE]
    head[:] = 0
    head[KEY], head[FIRST_SEEN], head[PLACE] = key, int(t * 1e6), place


@njit(cache=True, nogil=True, error_model="numpy")
def add_row(total: FloatArray, d: FloatArray, t: float) -> float:
    """Add a row's changes to the totals of a pair; return by how many doublings its gap exceeds the usual."""
    over = 0.0
    rows = total[ROWS]
    if rows > 0.0:
        gap = np.log2(max(t - total[TIME], 0.0) + LEAST)
        d[GAP] = gap
        over = gap - total[GAP] / rows
    d[ROWS] = 1.0
    total[TIME] = 0.0
    d[TIME] = t
    for c in range(TOTALS):
        total[c] += d[c]
    return over


@njit(cache=True, nogil=True, error_model="numpy")
def keep_silence(ring: FloatArray, head: IntArray, total: FloatArray, d: FloatArray, before: float) -> None:
    """Keep the totals as they were before the row that broke a silence; ``before``: the time of the row before it."""
    at = len(PERIODS) * EACH + head[SILENCES] % SILENT
    head[SILENCES] += 1
    for c in range(TOTALS):
        ring[at, c] = total[c] - d[c]
    ring[at, TIME] = before


@njit(cache=True, nogil=True, error_model="numpy")
def keep_period(ring: FloatArray, head: IntArray, total: FloatArray, population: FloatArray, work: FloatArray) -> None:
    """Keep the checkpoints due at a row number that the shortest period divides.

    Where a whole window ends, its measures join the population; every window of a pair counts less than the one
    before, so that the active do not drown the rest. ``work``: room for a row of totals and the measures.
    """
    rows = int(total[ROWS])
    if rows % WINDOW == 0:
        oldest = ring[(rows // PERIODS[0]) % EACH]
        if rows == WINDOW or (oldest[TIME] < np.inf and oldest[ROWS] == rows - WINDOW):
            for c in range(TOTALS):
                work[c] = total[c] - (oldest[c] if rows > WINDOW else 0.0)
            measure(work[:TOTALS], work[TOTALS:])
            head[OWN_WINDOWS] += 1
            add_window(population, work[TOTALS : TOTALS + len(MEASURES)], 1.0 / head[OWN_WINDOWS])
    for level in range(len(PERIODS)):
        if rows % PERIODS[level]:
            break
        at = level * EACH + (rows // PERIODS[level]) % EACH
        for c in range(TOTALS):
            ring[at, c] = total[c]


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def take_partner(account: FloatArray, other: int) -> None:
    """Count a trade of an account with another."""
    account[A_TRADES] += 1.0
    if other < 0:
        return
    least = A_PARTNERS
    for at in range(A_PARTNERS, A_PARTNERS + 2 * PARTNERS, 2):
        if account[at] == other + 1.0:
            account[at + 1] += 1.0
            return
        if account[at + 1] < account[least + 1]:
            least = at
    account[least] = other + 1.0
    account[least + 1] += 1.0


__all__ = [
    "BREAK",
    "MADE",
    "TOOK",
    "add_row",
    "begin_pair",
    "cancelled",
    "entered",
    "keep_period",
    "keep_silence",
    "take_account",
    "take_partner",
    "traded",
]
