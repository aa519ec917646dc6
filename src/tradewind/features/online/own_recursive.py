"""One step of each indicator with a memory, as the kernels of ``smooth`` and ``indicators`` take it.

``slot`` is the memory of one symbol and one indicator, zeros before its first bar; counts are kept as floats in it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray

SMOOTH_SLOTS, RSI_SLOTS, MACD_SLOTS, ADX_SLOTS = 2, 3, 4, 6


@njit(cache=True, nogil=True)
def step_smooth(slot: FloatArray, value: float, window: int, alpha: float) -> float:
    """Return the exponential average; slots: seen, level."""
    if value != value:
        return np.nan
    if slot[0] >= window:
        slot[1] = (1.0 - alpha) * slot[1] + alpha * value
        return float(slot[1])
    slot[0] += 1.0
    slot[1] += value
    if slot[0] < window:
        return np.nan
    slot[1] /= window
    return float(slot[1])


@njit(cache=True, nogil=True, error_model="numpy")
def step_rsi(slot: FloatArray, move: float, window: int) -> float:
    """Return the relative strength index; slots: seen, gain, loss."""
    if move != move:
        return np.nan
    step = 1.0 / window
    keep = 1.0 - step
    up = move if move > 0.0 else 0.0
    down = up - move
    if slot[0] < window:
        slot[0] += 1.0
        slot[1] += up * step
        slot[2] += down * step
    else:
        slot[1] = keep * slot[1] + step * up
        slot[2] = keep * slot[2] + step * down
    if slot[0] == window and slot[1] + slot[2] > 0.0:
        return float(100.0 * slot[1] / (slot[1] + slot[2]))
    return np.nan


@njit(cache=True, nogil=True)
def step_macd(slot: FloatArray, price: float, windows: tuple[int, int, int]) -> tuple[float, float]:
    """Return the line and its signal for windows (fast, slow, signal); slots: seen, quick, calm, smoothed."""
    fast, slow, signal = windows
    if price != price:
        return np.nan, np.nan
    slot[0] += 1.0
    seen = slot[0]
    if seen <= slow:
        slot[2] += price * (1.0 / slow)
        if seen > slow - fast:
            slot[1] += price * (1.0 / fast)
    else:
        step_fast, step_slow = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
        slot[1] = (1.0 - step_fast) * slot[1] + step_fast * price
        slot[2] = (1.0 - step_slow) * slot[2] + step_slow * price
    if seen < slow:
        return np.nan, np.nan
    gap = slot[1] - slot[2]
    if seen < slow + signal:
        slot[3] += gap * (1.0 / signal)
    else:
        step = 2.0 / (signal + 1.0)
        slot[3] = (1.0 - step) * slot[3] + step * gap
    return gap, slot[3] if seen >= slow + signal - 1 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def step_adx(slot: FloatArray, moves: tuple[float, float, float], window: int) -> tuple[float, float]:
    """Return the average and the signed index of moves (rise, fall, true range).

    Slots: seen, up, down, total, mean, known.
    """
    rise, fall, span = moves
    if not (span == span and rise == rise and fall == fall):
        return np.nan, np.nan
    step = 1.0 / window
    keep = 1.0 - step
    slot[0] += 1.0
    if slot[0] >= window:
        slot[1], slot[2], slot[3] = slot[1] * keep, slot[2] * keep, slot[3] * keep
    slot[3] += span
    least = max(min(rise, fall), 0.0)
    slot[1] += rise if rise > least else 0.0
    slot[2] += fall if fall > least else 0.0
    up, down = slot[1], slot[2]
    if slot[0] < window or slot[3] <= 0.0 or up + down <= 0.0:
        return np.nan, np.nan
    direction = 100.0 * (up - down) / (up + down)
    if slot[5] < window:
        slot[5] += 1.0
        slot[4] += abs(direction) * step
    else:
        slot[4] = keep * slot[4] + step * abs(direction)
    return slot[4] if slot[5] == window else np.nan, direction


@njit(cache=True, nogil=True)
def step_total(slot: FloatArray, value: float) -> float:
    """Return the sum so far; a missing value gives NaN and adds nothing."""
    if value != value:
        return np.nan
    slot[0] += value
    return float(slot[0])


@njit(cache=True, nogil=True)
def step_streak(slot: FloatArray, move: float) -> float:
    """Return how many bars in a row rose (positive) or fell (negative); a missing move ends a run."""
    if move > 0.0:
        slot[0] = max(slot[0], 0.0) + 1.0
    elif move < 0.0:
        slot[0] = min(slot[0], 0.0) - 1.0
    else:
        slot[0] = 0.0
    return float(slot[0]) if move == move else np.nan
