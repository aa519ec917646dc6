"""From a pair that meets too often, or a ring that closed, to the group and the numbers that describe it."""

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
    MATCHED,
    MEMORY,
    P_CLOCK,
    P_MAKER,
    P_NET,
    P_TAKER,
    P_VOLUME,
    S_EPISODE,
    S_FIRST,
    S_LAST,
    S_REVISION,
    S_TOLD,
    SPREAD,
    STORY,
    T_ALONE,
    T_COUNT,
    T_CYCLE,
    T_CYCLES,
    T_GAP,
    T_GAP2,
    T_GAPS,
    T_HIGH_SOLD,
    T_HIGHEST,
    T_LOG_AGE,
    T_LOG_SIZE,
    T_LOG_SIZE2,
    T_LOW_SOLD,
    T_LOWEST,
    T_MATCHED,
    T_QUICK,
    T_RAW,
    TOLD,
    TRADES,
    VOLUME,
    Memory,
)
from tradewind.surveillance.detectors.owners.wash_ties import expected, fade_tie
from tradewind.surveillance.graph.partners import MEMBERS, pair_key
from tradewind.surveillance.graph.table import find, surprise

FEATURES = (
    "trades",
    "surprise",
    "excess",
    "internal_share",
    "least_internal_share",
    "balance",
    "flatness",
    "reciprocity",
    "matched_share",
    "matched_excess",
    "alone_share",
    "quick_share",
    "entry_quickness",
    "entry_gap_s",
    "size_evenness",
    "size_vs_typical",
    "symbol_share",
    "duration_s",
    "mean_gap_s",
    "gap_evenness",
    "price_range_spreads",
    "self_share",
    "rings",
    "ring_surprise",
    "members",
    "density",
    "largest_share",
    "position_return",
)
"""What describes a group, as :func:`describe` writes it.

``trades``: log of one plus the trades inside the group; ``surprise``: -log10 of the chance of so many; ``excess``:
log of observed over expected; ``internal_share``, ``least_internal_share``: of the members' volume, over all and for
the least tied member; ``balance``: 1 where what each member bought inside it sold inside; ``flatness``: the same of
all its trades; ``reciprocity``: of pairs, both directions; ``matched_share``, ``matched_excess``: trades that filled
both orders whole, and beyond the symbol's usual; ``alone_share``: the resting order stood alone at the best price;
``quick_share``, ``entry_quickness``, ``entry_gap_s``: how soon after the resting order's entry the trade came;
``size_evenness``, ``gap_evenness``: exp(-standard deviation of the logarithm); ``size_vs_typical``: log;
``symbol_share``: of the symbol's volume; ``rings``, ``ring_surprise``: closed rings, log, and the most surprising in
nats; ``density``: pairs that traded of all pairs; ``largest_share``: the most active member's share of the symbol's
trades; ``position_return``: balance weighted with the logarithm of trades a member.
"""

SUM = 16
"""Numbers that are summed over a group's ties."""


class Span(NamedTuple):
    """Times and number of the trades inside a group, its episode (0 none yet) and revisions so far."""

    first: int
    last: int
    raw: float
    episode: int
    revision: int
    told: int


