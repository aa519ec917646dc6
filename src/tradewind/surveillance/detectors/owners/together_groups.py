"""From a pair that acts together too often to the group and the numbers that describe it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.detectors.owners.together_bonds import (
    bond_surprise,
    compare,
    fade_bond,
)
from tradewind.surveillance.detectors.owners.together_state import (
    A_ACTIONS,
    A_CLOCK,
    A_NET,
    ACTIONS,
    AGGRESSIVE,
    B_AGGRESSIVE,
    B_BUYS,
    B_CROWD,
    B_GAP,
    B_GAPS,
    B_OPPOSITE,
    B_RAW,
    B_SAME,
    B_TRADED,
    CLOCK,
    CROSS,
    LOG_SIZE,
    MEMORY,
    S_EPISODE,
    S_FIRST,
    S_LAST,
    S_REVISION,
    S_TOLD,
    SCALES,
    SIZE_STEP,
    STORY,
    TOLD,
    Memory,
)
from tradewind.surveillance.graph.partners import MEMBERS, OWNER, pair_key
from tradewind.surveillance.graph.table import find, key_of, surprise

FEATURES = (
    "times",
    "surprise",
    "excess",
    "strongest",
    "together_share",
    "least_together_share",
    "same_side_share",
    "size_closeness",
    "size_closeness_excess",
    "jitter_s",
    "quickness",
    "aggressive_share",
    "aggressive_excess",
    "not_reaction",
    "outsiders",
    "members",
    "density",
    "side_balance",
    "mean_gap_s",
    "gap_evenness",
    "duration_s",
    "symbol_share",
    "position_alignment",
    "traded_inside",
    "symbols",
    "size_vs_typical",
    "activity_evenness",
    "times_per_pair",
    "nearness",
    "alike",
    "group_surprise",
)
"""What describes a group, as :func:`describe` writes it.

