"""One step of each indicator with a memory, as the kernels of ``smooth`` and ``indicators`` take it.

``slot`` is the memory of one symbol, zeros before its first bar, and ``at`` where that of the indicator begins; counts
are kept as floats in it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray

SMOOTH_SLOTS, RSI_SLOTS, MACD_SLOTS, ADX_SLOTS = 2, 3, 4, 6


@njit(cache=True, nogil=True)
def step_smooth(slot: FloatArray, at: int, value: float, window: int, alpha: float) -> float:
    """Return the exponential average; slots: seen, level."""
    if value != value:
        return np.nan
    if slot[at] >= window:
        slot[at + 1] = (1.0 - alpha) * slot[at + 1] + alpha * value
        return float(slot[at + 1])
    slot[at] += 1.0
    slot[at + 1] += value
    if slot[at] < window:
        return np.nan
    slot[at + 1] /= window
    return float(slot[at + 1])


@njit(cache=True, nogil=True, error_model="numpy")
def step_rsi(slot: FloatArray, at: int, move: float, window: int) -> float:
    """Return the relative strength index; slots: seen, gain, loss."""
    if move != move:
        return np.nan
    step = 1.0 / window
    keep = 1.0 - step
    up = move if move > 0.0 else 0.0
    down = up - move
    if slot[at] < window:
        slot[at] += 1.0
        slot[at + 1] += up * step
        slot[at + 2] += down * step
    else:
        slot[at + 1] = keep * slot[at + 1] + step * up
        slot[at + 2] = keep * slot[at + 2] + step * down
    if slot[at] == window and slot[at + 1] + slot[at + 2] > 0.0:
        return float(100.0 * slot[at + 1] / (slot[at + 1] + slot[at + 2]))
    return np.nan


@njit(cache=True, nogil=True)
def step_macd(slot: FloatArray, at: int, price: float, windows: tuple[int, int, int]) -> tuple[float, float]:
    """Return the line and its signal for windows (fast, slow, signal); slots: seen, quick, calm, smoothed."""
    fast, slow, signal = windows
    if price != price:
        return np.nan, np.nan
    slot[at] += 1.0
    seen = slot[at]
    if seen <= slow:
        slot[at + 2] += price * (1.0 / slow)
        if seen > slow - fast:
            slot[at + 1] += price * (1.0 / fast)
    else:
        step_fast, step_slow = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)
        slot[at + 1] = (1.0 - step_fast) * slot[at + 1] + step_fast * price
        slot[at + 2] = (1.0 - step_slow) * slot[at + 2] + step_slow * price
    if seen < slow:
        return np.nan, np.nan
    gap = slot[at + 1] - slot[at + 2]
    if seen < slow + signal:
        slot[at + 3] += gap * (1.0 / signal)
    else:
        step = 2.0 / (signal + 1.0)
        slot[at + 3] = (1.0 - step) * slot[at + 3] + step * gap
    return gap, slot[at + 3] if seen >= slow + signal - 1 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def step_adx(slot: FloatArray, at: int, moves: tuple[float, float, float], window: int) -> tuple[float, float]:
    """Return the average and the signed index of moves (rise, fall, true range).

    Slots: seen, up, down, total, mean, known.
    """
    rise, fall, span = moves
    if not (span == span and rise == rise and fall == fall):
        return np.nan, np.nan
    step = 1.0 / window
    keep = 1.0 - step
    slot[at] += 1.0
    if slot[at] >= window:
        slot[at + 1], slot[at + 2], slot[at + 3] = slot[at + 1] * keep, slot[at + 2] * keep, slot[at + 3] * keep
    slot[at + 3] += span
    least = max(min(rise, fall), 0.0)
    slot[at + 1] += rise if rise > least else 0.0
    slot[at + 2] += fall if fall > least else 0.0
    up, down = slot[at + 1], slot[at + 2]
    if slot[at] < window or slot[at + 3] <= 0.0 or up + down <= 0.0:
        return np.nan, np.nan
    direction = 100.0 * (up - down) / (up + down)
    if slot[at + 5] < window:
        slot[at + 5] += 1.0
        slot[at + 4] += abs(direction) * step
    else:
        slot[at + 4] = keep * slot[at + 4] + step * abs(direction)
    return slot[at + 4] if slot[at + 5] == window else np.nan, direction


@njit(cache=True, nogil=True)
def step_total(slot: FloatArray, at: int, value: float) -> float:
    """Return the sum so far; a missing value gives NaN and adds nothing."""
    if value != value:
        return np.nan
    slot[at] += value
    return float(slot[at])


@njit(cache=True, nogil=True)
def step_streak(slot: FloatArray, at: int, move: float) -> float:
    """Return how many bars in a row rose (positive) or fell (negative); a missing move ends a run."""
    if move > 0.0:
        slot[at] = max(slot[at], 0.0) + 1.0
    elif move < 0.0:
        slot[at] = min(slot[at], 0.0) - 1.0
    else:
        slot[at] = 0.0
    return float(slot[at]) if move == move else np.nan
