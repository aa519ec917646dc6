"""Bursts as candidates of quote stuffing: their features, the rule, the runs they form.

MAR article 12(2)(c)(i) and (ii) and Delegated Regulation (EU) 2016/522, annex II, section 1: "entering large numbers of
orders and/or cancellations and/or updates to orders so as to create uncertainty for other participants". Egginton, Van
Ness and Van Ness (2016, "Quote stuffing") find it as message counts far above a symbol's own past without trades.
What parts it from honest fast quoting: makers and arbitrageurs answer moves of the price, quote both sides at the
touch, trade now and then, and do the same all day.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.surveillance.detectors.orders import burst_state as b
from tradewind.surveillance.detectors.orders.burst_events import ALARM, usual_rates
from tradewind.surveillance.detectors.orders.burst_state import Bursts, Stuffed
from tradewind.surveillance.detectors.orders.conditions import log2_ratio, ramp, two_sidedness
from tradewind.surveillance.detectors.orders.rows import Row

FEATURES = (
    "messages",
    "rate_vs_symbol",
    "rate_vs_own",
    "messages_per_second",
    "duration_s",
    "share_of_symbol",
    "cancel_share",
    "filled_share",
    "fills_per_order",
    "lifetime_s",
    "lifetime_vs_symbol",
    "lifetime_vs_own",
    "size_vs_typical",
    "touch_share",
    "level",
    "aggressive_share",
    "one_sidedness",
    "repeat_share",
    "moved_share",
    "price_moves_per_message",
    "symbol_trades_per_message",
    "order_to_trade",
    "cancel_ratio",
    "burst_share_of_own",
    "bursts",
    "run_messages",
    "accounts",
    "group_share_of_symbol",
    "group_rate_vs_symbol",
    "round_trips",
)
"""Counts, rates, sizes and lifetimes against others are log2, seconds log10."""

LEAST_CANCELS = 0.25
"""Smallest share of cancels among a burst's messages."""
LEAST_TRIPS = 0.15
"""Smallest share of cancels of orders that were entered within the burst: a maker's refresh of old quotes has none."""
LEAST_RULE = 0.12
"""Candidates with a lower rule score are not told."""
GROWTH = 1.6
"""A burst is told again when its messages have grown by this factor."""
QUIET = 30_000_000_000
LONGEST_QUIET = 1_800_000_000_000


@njit(cache=True, nogil=True, error_model="numpy")
def group_of(state: Bursts, row: Row, slot: int, accounts: np.ndarray) -> tuple[int, float]:
    """Write the account and those in a burst of the same moments; return how many and their messages together."""
    one = state.pairs[slot]
    accounts[0] = state.slots.holder[slot].account
    count, messages = 1, one.burst.messages
    length = max(row.time - one.start, 1)
    crew = state.markets[row.symbol].crew
    for k in range(b.CREW):
        other_slot = crew[k] - 1
        if other_slot < 0 or other_slot == slot:
            continue
        other = state.pairs[other_slot]
        if state.slots.holder[other_slot].symbol != row.symbol or other.excess < 0.5 * ALARM:
            continue
        shared = min(row.time, other.last) - max(one.start, other.start)
        if 2 * shared < length or other.burst.cancels < LEAST_CANCELS * other.burst.messages:
            continue
        accounts[count] = state.slots.holder[other_slot].account
        count += 1
        messages += other.burst.messages
    return count, messages


@njit(cache=True, nogil=True, error_model="numpy")
def describe(state: Bursts, row: Row, slot: int, group: tuple[int, float], into: np.ndarray) -> None:
    """Write the features of the burst and of the run it belongs to."""
    one, market = state.pairs[slot], state.markets[row.symbol]
    burst = one.burst
    n, orders, cancels = burst.messages, max(burst.orders, 1.0), max(burst.cancels, 1.0)
    length = max(float(row.time - one.start), 1e3)
    own, symbol = usual_rates(state, row, one)
    symbol_messages = max(market.messages - burst.symbol_messages, n)
    rate = n / length
    into[0] = math.log2(n)
    into[1] = log2_ratio(rate, symbol)
    into[2] = log2_ratio(rate, own)
    into[3] = math.log2(rate * 1e9)
    into[4] = math.log10(length / 1e9)
    into[5] = n / symbol_messages
    into[6] = burst.cancels / n
    into[7] = min(burst.filled / max(burst.shares, 1.0), 1.0)
    into[8] = burst.fills / orders
    into[9] = burst.log_life / cancels / math.log(10.0) - 9.0
    into[10] = (burst.log_life / cancels - market.log_life) / math.log(2.0)
    into[11] = (burst.log_life / cancels - one.log_life) / math.log(2.0)
    into[12] = (burst.log_size / orders - market.log_size) / math.log(2.0)
    into[13] = burst.at_touch / orders
    into[14] = min(burst.level / orders, 50.0)
    into[15] = burst.crossing / orders
    into[16] = 1.0 - two_sidedness(burst.buys, burst.orders - burst.buys)
    into[17] = burst.repeats / orders
    into[18] = burst.moved / n
    into[19] = (symbol_messages - n) / n
    into[20] = (market.trades - burst.symbol_trades) / n
    into[21] = log2_ratio(one.orders, max(one.fills, 0.5))
    into[22] = min(one.cancels / max(one.orders, 1.0), 2.0)
    into[23] = n / max(one.orders + one.cancels, n)
    into[24] = math.log2(float(one.run_bursts))
    into[25] = math.log2(one.run_messages + n)
    into[26] = float(group[0])
    into[27] = min(group[1] / symbol_messages, 1.0)
    into[28] = log2_ratio(group[1] / length, symbol)
    into[29] = burst.trips / n


