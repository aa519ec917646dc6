"""What one action adds: to its symbol, to its account, and to the pairs of accounts it was together with."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.detectors.owners.together_state import (
    A_ACTIONS,
    A_CLOCK,
    A_MET,
    ACTIONS,
    AGGRESSIVE,
    ALIKE,
    B_AGGRESSIVE,
    B_BUYS,
    B_CLOCK,
    B_CROWD,
    B_GAP,
    B_GAP2,
    B_GAPS,
    B_JITTER,
    B_LEVEL,
    B_LOG_SIZE,
    B_MET,
    B_OPPOSITE,
    B_QUICK,
    B_RAW,
    B_REACTION,
    B_SAME,
    B_SIZE,
    CLOCK,
    FARTHEST,
    IGNORED,
    KNOWN,
    L_BUY,
    L_MET,
    L_SELL,
    LOG_SIZE,
    MEMORY,
    MILLION,
    MOVE_GAP,
    NEARNESS,
    R_AGGRESSIVE,
    R_LOG_SIZE,
    R_REACTION,
    R_ROW,
    R_SEQ,
    R_SLOT,
    R_TIME,
    RECENT,
    S_FIRST,
    S_LAST,
    SCALES,
    SIDE_GAP,
    SIZE_STEP,
    SKETCH,
    STORY,
    TOLD,
    W_HEAD,
    W_MARK,
    W_MARK_BEFORE,
    W_MIDDLE,
    W_MOVED,
    WINDOW,
    Memory,
)
from tradewind.surveillance.graph.partners import OWNER, PARTNERS, pair_key
from tradewind.surveillance.graph.table import claim, find, surprise

HOUR = 3_600_000_000_000
SILENT = 2000.0
"""A pair begins anew after an hour in which the symbol saw this many actions and none of the pair together."""
HALVED = SKETCH // 2
"""Additions after which the sketch's counters are halved, so that it does not fill."""
FAR = SCALES // 2 - 1
"""The coarsest scale: so far apart, only two actions of like size and kind count as together."""
SLACK = 20.0
"""Actions for which a pair's counts are not faded: less than half a percent."""
SAMPLED = 4
"""One action in so many is held against the opposite side, and counts as often."""