``times``: log of one plus the times two of them acted together; ``surprise``: -log10 of the chance of so many a pair,
``strongest`` of the strongest pair; ``excess``: log of observed over expected; ``together_share``,
``least_together_share``: share of a member's actions that were, beyond chance, together with its closest partner's,
on average and of the least; ``same_side_share``: together on one side, of together on either; ``size_closeness``:
exp(-mean difference of the sizes' logarithms), ``size_closeness_excess`` over the symbol's usual; ``jitter_s``:
between the two, geometric mean; ``quickness``: log of how much shorter than the reach of the recent actions;
``aggressive_share``, ``aggressive_excess``: both crossed the spread, and beyond chance; ``not_reaction``: 1 where the
first came long after the price's last move, 0 right after it; ``outsiders``: others who acted in the same moments,
beyond the members; ``density``: pairs that were together of all pairs; ``side_balance``: 1 where as often buying as
selling; ``symbol_share``: of the symbol's actions; ``position_alignment``: 1 where all members' net purchases have
one sign; ``traded_inside``: trades with each other for each time together; ``symbols``: in how many symbols a pair of
them was together; ``activity_evenness``: the least active member's actions over the most active's; ``nearness``: 3
where the most telling scale is the finest, 0 where it is the coarsest; ``alike``: 1 where it counts like actions
alone; ``group_surprise``: as ``surprise``, of all pairs together.
"""
# Places in the sums of a group: columns of a pair first, then the strongest pair, then counts and chances by scale.
S_STRONGEST, S_SCALES = B_GAPS + 1, B_GAPS + 2


class Span(NamedTuple):
    """Times and number of the meetings inside a group, its episode (0 none yet) and revisions so far."""

    first: int
    last: int
    raw: float
    episode: int
    revision: int
    told: int


@njit(cache=True, nogil=True, error_model="numpy")
def gather(m: Memory, symbol: int, members: IntArray, sums: FloatArray, most: FloatArray) -> Span:
    """Sum the pairs inside a group into ``sums``; ``most``: how often each member was with its closest partner."""
    clock = m.market[symbol, CLOCK]
    first, last, raw, episode, revision, told = 2**62, 0, 0.0, 0, 0, 0
    sums[:] = 0.0
    most[:] = 0.0
    compared = np.zeros((SCALES, 2))
    for x in range(members.size):
        for y in range(x + 1, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place < 0:
                continue
            bond, story = m.bond[place], m.story[place]
            fade_bond(bond, clock)
            for column in range(B_SAME, B_GAPS + 1):
                sums[column] += bond[column]
            sums[0] += 1.0
            beyond = bond_surprise(m, (members[x], members[y]), place, symbol, compared)
            sums[S_STRONGEST] = max(sums[S_STRONGEST], beyond)
            extra = 0.0
            for k in range(SCALES):
                sums[S_SCALES + 2 * k] += compared[k, 0]
                sums[S_SCALES + 2 * k + 1] += compared[k, 1]
                extra = max(extra, compared[k, 0] - compared[k, 1])
            most[x], most[y] = max(most[x], extra), max(most[y], extra)
            first, last, raw = min(first, story[S_FIRST]), max(last, story[S_LAST]), raw + bond[B_RAW]
            if story[S_EPISODE] > 0:
                episode = story[S_EPISODE] if episode == 0 else min(episode, story[S_EPISODE])
                revision, told = max(revision, story[S_REVISION]), max(told, story[S_TOLD])
    return Span(first, last, raw, episode, revision, told)


@njit(cache=True, nogil=True, error_model="numpy")
def prune(m: Memory, symbol: int, members: IntArray, count: int) -> int:
    """Drop members who are with the first two, or with the rest, less than twice chance; count the others.

    Bonds were strengthened one pair at a time, the luckiest pairs first; against the whole group luck averages out. The
    first two members, with whom the group began, stay.
    """
    times, chances, compared = np.zeros((count, count)), np.zeros((count, count)), np.zeros((SCALES, 2))
    telling = np.zeros((2, SCALES))
    for step in range(2):
        scale = int(np.argmax(telling[0] - telling[1])) if step else 0
        for x in range(count):
            for y in range(x + 1, count):
                place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
                if place < 0:
                    continue
                compare(m, (members[x], members[y]), place, symbol, compared)
                if step:
                    times[x, y] = times[y, x] = compared[scale, 0]
                    chances[x, y] = chances[y, x] = compared[scale, 1]
                else:
                    telling[0] += compared[:, 0]
                    telling[1] += 1.5 * compared[:, 1]
    return _drop(members, count, times, chances)


@njit(cache=True, nogil=True, error_model="numpy")
def _drop(members: IntArray, count: int, times: FloatArray, chances: FloatArray) -> int:
    kept = np.ones(count, np.bool_)
    for x in range(2, count):
        often, chance = times[x, 0] + times[x, 1], chances[x, 0] + chances[x, 1]
        kept[x] = often >= 2.0 * chance and surprise(often, chance) >= 1.0
    count = int(np.sum(kept))
    while count > 2:
        worst, lowest = -1, 2.0
        for x in range(2, kept.size):
            if kept[x]:
                ratio = np.sum(times[x][kept]) / (np.sum(chances[x][kept]) + 0.1)
                if ratio < lowest:
                    worst, lowest = x, ratio
        if worst < 0:
            break
        kept[worst] = False
        count -= 1
    members[:count] = members[: kept.size][kept]
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def describe_members(m: Memory, symbol: int, members: IntArray, most: FloatArray, out: FloatArray) -> None:
    """Write what the members' own totals say: how much of what each does is together, activity, positions."""
    market = m.market[symbol]
    shares, least, total, net, gross, low, high = 0.0, 1.0, 0.0, 0.0, 0.0, np.inf, 0.0
    for x in range(members.size):
        actor = m.actor[members[x]]
        acted = max(actor[A_ACTIONS] * math.exp(min(actor[A_CLOCK] - market[CLOCK], 0.0) / MEMORY), 1e-9)
        share = min(most[x] / acted, 1.0)
        shares += share
        least = min(least, share)
        total += acted
        low, high = min(low, acted), max(high, acted)
        net += actor[A_NET]
        gross += abs(actor[A_NET])
    out[4] = shares / members.size
    out[5] = least
    out[21] = total / max(market[ACTIONS], 1.0)
    out[22] = abs(net) / gross if gross > 0.0 else np.nan
    out[26] = low / max(high, 1e-9)


@njit(cache=True, nogil=True, error_model="numpy")
def describe(m: Memory, symbol: int, members: IntArray, out: FloatArray) -> Span:
    """Write a group's features, in the order of :data:`FEATURES`; return its times, episode and revisions."""
    sums, most = np.zeros(S_SCALES + 2 * SCALES), np.zeros(members.size)
    span = gather(m, symbol, members, sums, most)
    describe_members(m, symbol, members, most, out)
    market, size, pairs = m.market[symbol], members.size, max(sums[0], 1.0)
    same, scale = max(sums[B_SAME], 1e-9), _telling_scale(sums, pairs)
    out[0] = math.log1p(span.raw)
    out[1] = surprise(sums[scale] / pairs, sums[scale + 1] / pairs)
    out[2] = math.log((sums[scale] / pairs + 0.5) / (sums[scale + 1] / pairs + 0.5))
    out[3] = sums[S_STRONGEST]
    out[28] = float(3 - (scale - S_SCALES) // 2 % 4)
    out[30] = surprise(sums[scale], sums[scale + 1])
    out[29] = 1.0 if scale - S_SCALES >= SCALES else 0.0
    out[6] = same / (same + sums[B_OPPOSITE])
    out[7] = math.exp(-sums[3] / same)
    out[8] = out[7] - math.exp(-market[SIZE_STEP])
    out[9] = math.exp(sums[5] / same)
    out[10] = sums[6] / same
    out[11] = sums[B_AGGRESSIVE] / same
    out[12] = out[11] - market[AGGRESSIVE] * market[AGGRESSIVE]
    out[13] = 1.0 - sums[8] / same
    out[14] = max(sums[B_CROWD] / same - size + 1.0, 0.0)
    out[15] = float(size)
    out[16] = 2.0 * sums[0] / (size * (size - 1.0))
    out[17] = 1.0 - abs(2.0 * sums[B_BUYS] / same - 1.0)
    out[18] = math.exp(sums[B_GAP] / sums[B_GAPS]) if sums[B_GAPS] > 0.0 else np.nan
    out[19] = _gap_evenness(sums)
    out[20] = float(span.last - span.first) * 1e-9
    out[23] = sums[B_TRADED] / same
    out[24] = float(symbols_of(m, symbol, members))
    out[25] = sums[4] / same - market[LOG_SIZE]
    out[27] = math.log1p(span.raw / pairs)
    return span


@njit(cache=True, nogil=True, error_model="numpy")
def _telling_scale(sums: FloatArray, pairs: float) -> int:
    """Return where in ``sums`` the scale stands at which the group is farthest beyond chance."""
    best, chosen = -1.0, S_SCALES
    for k in range(S_SCALES, S_SCALES + 2 * SCALES, 2):
        beyond = surprise(sums[k] / pairs, sums[k + 1] / pairs)
        if beyond > best:
            best, chosen = beyond, k
    return chosen


@njit(cache=True, nogil=True, error_model="numpy")
def _gap_evenness(sums: FloatArray) -> float:
    if sums[B_GAPS] <= 0.0:
        return math.nan
    mean = sums[B_GAP] / sums[B_GAPS]
    return math.exp(-math.sqrt(max(sums[B_GAP + 1] / sums[B_GAPS] - mean * mean, 0.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def symbols_of(m: Memory, symbol: int, members: IntArray) -> int:
    """Remember that the group's pairs act together in this symbol; return in how many symbols one of them does.

    Symbols share 62 bits; a pair's memory is overwritten by another's with the same place.
    """
    every = 0
    for x in range(members.size):
        for y in range(x + 1, members.size):
            one, two = m.net.near[members[x], OWNER], m.net.near[members[y], OWNER]
            key = key_of(min(one, two), max(one, two), 7)
            place = key & (CROSS - 1)
            if m.cross[place, 0] != key:
                m.cross[place, 0] = key
                m.cross[place, 1] = 0
            m.cross[place, 1] |= 1 << (symbol % 62)
            every |= m.cross[place, 1]
    count = 0
    while every:
        every &= every - 1
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def rule_of(f: FloatArray) -> float:
    """Return the textbook's score in [0, 1]: beyond chance, on one side, a large part of what they do, of one size.

    The product of: how far beyond chance (full where the strongest pair's probability, or a
    member's share of the group's, is 10**-8), how much more often
    on the same side than on opposite ones, the share of their actions that is together (full at half), closeness of
    size, and how few outsiders acted in the same moments.
    """
    chance = min(max(f[3] / 8.0, f[30] / (8.0 * f[15])), 1.0)
    side = max(2.0 * f[6] - 1.0, 0.0)
    habit = min(f[4] / 0.5, 1.0)
    alone = 1.0 / (1.0 + f[14] / max(f[15], 1.0))
    return float(min(max(chance * side * habit * alone * (0.4 + 0.6 * f[7]), 0.0), 1.0))


@njit(cache=True, nogil=True, error_model="numpy")
def tell(m: Memory, members: IntArray, span: Span, episode: int) -> None:
    """Write into the group's pairs which episode they belong to and how far it was told."""
    for x in range(members.size):
        for y in range(x + 1, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place >= 0:
                m.story[place, S_EPISODE] = episode
                m.story[place, S_REVISION] = span.revision + 1
                m.story[place, S_TOLD] = int(span.raw)


@njit(cache=True, nogil=True, error_model="numpy")
def evidence_of(m: Memory, members: IntArray, out: IntArray) -> int:
    """Write the last actions of the group's pairs, sorted, each once, the latest where too many; return how many."""
    seqs = np.empty(MEMBERS * (MEMBERS - 1) // 2 * TOLD, np.int64)
    count = 0
    for x in range(members.size):
        for y in range(x + 1, members.size):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place < 0:
                continue
            for k in range(TOLD):
                if m.story[place, STORY + k] > 0:
                    seqs[count] = m.story[place, STORY + k]
                    count += 1
    ordered = np.unique(seqs[:count])
    kept = min(ordered.size, out.size)
    out[:kept] = ordered[ordered.size - kept :]
    return kept
