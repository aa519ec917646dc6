"""What a message changes in the state behind quote stuffing: usual rates, the excess over them, the burst.

A burst is an excursion of Page's (1954) cumulative sum for a rate: every message adds one, time takes three times the
usual rate away. It begins where the sum was last zero and needs no window length, so it finds ten messages a minute in
a sleepy symbol as well as a thousand a second in a busy one.
"""

from __future__ import annotations

import math

from numba import njit

from tradewind.surveillance.detectors.orders import burst_state as b
from tradewind.surveillance.detectors.orders.burst_state import Bursts
from tradewind.surveillance.detectors.orders.conditions import blend
from tradewind.surveillance.detectors.orders.rows import Row
from tradewind.surveillance.detectors.orders.slots import assign, held

DRIFT = 3.0
"""A burst is faster than this many times the usual rate."""
ALARM = 12.0
"""Excess of messages from which a burst is one."""
LEAST_SHARE = 0.05
"""Share of the symbol's usual rate that is usual for any account."""
LULL = 20.0
"""A pause of more than this many mean gaps ends a burst."""
HORIZON = 2048.0


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def slot_for(state: Bursts, pair: int, account: int, symbol: int, now: int) -> int:
    """Return the pair's slot, cleared where it is new to it."""
    slot = held(state.slots, pair, account, symbol)
    if slot >= 0:
        return slot
    slot = assign(state.slots, pair, account, symbol)
    one = state.pairs[slot]
    one.excess = 0.0
    one.usual_count = 0.0
    one.usual_since = now
    one.last = now
    one.start = now
    one.last_price = 0
    one.last_size = 0
    one.last_mid = 0.0
    one.orders = one.cancels = one.fills = one.log_life = 0.0
    one.burst.messages = 0.0
    one.run = -1
    one.run_bursts = 0
    return slot


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def see_market(state: Bursts, row: Row) -> None:
    """Keep the symbol's mid, its counts and how its usual time passes.

    Of a pause, at most fifty usual gaps (and a millisecond) count: a night is not a quiet hour. Counts are halved at
    1,024, so that the usual rate is that of the last thousand messages or so.
    """
    market = state.markets[row.symbol]
    if row.bid > 0 and row.ask > 0:
        market.mid = 0.5 * (row.bid + row.ask)
    elif row.bid > 0 or row.ask > 0:
        market.mid = float(row.bid + row.ask)
    if market.last > 0:
        gap = float(row.time - market.last)
        if market.usual_count >= 64.0:
            gap = min(gap, max(50.0 * market.usual_time / market.usual_count, 1e6))
        market.usual_time += gap
    market.last = row.time
    if row.kind == 3:
        market.trades += 1.0
    market.messages += 1.0


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def count_usual(state: Bursts, row: Row, one: Row) -> None:
    """Count a message that is not part of a burst toward the usual rates of its pair and its symbol."""
    market = state.markets[row.symbol]
    market.usual_count += 1.0
    if market.usual_count >= 1024.0:
        market.usual_count *= 0.5
        market.usual_time *= 0.5
    one.usual_count += 1.0
    if one.usual_count >= 256.0:
        one.usual_count *= 0.5
        one.usual_since = row.time - (row.time - one.usual_since) // 2


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def usual_rates(state: Bursts, row: Row, one: Row) -> tuple[float, float]:
    """Return the pair's and the symbol's usual messages per nanosecond."""
    market = state.markets[row.symbol]
    symbol = (market.usual_count + 1.0) / (market.usual_time + 1.0)
    own = one.usual_count / (float(row.time - one.usual_since) + 1.0 / symbol)
    return max(own, LEAST_SHARE * symbol), symbol


@njit(cache=True, nogil=True, error_model="numpy")
def begin(state: Bursts, row: Row, one: Row) -> None:
    """Begin what may become a burst with this message."""
    market = state.markets[row.symbol]
    burst = one.burst
    burst.messages = burst.orders = burst.cancels = burst.shares = burst.filled = burst.fills = 0.0
    burst.log_life = burst.log_size = burst.at_touch = burst.level = burst.buys = burst.repeats = burst.moved = 0.0
    burst.crossing = burst.trips = 0.0
    burst.symbol_messages = market.messages - 1.0
    burst.symbol_trades = market.trades
    burst.mid = market.mid
    one.start = row.time


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def message(state: Bursts, row: Row, slot: int) -> float:
    """Take an order or a cancel in; return the messages of the burst, 0 while there is none."""
    one = state.pairs[slot]
    own, _ = usual_rates(state, row, one)
    gap = float(row.time - one.last)
    excess = max(one.excess - DRIFT * own * gap, 0.0)
    burst = one.burst
    paused = burst.messages >= 4.0 and gap > LULL * float(one.last - one.start + 1) / burst.messages
    if paused and gap * own * 20.0 > 1.0:
        excess = 0.0
    if excess == 0.0:
        begin(state, row, one)
    one.excess = excess + 1.0
    one.last = row.time
    if one.excess < 0.5 * ALARM:
        count_usual(state, row, one)
    burst.messages += 1.0
    describe_message(state, row, one)
    return float(burst.messages) if one.excess >= ALARM else 0.0


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def describe_message(state: Bursts, row: Row, one: Row) -> None:
    """Count what the message is: new or cancel, where, how large, whether the price had moved since the one before."""
    market, burst = state.markets[row.symbol], one.burst
    if market.mid != one.last_mid:
        burst.moved += 1.0
        one.last_mid = market.mid
    if row.kind == 1:
        size = math.log(max(float(row.size), 1.0))
        one.orders += 1.0
        market.orders += 1.0
        market.log_size = blend(market.log_size, size, market.orders, HORIZON)
        burst.orders += 1.0
        burst.shares += float(row.size)
        burst.log_size += size
        burst.at_touch += 1.0 if row.level == 0 else 0.0
        burst.level += float(max(row.level, 0))
        burst.crossing += 1.0 if row.level < 0 else 0.0
        burst.buys += 1.0 if row.side > 0 else 0.0
        burst.repeats += 1.0 if row.price == one.last_price and row.size == one.last_size else 0.0
        one.last_price = row.price
        one.last_size = row.size
    else:
        life = math.log(max(float(row.time - row.order_time), 1e3))
        one.cancels += 1.0
        one.log_life = blend(one.log_life, life, one.cancels, 256.0)
        market.cancels += 1.0
        market.log_life = blend(market.log_life, life, market.cancels, HORIZON)
        burst.cancels += 1.0
        burst.trips += 1.0 if row.order_time >= one.start else 0.0
        burst.log_life += life


@njit(cache=True, nogil=True, error_model="numpy")
def traded(state: Bursts, row: Row, pair: int, account: int) -> None:
    """Count an execution of a pair that is known."""
    slot = held(state.slots, pair, account, row.symbol)
    if slot < 0:
        return
    one = state.pairs[slot]
    one.fills += 1.0
    if one.excess > 0.0:
        one.burst.fills += 1.0
        one.burst.filled += float(row.size)


@njit(cache=True, nogil=True, error_model="numpy")
def join_crew(state: Bursts, row: Row, slot: int) -> None:
    """Remember the pair among those of its symbol that were in a burst last, the latest first."""
    crew = state.markets[row.symbol].crew
    if crew[0] == slot + 1:
        return
    moved = crew[0]
    crew[0] = slot + 1
    for k in range(1, b.CREW):
        held_before = crew[k]
        crew[k] = moved
        if held_before == slot + 1:
            break
        moved = held_before
