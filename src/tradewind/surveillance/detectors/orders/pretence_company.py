"""Orders of several accounts that were entered and taken back together: a ladder whose rungs have several names.

FINRA Rule 5210 supplementary material .03 speaks of "multiple limit orders", whoever enters them; one hand with several
accounts may show one or two prices from each. What was taken back lately is remembered by symbol, and each new cycle is
held against it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.detectors.orders import pretence_state as p
from tradewind.surveillance.detectors.orders.conditions import log2_ratio
from tradewind.surveillance.detectors.orders.pretence_state import Pretences

APART = 0.3
"""Part of a batch's life within which another is entered, and taken back, with it."""
LEAST_APART = 50_000_000
"""Nanoseconds that always pass as together."""
LEAST_SHARE = 0.25
"""Least size of the other's orders against the batch's own: less is a bystander's."""
MOST = 3
"""Others beyond whom it is the whole market that moved, not a group."""


@njit(cache=True, nogil=True, error_model="numpy")
def remember_batch(state: Pretences, j: int, symbol: int) -> None:
    """Remember what was taken back on a side, in place of what the batch told when it was judged before."""
    market, when, batch = state.markets[symbol], state.sides[j].batch_time, state.sides[j].batch
    place = market.batch_count % p.BATCHES
    for k in range(p.BATCHES):
        if market.batches[k, p.B_SIDE] == j + 1 and market.batches[k, p.B_START] == when[p.START]:
            place = k
            break
    else:
        state.markets[symbol].batch_count += 1
    entry = market.batches[place]
    entry[p.B_SIDE], entry[p.B_ACCOUNT] = j + 1, state.slots.holder[j // 2].account
    entry[p.B_START], entry[p.B_FIRST] = when[p.START], when[p.FIRST]
    entry[p.B_SIZE] = int(batch[p.SIZE])
    count = min(int(batch[p.PRICES]), p.BATCH_PRICES)
    entry[p.B_PRICES] = count
    for k in range(count):
        entry[p.BATCH + k] = state.sides[j].batch_price[k]


@njit(cache=True, nogil=True, error_model="numpy")
def keep_company(state: Pretences, j: int, symbol: int) -> None:
    """Measure into the cycle who else entered and took back orders on its side with it; count them by name."""
    market, when, batch, cycle = (
        state.markets[symbol],
        state.sides[j].batch_time,
        state.sides[j].batch,
        state.sides[j].cycle,
    )
    own = state.slots.holder[j // 2].account
    together = max(int(APART * (when[p.FIRST] - when[p.START])), LEAST_APART)
    others = np.empty(p.BATCHES, np.int64)
    prices = np.empty(p.LEVELS + p.BATCHES * p.BATCH_PRICES, np.int64)
    levels = int(batch[p.PRICES])
    prices[:levels] = state.sides[j].batch_price[:levels]
    count, size = 0, batch[p.SIZE]
    for k in range(min(market.batch_count, p.BATCHES)):
        entry = market.batches[k]
        if (entry[p.B_SIDE] - 1 - j) % 2 or entry[p.B_ACCOUNT] == own:
            continue
        if entry[p.B_SIZE] < LEAST_SHARE * batch[p.SIZE]:
            continue
        if abs(entry[p.B_START] - when[p.START]) > together or abs(entry[p.B_FIRST] - when[p.FIRST]) > together:
            continue
        if not _among(others, count, entry[p.B_ACCOUNT]):
            others[count] = entry[p.B_ACCOUNT]
            count += 1
        size += entry[p.B_SIZE]
        for n in range(entry[p.B_PRICES]):
            if not _among(prices, levels, entry[p.BATCH + n]):
                prices[levels] = entry[p.BATCH + n]
                levels += 1
    few = 0 < count <= MOST
    cycle[p.C_GROUP_LEVELS] = float(levels) if few else batch[p.PRICES]
    cycle[p.C_COMPANY] = float(count)
    cycle[p.C_COMPANY_SIZE] = log2_ratio(size, batch[p.SIZE])
    if few:
        number = state.sides[j].episode_time[p.CYCLES] + 1
        for k in range(count):
            count_cycle(state.sides[j].comrade, others[k], number)


@njit(cache=True, nogil=True, error_model="numpy")
def best_comrade(state: Pretences, j: int) -> tuple[int, float]:
    """Return who kept most of the episode's cycles company, -1 for none, and how many."""
    best, hits = -1, 0
    for k in range(p.PARTNERS):
        entry = state.sides[j].comrade[k]
        if entry[p.P_HITS] > hits:
            best, hits = entry[p.P_ACCOUNT], entry[p.P_HITS]
    return best, float(hits)


@njit(cache=True, nogil=True, error_model="numpy")
def count_cycle(table: IntArray, account: int, number: int) -> int:
    """Count cycle ``number`` once for an account; return its place where it is new to ``table``, -1 where it is not.

    The account of fewest cycles makes room for a new one.
    """
    place = 0
    for k in range(p.PARTNERS):
        if table[k, p.P_HITS] > 0 and table[k, p.P_ACCOUNT] == account:
            if table[k, p.P_CYCLE] != number:
                table[k, p.P_CYCLE] = number
                table[k, p.P_HITS] += 1
            return -1
        if table[k, p.P_HITS] < table[place, p.P_HITS]:
            place = k
    table[place, p.P_ACCOUNT], table[place, p.P_HITS], table[place, p.P_CYCLE] = account, 1, number
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def _among(values: IntArray, count: int, value: int) -> bool:
    found = False
    for k in range(count):
        found = found or values[k] == value
    return found
