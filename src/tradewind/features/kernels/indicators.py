"""Indicators with a memory of their own, one pass over a ragged panel, as TA-Lib defines their start.

Shapes and the NaN rule are those of :mod:`tradewind.features.kernels.smooth`: a missing input gives NaN at the bars
that use it and leaves what was smoothed as it was.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True)
def rsi(close: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the relative strength index in [0, 100] (Wilder 1978); NaN where nothing moved."""
    out = np.full(close.size, np.nan)
    step = 1.0 / window
    for s in range(offsets.size - 1):
        seen, gain, loss = 0, 0.0, 0.0
        for i in range(offsets[s] + 1, offsets[s + 1]):
            move = close[i] - close[i - 1]
            if move != move:
                continue
            up = move if move > 0.0 else 0.0
            down = up - move
            if seen < window:
                seen += 1
                gain += up * step
                loss += down * step
            else:
                gain += (up - gain) * step
                loss += (down - loss) * step
            if seen == window and gain + loss > 0.0:
                out[i] = 100.0 * gain / (gain + loss)
    return out


@njit(cache=True, nogil=True)
def macd(close: FloatArray, offsets: IntArray, fast: int, slow: int, signal: int) -> tuple[FloatArray, FloatArray]:
    """Return Appel's convergence-divergence line and its signal; both averages start at the slow one's first bar."""
    line, trigger = np.full(close.size, np.nan), np.full(close.size, np.nan)
    part_fast, part_slow, part_signal = 1.0 / fast, 1.0 / slow, 1.0 / signal
    step_fast, step_slow, step_signal = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0), 2.0 / (signal + 1.0)
    for s in range(offsets.size - 1):
        seen, quick, calm, smoothed = 0, 0.0, 0.0, 0.0
        for i in range(offsets[s], offsets[s + 1]):
            price = close[i]
            if price != price:
                continue
            seen += 1
            if seen <= slow:
                calm += price * part_slow
                if seen > slow - fast:
                    quick += price * part_fast
            else:
                quick += step_fast * (price - quick)
                calm += step_slow * (price - calm)
            if seen < slow:
                continue
            gap = quick - calm
            line[i] = gap
            if seen < slow + signal:
                smoothed += gap * part_signal
            else:
                smoothed += step_signal * (gap - smoothed)
            if seen >= slow + signal - 1:
                trigger[i] = smoothed
    return line, trigger


@njit(cache=True, nogil=True)
def true_range(high: FloatArray, low: FloatArray, close: FloatArray, offsets: IntArray) -> FloatArray:
    """Return the true range (Wilder 1978); NaN at a symbol's first bar, which has no close before it."""
    out = np.empty(close.size)
    for s in range(offsets.size - 1):
        if offsets[s] < offsets[s + 1]:
            out[offsets[s]] = np.nan
        for i in range(offsets[s] + 1, offsets[s + 1]):
            before, top, bottom = close[i - 1], high[i], low[i]
            missing = 0.0 * (before + top + bottom)  # zero, or NaN where one of them is: cheaper than a branch
            top = top if top > before else before
            bottom = bottom if bottom < before else before
            out[i] = top - bottom + missing
    return out


@njit(cache=True, nogil=True)
def adx(
    high: FloatArray, low: FloatArray, close: FloatArray, offsets: IntArray, window: int
) -> tuple[FloatArray, FloatArray]:
    """Return the average directional index and the signed index (+DI - -DI) / (+DI + -DI), both times 100."""
    strength, direction = np.full(close.size, np.nan), np.full(close.size, np.nan)
    span = true_range(high, low, close, offsets)
    step = 1.0 / window
    keep = 1.0 - step
    for s in range(offsets.size - 1):
        seen, up, down, total, mean, known = 0, 0.0, 0.0, 0.0, 0.0, 0
        for i in range(offsets[s] + 1, offsets[s + 1]):
            rise, fall = high[i] - high[i - 1], low[i - 1] - low[i]
            if not (span[i] == span[i] and rise == rise and fall == fall):
                continue
            seen += 1
            if seen >= window:
                up, down, total = up * keep, down * keep, total * keep
            total += span[i]
            least = max(min(rise, fall), 0.0)  # only the greater of the two moves counts, and only above zero
            up += rise if rise > least else 0.0
            down += fall if fall > least else 0.0
            if seen < window or total <= 0.0 or up + down <= 0.0:
                continue
            dx = 100.0 * (up - down) / (up + down)
            direction[i] = dx
            if known < window:
                known += 1
                mean += abs(dx) * step
            else:
                mean += (abs(dx) - mean) * step
            if known == window:
                strength[i] = mean
    return strength, direction


