"""Cycles gathered to episodes, the accounts that earn from them, and the candidates that come of it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.surveillance.detectors.orders import pretence_state as p
from tradewind.surveillance.detectors.orders.conditions import log2_ratio, ramp, two_sidedness
from tradewind.surveillance.detectors.orders.pretence_company import (
    best_comrade,
    count_cycle,
    keep_company,
    remember_batch,
)
from tradewind.surveillance.detectors.orders.pretence_cycles import entry_of, measure
from tradewind.surveillance.detectors.orders.pretence_state import Found, Pretences

FEATURES = (
    "cycles",
    "traded_share",
    "cycles_per_minute",
    "size_vs_typical",
    "size_vs_own",
    "size_vs_genuine",
    "depth_share",
    "imbalance_shift",
    "level",
    "distance_spreads",
    "lifetime_s",
    "lifetime_vs_symbol",
    "lifetime_vs_own",
    "cancelled_share",
    "taken_share",
    "cancel_delay_s",
    "cancel_delay_share",
    "price_advantage",
    "price_move",
    "reversal",
    "levels_most",
    "levels_mean",
    "multi_level_share",
    "orders_per_cycle",
    "largest_order_share",
    "cancel_span",
    "best_score",
    "mean_score",
    "size_spread",
    "lifetime_spread",
    "one_sidedness",
    "other_side_share",
    "cancel_ratio",
    "order_to_trade",
    "cycle_cancel_share",
    "message_share",
    "partner_share",
    "partner_inside",
    "last_size_vs_typical",
    "last_score",
    "entry_span",
    "mirror",
    "opposite_lead",
    "size_vs_opposite",
    "orders_between",
    "orders_before",
    "burst_rate",
    "group_levels",
    "company",
    "company_size",
    "comrade_share",
)
"""Sizes, orders to trades and lifetimes against others are log2 of ratios, seconds log10, prices in typical spreads."""

QUIET = 30_000_000_000
"""Nanoseconds that always fit between two cycles of one episode."""
LONGEST_QUIET = 1_800_000_000_000
"""Nanoseconds that never fit."""
LEAST_RULE = 0.09
"""Candidates with a lower rule score are not told as spoofing."""
LEAST_LAYERING = 0.05
"""Nor with a lower one as layering: the rule is stricter, so its bar is lower."""
LEAST_LEVELS = 3.0
"""Orders on fewer prices at once are spoofing: one large order, or its two halves."""


@njit(cache=True, nogil=True, error_model="numpy")
def fold(state: Pretences, j: int) -> None:
    """Add the present cycle to its episode's sums."""
    when, episode = state.sides[j].batch_time, state.sides[j].episode_time
    if not when[p.COUNTED]:
        return
    total, cycle = state.sides[j].total, state.sides[j].cycle
    total += cycle
    episode[p.CYCLES] += 1
    episode[p.ENDED] = max(episode[p.ENDED], when[p.LAST])
    when[p.COUNTED] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def place(state: Pretences, j: int) -> None:
    """Put a new cycle into the running episode, or begin another where too long has passed.

    Eight times the episode's mean time from cycle to cycle may pass, between half a minute and half an hour.
    """
    when, episode = state.sides[j].batch_time, state.sides[j].episode_time
    cycles = episode[p.CYCLES]
    if cycles > 0:
        limit = 8 * (episode[p.ENDED] - episode[p.BEGAN]) // cycles
        limit = min(max(limit, QUIET), LONGEST_QUIET)
        if when[p.START] - episode[p.ENDED] <= limit:
            return
    state.sides[j].total[:] = 0.0
    state.sides[j].partner[:] = 0
    state.sides[j].comrade[:] = 0
    state.sides[j].episode[:] = 0.0
    episode[:] = 0
    episode[p.EPISODE] = state.counts[p.EPISODES]
    state.counts[p.EPISODES] += 1
    episode[p.BEGAN] = when[p.START]
    episode[p.ENDED] = when[p.LAST]
    state.sides[j].episode[p.CANCELS_BEFORE] = (
        state.pairs[j // 2].habit[p.CANCELS] - state.sides[j].batch[p.CANCEL_ROWS]
    )
    state.sides[j].episode[p.NEWS_BEFORE] = max(state.pairs[j // 2].habit[p.NEWS] - state.sides[j].batch[p.ORDERS], 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def note(state: Pretences, j: int, seq: int) -> None:
    """Keep a telling event."""
    episode = state.sides[j].episode_time
    state.sides[j].evidence[episode[p.TOLD] % p.EVIDENCE_KEPT] = seq
    episode[p.TOLD] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def note_cycle(state: Pretences, j: int) -> None:
    """Keep the telling events of the present cycle: the first entry, trades on the other side, cancels."""
    slot = j // 2
    sign = 1.0 if j % 2 else -1.0
    when = state.sides[j].batch_time
    entered = entry_of(state, j)[1]
    if entered:
        note(state, j, entered)
    kept = 0
    for k in range(min(state.pairs[slot].fill_count, p.FILLS)):
        at = state.pairs[slot].fill_time[k]
        inside = when[p.START] <= at <= when[p.LAST] + (when[p.LAST] - when[p.START]) // 2
        if inside and state.pairs[slot].fill[k, p.SHARES] * sign < 0.0 and kept < 4:
            note(state, j, state.pairs[slot].fill_seq[k])
            kept += 1
    for k in range(min(int(state.sides[j].batch[p.CANCEL_ROWS]), 6)):
        note(state, j, state.sides[j].batch_seq[k])


@njit(cache=True, nogil=True, error_model="numpy")
def find_partners(state: Pretences, j: int, symbol: int) -> None:
    """Count who else traded on the other side while the orders rested: a pretence may serve another account."""
    when = state.sides[j].batch_time
    own = state.slots.holder[j // 2].account
    cycle_number = state.sides[j].episode_time[p.CYCLES] + 1
    for k in range(min(state.markets[symbol].print_count, p.PRINTS)):
        entry = state.markets[symbol].prints[k]
        if entry[p.T_TIME] < when[p.START] or entry[p.T_TIME] > when[p.LAST]:
            continue
        buys = j % 2 == 0  # the pretence sells: the other side buys
        account = entry[p.T_BUYER] if buys else entry[p.T_SELLER]
        slot = entry[p.T_BUYER_SLOT] if buys else entry[p.T_SELLER_SLOT]
        if account < 0 or account == own or slot < 0:
            continue
        count_partner(state, j, account, slot, cycle_number)


@njit(cache=True, nogil=True, error_model="numpy")
def count_partner(state: Pretences, j: int, account: int, slot: int, cycle_number: int) -> None:
    """Count one cycle for a partner, and where it is a new one how often it had traded before."""
    table = state.sides[j].partner
    place = count_cycle(table, account, cycle_number)
    if place >= 0:
        table[place, p.P_SLOT] = slot
        table[place, p.P_FILLS_BEFORE] = int(state.pairs[slot].habit[p.FILLED]) - 1


@njit(cache=True, nogil=True, error_model="numpy")
def best_partner(state: Pretences, j: int) -> tuple[int, float, float]:
    """Return the likeliest partner (-1 for none), the cycles it traded in, and the share of its trades they hold."""
    best, hits, inside = -1, 0.0, 0.0
    for k in range(p.PARTNERS):
        entry = state.sides[j].partner[k]
        slot = entry[p.P_SLOT]
        if entry[p.P_HITS] < 1 or state.slots.holder[slot].account != entry[p.P_ACCOUNT]:
            continue
        trades = max(state.pairs[slot].habit[p.FILLED] - entry[p.P_FILLS_BEFORE], 1.0)
        share = min(entry[p.P_HITS] / (trades + 1.0), 1.0)
        if entry[p.P_HITS] * share > hits * inside:
            best, hits, inside = entry[p.P_ACCOUNT], float(entry[p.P_HITS]), share
    return best, hits, inside


@njit(cache=True, nogil=True, error_model="numpy")
def describe(state: Pretences, j: int, symbol: int, row: np.ndarray) -> None:
    """Write the episode's features, its present cycle among them, into ``row``."""
    total, cycle, episode = state.sides[j].total, state.sides[j].cycle, state.sides[j].episode_time
    habit, market = state.pairs[j // 2].habit, state.markets[symbol].market
    n = float(episode[p.CYCLES] + 1)
    traded = total[p.C_OPPOSITE] + cycle[p.C_OPPOSITE]
    mean = (total + cycle) / n
    span = max(float(state.sides[j].batch_time[p.LAST] - episode[p.BEGAN]) / 60e9, 1e-3)
    log_life = mean[p.C_LIFE] * math.log(10.0) + math.log(1e9)
    other = state.sides[j ^ 1].episode_time
    other_cycles = float(other[p.CYCLES] if other[p.ENDED] >= episode[p.BEGAN] else 0)
    hits, inside = best_partner(state, j)[1:]
    row[0] = math.log2(n)
    row[1] = traded / n
    row[2] = math.log2(n / span)
    row[3] = mean[p.C_SIZE]
    row[4] = mean[p.C_OWN_SIZE]
    row[5] = (total[p.C_GENUINE] + cycle[p.C_GENUINE]) / traded if traded > 0.0 else np.nan
    row[6] = mean[p.C_SHARE]
    row[7] = mean[p.C_SHIFT]
    row[8] = mean[p.C_LEVEL]
    row[9] = mean[p.C_DISTANCE]
    row[10] = mean[p.C_LIFE]
    row[11] = (log_life - market[p.M_LOG_LIFE]) / math.log(2.0)
    row[12] = (log_life - habit[p.LOG_LIFE]) / math.log(2.0)
    row[13] = mean[p.C_CANCELLED]
    for k, column in ((14, p.C_TAKEN), (15, p.C_DELAY), (16, p.C_DELAY_SHARE), (17, p.C_ADVANTAGE)):
        row[k] = (total[column] + cycle[column]) / traded if traded > 0.0 else np.nan
    row[18] = mean[p.C_MOVE]
    row[19] = mean[p.C_REVERSAL]
    row[20] = state.sides[j].episode[p.MOST_LEVELS]
    row[21] = mean[p.C_LEVELS]
    row[22] = mean[p.C_MULTI]
    row[23] = mean[p.C_ORDERS]
    row[24] = mean[p.C_LARGEST]
    row[25] = mean[p.C_SPAN]
    row[26] = state.sides[j].episode[p.BEST_SCORE]
    row[27] = mean[p.C_SCORE]
    row[28] = math.sqrt(max(mean[p.C_SIZE_SQUARED] - mean[p.C_SIZE] ** 2, 0.0))
    row[29] = math.sqrt(max(mean[p.C_LIFE_SQUARED] - mean[p.C_LIFE] ** 2, 0.0))
    row[30] = 1.0 - two_sidedness(habit[p.BOUGHT], habit[p.SOLD])
    row[31] = other_cycles / (other_cycles + n)
    row[32] = habit[p.CANCELS] / max(habit[p.NEWS], 1.0)
    row[33] = log2_ratio(habit[p.NEWS], max(habit[p.FILLED], 0.5))
    row[34] = n / max(habit[p.CANCELS] - state.sides[j].episode[p.CANCELS_BEFORE], n)
    row[35] = (habit[p.NEWS] + habit[p.CANCELS]) / max(market[p.M_ROWS], 1.0)
    row[36] = hits / n
    row[37] = inside
    row[38] = cycle[p.C_SIZE]
    row[39] = cycle[p.C_SCORE]
    row[40] = mean[p.C_ENTRY_SPAN]
    row[41] = mean[p.C_MIRROR]
    row[42] = mean[p.C_LEAD]
    row[43] = mean[p.C_LEAD_SIZE]
    before = state.sides[j].episode[p.NEWS_BEFORE]
    row[44] = log2_ratio(habit[p.NEWS] - before + 1.0, n)
    row[45] = math.log2(max(before, 0.0) + 1.0)
    row[46] = math.log2((habit[p.NEWS] - before + 1.0) / max(span * 60.0, 1e-3))
    row[47] = mean[p.C_GROUP_LEVELS]
    row[48] = mean[p.C_COMPANY]
    row[49] = mean[p.C_COMPANY_SIZE]
    row[50] = best_comrade(state, j)[1] / n


@njit(cache=True, nogil=True, error_model="numpy")
def rules(state: Pretences, j: int) -> tuple[float, float]:
    """Return the rule's score as spoofing and as layering, each in [0, 1].

    The mean score of the cycles (the best partner's share lifts one without own trades on the other side, to at most
    0.8), times 0.6 for a single cycle rising to 1 for four, times 1 less half the share of cycles on the other side.
    As spoofing, less up to 60 % as the share of cycles on three levels and more grows; as layering, times the share of
    the way from one level to three that the mean cycle goes.
    """
    n = float(state.sides[j].episode_time[p.CYCLES] + 1)
    mean = (state.sides[j].total + state.sides[j].cycle) / n
    base = mean[p.C_SCORE]
    hits, inside = best_partner(state, j)[1:]
    if hits >= 2.0:
        lifted = min(4.5 * base, 0.8) * ramp(hits / n, 0.3, 0.8) * ramp(inside, 0.1, 0.5)
        base = max(base, lifted)
    other = state.sides[j ^ 1].episode_time
    opposed = float(other[p.CYCLES] if other[p.ENDED] >= state.sides[j].episode_time[p.BEGAN] else 0)
    base *= (0.6 + 0.4 * ramp(n, 1.0, 4.0)) * (1.0 - 0.5 * opposed / (opposed + n))
    return base * (1.0 - 0.6 * mean[p.C_MULTI]), base * ramp(mean[p.C_GROUP_LEVELS], 1.0, 3.0)


@njit(cache=True, nogil=True, error_model="numpy")
def due_to_tell(state: Pretences, j: int, spoof: float, layer: float) -> bool:
    """Return True where the episode has grown by half since it was last told, or a rule by 0.1."""
    n = state.sides[j].episode_time[p.CYCLES] + 1
    grown = n >= 1.5 * state.sides[j].episode_time[p.SHOWN_CYCLES] and n > state.sides[j].episode_time[p.SHOWN_CYCLES]
    clearer = (
        spoof >= state.sides[j].episode[p.SHOWN_SPOOF] + 0.1 or layer >= state.sides[j].episode[p.SHOWN_LAYER] + 0.1
    )
    return bool(grown or clearer)


@njit(cache=True, nogil=True, error_model="numpy")
def settle(state: Pretences, j: int, row: int, found: Found, count: int) -> int:
    """Judge a batch; write a candidate if its episode is worth telling (again); return the number of candidates."""
    when, episode = state.sides[j].batch_time, state.sides[j].episode_time
    when[p.DUE] = 0
    slot = j // 2
    symbol = state.slots.holder[slot].symbol
    remember_batch(state, j, symbol)
    again = when[p.COUNTED] == 1
    if not measure(state, j, symbol):
        if again:
            when[p.COUNTED] = 0
        return count
    if not again:
        place(state, j)
        when[p.COUNTED] = 1
    keep_company(state, j, symbol)
    if state.sides[j].cycle[p.C_OPPOSITE] == 0.0:
        find_partners(state, j, symbol)
    note_cycle(state, j)
    state.sides[j].episode[p.MOST_LEVELS] = max(
        state.sides[j].episode[p.MOST_LEVELS], state.sides[j].cycle[p.C_GROUP_LEVELS]
    )
    state.sides[j].episode[p.BEST_SCORE] = max(state.sides[j].episode[p.BEST_SCORE], state.sides[j].cycle[p.C_SCORE])
    spoof, layer = rules(state, j)
    if (spoof < LEAST_RULE and layer < LEAST_LAYERING) or not due_to_tell(state, j, spoof, layer):
        return count
    found.rules[count, 0] = spoof
    found.rules[count, 1] = layer
    tell(state, j, row, found, count)
    describe(state, j, symbol, found.features[count])
    state.sides[j].episode[p.SHOWN_SPOOF] = spoof
    state.sides[j].episode[p.SHOWN_LAYER] = layer
    episode[p.SHOWN_CYCLES] = episode[p.CYCLES] + 1
    return count + 1


@njit(cache=True, nogil=True, error_model="numpy")
def tell(state: Pretences, j: int, row: int, found: Found, count: int) -> None:
    """Write who, where and when of a candidate, and under which of the two schemes it is told."""
    slot = j // 2
    when, episode, whole = state.sides[j].batch_time, state.sides[j].episode_time, found.whole[count]
    n = float(episode[p.CYCLES] + 1)
    mean_multi = (state.sides[j].total[p.C_MULTI] + state.sides[j].cycle[p.C_MULTI]) / n
    whole[p.F_SIDE] = j
    whole[p.F_ACCOUNT] = state.slots.holder[slot].account
    whole[p.F_SYMBOL] = state.slots.holder[slot].symbol
    whole[p.F_EPISODE] = episode[p.EPISODE]
    whole[p.F_SPOOF] = whole[p.F_LAYER] = -1
    if mean_multi < 0.9 and found.rules[count, 0] >= LEAST_RULE:
        whole[p.F_SPOOF] = episode[p.SPOOF_REVISION]
        episode[p.SPOOF_REVISION] += 1
    if state.sides[j].episode[p.MOST_LEVELS] >= LEAST_LEVELS and found.rules[count, 1] >= LEAST_LAYERING:
        whole[p.F_LAYER] = episode[p.LAYER_REVISION]
        episode[p.LAYER_REVISION] += 1
    whole[p.F_START] = episode[p.BEGAN]
    whole[p.F_END] = max(when[p.LAST], latest_fill(state, j))
    whole[p.F_ROW] = row
    partner, hits, inside = best_partner(state, j)
    certain = hits >= 2.0 and hits / n >= 0.4 and inside >= 0.15
    whole[p.F_PARTNER] = partner if certain else -1
    comrade, shared = best_comrade(state, j)
    whole[p.F_COMRADE] = comrade if shared >= 2.0 and shared / n >= 0.4 else -1
    whole[p.F_TOLD] = min(episode[p.TOLD], p.EVIDENCE_KEPT)
    found.evidence[count] = state.sides[j].evidence


@njit(cache=True, nogil=True, error_model="numpy")
def latest_fill(state: Pretences, j: int) -> int:
    """Return the time of the pair's latest trade on the other side that belongs to the present cycle, 0 for none."""
    slot = j // 2
    sign = 1.0 if j % 2 else -1.0
    when = state.sides[j].batch_time
    latest = 0
    for k in range(min(state.pairs[slot].fill_count, p.FILLS)):
        at = state.pairs[slot].fill_time[k]
        if (
            at <= when[p.LAST] + (when[p.LAST] - when[p.START]) // 2
            and state.pairs[slot].fill[k, p.SHARES] * sign < 0.0
        ):
            latest = max(latest, at)
    return latest
