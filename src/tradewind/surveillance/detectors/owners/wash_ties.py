"""What one trade adds: to the symbol, to its two parties, to their tie; and the ring it may close."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.detectors.owners.wash_state import (
    CLOCK,
    LOG_AGE,
    LOG_SIZE,
    LOTS,
    MARK,
    MARK_BEFORE,
    MATCHED,
    MEMORY,
    P_CLOCK,
    P_LOT,
    P_MAKER,
    P_NET,
    P_TAKER,
    P_VOLUME,
    S_FIRST,
    S_LAST,
    SIZES,
    SPREAD,
    STORY,
    T_ALONE,
    T_CLOCK,
    T_COUNT,
    T_CYCLE,
    T_CYCLES,
    T_GAP,
    T_GAP2,
    T_GAPS,
    T_HIGH_SOLD,
    T_HIGHEST,
    T_LEVEL,
    T_LOG_AGE,
    T_LOG_SIZE,
    T_LOG_SIZE2,
    T_LOW_SOLD,
    T_LOWEST,
    T_MATCHED,
    T_QUICK,
    T_RAW,
    TIE,
    TOLD,
    TRADES,
    VOLUME,
    Memory,
    Trades,
)
from tradewind.surveillance.graph.partners import pair_key
from tradewind.surveillance.graph.table import claim, find, surprise

HOUR = 3_600_000_000_000
SILENT = 500.0
"""A tie begins anew after an hour in which the symbol traded this often without it."""
SAME = 1.25
"""Lots within this ratio of each other may be the same shares on their way round a ring."""
VISITS = 32
"""Most purchases looked at for one ring."""
CROWDED = 0.6
"""Where a purchase of like size leads back to more sellers than this on average, rings close by chance."""


@njit(cache=True, nogil=True, error_model="numpy")
def note_market(m: Memory, t: Trades, i: int) -> float:
    """Count a trade in its symbol, with slow averages of size, age and spread; return the age's logarithm."""
    market = m.market[t.symbol[i]]
    keep = math.exp(-1.0 / MEMORY)
    market[CLOCK] += 1.0
    if market[CLOCK] % int(MEMORY) == 0.0:
        market[MARK_BEFORE] = market[MARK]
        market[MARK] = t.first_row + i
    rate = max(1.0 / market[CLOCK], 1.0 / MEMORY)
    age = math.log(max(float(t.time[i] - t.order_time[i]), 0.0) * 1e-9 + 1e-3)
    market[LOG_SIZE] += rate * (math.log(max(float(t.size[i]), 1.0)) - market[LOG_SIZE])
    market[LOG_AGE] += rate * (age - market[LOG_AGE])
    if t.bid[i] > 0 and t.ask[i] > t.bid[i]:
        spread = float(t.ask[i] - t.bid[i])
        market[SPREAD] += rate * (spread - market[SPREAD]) if market[SPREAD] > 0.0 else spread
    matched = 1.0 if whole(m, t, i) else 0.0
    market[MATCHED] += rate * (matched - market[MATCHED])
    sizes = m.sizes[t.symbol[i]]
    sizes[size_bin(t.size[i])] += 1.0
    if market[CLOCK] % int(MEMORY) == 0.0:
        sizes *= 0.5
    market[VOLUME] = market[VOLUME] * keep + t.size[i]
    market[TRADES] = market[TRADES] * keep + 1.0
    return age


