"""See the price jump, after news or without, and name the accounts that stood the right way before it did."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.detectors.prices.look_back import DEPTH
from tradewind.surveillance.detectors.prices.pace import (
    expected_move,
    typical_size,
    variance_per_print,
    variance_per_second,
)
from tradewind.surveillance.detectors.prices.report import BAR_SIZE, Reports, describe, measure
from tradewind.surveillance.detectors.prices.state import (
    ALL_VOLUME,
    BASE,
    BEGAN_T,
    BLOCKS,
    DIRECTION,
    EXTREME,
    F_T,
    FAST_PRINTS,
    FAST_REF,
    FAST_T,
    GAP,
    IN,
    JUMP_REF,
    JUMP_SIDE,
    JUMP_T,
    JUMP_TOLD,
    JUMP_Z,
    NEWS_OPEN,
    NEWS_REF,
    NEWS_T,
    PRINTS,
    R_BEFORE,
    R_MAKER,
    R_TAKER,
    REF,
    SCALES,
    SPREAD,
    STAMP,
    State,
)

JUMP = 5.0
"""A jump is a move within eight prints of so many times what they usually bring."""
NEWS_MOVE = 2.5
NAMED = 4
QUIET_PRINTS = 48.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def jump_kind(s: FloatArray, t: float) -> int:
    """Return 1 where news has now moved the price, 2 where it jumped by itself, 0 where neither; note which way."""
    if s[REF] <= 0.0:
        return 0
    if s[NEWS_OPEN] == 1.0:
        late = t - s[NEWS_T]
        if late > max(200.0 * s[GAP], 60.0):
            s[NEWS_OPEN] = 0.0
        elif s[NEWS_REF] > 0.0:
            move = np.log(s[REF] / s[NEWS_REF])
            usual = expected_move(variance_per_second(s), max(late, 2.0 * s[GAP]), s[SPREAD])
            if abs(move) > NEWS_MOVE * usual:
                s[NEWS_OPEN] = 0.0
                _note(s, s[NEWS_T], s[NEWS_REF], move / usual)
                return 1
    return _by_itself(s, t)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _note(s: FloatArray, t: float, ref: float, z: float) -> None:
    """Remember a jump and begin the next look from the present price."""
    s[JUMP_T], s[JUMP_REF], s[JUMP_SIDE], s[JUMP_Z] = t, ref, 1.0 if z > 0.0 else -1.0, abs(z)
    s[JUMP_TOLD] = s[PRINTS]
    s[FAST_REF], s[FAST_PRINTS] = s[REF], s[PRINTS]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _by_itself(s: FloatArray, t: float) -> int:
    """Compare the price with that of up to eight prints ago."""
    kind = 0
    if s[FAST_REF] > 0.0 and s[BLOCKS] >= 3.0:
        move = np.log(s[REF] / s[FAST_REF])
        usual = max(
            expected_move(variance_per_print(s), s[PRINTS] - s[FAST_PRINTS] + 1.0, s[SPREAD]),
            expected_move(variance_per_second(s), t - s[FAST_T], s[SPREAD]),
        )
        side = 1.0 if move > 0.0 else -1.0
        if abs(move) > JUMP * usual:
            told = s[JUMP_SIDE] == side and s[JUMP_TOLD] > 0.0 and s[PRINTS] - s[JUMP_TOLD] < QUIET_PRINTS
            if told:
                s[JUMP_TOLD] = s[PRINTS]
                s[FAST_REF], s[FAST_PRINTS], s[FAST_T] = s[REF], s[PRINTS], t
                return 0
            _note(s, s[FAST_T], s[FAST_REF], move / usual)
            kind = 2
    if s[PRINTS] - s[FAST_PRINTS] >= 8.0 or s[FAST_REF] <= 0.0 or kind == 2:
        s[FAST_REF], s[FAST_T], s[FAST_PRINTS] = s[REF], t, s[PRINTS]
    return kind


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _best_scale(state: State, slot: int, s: FloatArray) -> int:
    """Return the scale of the account's largest swing the jump's way that began before it; -1 where none counts."""
    best, size = -1, BAR_SIZE * typical_size(s)
    for scale in range(SCALES):
        w = state.swings[slot, scale]
        built = abs(w[EXTREME] - w[BASE])
        if w[DIRECTION] == s[JUMP_SIDE] and w[IN + BEGAN_T] < s[JUMP_T] and built >= size * (1.0 + 1e-9):
            best, size = scale, built
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _rank(state: State, symbol: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the slots, scales and scores of the accounts whose new positions most deserve a look, largest first."""
    s = state.symbols[symbol]
    slots, scales, scores = np.full(NAMED, -1, np.int64), np.zeros(NAMED, np.int64), np.zeros(NAMED)
    state.clock[3] += 1
    number = state.head[symbol]
    for _ in range(2 * DEPTH):
        if number < 0 or state.clock[2] - number > len(state.ring):
            break
        links = state.links[number % len(state.ring)]
        for k in (R_TAKER, R_MAKER):
            slot = links[k]
            if slot >= 0 and state.scratch[slot, STAMP] != state.clock[3]:
                state.scratch[slot, STAMP] = state.clock[3]
                _insert(state, slot, s, slots, scales, scores)
        number = links[R_BEFORE]
    return slots, scales, scores


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _insert(state: State, slot: int, s: FloatArray, slots: IntArray, scales: IntArray, scores: FloatArray) -> None:
    """Put an account in its place among the named."""
    scale = _best_scale(state, slot, s)
    if scale < 0:
        return
    w = state.swings[slot, scale]
    built = abs(w[EXTREME] - w[BASE])
    score = np.log2(1.0 + built / typical_size(s)) * built / max(state.habits[slot, ALL_VOLUME], built)
    k = NAMED
    while k > 0 and score > scores[k - 1]:
        k -= 1
    if k == NAMED:
        return
    for j in range(NAMED - 1, k, -1):
        slots[j], scales[j], scores[j] = slots[j - 1], scales[j - 1], scores[j - 1]
    slots[k], scales[k], scores[k] = slot, scale, score


@njit(cache=True, nogil=True, error_model="numpy")
def name_holders(state: State, out: Reports, symbol: int, at: tuple[int, int, int]) -> None:
    """Report the accounts that stood the jump's way; ``at`` holds the position of the row, the kind, its time."""
    s = state.symbols[symbol]
    now = state.ring[state.head[symbol] % len(state.ring), F_T]
    slots, scales, scores = _rank(state, symbol)
    for k in range(NAMED):
        if slots[k] >= 0:
            where = (slots[k], scales[k], int(symbol), at[0], at[1], at[2])
            describe(state, out, where, measure(state.swings[slots[k], scales[k]], s, now))
            told = out.features[out.told[0] - 1]
            rival = scores[0] if k > 0 else scores[1]
            told[-2], told[-1] = k, np.log2((scores[k] + 0.1) / (rival + 0.1))
