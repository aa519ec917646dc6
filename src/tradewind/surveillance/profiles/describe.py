"""Describe the accounts of a candidate: against their own habits before it, and against the population."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.profiles.measures import MEASURES, measure, percentile, unlike
from tradewind.surveillance.profiles.memory import (
    A_COS,
    A_FIRST,
    A_PARTNERS,
    A_ROWS,
    A_SIN,
    A_SYMBOLS,
    A_TRADES,
    CHECKPOINTS,
    FIRST_SEEN,
    NET,
    PARTNERS,
    PLACE,
    ROWS,
    S_FIRST,
    TIME,
    TOTALS,
    TRADED,
    Memory,
    account_row,
    find_pair,
    key_of,
)

MOST = 8
"""Accounts of a candidate that are looked at."""

EACH_ACCOUNT = (
    "odd",
    "odd_lately",
    "rare",
    "span_rows_log",
    "past_rows_log",
    "age_part",
    "life_share",
    "rate_log",
    "symbols_log",
    "partner_share",
    "hour_apart",
    "unwinds",
)
"""``odd``: root mean square deviation from its own habit; ``odd_lately``: from its latest rows before the candidate;
``rare``: mean surprise of its measures among the population's, in bits; rows in the span and before; how much of the
symbol's life it had been known for; share of all its rows, in any symbol, that lie in the span; log2 of its rate in
the span, a usual gap added to it, over its rate before; symbols it deals in; trades with its main partner; distance of
the time of day from its usual (0 to 2); the span's net trade against what it held before: 1 closes it, -1 adds.
"""

NAMES = (
    *(f"profile_{name}_z" for name in MEASURES),
    *(f"profile_{name}_part" for name in MEASURES),
    *(f"profile_{name}" for name in EACH_ACCOUNT),
    *(f"profile_{name}_most" for name in EACH_ACCOUNT),
    "profile_newcomers",
    "profile_unlike_each_other",
)
"""Per measure the deviation from habit and the population's percentile, each a mean over the first accounts; then mean
and largest of what is known of each account; share of accounts new to the symbol; how differently from each other the
accounts behave, in deviations."""

M, E = len(MEASURES), len(EACH_ACCOUNT)
NEW = 4.0
"""An account with fewer rows in the symbol before the candidate is new."""


@njit(cache=True, nogil=True, error_model="numpy")
def totals_before(ring: FloatArray, start: float, rows: float, out: FloatArray) -> None:
    """Write the latest checkpoint before time ``start`` with at most ``rows`` rows; leave ``out`` where none is."""
    best, at = -1.0, -1
    for c in range(CHECKPOINTS):
        if ring[c, TIME] < start and ring[c, ROWS] <= rows and ring[c, ROWS] > best:
            best, at = ring[c, ROWS], c
    if at >= 0:
        out[:] = ring[at]


@njit(cache=True, nogil=True, error_model="numpy")
def _unlike_all(population: FloatArray, now: FloatArray, past: FloatArray, out: FloatArray) -> float:
    """Write the deviation of each measure of ``now`` from the habit ``past``; return their root mean square."""
    habit = np.empty(M)
    measure(past, habit)
    total, count = 0.0, 0
    for m in range(M):
        z = unlike(population, m, now[m], habit[m], past[ROWS])
        out[m] = z
        if np.isfinite(z):
            total += z * z
            count += 1
    return float(np.sqrt(total / count)) if count else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _conduct(before: FloatArray, total: FloatArray, lately: FloatArray, population: FloatArray, f: FloatArray) -> None:
    """Write deviations, percentiles and their summaries of one account; ``f`` is its row of work."""
    now, other = np.empty(M), np.empty(M)
    measure(total - before, now)
    f[2 * M] = _unlike_all(population, now, before, f[:M])
    f[2 * M + 1] = _unlike_all(population, now, before - lately, other)
    bits, count = 0.0, 0
    for m in range(M):
        part = percentile(population, m, now[m])
        f[M + m] = part
        if np.isfinite(part):
            bits -= np.log2(max(2.0 * min(part, 1.0 - part), 1e-3))
            count += 1
    f[2 * M + 2] = bits / count if count else np.nan
    net, held = total[NET] - before[NET], before[NET]
    if total[TRADED] > before[TRADED]:
        f[2 * M + 11] = min(max(-net * np.sign(held), -abs(held)), abs(held)) / max(abs(net), abs(held), 1e-9)


@njit(cache=True, nogil=True, error_model="numpy")
def _life(
    before: FloatArray, total: FloatArray, symbol_first: float, first: float, start: float, f: FloatArray
) -> None:
    """Write rows, age and rate of one account."""
    at = 2 * M
    rows = total[ROWS] - before[ROWS]
    f[at + 3] = np.log2(1.0 + rows)
    f[at + 4] = np.log2(1.0 + before[ROWS])
    lived = start - symbol_first
    f[at + 5] = min(max(start - first, 0.0) / lived, 1.0) if lived > 0.0 else np.nan
    quiet = max(start - first, 0.0)
    if quiet > 0.0 and before[ROWS] > 0.0:
        gap = quiet / before[ROWS]
        f[at + 7] = np.log2((rows + 0.5) * gap / (max(total[TIME] - start, 0.0) + gap))


@njit(cache=True, nogil=True, error_model="numpy")
def _everywhere(account: FloatArray, rows: float, day: FloatArray, f: FloatArray) -> None:
    """Write what is known of an account over all symbols; ``rows``: of it in the span."""
    at = 2 * M
    f[at + 6] = min(rows / max(account[A_ROWS], 1.0), 1.0)
    f[at + 8] = np.log2(1.0 + account[A_SYMBOLS])
    most, least = 0.0, np.inf
    for p in range(PARTNERS):
        most = max(most, account[A_PARTNERS + 2 * p + 1])
        least = min(least, account[A_PARTNERS + 2 * p + 1])
    if account[A_TRADES] > 0.0:
        f[at + 9] = (most - least) / account[A_TRADES]  # by as much as the least it may be counted too high
    size = np.sqrt(account[A_COS] ** 2 + account[A_SIN] ** 2)
    if size > 0.0:
        f[at + 10] = 1.0 - (account[A_COS] * day[0] + account[A_SIN] * day[1]) / size


@njit(cache=True, nogil=True, error_model="numpy")
def describe_account(
    memory: Memory, population: FloatArray, who: tuple[int, int], start: float, day: FloatArray, f: FloatArray
) -> None:
    """Write all that is told of one account (code, symbol) of a candidate that began at ``start``; NaN: unknown."""
    f[:] = np.nan
    pair = find_pair(memory.finder, key_of(who[0], who[1]))
    if pair < 0:
        return
    total = memory.totals[pair]
    before, lately = np.zeros(TOTALS), np.zeros(TOTALS)
    place = memory.heads[pair, PLACE]
    if place > 0:
        ring = memory.rings[place - 1]
        totals_before(ring, start, np.inf, before)
        totals_before(ring, start, before[ROWS] - 16.0, lately)
    _conduct(before, total, lately, population, f)
    at = account_row(memory.accounts, who[0])
    first = memory.heads[pair, FIRST_SEEN] * 1e-6
    if at >= 0:
        first = min(first, memory.accounts[at, A_FIRST])
        _everywhere(memory.accounts[at], total[ROWS] - before[ROWS], day, f)
    _life(before, total, memory.symbols[who[1], S_FIRST] - 1.0, first, start, f)


@njit(cache=True, nogil=True, error_model="numpy")
def _apart(each: FloatArray, n: int) -> float:
    """Return how differently the accounts behave, a mean absolute difference of deviations; NaN for one."""
    total, count = 0.0, 0
    for m in range(M):
        for x in range(n):
            for y in range(x + 1, n):
                gap = abs(each[x, m] - each[y, m])
                if np.isfinite(gap):
                    total += gap
                    count += 1
    return total / count if count else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def combine(each: FloatArray, n: int, out: FloatArray) -> None:
    """Write a candidate's features from those of its ``n`` accounts."""
    out[:] = np.nan
    newcomers = 0.0
    for column in range(2 * M + E):
        total, most, count = 0.0, -np.inf, 0
        for x in range(n):
            if np.isfinite(each[x, column]):
                total += each[x, column]
                most = max(most, each[x, column])
                count += 1
        if count:
            out[column] = total / count
            if column >= 2 * M:
                out[E + column] = most
    for x in range(n):
        if not each[x, 2 * M + 4] >= np.log2(1.0 + NEW):
            newcomers += 1.0
    out[2 * M + 2 * E] = newcomers / max(n, 1)
    out[2 * M + 2 * E + 1] = _apart(each, n)


@njit(cache=True, nogil=True, error_model="numpy")
def describe(
    memory: Memory, population: FloatArray, accounts: IntArray, symbol: int, moment: FloatArray, out: FloatArray
) -> None:
    """Write a candidate's features; ``moment``: its start in seconds, then cosine and sine of its time of day."""
    n = 0
    each = np.empty((MOST, 2 * M + E))
    for x in range(MOST):
        if accounts[x] >= 0:
            describe_account(memory, population, (accounts[x], symbol), moment[0], moment[1:], each[n])
            n += 1
    combine(each, n, out)