@njit(cache=True, nogil=True)
def cci(typical: FloatArray, mean: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the commodity channel index (Lambert 1980) of the typical price and its mean; NaN where all are equal."""
    out = np.full(typical.size, np.nan)
    scale = window / 0.015
    for s in range(offsets.size - 1):
        for i in range(offsets[s] + window - 1, offsets[s + 1]):
            first, centre = i - window + 1, mean[i]
            even, odd, j = 0.0, 0.0, 0  # two sums side by side do not wait for one another
            while j + 1 < window:
                even += abs(typical[first + j] - centre)
                odd += abs(typical[first + j + 1] - centre)
                j += 2
            if j < window:
                even += abs(typical[first + j] - centre)
            deviation = even + odd
            if deviation > 1e-14 * window * abs(centre):
                out[i] = (typical[i] - centre) * scale / deviation
    return out


@njit(cache=True, nogil=True)
def bars_since_peak(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return how many bars ago x was greatest, of this bar and ``window`` before it; the latest of equals counts."""
    out = np.full(x.size, np.nan)
    for s in range(offsets.size - 1):
        first = offsets[s]
        peak, missing = first, first - 1
        for i in range(first, offsets[s + 1]):
            if x[i] != x[i]:
                missing = i
            edge = max(i - window, first)
            if peak < edge or missing >= edge:
                peak = edge
                for j in range(edge + 1, i + 1):
                    if x[j] >= x[peak]:
                        peak = j
            elif x[i] >= x[peak]:
                peak = i
            if i - window >= first and missing < edge:
                out[i] = i - peak
    return out


@njit(cache=True, nogil=True)
def aroon(high: FloatArray, low: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return Chande's oscillator, 100 * (bars since the low - bars since the high) / window over window + 1 bars."""
    return (bars_since_peak(-low, offsets, window) - bars_since_peak(high, offsets, window)) * (100.0 / window)


@njit(cache=True, nogil=True)
def signed(weight: FloatArray, price: FloatArray, offsets: IntArray) -> FloatArray:
    """Return ``weight`` with the sign of the price's move from the bar before; 0 where it stood still."""
    out = np.empty(price.size)
    for s in range(offsets.size - 1):
        if offsets[s] < offsets[s + 1]:
            out[offsets[s]] = np.nan
        for i in range(offsets[s] + 1, offsets[s + 1]):
            move = price[i] - price[i - 1]
            sign = (1.0 if move > 0.0 else 0.0) - (1.0 if move < 0.0 else 0.0)
            out[i] = weight[i] * sign + 0.0 * move  # the last term is zero, or NaN where the move is not known
    return out


@njit(cache=True, nogil=True)
def running_total(x: FloatArray, offsets: IntArray) -> FloatArray:
    """Return the sum of all bars of the symbol so far; a missing bar gives NaN and adds nothing."""
    out = np.full(x.size, np.nan)
    for s in range(offsets.size - 1):
        total = 0.0
        for i in range(offsets[s], offsets[s + 1]):
            if x[i] == x[i]:
                total += x[i]
                out[i] = total
    return out


@njit(cache=True, nogil=True)
def streak(move: FloatArray, offsets: IntArray) -> FloatArray:
    """Return how many bars in a row rose (positive) or fell (negative), with this one; a missing move ends a run."""
    out = np.full(move.size, np.nan)
    for s in range(offsets.size - 1):
        run = 0.0
        for i in range(offsets[s], offsets[s + 1]):
            if move[i] > 0.0:
                run = max(run, 0.0) + 1.0
            elif move[i] < 0.0:
                run = min(run, 0.0) - 1.0
            else:
                run = 0.0
            if move[i] == move[i]:
                out[i] = run
    return out
