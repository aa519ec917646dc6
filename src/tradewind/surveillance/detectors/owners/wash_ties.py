"""What one trade adds: to the symbol, to its two parties, to their tie; and the ring it may close."""

from __future__ import annotations

import math
from typing import NamedTuple

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
    MARKET,
    MATCHED,
    MEMORY,
    P_CLOCK,
    P_LOT,
    P_MAKER,
    P_NET,
    P_TAKER,
    P_VOLUME,
    PARTY,
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
)
from tradewind.surveillance.graph.partners import OWNER, PARTNERS, pair_key
from tradewind.surveillance.graph.table import claim, find, surprise


class Deal(NamedTuple):
    """One trade: its parties as slots and accounts, the taker's side, and what is known of the two orders.

    ``matched``: both orders were of just this size, as orders that were agreed on are; ``log_age``: seconds since the
    resting order was entered; ``best``: shares at its price when the trade came; ``spread`` 0 where it is not known.
    """

    row: int
    time: int
    symbol: int
    seq: int
    maker: int
    taker: int
    maker_account: int
    taker_account: int
    side: int
    price: int
    size: int
    order_left: int
    best: int
    matched: bool
    log_age: float
    log_size: float
    spread: float


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
def note_market(m: Memory, d: Deal) -> None:
    """Count a trade in its symbol, with slow averages of size, age and spread."""
    market = m.market[d.symbol]
    keep = math.exp(-1.0 / MEMORY)
    market[CLOCK] += 1.0
    if market[CLOCK] % int(MEMORY) == 0.0:
        market[MARK_BEFORE] = market[MARK]
        market[MARK] = d.row
    rate = max(1.0 / market[CLOCK], 1.0 / MEMORY)
    market[LOG_SIZE] += rate * (d.log_size - market[LOG_SIZE])
    market[LOG_AGE] += rate * (d.log_age - market[LOG_AGE])
    if d.spread > 0.0:
        market[SPREAD] += rate * (d.spread - market[SPREAD]) if market[SPREAD] > 0.0 else d.spread
    market[MATCHED] += rate * ((1.0 if d.matched else 0.0) - market[MATCHED])
    sizes = market[MARKET:]
    sizes[size_bin(d.size)] += 1.0
    if market[CLOCK] % int(MEMORY) == 0.0:
        sizes *= 0.5
    market[VOLUME] = market[VOLUME] * keep + d.size
    market[TRADES] = market[TRADES] * keep + 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def size_bin(size: int) -> int:
    """Return the place of a size in a symbol's histogram."""
    return min(int(4.0 * math.log(max(float(size), 1.0))), SIZES - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def like_size(m: Memory, symbol: int, size: int) -> float:
    """Return the share of the symbol's trades that are about as large as ``size``."""
    middle, sizes = size_bin(size), m.market[symbol, MARKET:]
    near = np.sum(sizes[max(middle - 1, 0) : middle + 2])
    return float((near + 1.0) / (np.sum(sizes) + 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def fade_party(m: Memory, slot: int, account: int, clock: float) -> None:
    """Bring an account's counts to now; forget those of another account that had the slot before."""
    party = m.party[slot]
    if m.net.near[slot, OWNER] != account:
        m.net.near[slot, OWNER] = account
        party[:] = 0.0
        m.net.near[slot, :PARTNERS] = -1
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
def note_parties(m: Memory, d: Deal) -> None:
    """Count a trade with its maker and its taker."""
    clock, size = m.market[d.symbol, CLOCK], float(d.size)
    maker, taker = d.maker, d.taker
    fade_party(m, maker, d.maker_account, clock)
    fade_party(m, taker, d.taker_account, clock)
    m.party[maker, P_MAKER] += 1.0
    m.party[taker, P_TAKER] += 1.0
    m.party[maker, P_VOLUME] += size
    m.party[taker, P_VOLUME] += size
    sign = -1.0 if d.side > 0 else 1.0
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
def note_tie(m: Memory, d: Deal) -> int:
    """Count a trade with the tie of its two parties; return the tie's place."""
    maker, taker = d.maker, d.taker
    key = pair_key(maker, taker, m.net.near)
    place = find(m.net.keys, key)
    clock, now = m.market[d.symbol, CLOCK], d.time
    fresh = place < 0
    if fresh:
        place = claim(m.net.keys, m.net.seen, key)
    tie, story = m.tie[place], m.story[place]
    if fresh or (now - story[S_LAST] > HOUR and clock - tie[T_CLOCK] > SILENT):
        tie[:TIE] = 0.0
        story[:] = 0
        story[S_FIRST] = now
        tie[T_LEVEL] = 1.0
        tie[T_LOWEST] = tie[T_HIGHEST] = d.price
    else:
        fade_tie(tie, clock)
        gap = math.log(max(float(now - story[S_LAST]), 0.0) * 1e-9 + 1e-3)
        tie[T_GAP] += gap
        tie[T_GAP2] += gap * gap
        tie[T_GAPS] += 1.0
    tie[T_CLOCK] = clock
    m.net.seen[place] = d.row
    add_trade(m, d, place)
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def add_trade(m: Memory, d: Deal, place: int) -> None:
    """Add one trade's numbers to a tie that was brought to now."""
    tie, story, market, size = m.tie[place], m.story[place], m.market[d.symbol], float(d.size)
    seller = d.maker if d.side > 0 else d.taker
    tie[T_COUNT] += 1.0
    if seller == min(d.maker, d.taker):
        tie[T_LOW_SOLD] += size
    else:
        tie[T_HIGH_SOLD] += size
    if d.matched:
        tie[T_MATCHED] += 1.0
    if d.best == d.order_left:
        tie[T_ALONE] += 1.0
    if d.log_age < market[LOG_AGE] - 1.0:
        tie[T_QUICK] += 1.0
    tie[T_LOG_AGE] += d.log_age
    tie[T_LOG_SIZE] += d.log_size
    tie[T_LOG_SIZE2] += d.log_size * d.log_size
    tie[T_LOWEST] = min(tie[T_LOWEST], float(d.price))
    tie[T_HIGHEST] = max(tie[T_HIGHEST], float(d.price))
    story[STORY + int(tie[T_RAW]) % TOLD] = d.seq
    tie[T_RAW] += 1.0
    story[S_LAST] = d.time


@njit(cache=True, nogil=True, error_model="numpy")
def _on_path(slots: IntArray, parent: IntArray, node: int, slot: int) -> bool:
    while node >= 0:
        if slots[node] == slot:
            return True
        node = parent[node]
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def close_ring(m: Memory, d: Deal, members: IntArray) -> tuple[int, float]:
    """Follow the shares just sold back through purchases of like size; find a ring of three or more.

    The seller bought like lots from somebody, who bought like lots from somebody, ..., from the buyer of this trade:
    the shares are back where they were (wash trades of colluding cliques, Cao et al. 2014; Franke et al. 2021).
    ``members`` gets the buyer, then the ring back from the seller. Returns their number, 0 where there is none, and how
    surprising the ring is in nats: -log of how many rings of this length the trade would close by chance. Purchases
    of common sizes are followed only where they filled both orders whole, which few do.
    """
    buyer, seller = d.taker, d.maker
    if d.side < 0:
        buyer, seller = seller, buyer
    size, arranged = float(d.size), d.matched
    market = m.market[d.symbol]
    loose = LOTS * like_size(m, d.symbol, d.size)
    tight = loose * max(market[MATCHED], 0.01)
    if buyer == seller or market[CLOCK] < 30.0 or (loose > CROWDED and not (arranged and tight < CROWDED)):
        return 0, 0.0
    slots, parent, odds = np.empty(VISITS, np.int64), np.empty(VISITS, np.int64), np.empty(VISITS)
    party = m.party[buyer]
    share = min((party[P_MAKER] + party[P_TAKER] + 1.0) / (2.0 * market[TRADES]), 1.0)
    slots[0], parent[0], odds[0] = (
        seller,
        -1,
        -math.log(share) - (math.log(max(market[MATCHED], 0.01)) if arranged else 0.0),
    )
    count, node = 1, 0
    while node < count:
        for k in range(LOTS):
            lot = m.party[slots[node], PARTY + 2 * k + 1]
            source = int(m.party[slots[node], PARTY + 2 * k]) - 1
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
        place = find(m.net.keys, pair_key(a, b, m.net.near))
        if place >= 0:
            m.tie[place, T_CYCLES] += 1.0
            m.tie[place, T_CYCLE] = max(m.tie[place, T_CYCLE], rare)
        # the list runs against the shares' way: each member bought from the next
        forget_lot(m, a, b, size)


@njit(cache=True, nogil=True, error_model="numpy")
def forget_lot(m: Memory, holder: int, source: int, size: float) -> None:
    """Take the lot that went round out of the holder's purchases, so that it closes no second ring."""
    for k in range(LOTS):
        lot = abs(m.party[holder, PARTY + 2 * k + 1])
        if m.party[holder, PARTY + 2 * k] == source + 1 and size / SAME <= lot <= size * SAME:
            m.party[holder, PARTY + 2 * k] = 0.0
            return


@njit(cache=True, nogil=True, error_model="numpy")
def note_lot(m: Memory, d: Deal) -> None:
    """Remember the purchase with the buyer: from whom and how much."""
    buyer, seller = d.taker, d.maker
    if d.side < 0:
        buyer, seller = seller, buyer
    if buyer == seller:
        return
    k = int(m.party[buyer, P_LOT])
    m.party[buyer, PARTY + 2 * k] = seller + 1
    m.party[buyer, PARTY + 2 * k + 1] = -float(d.size) if d.matched else float(d.size)
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