@njit(cache=True, nogil=True, error_model="numpy")
def size_bin(size: int) -> int:
    """Return the place of a size in a symbol's histogram."""
    return min(int(4.0 * math.log(max(float(size), 1.0))), SIZES - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def like_size(m: Memory, symbol: int, size: int) -> float:
    """Return the share of the symbol's trades that are about as large as ``size``."""
    middle, sizes = size_bin(size), m.sizes[symbol]
    near = np.sum(sizes[max(middle - 1, 0) : middle + 2])
    return float((near + 1.0) / (np.sum(sizes) + 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def whole(m: Memory, t: Trades, i: int) -> bool:
    """Return whether both orders were of just this size, as orders that were agreed on are."""
    if t.order_size[i] != t.size[i]:
        return False
    arriving = m.arriving[t.symbol[i]]
    return bool(t.taker_order[i] == 0 or arriving[0] != t.taker_order[i] or arriving[1] == t.size[i])


@njit(cache=True, nogil=True, error_model="numpy")
def fade_party(m: Memory, slot: int, account: int, clock: float) -> None:
    """Bring an account's counts to now; forget those of another account that had the slot before."""
    party = m.party[slot]
    if m.net.owner[slot] != account:
        m.net.owner[slot] = account
        party[:] = 0.0
        m.lot_from[slot] = -1
        m.net.near[slot] = -1
        m.net.bond[slot] = 0.0
    elif party[P_CLOCK] < clock:
        keep = math.exp((party[P_CLOCK] - clock) / MEMORY)
        party[P_MAKER] *= keep
        party[P_TAKER] *= keep
        party[P_VOLUME] *= keep
        party[P_NET] *= keep
    party[P_CLOCK] = clock


@njit(cache=True, nogil=True, error_model="numpy")
def fade_tie(tie: FloatArray, clock: float) -> None:
    """Bring a tie's counts to now."""
    if tie[T_CLOCK] < clock:
        keep = math.exp((tie[T_CLOCK] - clock) / MEMORY)
        for column in range(T_COUNT, T_GAPS + 1):
            tie[column] *= keep
        tie[T_CLOCK] = clock


@njit(cache=True, nogil=True, error_model="numpy")
def note_parties(m: Memory, t: Trades, i: int) -> None:
    """Count a trade with its maker and its taker."""
    clock, size = m.market[t.symbol[i], CLOCK], float(t.size[i])
    maker, taker = t.pair[i], t.taker_pair[i]
    fade_party(m, maker, t.account[i], clock)
    fade_party(m, taker, t.taker[i], clock)
    m.party[maker, P_MAKER] += 1.0
    m.party[taker, P_TAKER] += 1.0
    m.party[maker, P_VOLUME] += size
    m.party[taker, P_VOLUME] += size
    sign = -1.0 if t.taker_side[i] > 0 else 1.0
    m.party[maker, P_NET] += sign * size
    m.party[taker, P_NET] -= sign * size


@njit(cache=True, nogil=True, error_model="numpy")
def expected(m: Memory, a: int, b: int, clock: float, trades: float) -> float:
    """Return how many of the symbol's trades these two would have with each other if partners met by chance.

    Each keeps its own number of passive and active trades (the configuration model of a random graph); half a trade is
    added to each number, so that two newcomers' first meeting is no miracle.
    """
    one, two = m.party[a], m.party[b]
    keep_one = math.exp(min(one[P_CLOCK] - clock, 0.0) / MEMORY)
    keep_two = math.exp(min(two[P_CLOCK] - clock, 0.0) / MEMORY)
    met = (one[P_MAKER] * keep_one + 0.5) * (two[P_TAKER] * keep_two + 0.5)
    if a != b:
        met += (two[P_MAKER] * keep_two + 0.5) * (one[P_TAKER] * keep_one + 0.5)
    return float(met / max(trades, 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def note_tie(m: Memory, t: Trades, i: int, age: float) -> int:
    """Count a trade with the tie of its two parties; return the tie's place."""
    maker, taker = t.pair[i], t.taker_pair[i]
    key = pair_key(maker, taker, m.net.owner)
    place = find(m.net.keys, key)
    clock, now = m.market[t.symbol[i], CLOCK], t.time[i]
    fresh = place < 0
    if fresh:
        place = claim(m.net.keys, m.net.seen, key)
    tie, story = m.tie[place], m.story[place]
    if fresh or (now - story[S_LAST] > HOUR and clock - tie[T_CLOCK] > SILENT):
        tie[:TIE] = 0.0
        story[:STORY] = 0
        story[S_FIRST] = now
        tie[T_LEVEL] = 1.0
        tie[T_LOWEST] = tie[T_HIGHEST] = t.price[i]
        m.told[place] = 0
    else:
        fade_tie(tie, clock)
        gap = math.log(max(float(now - story[S_LAST]), 0.0) * 1e-9 + 1e-3)
        tie[T_GAP] += gap
        tie[T_GAP2] += gap * gap
        tie[T_GAPS] += 1.0
    tie[T_CLOCK] = clock
    m.net.seen[place] = t.first_row + i
    add_trade(m, t, i, place, age)
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def add_trade(m: Memory, t: Trades, i: int, place: int, age: float) -> None:
    """Add one trade's numbers to a tie that was brought to now."""
    tie, story, market, size = m.tie[place], m.story[place], m.market[t.symbol[i]], float(t.size[i])
    seller = t.pair[i] if t.taker_side[i] > 0 else t.taker_pair[i]
    tie[T_COUNT] += 1.0
    if seller == min(t.pair[i], t.taker_pair[i]):
        tie[T_LOW_SOLD] += size
    else:
        tie[T_HIGH_SOLD] += size
    if whole(m, t, i):
        tie[T_MATCHED] += 1.0
    best = t.ask_size[i] if t.taker_side[i] > 0 else t.bid_size[i]
    if best == t.order_left[i]:
        tie[T_ALONE] += 1.0
    if age < market[LOG_AGE] - 1.0:
        tie[T_QUICK] += 1.0
    log_size = math.log(max(size, 1.0))
    tie[T_LOG_AGE] += age
    tie[T_LOG_SIZE] += log_size
    tie[T_LOG_SIZE2] += log_size * log_size
    tie[T_LOWEST] = min(tie[T_LOWEST], float(t.price[i]))
    tie[T_HIGHEST] = max(tie[T_HIGHEST], float(t.price[i]))
    m.told[place, int(tie[T_RAW]) % TOLD] = t.seq[i]
    tie[T_RAW] += 1.0
    story[S_LAST] = t.time[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _on_path(slots: IntArray, parent: IntArray, node: int, slot: int) -> bool:
    while node >= 0:
        if slots[node] == slot:
            return True
        node = parent[node]
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def close_ring(m: Memory, t: Trades, i: int, members: IntArray) -> tuple[int, float]:
    """Follow the shares just sold back through purchases of like size; find a ring of three or more.

    The seller bought like lots from somebody, who bought like lots from somebody, ..., from the buyer of this trade:
    the shares are back where they were (wash trades of colluding cliques, Cao et al. 2014; Franke et al. 2021).
    ``members`` gets the buyer, then the ring back from the seller. Returns their number, 0 where there is none, and how
    surprising the ring is in nats: -log of how many rings of this length the trade would close by chance. Purchases
    of common sizes are followed only where they filled both orders whole, which few do.
    """
    buyer, seller = t.taker_pair[i], t.pair[i]
    if t.taker_side[i] < 0:
        buyer, seller = seller, buyer
    size, arranged = float(t.size[i]), whole(m, t, i)
    market = m.market[t.symbol[i]]
    loose = LOTS * like_size(m, t.symbol[i], t.size[i])
    tight = loose * max(market[MATCHED], 0.01)
    if buyer == seller or market[CLOCK] < 30.0 or (loose > CROWDED and not (arranged and tight < CROWDED)):
        return 0, 0.0
    slots, parent, odds = np.empty(VISITS, np.int64), np.empty(VISITS, np.int64), np.empty(VISITS)
    party = m.party[buyer]
    share = min((party[P_MAKER] + party[P_TAKER] + 1.0) / (2.0 * market[TRADES]), 1.0)
    slots[0], parent[0], odds[0] = seller, -1, -math.log(share) - (math.log(max(market[MATCHED], 0.01)) * arranged)
    count, node = 1, 0
    while node < count:
        for k in range(LOTS):
            source, lot = m.lot_from[slots[node], k], m.lot_size[slots[node], k]
            if source < 0 or not size / SAME <= abs(lot) <= size * SAME or (loose > CROWDED and lot > 0.0):
                continue
            rare = odds[node] - math.log(tight if lot < 0.0 else loose)
            if source == buyer:
                if node > 0:
                    return _take_ring(buyer, node, slots, parent, members), rare
            elif count < VISITS and not _on_path(slots, parent, node, source):
                slots[count], parent[count], odds[count] = source, node, rare
                count += 1
        node += 1
    return 0, 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _take_ring(buyer: int, node: int, slots: IntArray, parent: IntArray, members: IntArray) -> int:
    """Write the ring's members, first the buyer, then whoever bought from it, down to the seller."""
    members[0] = buyer
    count = 1
    while node >= 0 and count < members.size:
        members[count] = slots[node]
        count += 1
        node = parent[node]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def note_ring(m: Memory, size: float, rare: float, members: IntArray) -> None:
    """Count a closed ring with each of its ties, and take its lots out of the holders' purchases."""
    count = members.size
    for k in range(count):
        a, b = members[k], members[(k + 1) % count]
        place = find(m.net.keys, pair_key(a, b, m.net.owner))
        if place >= 0:
            m.tie[place, T_CYCLES] += 1.0
            m.tie[place, T_CYCLE] = max(m.tie[place, T_CYCLE], rare)
        # the list runs against the shares' way: each member bought from the next
        forget_lot(m, a, b, size)


@njit(cache=True, nogil=True, error_model="numpy")
def forget_lot(m: Memory, holder: int, source: int, size: float) -> None:
    """Take the lot that went round out of the holder's purchases, so that it closes no second ring."""
    for k in range(LOTS):
        if m.lot_from[holder, k] == source and size / SAME <= abs(m.lot_size[holder, k]) <= size * SAME:
            m.lot_from[holder, k] = -1
            return


@njit(cache=True, nogil=True, error_model="numpy")
def note_lot(m: Memory, t: Trades, i: int) -> None:
    """Remember the purchase with the buyer: from whom and how much."""
    buyer, seller = t.taker_pair[i], t.pair[i]
    if t.taker_side[i] < 0:
        buyer, seller = seller, buyer
    if buyer == seller:
        return
    k = int(m.party[buyer, P_LOT])
    m.lot_from[buyer, k] = seller
    m.lot_size[buyer, k] = -float(t.size[i]) if whole(m, t, i) else float(t.size[i])
    m.party[buyer, P_LOT] = float((k + 1) % LOTS)


@njit(cache=True, nogil=True, error_model="numpy")
def tie_surprise(m: Memory, a: int, b: int, place: int, symbol: int) -> float:
    """Return how far beyond chance two parties meet, -log10 of the probability; 0 below twice what chance gives.

    Makers and their best customers meet a little more often than chance has it, over thousands of trades.
    """
    market, tie = m.market[symbol], m.tie[place]
    count = tie[T_COUNT] * math.exp(min(tie[T_CLOCK] - market[CLOCK], 0.0) / MEMORY)
    chance = expected(m, a, b, market[CLOCK], market[TRADES])
    return surprise(count, chance) if count >= 2.0 * chance else 0.0
