"""Look back along a symbol's latest executions: who else traded, when, and with whom the account undid its swing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.prices.state import (
    AGGRESSIVE,
    BASE,
    BEFORE,
    BEGAN_T,
    CROSSED,
    DEEPEST,
    DIRECTION,
    DURING,
    EXTREME,
    F_REF,
    F_SIZE,
    F_T,
    FIRST,
    IN,
    LAST_FILL,
    LAST_T,
    NET,
    R_BEFORE,
    R_MAKER,
    R_MAKER_BEFORE,
    R_SEQ,
    R_SIDE,
    R_TAKER,
    R_TAKER_BEFORE,
    SIDE_COLUMNS,
    STAMP,
    VOL,
    State,
)

DEPTH = 768
"""Executions one look back reads at most."""
PEERS = 3
NEARLY = 1.0 - 1e-12
"""Ratios closer to each other than this may have the same logarithm."""


class Question(NamedTuple):
    """About which swing: slot, scale, direction, times in seconds: its start, the mean of its build-up, its extreme.

    ``horizon`` : seconds before the start and after the extreme in which others' flow is compared.
    """

    symbol: int
    slot: int
    scale: int
    side: float
    began: float
    built: float
    extreme: float
    size: float
    horizon: float


class Answer(NamedTuple):
    """What a look back found.

    ``numbers`` (21,): 0 the client's shares after the build-up, 1 before it, 2 the seconds from the build-up to the
    client's first execution, 3 shares of the out leg dealt with the client, 4 shares of the out leg dealt with known
    accounts, 5 log of the best price over the price at the start, 6 the largest step of the price after the build-up,
    7 peers, 8 their shares, 9 log of the price at the start over the price as long before it, 10 shares dealt by
    others the same way after the build-up (arriving orders), 11 how many other accounts did, 12 the price at the
    start, 13 the price when the build-up was done, 14 the most another took the same way during it, 15 what all others
    took the same way during it, 16 within the horizon before it, 17 within the horizon after it; 18 what the peers took
    building up, 19 all they built, 20 what they undid. ``slots`` (1 + PEERS,): the client and the peers, -1 where none.
    """

    numbers: FloatArray
    slots: IntArray


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _visit(scratch: FloatArray, slot: int, scan: int, found: IntArray, count: int) -> int:
    """Ready the scratch of a slot seen for the first time in this scan; return how many were seen."""
    if scratch[slot, STAMP] == scan:
        return count
    scratch[slot, STAMP] = scan
    scratch[slot, NET] = scratch[slot, BEFORE] = scratch[slot, CROSSED] = scratch[slot, DURING] = 0.0
    scratch[slot, FIRST] = np.inf
    found[count] = slot
    return count + 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _tally(scratch: FloatArray, slot: int, built: float, t: float, amount: float) -> None:
    """Book another account's ``amount`` (positive where it went the swing's way), before or after the build-up."""
    if t >= built:
        scratch[slot, NET] += amount
        if amount > 0.0:
            scratch[slot, FIRST] = min(scratch[slot, FIRST], t)
    else:
        scratch[slot, BEFORE] += amount


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _took(scratch: FloatArray, slot: int, q: Question, t: float, size: float, numbers: FloatArray) -> None:
    """Book what another account took the swing's way: after the build-up's mean; before, during and after it all."""
    if size <= 0.0:
        return
    if t >= q.built:
        numbers[10] += size
    if t > q.extreme:
        if t <= q.extreme + q.horizon:
            numbers[17] += size
    elif t >= q.began:
        scratch[slot, DURING] += size
        numbers[14] = max(numbers[14], scratch[slot, DURING])
        numbers[15] += size
    elif t >= q.began - q.horizon:
        numbers[16] += size


@njit(cache=True, nogil=True, error_model="numpy")
def look_back(state: State, q: Question) -> Answer:
    """Read the symbol's executions back to as long before the swing's start as the swing lasted."""
    numbers, found = np.zeros(21), np.empty(2 * DEPTH, np.int64)
    count = _read_back(state, q, found, numbers)
    return Answer(numbers, _name(state, q, found[:count], numbers))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _note_step(q: Question, later: float, ref: float, steepest: float, numbers: FloatArray) -> float:
    """Note the step of the price from ``ref`` to ``later`` if it is the largest; return the bar for the next one.

    A logarithm is taken only of a ratio that may be above the largest so far.
    """
    ratio = later / ref if q.side > 0.0 else ref / later
    if ratio <= steepest:
        return steepest
    numbers[6] = max(numbers[6], q.side * np.log(later / ref))
    return max(steepest, ratio * NEARLY)


@njit(cache=True, nogil=True, error_model="numpy")
def _read_back(state: State, q: Question, found: IntArray, numbers: FloatArray) -> int:
    """Write what the executions say to ``numbers``, who else traded to ``found``; return how many those are."""
    state, found, numbers = borrowed(state), borrowed(found), borrowed(numbers)
    ring, links, scratch, clock, head = state.ring, state.links, state.scratch, state.clock, state.head
    clock[3] += 1
    scan, written, length, count = clock[3], clock[2], len(ring), 0
    number = head[q.symbol]
    now = ring[number % length, F_T]
    earliest = q.began - max(now - q.began, 5.0)
    start_ref, best_ref, oldest_ref, later_ref = 0.0, 0.0, 0.0, 0.0
    steepest = NEARLY
    for _ in range(DEPTH):
        if number < 0 or written - number > length:
            break
        row = number % length
        t, size, ref = ring[row, F_T], ring[row, F_SIZE], ring[row, F_REF]
        if t < earliest:
            break
        taker, maker = links[row, R_TAKER], links[row, R_MAKER]
        way = q.side * links[row, R_SIDE]
        if taker >= 0 and taker != q.slot:
            count = _visit(scratch, taker, scan, found, count)
            _tally(scratch, taker, q.built, t, way * size)
            _took(scratch, taker, q, t, way * size, numbers)
        if maker >= 0 and maker != q.slot:
            count = _visit(scratch, maker, scan, found, count)
            _tally(scratch, maker, q.built, t, -way * size)
        if t >= q.extreme:
            # the account undid its swing against somebody known
            other = maker if taker == q.slot and way < 0.0 else (taker if maker == q.slot and way > 0.0 else -1)
            if other >= 0 and other != q.slot:
                scratch[other, CROSSED] += size
                numbers[4] += size
            numbers[13] = ref if t > q.extreme else numbers[13]
        if t >= q.began:
            start_ref = ref
            if best_ref == 0.0 or q.side * (ref - best_ref) > 0.0:
                best_ref = ref
            if later_ref > 0.0 and t >= q.built and ref > 0.0 and later_ref != ref:
                steepest = _note_step(q, later_ref, ref, steepest, numbers)
        oldest_ref, later_ref = ref, ref
        number = links[row, R_BEFORE]
    numbers[12] = start_ref
    if start_ref > 0.0:
        numbers[5] = q.side * np.log(best_ref / start_ref) if best_ref > 0.0 else 0.0
        numbers[9] = q.side * np.log(start_ref / oldest_ref) if oldest_ref > 0.0 else 0.0
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _name(state: State, q: Question, found: IntArray, numbers: FloatArray) -> IntArray:
    """Pick the client (most shares the swing's way after its build-up) and the peers (same swing, also undone)."""
    named = np.full(1 + PEERS, -1, np.int64)
    slots, state, found, numbers = borrowed(named), borrowed(state), borrowed(found), borrowed(numbers)
    most, scratch = 0.0, state.scratch
    for slot in found:
        net = scratch[slot, NET]
        if net > most:
            most, slots[0] = net, slot
        if net > 0.0:
            numbers[11] += 1.0
        _peer(state, q, slot, numbers, slots)
    if slots[0] >= 0:
        client = slots[0]
        numbers[0], numbers[1] = state.scratch[client, NET], state.scratch[client, BEFORE]
        numbers[2] = state.scratch[client, FIRST] - q.built
        numbers[3] = state.scratch[client, CROSSED]
    return named


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _peer(state: State, q: Question, slot: int, numbers: FloatArray, slots: IntArray) -> None:
    """Count an account whose swing at the same scale went the same way and is being undone too."""
    w = state.swings[slot, q.scale]
    if w[DIRECTION] != q.side or w[DEEPEST] < 0.25:
        return
    size = abs(w[EXTREME] - w[BASE])
    if size < 0.2 * q.size or w[VOL] + w[SIDE_COLUMNS + VOL] <= 0.0:
        return
    if w[BEGAN_T] > q.extreme or state.habits[slot, LAST_T] < q.began:
        return
    numbers[7] += 1.0
    numbers[8] += size
    into = IN if q.side > 0.0 else IN + SIDE_COLUMNS
    numbers[18] += w[into + AGGRESSIVE]
    numbers[19] += w[into + VOL]
    numbers[20] += min(w[DEEPEST], 1.0) * size
    held = slot
    for k in range(1, 1 + PEERS):
        if slots[k] < 0:
            slots[k] = held
            break
        other = state.swings[slots[k], q.scale]
        if abs(other[EXTREME] - other[BASE]) < size:
            held, slots[k] = slots[k], held
            size = abs(other[EXTREME] - other[BASE])


@njit(cache=True, nogil=True, error_model="numpy")
def gather(state: State, slot: int, began: float, out: IntArray) -> int:
    """Write the ``seq`` of an account's own executions since ``began``, in time order; return how many."""
    number, oldest = state.owners[slot, LAST_FILL], state.clock[2] - len(state.ring)
    count = 0
    while number >= 0 and number >= oldest and count < len(out):
        row = number % len(state.ring)
        if state.ring[row, F_T] < began:
            break
        out[count] = state.links[row, R_SEQ]
        count += 1
        number = state.links[row, R_TAKER_BEFORE if state.links[row, R_TAKER] == slot else R_MAKER_BEFORE]
    for k in range(count // 2):
        out[k], out[count - 1 - k] = out[count - 1 - k], out[k]
    return count