@njit(cache=True, nogil=True, error_model="numpy")
def rule(f: np.ndarray) -> float:
    """Return how well a burst fits the textbook, in [0, 1].

    The geometric mean of five soft conditions: many messages (16 to 256, those of the run), a rate of the group above
    the symbol's (once to 16 times) and of the account above its own (4 to 64 times), orders entered and cancelled
    within the burst (half of the messages would be all: 0.15 to 0.45), and nothing filled (less than a fifth of the
    shares, none at the best); times 1 less half the share of messages that answered a move of the price.
    """
    many = ramp(f[25], 4.0, 8.0)
    fast = ramp(f[28], 0.0, 4.0)
    unlike = ramp(f[2], 2.0, 6.0)
    cancelled = ramp(f[29], LEAST_TRIPS, 0.45)
    unfilled = 1.0 - ramp(f[7], 0.0, 0.2)
    return float((many * fast * unlike * cancelled * unfilled) ** 0.2 * (1.0 - 0.5 * f[18]))


@njit(cache=True, nogil=True, error_model="numpy")
def place(state: Bursts, one: Row) -> None:
    """Put a burst into the running run of bursts, or begin another where too long has passed.

    Eight times the run's mean time from burst to burst may pass, between half a minute and half an hour.
    """
    if one.run >= 0:
        if one.start <= one.run_end:
            return
        limit = 8 * (one.run_end - one.run_start) // max(one.run_bursts, 1)
        limit = min(max(limit, QUIET), LONGEST_QUIET)
        if one.start - one.run_end <= limit:
            one.run_bursts += 1
            one.run_messages += one.shown
            one.shown = 0.0
            return
    one.run = state.counts[0]
    state.counts[0] += 1
    one.run_start = one.start
    one.run_bursts = 1
    one.run_messages = 0.0
    one.revision = 0
    one.shown = 0.0
    one.told = 0


@njit(cache=True, nogil=True, error_model="numpy")
def judge(state: Bursts, row: Row, slot: int, at: int, found: Stuffed, count: int) -> int:
    """Tell of a burst that has grown enough; return the number of candidates found so far."""
    one = state.pairs[slot]
    burst = one.burst
    if one.run >= 0 and one.start <= one.run_end:
        one.run_end = row.time
        if burst.messages < GROWTH * one.shown:
            return count
    if burst.cancels < LEAST_CANCELS * burst.messages or burst.trips < LEAST_TRIPS * burst.messages:
        return count
    if burst.filled > 0.25 * burst.shares:
        return count
    group = group_of(state, row, slot, found.accounts[count])
    place(state, one)
    one.run_end = row.time
    features = found.features[count]
    describe(state, row, slot, group, features)
    score = rule(features)
    one.shown = burst.messages
    note(one, row.seq)
    if score < LEAST_RULE:
        return count
    whole = found.whole[count]
    whole[b.F_SYMBOL] = row.symbol
    whole[b.F_EPISODE] = one.run
    whole[b.F_REVISION] = one.revision
    whole[b.F_START] = one.run_start
    whole[b.F_END] = row.time
    whole[b.F_ROW] = at
    whole[b.F_ACCOUNTS] = group[0]
    whole[b.F_TOLD] = min(one.told, b.EVIDENCE_KEPT)
    found.rule[count] = score
    found.evidence[count] = one.evidence
    one.revision += 1
    return count + 1


@njit(cache=True, nogil=True, error_model="numpy")
def note(one: Row, seq: int) -> None:
    """Keep a telling event."""
    one.evidence[one.told % b.EVIDENCE_KEPT] = seq
    one.told += 1
