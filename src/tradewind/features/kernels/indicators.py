"""Indicators with a memory of their own, one pass over a ragged panel, as TA-Lib defines their start.

Shapes and the NaN rule are those of :mod:`tradewind.features.kernels.smooth`: a missing input gives NaN at the bars
that use it and leaves what was smoothed as it was.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray

_TOGETHER = 64
"""Bars whose windows are summed side by side, so that no sum waits for itself."""


@njit(cache=True, nogil=True, error_model="numpy")
def rsi(close: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the relative strength index in [0, 100] (Wilder 1978); NaN where nothing moved."""
    out = np.full(close.size, np.nan)
    step = 1.0 / window
    keep = 1.0 - step
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
                gain = keep * gain + step * up
                loss = keep * loss + step * down
            if seen == window and gain + loss > 0.0:
                out[i] = 100.0 * gain / (gain + loss)
    return out


@njit(cache=True, nogil=True)
def macd(close: FloatArray, offsets: IntArray, fast: int, slow: int, signal: int) -> tuple[FloatArray, FloatArray]:
    """Return Appel's convergence-divergence line and its signal; both averages start at the slow one's first bar."""
    line, trigger = np.full(close.size, np.nan), np.full(close.size, np.nan)
    part_fast, part_slow, part_signal = 1.0 / fast, 1.0 / slow, 1.0 / signal
    step_fast, step_slow, step_signal = 2.0 / (fast + 1.0), 2.0 / (slow + 1.0), 2.0 / (signal + 1.0)
    keep_fast, keep_slow, keep_signal = 1.0 - step_fast, 1.0 - step_slow, 1.0 - step_signal
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
                quick = keep_fast * quick + step_fast * price
                calm = keep_slow * calm + step_slow * price
            if seen < slow:
                continue
            gap = quick - calm
            line[i] = gap
            if seen < slow + signal:
                smoothed += gap * part_signal
            else:
                smoothed = keep_signal * smoothed + step_signal * gap
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


@njit(cache=True, nogil=True, error_model="numpy")
def adx(
    high: FloatArray, low: FloatArray, span: FloatArray, offsets: IntArray, window: int
) -> tuple[FloatArray, FloatArray]:
    """Return the average directional index and the signed index (+DI - -DI) / (+DI + -DI), both times 100.

    ``span`` is the true range.
    """
    strength, direction = np.full(high.size, np.nan), np.full(high.size, np.nan)
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
                mean = keep * mean + step * abs(dx)
            if known == window:
                strength[i] = mean
    return strength, direction


@njit(cache=True, nogil=True, error_model="numpy")
def cci(typical: FloatArray, mean: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the commodity channel index (Lambert 1980) of the typical price and its mean; NaN where all are equal."""
    out = np.empty(typical.size)
    scale, flat = window / 0.015, 1e-14 * window
    deviation = np.empty(_TOGETHER)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        out[a : min(a + window - 1, b)] = np.nan
        for first in range(a + window - 1, b, _TOGETHER):
            centre, price = mean[first : min(first + _TOGETHER, b)], typical[first : min(first + _TOGETHER, b)]
            n = centre.size
            deviation[:] = 0.0
            for back in range(window - 1, -1, -1):
                part = typical[first - back : first - back + n]
                for k in range(n):
                    deviation[k] += abs(part[k] - centre[k])
            for k in range(n):
                value = (price[k] - centre[k]) * scale / deviation[k]
                out[first + k] = value if deviation[k] > flat * abs(centre[k]) else np.nan
    return out


@njit(cache=True, nogil=True)
def bars_since_peak(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return how many bars ago x was greatest, of this bar and ``window`` before it; the latest of equals counts.

    The block scheme of :mod:`tradewind.features.kernels.windows`. ``lost`` is zero until a value is missing and NaN
    from then on: adding it is cheaper than a branch.
    """
    out = np.empty(x.size)
    size = window + 1
    tail, place, gone = np.full(size + 1, -np.inf), np.zeros(size + 1), np.zeros(size + 1)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        out[a : min(a + window, b)] = np.nan
        for start in range(a, b, size):
            part, result = x[start : min(start + size, b)], out[start : min(start + size, b)]
            peak, at, lost = -np.inf, 0.0, 0.0
            for k in range(part.size):
                value = part[k]
                later = value >= peak
                peak, at = value if later else peak, float(k) if later else at
                lost += value - value
                since = k - at if peak >= tail[k + 1] else k + size - place[k + 1]
                if start > a or k == window:
                    result[k] = since + (lost + gone[k + 1])
            if part.size == size:
                peak, at, lost = -np.inf, 0.0, 0.0
                for k in range(window, 0, -1):
                    value = part[k]
                    later = value > peak
                    peak, at = value if later else peak, float(k) if later else at
                    lost += value - value
                    tail[k], place[k], gone[k] = peak, at, lost
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
def flows(weight: FloatArray, price: FloatArray, offsets: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return ``weight`` where the price rose, and where it moved at all; else 0, NaN at a symbol's first bar."""
    rising, moving = np.empty(price.size), np.empty(price.size)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        rising[a : min(a + 1, b)] = np.nan
        moving[a : min(a + 1, b)] = np.nan
        for i in range(a + 1, b):
            move = price[i] - price[i - 1]
            missing = 0.0 * move  # zero, or NaN where the move is not known
            rising[i] = (weight[i] if move > 0.0 else 0.0 * weight[i]) + missing
            moving[i] = (weight[i] if move != 0.0 else 0.0 * weight[i]) + missing
    return rising, moving


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
