"""The measures of one cycle: what a batch of cancels says of the orders it took back.

Spoofing is "bidding or offering with the intent to cancel before execution" (Dodd-Frank Act, section 747); MAR annex I
A(e) and (f) and Delegated Regulation (EU) 2016/522, annex II, list orders that change the view of demand and are
withdrawn before they execute. Measures follow Lee, Eom and Park (2013, "Microstructure-based manipulation"), who find
spoofers by size against what rests, distance, life and a trade on the other side, and Cartea, Jaimungal and Wang
(2020, "Spoofing and price manipulation in order-driven markets"), who show that the gain comes through the imbalance.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.surveillance.detectors.orders import pretence_state as p
from tradewind.surveillance.detectors.orders.conditions import (
    depth_share,
    imbalance_shift,
    log2_ratio,
    ramp,
)
from tradewind.surveillance.detectors.orders.pretence_state import Pretences

LEAST_SIZE = 0.2
"""log2 of the smallest batch in typical orders that may be a cycle (1.15 of them)."""
LEAST_ATTEMPT = 1.0
"""The same where nothing traded on the other side (two typical orders)."""
LEAST_SHIFT = 0.005
"""Smallest change of imbalance."""
LEAST_SCORE = 0.05
"""Smallest score of a cycle."""
LEAST_CANCELLED = 0.5
"""Smallest share taken back of what was entered."""


@njit(cache=True, nogil=True, error_model="numpy")
def spread_of(state: Pretences, symbol: int) -> float:
    """Return the symbol's typical spread, a ten-thousandth of its price where none was seen."""
    market = state.markets[symbol].market
    if market[p.M_SPREADS] > 0.0:
        return float(math.exp(market[p.M_LOG_SPREAD]))
    return float(max(1e-4 * market[p.M_MID], 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def entry_of(state: Pretences, j: int) -> tuple[float, int]:
    """Return the mid and the sequence number with which the batch's first order was entered; NaN, 0 if forgotten."""
    start = state.sides[j].batch_time[p.START]
    for k in range(min(state.sides[j].entry_count, p.ENTRIES)):
        if state.sides[j].entry_time[k] == start:
            return state.sides[j].entry_mid[k], state.sides[j].entry_seq[k]
    return np.nan, 0


@njit(cache=True, nogil=True, error_model="numpy")
def measure_fills(state: Pretences, j: int, spread: float) -> float:
    """Measure the pair's trades while the orders rested and for half their life after; return what of them was filled.

    What was bought and sold is told apart by side: fills on the orders' own side are executions of the pretence.
    """
    slot = j // 2
    sign = 1.0 if j % 2 else -1.0
    when, cycle = state.sides[j].batch_time, state.sides[j].cycle
    until = when[p.LAST] + (when[p.LAST] - when[p.START]) // 2
    own = opposite = taken = paid = 0.0
    latest = 0
    for k in range(min(state.pairs[slot].fill_count, p.FILLS)):
        at = state.pairs[slot].fill_time[k]
        if at < when[p.START] or at > until:
            continue
        shares = state.pairs[slot].fill[k, p.SHARES] * sign
        if shares > 0.0:
            own += shares
            continue
        opposite -= shares
        taken += state.pairs[slot].fill[k, p.TAKEN]
        paid += state.pairs[slot].fill[k, p.PAID]
        if latest < at <= when[p.FIRST]:
            latest = at
    cycle[p.C_OPPOSITE] = 1.0 if opposite > 0.0 else 0.0
    if opposite > 0.0:
        life = float(max(when[p.FIRST] - when[p.START], 1))
        delay = float(when[p.FIRST] - latest) if latest > 0 else 0.0
        cycle[p.C_GENUINE] = log2_ratio(state.sides[j].batch[p.SIZE], opposite)
        cycle[p.C_TAKEN] = taken / opposite
        cycle[p.C_DELAY] = math.log10(max(delay, 1e3) / 1e9)
        cycle[p.C_DELAY_SHARE] = delay / life
        entry = entry_of(state, j)[0]
        if entry > 0.0:
            cycle[p.C_ADVANTAGE] = min(max((paid / opposite - entry) * sign / spread, -10.0), 10.0)
    return own


@njit(cache=True, nogil=True, error_model="numpy")
def measure(state: Pretences, j: int, symbol: int) -> bool:
    """Measure the batch into ``cycle`` and return True if it passes the low bar of a cycle."""
    batch, when, cycle, market = (
        state.sides[j].batch,
        state.sides[j].batch_time,
        state.sides[j].cycle,
        state.markets[symbol].market,
    )
    habit = state.pairs[j // 2].habit
    sign = 1.0 if j % 2 else -1.0
    spread = spread_of(state, symbol)
    size = batch[p.SIZE]
    against = log2_ratio(size, math.exp(market[p.M_LOG_SIZE]))
    if against < LEAST_SIZE:
        return False
    cycle[:] = 0.0
    own = measure_fills(state, j, spread)
    life = max(batch[p.LIFE] / max(size, 1.0), 1e3)
    cycle[p.C_SIZE] = against
    cycle[p.C_OWN_SIZE] = log2_ratio(batch[p.LARGEST], math.exp(habit[p.LOG_SIZE]))
    cycle[p.C_SHARE] = depth_share(size, batch[p.SAME])
    cycle[p.C_SHIFT] = imbalance_shift(size, batch[p.SAME], batch[p.OTHER])
    cycle[p.C_LEVEL] = min(batch[p.LEVEL] / size, 50.0)
    cycle[p.C_DISTANCE] = min(batch[p.DISTANCE] / size / spread, 50.0)
    cycle[p.C_LIFE] = math.log10(life / 1e9)
    cycle[p.C_CANCELLED] = size / (size + own)
    entry = entry_of(state, j)[0]
    if entry > 0.0 and batch[p.MID] > 0.0:
        cycle[p.C_MOVE] = min(max((batch[p.MID] - entry) * sign / spread, -10.0), 10.0)
    if batch[p.MID] > 0.0 and market[p.M_MID] > 0.0:
        cycle[p.C_REVERSAL] = min(max((batch[p.MID] - market[p.M_MID]) * sign / spread, -10.0), 10.0)
    cycle[p.C_LEVELS] = batch[p.PRICES]
    cycle[p.C_MULTI] = 1.0 if batch[p.PRICES] >= 3.0 else 0.0
    cycle[p.C_ORDERS] = min(batch[p.ORDERS], 64.0)
    cycle[p.C_LARGEST] = batch[p.LARGEST] / size
    cycle[p.C_SPAN] = min(float(when[p.LAST] - when[p.FIRST]) / life, 4.0)
    cycle[p.C_ENTRY_SPAN] = min(float(when[p.ENTERED] - when[p.START]) / life, 4.0)
    cycle[p.C_MIRROR] = mirrored(state, j, life)
    lead, opposed = opposite_entry(state, j)
    cycle[p.C_LEAD] = math.log2(min(max(lead / life, 2.0**-10), 4.0)) if lead >= 0.0 else 4.0
    cycle[p.C_LEAD_SIZE] = log2_ratio(size, opposed) if lead >= 0.0 else 0.0
    cycle[p.C_GROUP_LEVELS] = batch[p.PRICES]
    cycle[p.C_SIZE_SQUARED] = cycle[p.C_SIZE] ** 2
    cycle[p.C_LIFE_SQUARED] = cycle[p.C_LIFE] ** 2
    cycle[p.C_SCORE] = score(cycle)
    bar = LEAST_SIZE if cycle[p.C_OPPOSITE] > 0.0 else LEAST_ATTEMPT
    large = cycle[p.C_SIZE] >= bar and cycle[p.C_SHIFT] >= LEAST_SHIFT
    return bool(large and cycle[p.C_CANCELLED] >= LEAST_CANCELLED and cycle[p.C_SCORE] >= LEAST_SCORE)


@njit(cache=True, nogil=True, error_model="numpy")
def opposite_entry(state: Pretences, j: int) -> tuple[float, float]:
    """Return how long before the batch's first order the pair last offered on the other side, and how much.

    In nanoseconds and shares; -1, 0 where it is not remembered. A pretence is entered for an order that already waits
    on the other side (Lee, Eom and Park 2013): an honest large order has none just before it, a maker's is as large.
    """
    start = state.sides[j].batch_time[p.START]
    other = state.sides[j ^ 1]
    latest, size = -1, 0.0
    for k in range(min(other.entry_count, p.ENTRIES)):
        at = other.entry_time[k]
        if latest < at <= start:
            latest, size = at, other.entry_size[k]
    return (float(start - latest), size) if latest >= 0 else (-1.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def mirrored(state: Pretences, j: int, life: float) -> float:
    """Return how much the pair took back on the other side at the same moment, against this side: 1 for a maker."""
    other = state.sides[j ^ 1]
    if other.batch[p.CANCEL_ROWS] == 0.0:
        return 0.0
    apart = abs(float(other.batch_time[p.FIRST] - state.sides[j].batch_time[p.FIRST]))
    if apart > 0.1 * life + 1e6:
        return 0.0
    return float(min(other.batch[p.SIZE] / max(state.sides[j].batch[p.SIZE], 1.0), 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def score(cycle: np.ndarray) -> float:
    """Return how well a cycle fits the textbook, in [0, 1].

    The geometric mean of three soft conditions (1 to 8 typical orders large; up to 0.25 of imbalance; half to 95 %
    taken back), times one for the other side: 0.3 where nothing traded there, else 0.4 rising to 1 as the pretence
    grows from the size of the trade to four times it, less a third where the cancel did not follow the trade. Less up
    to 70 % where the orders were not entered together, 40 % where they were not cancelled together, 60 % where they
    were far from the best price, 70 % where as much was taken back on the other side at once, as a maker does, 40 %
    where the account had no order waiting on the other side from shortly before (an eighth to four times their life)
    and did not cross the spread to trade there either.
    """
    large = ramp(cycle[p.C_SIZE], 0.0, 3.0)
    tilts = ramp(cycle[p.C_SHIFT], 0.0, 0.25)
    unfilled = ramp(cycle[p.C_CANCELLED], LEAST_CANCELLED, 0.95)
    if cycle[p.C_OPPOSITE] > 0.0:
        other = 0.4 + 0.6 * ramp(cycle[p.C_GENUINE], 0.0, 2.0)
        other *= 1.0 - 0.33 * ramp(cycle[p.C_DELAY_SHARE], 0.3, 1.0)
    else:
        other = 0.3
    together = 1.0 - 0.7 * ramp(cycle[p.C_ENTRY_SPAN], 0.15, 0.75)
    together *= 1.0 - 0.4 * ramp(cycle[p.C_SPAN], 0.2, 1.0)
    near = 1.0 - 0.6 * ramp(cycle[p.C_LEVEL], 4.0, 15.0)
    alone = 1.0 - 0.7 * ramp(cycle[p.C_MIRROR], 0.2, 0.8)
    crossed = cycle[p.C_OPPOSITE] > 0.0 and cycle[p.C_TAKEN] >= 0.5
    for_it = 1.0 if crossed else 1.0 - 0.4 * ramp(cycle[p.C_LEAD], -3.0, 2.0)
    return float((large * tilts * unfilled) ** (1.0 / 3.0) * other * together * near * alone * for_it)