class Act(NamedTuple):
    """One action: an order entered, or a print by an account whose orders are not known."""

    row: int
    time: int
    symbol: int
    seq: int
    slot: int
    account: int
    side: int
    log_size: float
    aggressive: int


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_move(market: FloatArray, whole: IntArray, time: int, middle: int) -> None:
    """Notice where the middle of the book has moved; average the time between moves."""
    if middle == whole[W_MIDDLE]:
        return
    if whole[W_MIDDLE] > 0:
        gap = max(float(time - whole[W_MOVED]) * 1e-9, 0.0)
        if gap < 3600.0:
            market[MOVE_GAP] += 0.02 * (gap - market[MOVE_GAP]) if market[MOVE_GAP] > 0.0 else gap
    whole[W_MIDDLE] = middle
    whole[W_MOVED] = time


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_market(market: FloatArray, whole: IntArray, act: Act, last_size: float) -> float:
    """Count an action in its symbol; return how soon after a move of the price it came, 1 at once, 0.5 by chance."""
    market[CLOCK] += 1.0
    market[ACTIONS] = market[ACTIONS] * math.exp(-1.0 / MEMORY) + 1.0
    if market[CLOCK] % int(MEMORY) == 0.0:
        whole[W_MARK_BEFORE] = whole[W_MARK]
        whole[W_MARK] = act.row
    rate = max(1.0 / market[CLOCK], 1.0 / MEMORY)
    market[LOG_SIZE] += rate * (act.log_size - market[LOG_SIZE])
    market[SIZE_STEP] += rate * (abs(act.log_size - last_size) - market[SIZE_STEP])
    market[AGGRESSIVE] += rate * (act.aggressive - market[AGGRESSIVE])
    if market[MOVE_GAP] <= 0.0:
        return 0.5
    return math.exp(-max(float(act.time - whole[W_MOVED]) * 1e-9, 0.0) / market[MOVE_GAP])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _head(m: Memory, side: int) -> int:
    """Return how many actions were ever put among the recent ones of a side."""
    return int(m.whole[side >> 1, W_HEAD + (side & 1)])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def fade_actor(m: Memory, slot: int, account: int, clock: float) -> None:
    """Bring an account's counts to now; forget those of another account that had the slot before."""
    actor = m.actor[slot]
    if m.net.near[slot, OWNER] != account:
        m.net.near[slot, OWNER] = account
        actor[:] = 0.0
        m.latest[slot] = -1
        m.net.near[slot, :PARTNERS] = -1
        m.net.bond[slot] = 0.0
    elif actor[A_CLOCK] < clock:
        keep = math.exp((actor[A_CLOCK] - clock) / MEMORY)
        actor[A_ACTIONS] *= keep
        actor[A_MET:] *= keep
    actor[A_CLOCK] = clock


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def fade_bond(bond: FloatArray, clock: float) -> None:
    """Bring a pair's counts to now."""
    if bond[B_CLOCK] < clock - SLACK:
        keep = math.exp((bond[B_CLOCK] - clock) / MEMORY)
        for column in range(B_SAME, B_GAPS + 1):
            bond[column] *= keep
        bond[B_MET:] *= keep
        bond[B_CLOCK] = clock


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def sketch_place(a: int, b: int) -> int:
    """Return the counter of a pair of slots."""
    low, high = min(a, b), max(a, b)
    x = (low * 2654435761 + high) * 40503 + high * 97
    return (x ^ (x >> 17)) & (SKETCH - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def compare(m: Memory, pair: tuple[int, int], place: int, symbol: int, out: FloatArray) -> int:
    """Write how often two accounts were together and what chance gives, (SCALES, 2); return the most telling scale.

    Each met a number of others when it acted; each of those others would be the second with its share of all actions.
    So a crowd that reacts to one event raises what is expected of all who were in it.
    """
    clock, actions = m.market[symbol, CLOCK], max(m.market[symbol, ACTIONS], 1.0)
    one, two, bond = m.actor[pair[0]], m.actor[pair[1]], m.bond[place]
    keep = math.exp((one[A_CLOCK] + two[A_CLOCK] - 2.0 * clock) / MEMORY) / actions
    fresh = math.exp((bond[B_CLOCK] - clock) / MEMORY)
    best, chosen = -1.0, 0
    for k in range(SCALES):
        if k == FAR:
            out[k] = 0.0
            continue
        met = one[A_MET + k] * (two[A_ACTIONS] + 0.5) + two[A_MET + k] * (one[A_ACTIONS] + 0.5)
        out[k, 0] = bond[B_MET + k] * fresh
        out[k, 1] = met * keep + 0.02
        beyond = surprise(out[k, 0], out[k, 1]) if out[k, 0] >= 2.0 * out[k, 1] else 0.0
        if beyond > best:
            best, chosen = beyond, k
    return chosen


@njit(cache=True, nogil=True, error_model="numpy")
def bond_surprise(m: Memory, pair: tuple[int, int], place: int, symbol: int, out: FloatArray) -> float:
    """Return how far beyond chance two accounts act together at the most telling scale, -log10 of the probability.

    0 where it is less than twice chance at every scale. ``out`` is as in :func:`compare`.
    """
    k = compare(m, pair, place, symbol, out)
    return surprise(out[k, 0], out[k, 1]) if out[k, 0] >= 2.0 * out[k, 1] else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def scale_of(m: Memory, act: Act, time: int) -> int:
    """Return the finest scale at which an action at ``time`` is near this one."""
    apart = float(act.time - time) * 1e-9 / max(m.market[act.symbol, SIDE_GAP], 1e-6)
    scale = 0
    for limit in NEARNESS:
        if apart > limit:
            scale += 1
    return scale


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def reach_of(m: Memory, symbol: int) -> int:
    """Return how far back, in nanoseconds, actions of a symbol can be together."""
    return int(min(FARTHEST * m.market[symbol, SIDE_GAP] * 1e9, float(WINDOW)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def are_alike(act: Act, earlier: IntArray) -> bool:
    """Return whether two actions are of like size and both crossed the spread, or neither."""
    close = abs(act.log_size - earlier[R_LOG_SIZE] / MILLION) <= ALIKE
    return bool(close and act.aggressive == earlier[R_AGGRESSIVE])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def count_scales(counts: FloatArray, scale: int, alike: bool) -> None:
    """Count a meeting at each scale that is as coarse as it, among like ones too where it is one."""
    for k in range(scale, SCALES // 2):
        counts[k] += 1.0
        if alike:
            counts[SCALES // 2 + k] += 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def open_bond(m: Memory, act: Act, key: int, first: int) -> int:
    """Give a pair that was together often enough a place of its own; return it."""
    place = claim(m.net.keys, m.net.seen, key)
    m.bond[place] = 0.0
    m.story[place] = 0
    m.story[place, S_FIRST] = first
    m.story[place, S_LAST] = act.time
    m.bond[place, B_CLOCK] = m.market[act.symbol, CLOCK]
    m.bond[place, B_LEVEL] = KNOWN
    return place


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def renew_bond(bond: FloatArray, story: IntArray, act: Act, first: int, clock: float) -> None:
    """Fade a pair's counts, count the pause since it was last together, or begin anew after a long one."""
    if act.time - story[S_LAST] > HOUR and clock - bond[B_CLOCK] > SILENT:
        bond[:] = 0.0
        story[:] = 0
        story[S_FIRST] = first
        bond[B_CLOCK] = clock
        bond[B_LEVEL] = KNOWN
    fade_bond(bond, clock)
    gap = max(float(act.time - story[S_LAST]), 0.0) * 1e-9
    if bond[B_RAW] > 0.0 and gap > 0.0:
        logged = math.log(gap + 1e-3)
        bond[B_GAP] += logged
        bond[B_GAP2] += logged * logged
        bond[B_GAPS] += 1.0
    story[S_LAST] = act.time


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_meeting(bond: FloatArray, story: IntArray, act: Act, earlier: IntArray, reach: float, weight: float) -> None:
    """Add to a pair what two of its actions have in common; ``reach``: seconds back to the oldest recent one."""
    jitter = max(float(act.time - earlier[R_TIME]) * 1e-9, 0.0) + 1e-3
    bond[B_RAW] += weight
    bond[B_SAME] += weight
    bond[B_SIZE] += weight * abs(act.log_size - earlier[R_LOG_SIZE] / MILLION)
    bond[B_LOG_SIZE] += weight * act.log_size
    bond[B_JITTER] += weight * math.log(jitter)
    bond[B_QUICK] += weight * math.log(max(reach, jitter) / jitter)
    bond[B_AGGRESSIVE] += weight * (act.aggressive * earlier[R_AGGRESSIVE])
    bond[B_REACTION] += weight * (earlier[R_REACTION] / MILLION)
    bond[B_BUYS] += weight if act.side > 0 else 0.0
    at = int(bond[B_RAW]) * 2 % TOLD
    story[STORY + at] = earlier[R_SEQ]
    story[STORY + at + 1] = act.seq


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_met(counts: FloatArray, met: FloatArray) -> None:
    """Add others met, counted at the finest scale of each, at every scale that is as coarse."""
    for half in range(0, SCALES, SCALES // 2):
        total = 0.0
        for k in range(half, half + SCALES // 2):
            total += met[k]
            counts[k] += total


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def meet(m: Memory, act: Act, side: int, places: IntArray, met: FloatArray) -> int:
    """Hold an action against the recent ones of its side; write the places of the pairs it touched, return how many.

    Each other account counts once, and only if it acted since this one's last action on this side.
    """
    recent, before = m.recent[side], m.latest[act.slot, L_BUY if act.side > 0 else L_SELL]
    m.counters[1] += 1
    met[:] = 0.0
    window, clock = reach_of(m, act.symbol), m.market[act.symbol, CLOCK]
    stamp, head, others, touched = m.counters[1], _head(m, side), 0, 0
    oldest = max(head - RECENT, 0) % RECENT
    reach = min(max(float(act.time - recent[oldest, R_TIME]), 0.0), float(window)) * 1e-9 + 1e-3
    for back in range(1, min(head, RECENT) + 1):
        k = (head - back) % RECENT
        other = recent[k, R_SLOT]
        if recent[k, R_ROW] <= before or act.time - recent[k, R_TIME] > window:
            break
        if other == act.slot or m.latest[other, L_MET] == stamp:
            continue
        m.latest[other, L_MET] = stamp
        others += 1
        scale, alike = scale_of(m, act, recent[k, R_TIME]), are_alike(act, recent[k])
        met[scale] += 1.0
        if alike:
            met[SCALES // 2 + scale] += 1.0
        elif scale == FAR:
            continue
        counter = sketch_place(act.slot, other)
        if m.sketch[counter] > IGNORED // 2:
            continue
        if m.sketch[counter] < KNOWN - 1:
            m.sketch[counter] += 1
            m.counters[2] += 1
            continue
        key = pair_key(act.slot, other, m.net.near)
        place, weight = find(m.net.keys, key), 1.0
        if place < 0:
            place, weight = open_bond(m, act, key, recent[k, R_TIME]), float(KNOWN)
        bond, story = m.bond[place], m.story[place]
        renew_bond(bond, story, act, recent[k, R_TIME], clock)
        add_meeting(bond, story, act, recent[k], reach, weight)
        count_scales(bond[B_MET:], scale, alike)
        m.net.seen[place] = act.row
        places[2 * touched] = place
        places[2 * touched + 1] = other
        touched += 1
    for j in range(touched):
        m.bond[places[2 * j], B_CROWD] += others
    add_met(m.actor[act.slot, A_MET:], met)
    return touched


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def meet_opposite(m: Memory, act: Act, side: int) -> None:
    """Count with the pairs already followed where the other one acted on the opposite side."""
    recent, before = m.recent[side], m.latest[act.slot, L_BUY if act.side > 0 else L_SELL]
    m.counters[1] += 1
    stamp, head, window = m.counters[1], _head(m, side), reach_of(m, act.symbol)
    for back in range(1, min(head, RECENT) + 1):
        k = (head - back) % RECENT
        other = recent[k, R_SLOT]
        if recent[k, R_ROW] <= before or act.time - recent[k, R_TIME] > window:
            break
        if other == act.slot or m.latest[other, L_MET] == stamp:
            continue
        m.latest[other, L_MET] = stamp
        if scale_of(m, act, recent[k, R_TIME]) == FAR and not are_alike(act, recent[k]):
            continue
        counter = sketch_place(act.slot, other)
        if m.sketch[counter] < KNOWN - 1 or m.sketch[counter] > IGNORED // 2:
            continue
        place = find(m.net.keys, pair_key(act.slot, other, m.net.near))
        if place >= 0:
            m.bond[place, B_OPPOSITE] += SAMPLED


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def enter(m: Memory, act: Act, side: int, reaction: float) -> None:
    """Put an action among the recent ones; one that follows its own account's takes that one's place."""
    recent, head = m.recent[side], _head(m, side)
    if head > 0 and recent[(head - 1) % RECENT, R_SLOT] == act.slot:
        head -= 1
    else:
        m.actor[act.slot, A_ACTIONS] += 1.0
        if head > 0:
            gap = float(act.time - recent[(head - 1) % RECENT, R_TIME]) * 1e-9
            usual = m.market[act.symbol, SIDE_GAP]
            gap = min(gap, 20.0 * usual + 1e-3) if head > RECENT else gap
            m.market[act.symbol, SIDE_GAP] += max(0.02, 1.0 / head) * (gap - usual)
    k = head % RECENT
    recent[k, R_SLOT] = act.slot
    recent[k, R_TIME] = act.time
    recent[k, R_ROW] = act.row
    recent[k, R_SEQ] = act.seq
    recent[k, R_LOG_SIZE] = int(act.log_size * MILLION)
    recent[k, R_AGGRESSIVE] = act.aggressive
    recent[k, R_REACTION] = int(reaction * MILLION)
    m.whole[side >> 1, W_HEAD + (side & 1)] = head + 1
    m.latest[act.slot, L_BUY if act.side > 0 else L_SELL] = act.row
    if m.counters[2] >= HALVED:
        m.counters[2] = 0
        for i in range(SKETCH):
            m.sketch[i] = np.uint8(m.sketch[i] >> 1)