@njit(cache=True, nogil=True, error_model="numpy")
def gather(m: Memory, symbol: int, members: IntArray, sums: FloatArray, flow: FloatArray) -> Span:
    """Sum the ties inside a group into ``sums``; ``flow`` (members, 2): what each sold and bought inside it."""
    clock = m.market[symbol, CLOCK]
    first, last, raw, episode, revision, told = 2**62, 0, 0.0, 0, 0, 0
    sums[:] = 0.0
    flow[:] = 0.0
    sums[11], sums[12] = np.inf, -np.inf
    for x in range(members.size):
        for y in range(x, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place < 0 or m.tie[place, T_RAW] == 0.0:
                continue
            tie, story = m.tie[place], m.story[place]
            fade_tie(tie, clock)
            low, high = (x, y) if members[x] <= members[y] else (y, x)
            flow[low, 0] += tie[T_LOW_SOLD]
            flow[high, 1] += tie[T_LOW_SOLD]
            flow[high, 0] += tie[T_HIGH_SOLD]
            flow[low, 1] += tie[T_HIGH_SOLD]
            add_tie(tie, sums, x == y)
            sums[1] += expected(m, members[x], members[y], clock, m.market[symbol, TRADES])
            first, last, raw = min(first, story[S_FIRST]), max(last, story[S_LAST]), raw + tie[T_RAW]
            if story[S_EPISODE] > 0:
                episode = story[S_EPISODE] if episode == 0 else min(episode, story[S_EPISODE])
                revision, told = max(revision, story[S_REVISION]), max(told, story[S_TOLD])
    return Span(first, last, raw, episode, revision, told)


@njit(cache=True, nogil=True, error_model="numpy")
def add_tie(tie: FloatArray, sums: FloatArray, own: bool) -> None:
    """Add one tie's numbers to a group's sums."""
    sums[0] += tie[T_COUNT]
    sums[2] += tie[T_MATCHED]
    sums[3] += tie[T_ALONE]
    sums[4] += tie[T_QUICK]
    sums[5] += tie[T_LOG_AGE]
    sums[6] += tie[T_LOG_SIZE]
    sums[7] += tie[T_LOG_SIZE2]
    sums[8] += tie[T_GAP]
    sums[9] += tie[T_GAP2]
    sums[10] += tie[T_GAPS]
    sums[11] = min(sums[11], tie[T_LOWEST])
    sums[12] = max(sums[12], tie[T_HIGHEST])
    sums[13] += tie[T_CYCLES]
    sums[14] = max(sums[14], tie[T_CYCLE])
    volume = tie[T_LOW_SOLD] + tie[T_HIGH_SOLD]
    sums[15] += volume if own else 2.0 * min(tie[T_LOW_SOLD], tie[T_HIGH_SOLD])


@njit(cache=True, nogil=True, error_model="numpy")
def _spread_of(total: float, squares: float, count: float) -> float:
    mean = total / count
    return math.exp(-math.sqrt(max(squares / count - mean * mean, 0.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def describe_members(m: Memory, symbol: int, members: IntArray, flow: FloatArray, out: FloatArray) -> None:
    """Write what the members' own totals say: internal shares, balance, flatness, the largest one's share."""
    market = m.market[symbol]
    inside, total, left, net, least, largest = 0.0, 0.0, 0.0, 0.0, 1.0, 0.0
    for x in range(members.size):
        party = m.party[members[x]]
        keep = math.exp(min(party[P_CLOCK] - market[CLOCK], 0.0) / MEMORY)
        own = flow[x, 0] + flow[x, 1]
        volume = max(party[P_VOLUME] * keep, own)
        inside += own
        total += volume
        left += abs(flow[x, 0] - flow[x, 1])
        net += abs(party[P_NET]) * keep
        least = min(least, own / max(volume, 1e-9))
        largest = max(largest, (party[P_MAKER] + party[P_TAKER]) * keep / (2.0 * market[TRADES]))
    out[3] = inside / max(total, 1e-9)
    out[4] = least
    out[5] = 1.0 - left / max(inside, 1e-9)
    out[6] = max(1.0 - net / max(total, 1e-9), 0.0)
    out[16] = 0.5 * inside / max(market[VOLUME], 1e-9)
    out[26] = largest


@njit(cache=True, nogil=True, error_model="numpy")
def describe(m: Memory, symbol: int, members: IntArray, out: FloatArray) -> Span:
    """Write a group's features, in the order of :data:`FEATURES`; return its times, episode and revisions."""
    sums, flow = np.zeros(SUM), np.zeros((members.size, 2))
    span = gather(m, symbol, members, sums, flow)
    market, count, size = m.market[symbol], max(sums[0], 1e-9), members.size
    describe_members(m, symbol, members, flow, out)
    inside = np.sum(flow[:, 0])
    out[0] = math.log1p(span.raw)
    out[1] = surprise(sums[0], sums[1])
    out[2] = math.log((sums[0] + 0.5) / (sums[1] + 0.5))
    out[7] = sums[15] / max(inside, 1e-9)
    out[8] = sums[2] / count
    out[9] = out[8] - market[MATCHED]
    out[10] = sums[3] / count
    out[11] = sums[4] / count
    out[12] = market[LOG_AGE] - sums[5] / count
    out[13] = math.exp(sums[5] / count)
    out[14] = _spread_of(sums[6], sums[7], count)
    out[15] = sums[6] / count - market[LOG_SIZE]
    out[17] = float(span.last - span.first) * 1e-9
    out[18] = math.exp(sums[8] / sums[10]) if sums[10] > 0.0 else np.nan
    out[19] = _spread_of(sums[8], sums[9], sums[10]) if sums[10] > 0.0 else np.nan
    out[20] = (sums[12] - sums[11]) / market[SPREAD] if market[SPREAD] > 0.0 else np.nan
    out[21] = _self_share(m, members, span.raw)
    out[22] = math.log1p(sums[13])
    out[23] = sums[14]
    out[24] = float(size)
    out[25] = _density(m, members)
    out[27] = max(out[5], 0.0) * math.log1p(span.raw / size)
    return span


@njit(cache=True, nogil=True, error_model="numpy")
def _self_share(m: Memory, members: IntArray, raw: float) -> float:
    own = 0.0
    for member in members:
        place = find(m.net.keys, pair_key(member, member, m.net.near))
        if place >= 0:
            own += m.tie[place, T_RAW]
    return own / max(raw, 1e-9)


@njit(cache=True, nogil=True, error_model="numpy")
def _density(m: Memory, members: IntArray) -> float:
    """Return the share of the pairs of different members that have traded; 1 for one member alone."""
    if members.size == 1:
        return 1.0
    linked = 0.0
    for x in range(members.size):
        for y in range(x + 1, members.size):
            linked += 1.0 if find(m.net.keys, pair_key(members[x], members[y], m.net.near)) >= 0 else 0.0
    return float(2.0 * linked / (members.size * (members.size - 1)))


@njit(cache=True, nogil=True, error_model="numpy")
def prearranged(f: FloatArray) -> bool:
    """Tell whether most trades are of two orders of one size, entered one just after the other, where few others are.

    One owner with two accounts may move shares one way only, to show volume; such trades are matched orders (MAR Annex
    II Section 1, 3(a); Commodity Exchange Act 4c(a)) whether or not the shares come back.
    """
    return bool(f[8] * f[11] >= 0.5 and f[9] >= 0.25)


@njit(cache=True, nogil=True, error_model="numpy")
def rule_of(f: FloatArray) -> float:
    """Return the textbook's score in [0, 1]: beyond chance, without a change of owner, and arranged or kept inside.

    The product of: how far beyond chance (full at 10**-8, or at a ring surprise of 12 nats), how balanced what members
    traded with each other is, and the larger of the share kept inside the group and the share of matched, quick orders.
    Trades that are :func:`prearranged` stand for half of the balance at least.
    """
    chance = min(max(f[1] / 8.0, f[23] / 12.0), 1.0)
    balance = max(f[7] if f[24] <= 2.0 else f[5], 0.5 if prearranged(f) else 0.0)
    arranged = max(min(f[3] / 0.6, 1.0), f[8] * (0.5 + 0.5 * f[11]))
    return float(min(max(chance * balance * (0.2 + 0.8 * arranged), 0.0), 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def tell(m: Memory, members: IntArray, span: Span, episode: int) -> None:
    """Write into the group's ties which episode they belong to and how far it was told."""
    for x in range(members.size):
        for y in range(x, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place >= 0:
                m.story[place, S_EPISODE] = episode
                m.story[place, S_REVISION] = span.revision + 1
                m.story[place, S_TOLD] = int(span.raw)


@njit(cache=True, nogil=True, error_model="numpy")
def evidence_of(m: Memory, members: IntArray, out: IntArray) -> int:
    """Write the last trades of the group's ties, sorted, the latest where there are too many; return how many."""
    seqs = np.empty(MEMBERS * (MEMBERS + 1) // 2 * TOLD, np.int64)
    count = 0
    for x in range(members.size):
        for y in range(x, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place < 0:
                continue
            for k in range(min(int(m.tie[place, T_RAW]), TOLD)):
                seqs[count] = m.story[place, STORY + k]
                count += 1
    ordered = np.sort(seqs[:count])
    kept = min(count, out.size)
    out[:kept] = ordered[count - kept :]
    return kept
