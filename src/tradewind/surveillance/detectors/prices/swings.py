"""Follow each account's position as swings: what it built, at which prices, and how far it has undone it.

One execution touches two accounts, the one that took and the one that rested, each at three scales. At a scale, a
swing begins anew when the account has been silent for longer than the scale remembers (so many of the symbol's usual
times between trades, within limits in seconds); the last scale never forgets. A swing turns when nine tenths of it are
undone; on the way there it is reported at three tenths, at six and at nine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.detectors.prices.pace import variance_per_print, variance_per_second
from tradewind.surveillance.detectors.prices.state import (
    ACCOUNT,
    AGGRESSIVE,
    ALL_FILLS,
    ALL_VOLUME,
    BASE,
    BEGAN_FLOW,
    BEGAN_PRINTS,
    BEGAN_REF,
    BEGAN_T,
    BEGAN_VAR_N,
    BEGAN_VAR_T,
    BEGAN_VOLUME,
    BURST,
    BURST_NOW,
    BURST_SIDE,
    BURST_T,
    CASH,
    DEEPEST,
    DIRECTION,
    EXTREME,
    EXTREME_FLOW,
    EXTREME_PRINTS,
    EXTREME_REF,
    EXTREME_T,
    EXTREME_VOLUME,
    FILLS,
    FIRST_T,
    FLOW,
    GAP,
    IMPACT,
    IN,
    IN_START,
    LARGEST,
    LAST_FILL,
    LAST_T,
    LEG,
    LEVEL,
    OUT,
    OUT_START,
    PAIR,
    PEAK,
    POSITION,
    PRINTS,
    REF,
    SCALES,
    SIDE_COLUMNS,
    SWING_LOG,
    SWINGS,
    SYMBOL,
    T1,
    T2,
    TOUCHED,
    VOL,
    VOLUME,
    State,
)

TURN = 0.9
SPAN = (40.0, 800.0, 1e18)
LEAST = (15.0, 180.0, 1e18)
MOST = (120.0, 1800.0, 1e18)


class Fill(NamedTuple):
    """One side of an execution: when (nanoseconds and seconds), +1 bought or -1 sold, shares, price, took or rested."""

    time: int
    t: float
    side: float
    size: float
    price: float
    took: float
    ref: float


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def slot_for(state: State, pair: int, account: int, symbol: int) -> int:
    """Return the slot of a pair of the tape; a new one takes that of a pair long silent. -1 where nobody is known."""
    if pair < 0:
        return -1
    slot = state.slot_of[pair]
    owners = state.owners
    if slot >= 0:
        if owners[slot, ACCOUNT] != account or owners[slot, SYMBOL] != symbol:
            _clear(state, slot, pair, account, symbol)
        owners[slot, TOUCHED] = 1
        return int(slot)
    capacity = len(owners)
    if state.clock[0] < capacity:
        slot = state.clock[0]
        state.clock[0] += 1
    else:
        hand = state.clock[1]
        while owners[hand, TOUCHED] == 1:
            owners[hand, TOUCHED] = 0
            hand = (hand + 1) % capacity
        state.clock[1] = (hand + 1) % capacity
        state.slot_of[owners[hand, PAIR]] = -1
        slot = hand
    _clear(state, slot, pair, account, symbol)
    state.slot_of[pair] = slot
    return int(slot)


@njit(cache=True, nogil=True, error_model="numpy")
def _clear(state: State, slot: int, pair: int, account: int, symbol: int) -> None:
    """Give a slot to a new pair."""
    state.swings[slot] = 0.0
    state.habits[slot] = 0.0
    state.owners[slot] = 0
    state.owners[slot, ACCOUNT], state.owners[slot, SYMBOL], state.owners[slot, PAIR] = account, symbol, pair
    state.owners[slot, LAST_FILL], state.owners[slot, TOUCHED] = -1, 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _begin(leg: FloatArray, offset: int, s: FloatArray, fill: Fill) -> None:
    """Note where the symbol stood when a leg began."""
    leg[offset + BEGAN_T], leg[offset + BEGAN_REF] = fill.t, fill.ref
    leg[offset + BEGAN_VOLUME], leg[offset + BEGAN_PRINTS] = s[VOLUME], s[PRINTS]
    leg[offset + BEGAN_FLOW] = s[FLOW]
    leg[offset + BEGAN_VAR_T], leg[offset + BEGAN_VAR_N] = variance_per_second(s), variance_per_print(s)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _add(leg: FloatArray, offset: int, fill: Fill, burst: float) -> None:
    """Add one execution to a leg."""
    at = offset if fill.side > 0.0 else offset + SIDE_COLUMNS
    leg[at + VOL] += fill.size
    leg[at + AGGRESSIVE] += fill.size * fill.took
    leg[at + CASH] += fill.size * fill.price
    leg[at + FILLS] += 1.0
    leg[at + T1] += fill.size * fill.t
    leg[at + T2] += fill.size * fill.t * fill.t
    leg[offset + BURST] = max(leg[offset + BURST], burst)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _restart(w: FloatArray, s: FloatArray, fill: Fill) -> None:
    """Begin a new swing from the position before ``fill``."""
    w[IN : IN + 2 * LEG] = 0.0
    w[BASE] = w[POSITION]
    w[EXTREME] = w[POSITION] + fill.side * fill.size
    w[DIRECTION] = fill.side
    w[LEVEL], w[DEEPEST], w[PEAK] = 0.0, 0.0, 0.0
    _begin(w, IN, s, fill)
    _at_extreme(w, s, fill)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _at_extreme(w: FloatArray, s: FloatArray, fill: Fill) -> None:
    """Note where the symbol stands at the swing's extreme so far."""
    w[EXTREME_T], w[EXTREME_REF] = fill.t, fill.ref
    w[EXTREME_VOLUME], w[EXTREME_PRINTS], w[EXTREME_FLOW] = s[VOLUME], s[PRINTS], s[FLOW]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _extend(w: FloatArray) -> None:
    """Fold the out leg into the in leg: the position has gone beyond its extreme."""
    if w[OUT + BEGAN_PRINTS] == 0.0:
        return
    for c in range(BURST):
        w[IN + c] += w[OUT + c]
    w[IN + BURST] = max(w[IN + BURST], w[OUT + BURST])
    w[OUT : OUT + LEG] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def turn(state: State, slot: int, scale: int, s: FloatArray) -> None:
    """Let the out leg become the in leg of a swing the other way, once the swing has been undone."""
    w = state.swings[slot, scale]
    habits = state.habits[slot]
    if scale == 1:
        habits[SWINGS] += 1.0
        size = np.log(max(abs(w[EXTREME] - w[BASE]), 1.0))
        habits[LARGEST] = max(0.98 * habits[LARGEST], abs(w[EXTREME] - w[BASE]))
        habits[SWING_LOG] += max(1.0 / habits[SWINGS], 0.1) * (size - habits[SWING_LOG])
    w[IN : IN + LEG] = w[OUT : OUT + LEG]
    w[OUT : OUT + LEG] = 0.0
    w[BASE], w[EXTREME], w[DIRECTION] = w[EXTREME], w[POSITION], -w[DIRECTION]
    w[EXTREME_T], w[EXTREME_REF] = habits[LAST_T], s[REF]
    w[EXTREME_VOLUME], w[EXTREME_PRINTS], w[EXTREME_FLOW] = s[VOLUME], s[PRINTS], s[FLOW]
    w[LEVEL], w[DEEPEST], w[PEAK] = 0.0, 0.0, 0.0
    state.owners[slot, IN_START + scale] = state.owners[slot, OUT_START + scale]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _burst(habits: FloatArray, s: FloatArray, fill: Fill) -> float:
    """Return the shares the account has lately executed on this side, forgetting within seconds."""
    memory = min(max(10.0 * s[GAP], 2.0), 30.0)
    if habits[BURST_SIDE] == fill.side:
        habits[BURST_NOW] *= np.exp(-(fill.t - habits[BURST_T]) / memory)
    else:
        habits[BURST_NOW] = 0.0
    habits[BURST_NOW] += fill.size
    habits[BURST_T], habits[BURST_SIDE] = fill.t, fill.side
    return float(habits[BURST_NOW])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def follow(state: State, slot: int, s: FloatArray, fill: Fill) -> None:
    """Take one side of an execution into the account's swings at every scale."""
    habits, owners = state.habits[slot], state.owners[slot]
    burst = _burst(habits, s, fill)
    silent = fill.t - habits[LAST_T]
    fresh = habits[ALL_FILLS] == 0.0
    if fresh:
        habits[FIRST_T] = fill.t
    habits[ALL_FILLS] += 1.0
    habits[ALL_VOLUME] += fill.size
    habits[LAST_T] = fill.t
    for scale in range(SCALES):
        w = state.swings[slot, scale]
        memory = min(max(SPAN[scale] * s[GAP], LEAST[scale]), MOST[scale])
        away = w[DIRECTION] != fill.side
        # what was built and then held is still there to be undone: only a fresh build-up begins anew
        holding = away and w[DEEPEST] == 0.0 and silent < 20.0 * memory
        if fresh or (silent > memory and not holding):
            _restart(w, s, fill)
            owners[IN_START + scale] = fill.time
            _add(w, IN, fill, burst)
            w[POSITION] += fill.side * fill.size
            continue
        if w[OUT + BEGAN_PRINTS] == 0.0:
            _begin(w, OUT, s, fill)
            owners[OUT_START + scale] = fill.time
        _add(w, OUT, fill, burst)
        w[POSITION] += fill.side * fill.size
        if not away and fill.ref > 0.0 and w[IN + BEGAN_REF] > 0.0:
            w[PEAK] = max(w[PEAK], fill.side * np.log(fill.ref / w[IN + BEGAN_REF]))
        if w[DIRECTION] * (w[POSITION] - w[EXTREME]) >= 0.0:
            _extend(w)
            w[EXTREME] = w[POSITION]
            w[DEEPEST] = 0.0
            _at_extreme(w, s, fill)
        else:
            w[DEEPEST] = max(w[DEEPEST], undone(w))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def undone(w: FloatArray) -> float:
    """The part of a swing that has been undone, from 0; more than 1 where the position went beyond its start."""
    built = abs(w[EXTREME] - w[BASE])
    return abs(w[EXTREME] - w[POSITION]) / built if built > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_impact(state: State, slot: int, move: float) -> None:
    """Add the move of the price that followed an account's own aggressive order, signed, to its present legs."""
    for scale in range(SCALES):
        w = state.swings[slot, scale]
        w[(OUT if w[OUT + BEGAN_PRINTS] > 0.0 else IN) + IMPACT] += move


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def write_fill(state: State, symbol: int, slots: tuple[int, int], fill: Fill, seq: int) -> None:
    """Write an execution into the ring; ``slots`` holds the taker's and the maker's, ``fill.side`` is the taker's."""
    number = state.clock[2]
    at = number % len(state.ring)
    state.ring[at, 0], state.ring[at, 1], state.ring[at, 2], state.ring[at, 3] = fill.t, fill.size, fill.ref, fill.price
    links = state.links[at]
    links[0], links[1], links[2], links[3] = slots[0], slots[1], int(fill.side), seq
    links[4], links[7] = state.head[symbol], fill.time
    links[5] = state.owners[slots[0], LAST_FILL] if slots[0] >= 0 else -1
    links[6] = state.owners[slots[1], LAST_FILL] if slots[1] >= 0 else -1
    for k in range(2):
        if slots[k] >= 0:
            state.owners[slots[k], LAST_FILL] = number
    state.head[symbol] = number
    state.clock[2] += 1
