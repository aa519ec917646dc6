"""What a row of the tape changes in the state behind spoofing and layering, before anything is judged."""

from __future__ import annotations

import math

from numba import njit

from tradewind.surveillance.detectors.orders import pretence_state as p
from tradewind.surveillance.detectors.orders.conditions import blend
from tradewind.surveillance.detectors.orders.pretence_state import Pretences
from tradewind.surveillance.detectors.orders.rows import Row
from tradewind.surveillance.detectors.orders.slots import assign, held

WAIT = 50_000_000
"""Nanoseconds of quiet after a batch's last cancel before it is judged, so that all its levels are in."""
HORIZON = 2048.0
"""Orders over which a symbol's typical values are taken."""


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def slot_for(state: Pretences, pair: int, account: int, symbol: int) -> int:
    """Return the pair's slot, cleared where it is new to it."""
    slot = held(state.slots, pair, account, symbol)
    if slot >= 0:
        return slot
    slot = assign(state.slots, pair, account, symbol)
    pair_state = state.pairs[slot]
    pair_state.habit[:] = 0.0
    pair_state.fill_count = 0
    for j in range(2 * slot, 2 * slot + 2):
        side = state.sides[j]
        side.entry_count = 0
        side.batch_time[:] = 0
        side.batch[:] = 0.0
        side.total[:] = 0.0
        side.episode_time[:] = 0
        side.episode[:] = 0.0
        side.partner[:] = 0
        side.comrade[:] = 0
    return slot


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def see_market(state: Pretences, row: Row) -> None:
    """Keep the symbol's mid and, with each new order, its typical spread."""
    market = state.markets[row.symbol].market
    bid, ask = row.bid, row.ask
    market[p.M_ROWS] += 1.0
    if bid > 0 and ask > 0:
        market[p.M_MID] = 0.5 * (bid + ask)
        if ask > bid and row.kind == 1:
            market[p.M_SPREADS] += 1.0
            spread = math.log(float(ask - bid))
            market[p.M_LOG_SPREAD] = blend(market[p.M_LOG_SPREAD], spread, market[p.M_SPREADS], HORIZON)
    elif bid > 0 or ask > 0:
        market[p.M_MID] = float(bid + ask)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def enter(state: Pretences, row: Row, slot: int) -> None:
    """Learn from a new order: typical sizes, the account's sides, and when and at which mid it was entered."""
    market = state.markets[row.symbol].market
    habit = state.pairs[slot].habit
    size = float(row.size)
    if size <= 0.0:
        return
    log_size = math.log(size)
    market[p.M_NEWS] += 1.0
    market[p.M_LOG_SIZE] = blend(market[p.M_LOG_SIZE], log_size, market[p.M_NEWS], HORIZON)
    habit[p.NEWS] += 1.0
    habit[p.LOG_SIZE] = blend(habit[p.LOG_SIZE], log_size, habit[p.NEWS], 256.0)
    side = row.side
    if side > 0:
        habit[p.BOUGHT] = 0.98 * habit[p.BOUGHT] + 1.0
        habit[p.SOLD] *= 0.98
    else:
        habit[p.SOLD] = 0.98 * habit[p.SOLD] + 1.0
        habit[p.BOUGHT] *= 0.98
    if row.level >= 0:
        j = 2 * slot + (1 if side > 0 else 0)
        k = state.sides[j].entry_count % p.ENTRIES
        state.sides[j].entry_time[k] = row.time
        state.sides[j].entry_seq[k] = row.seq
        state.sides[j].entry_mid[k] = market[p.M_MID]
        state.sides[j].entry_size[k] = size
        state.sides[j].entry_count += 1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def fill(state: Pretences, row: Row, slot: int, maker: bool) -> None:
    """Remember an execution of the pair; those of one moment and side become one."""
    habit = state.pairs[slot].habit
    habit[p.FILLED] += 1.0
    side = row.side if maker else row.taker_side
    signed = float(side) * row.size
    count = state.pairs[slot].fill_count
    k = (count - 1) % p.FILLS
    if count == 0 or state.pairs[slot].fill_time[k] != row.time or state.pairs[slot].fill[k, p.SHARES] * signed <= 0.0:
        k = count % p.FILLS
        state.pairs[slot].fill_count += 1
        state.pairs[slot].fill_time[k] = row.time
        state.pairs[slot].fill[k] = 0.0
    state.pairs[slot].fill_seq[k] = row.seq
    state.pairs[slot].fill[k, p.SHARES] += signed
    state.pairs[slot].fill[k, p.PAID] += float(row.price) * row.size
    if not maker:
        state.pairs[slot].fill[k, p.TAKEN] += float(row.size)
    # an execution soon after the cancels still belongs to them: judge the batch on the other side again
    j = 2 * slot + (0 if side > 0 else 1)
    when = state.sides[j].batch_time
    if when[p.COUNTED] and when[p.DUE] == 0 and row.time <= when[p.LAST] + (when[p.LAST] - when[p.START]) // 2:
        arm(state, j, row.time)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def remember_print(state: Pretences, row: Row, maker_slot: int, taker_slot: int) -> None:
    """Remember an execution of the symbol with its buyer and its seller."""
    s = row.symbol
    entry = state.markets[s].prints[state.markets[s].print_count % p.PRINTS]
    state.markets[s].print_count += 1
    entry[p.T_TIME] = row.time
    maker_buys = row.side > 0 or (row.side == 0 and row.taker_side < 0)
    entry[p.T_BUYER] = row.account if maker_buys else row.taker
    entry[p.T_SELLER] = row.taker if maker_buys else row.account
    entry[p.T_BUYER_SLOT] = maker_slot if maker_buys else taker_slot
    entry[p.T_SELLER_SLOT] = taker_slot if maker_buys else maker_slot


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def learn_cancel(state: Pretences, row: Row, slot: int) -> None:
    """Learn how long orders live before they are cancelled, in the symbol and by the pair."""
    market = state.markets[row.symbol].market
    habit = state.pairs[slot].habit
    life = math.log(max(float(row.time - row.order_time), 1e3))
    market[p.M_CANCELS] += 1.0
    market[p.M_LOG_LIFE] = blend(market[p.M_LOG_LIFE], life, market[p.M_CANCELS], HORIZON)
    habit[p.CANCELS] += 1.0
    habit[p.LOG_LIFE] = blend(habit[p.LOG_LIFE], life, habit[p.CANCELS], 256.0)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def arm(state: Pretences, j: int, last: int) -> None:
    """Have the batch judged once :data:`WAIT` has passed since ``last``, if it is not already to be."""
    if state.sides[j].batch_time[p.DUE]:
        return
    due = last + WAIT
    state.sides[j].batch_time[p.DUE] = due
    end = state.counts[p.TAIL] % p.QUEUE
    state.queue[end, 0] = due
    state.queue[end, 1] = j
    state.counts[p.TAIL] += 1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def belongs(state: Pretences, row: Row, j: int) -> bool:
    """Return True if the cancelled order rested already when the batch's first order was cancelled.

    An order three times as old as the batch's oldest, or a third as old, is not part of it: it was there for other
    reasons.
    """
    when = state.sides[j].batch_time
    if state.sides[j].batch[p.CANCEL_ROWS] == 0.0:
        return False
    if row.order_time > when[p.FIRST]:
        return False
    life = when[p.FIRST] - when[p.START]
    age = row.time - row.order_time
    alike = age <= 3 * life + WAIT and 3 * age + WAIT >= life
    return bool(alike and row.time - when[p.LAST] <= 2 * life + WAIT)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def open_batch(state: Pretences, row: Row, j: int) -> None:
    """Begin a batch with a cancel and note the book it leaves."""
    when, batch = state.sides[j].batch_time, state.sides[j].batch
    batch[:] = 0.0
    buys = row.side > 0
    when[p.START] = row.order_time
    when[p.ENTERED] = row.order_time
    when[p.FIRST] = row.time
    when[p.LAST_ORDER] = 0
    when[p.COUNTED] = 0
    when[p.DUE] = 0
    batch[p.SAME] = float(row.bid_depth if buys else row.ask_depth)
    batch[p.OTHER] = float(row.ask_depth if buys else row.bid_depth)
    batch[p.MID] = state.markets[row.symbol].market[p.M_MID]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def take_back(state: Pretences, row: Row, j: int) -> None:
    """Add a cancel to the pair's batch on its side."""
    when, batch = state.sides[j].batch_time, state.sides[j].batch
    size = float(row.size)
    buys = row.side > 0
    when[p.START] = min(when[p.START], row.order_time)
    when[p.ENTERED] = max(when[p.ENTERED], row.order_time)
    when[p.LAST] = row.time
    touch = row.bid if buys else row.ask
    away = float(touch - row.price) if buys else float(row.price - touch)
    batch[p.SIZE] += size
    batch[p.LIFE] += size * float(row.time - row.order_time)
    batch[p.LARGEST] = max(batch[p.LARGEST], size)
    batch[p.LEVEL] += size * max(row.level, 0)
    batch[p.DISTANCE] += size * max(away, 0.0)
    state.sides[j].batch_seq[int(batch[p.CANCEL_ROWS]) % p.LEVELS] = row.seq
    batch[p.CANCEL_ROWS] += 1.0
    if row.order != when[p.LAST_ORDER]:
        when[p.LAST_ORDER] = row.order
        batch[p.ORDERS] += 1.0
    known = int(batch[p.PRICES])
    for k in range(known):
        if state.sides[j].batch_price[k] == row.price:
            break
    else:
        if known < p.LEVELS:
            state.sides[j].batch_price[known] = row.price
            batch[p.PRICES] += 1.0
    arm(state, j, row.time)
