"""A symbol's usual pace: its typical trade, spread, time between trades and volatility, as they were until now.

Volatility is kept on two clocks, seconds and prints (executions of one arriving order count once), from the moves
over blocks of sixteen prints, so that the bounce between bid and ask does not count as volatility. A block's move is
clipped at six of its usual size: a manipulated run must not raise the yardstick it is measured with.
"""

from __future__ import annotations

import math

from numba import njit

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.detectors.prices.state import (
    BLOCK_N,
    BLOCK_PRINTS,
    BLOCK_REF,
    BLOCK_SECONDS,
    BLOCK_T,
    BLOCK_VAR,
    BLOCKS,
    FINE_PRINTS,
    FINE_SECONDS,
    FINE_VAR,
    GAP,
    LOG_SIZE,
    PRINTS,
    REF,
    SEEN,
    SPREAD,
    T_PRINT,
)

BLOCK = 16
CLIP = 36.0
SLOW = 1.0 / 64.0
FINE = 1.0 / 256.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def variance_per_second(s: FloatArray) -> float:
    """Variance of the log price per second; 0 where nothing is known yet."""
    if s[BLOCKS] >= 4.0 and s[BLOCK_SECONDS] > 0.0:
        return float(s[BLOCK_VAR] / s[BLOCK_SECONDS])
    return float(s[FINE_VAR] / s[FINE_SECONDS]) if s[FINE_SECONDS] > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def variance_per_print(s: FloatArray) -> float:
    """Variance of the log price per print; 0 where nothing is known yet."""
    if s[BLOCKS] >= 4.0:
        return float(s[BLOCK_VAR] / s[BLOCK_PRINTS])
    return float(s[FINE_VAR] / s[FINE_PRINTS]) if s[FINE_PRINTS] > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def typical_size(s: FloatArray) -> float:
    """The geometric mean of recent executions' sizes."""
    return math.exp(s[LOG_SIZE]) if s[SEEN] > 0.0 else 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_size(s: FloatArray, size: float, spread: float) -> None:
    """Take one execution's size and the spread at it, relative to the mid (negative where there is none), in."""
    s[SEEN] += 1.0
    rate = max(1.0 / s[SEEN], FINE)
    s[LOG_SIZE] += rate * (math.log(max(size, 1.0)) - s[LOG_SIZE])
    if spread >= 0.0:
        s[SPREAD] += max(1.0 / s[SEEN], FINE) * (spread - s[SPREAD])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_print(s: FloatArray, t: float, ref: float) -> None:
    """Take a print in: its time, and the reference price before it; a pause of the market is no time that passed."""
    s[PRINTS] += 1.0
    if s[T_PRINT] > 0.0 or s[PRINTS] > 1.0:
        step = t - s[T_PRINT]
        if s[PRINTS] > 16.0:
            step = min(step, 50.0 * s[GAP])
        s[GAP] += max(1.0 / s[PRINTS], FINE) * (step - s[GAP])
        if s[REF] > 0.0 and ref > 0.0:
            move = math.log(ref / s[REF])
            keep = 1.0 - FINE
            s[FINE_VAR] = keep * s[FINE_VAR] + move * move
            s[FINE_SECONDS] = keep * s[FINE_SECONDS] + step
            s[FINE_PRINTS] = keep * s[FINE_PRINTS] + 1.0
        s[BLOCK_T] += step
    s[T_PRINT] = t
    if ref > 0.0:
        s[REF] = ref
    if s[BLOCK_REF] <= 0.0:
        s[BLOCK_REF] = s[REF]
    s[BLOCK_N] += 1.0
    if s[BLOCK_N] >= BLOCK and s[BLOCK_REF] > 0.0:
        _close_block(s)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _close_block(s: FloatArray) -> None:
    """Take the move over the last block in and begin the next."""
    move = math.log(s[REF] / s[BLOCK_REF])
    square = move * move
    if s[BLOCKS] >= 8.0 and s[BLOCK_VAR] > 0.0:
        square = min(square, CLIP * s[BLOCK_VAR] / s[BLOCK_PRINTS] * BLOCK)
    keep = 1.0 - SLOW
    s[BLOCK_VAR] = keep * s[BLOCK_VAR] + square
    s[BLOCK_SECONDS] = keep * s[BLOCK_SECONDS] + s[BLOCK_T]
    s[BLOCK_PRINTS] = keep * s[BLOCK_PRINTS] + s[BLOCK_N]
    s[BLOCKS] += 1.0
    s[BLOCK_REF], s[BLOCK_T], s[BLOCK_N] = s[REF], 0.0, 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def expected_move(var: float, amount: float, spread: float) -> float:
    """The move that ``amount`` (seconds or prints) of a variance ``var`` would bring; never less than half a spread."""
    return max(math.sqrt(max(var * amount, 0.0)), 0.5 * spread, 1e-7)
