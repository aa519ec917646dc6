"""Jumps of price: splits nobody adjusted, units that changed, spikes that come back, moves to review."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.quality.bars import Bars, safe_log
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.checks.ratios import nearest_split
from tradewind.quality.settings import QualitySettings

LOG_TEN = float(np.log(10.0))
GATE = 0.3  # log; below it no split ratio lies
CRASH_VOLUME = 4.0


def _gap(bars: Bars, rows: IntArray) -> FloatArray:
    """Log gap from the close before to the open; where the open is missing, to the close."""
    gap = safe_log(bars.open)[rows] - bars.before(safe_log(bars.close))[rows]
    return np.where(np.isfinite(gap), gap, bars.close_return[rows])


def _calm(bars: Bars, rows: IntArray, sigma: FloatArray) -> BoolArray:
    """True where the day itself, from open to close and from low to high, was of its usual kind."""
    body = np.abs(safe_log(bars.close)[rows] - safe_log(bars.open)[rows])
    reach = safe_log(bars.high)[rows] - safe_log(bars.low)[rows]
    calm: BoolArray = ~(body > np.maximum(0.03, 5 * sigma)) & ~(reach > np.maximum(0.06, 8 * sigma))
    return calm


def _unadjusted_split(bars: Bars, settings: QualitySettings) -> Found:
    """A night's jump by a split ratio that the adjusted close makes too.

    A crash differs: it misses simple ratios, its day is wild, and its volume is many times the usual. After a split
    of 1 to k, volume in shares is about k times the usual, or the usual where volume alone was adjusted.
    """
    raw, adjusted = bars.close_return, bars.adjusted_return
    rows = np.flatnonzero((np.abs(raw) > GATE) & (np.abs(adjusted - raw) < 0.3 * np.abs(raw)))
    if not len(rows):
        return Found(rows=rows)
    sigma = np.nan_to_num(bars.sigma(rows, settings.spread_window, settings.least_history), nan=0.02)
    gap = _gap(bars, rows)
    ratio, distance = nearest_split(-gap)
    usual = bars.usual(bars.volume, rows, settings.volume_window, settings.least_history)
    busy = bars.volume[rows] > CRASH_VOLUME * np.maximum(ratio, 1.0) * usual
    good = (distance < np.clip(3 * sigma, 0.03, 0.06)) & _calm(bars, rows, sigma) & ~busy
    rows, ratio = rows[good], ratio[good]
    return Found(rows=rows, field="close", evidence={"ratio": ratio, "close_return": np.expm1(raw[rows])})


def _unit(bars: Bars, settings: QualitySettings) -> Found:
    """A step by a power of ten; one of ten that the adjusted close does not make is a split."""
    raw = bars.close_return
    power = raw / LOG_TEN
    near = np.round(power)
    rows = np.flatnonzero((np.abs(near) >= 1) & (np.abs(near) <= 3) & (np.abs(raw - near * LOG_TEN) < 0.15))
    split = (np.abs(near[rows]) == 1) & (bars.move_size[rows] < 0.5)
    rows = rows[~split]
    sigma = np.nan_to_num(bars.sigma(rows, settings.spread_window, settings.least_history), nan=0.02)
    rest = np.abs(raw[rows] - near[rows] * LOG_TEN)
    good = rest < np.maximum(0.05, 5 * sigma)
    rows = rows[good]
    return Found(rows=rows, field="close", evidence={"ratio": np.exp(raw[rows]), "power_of_ten": near[rows]})


def _spike(bars: Bars, settings: QualitySettings) -> Found:
    """Close leaves by far more than usual and the next close is back; known with that next close."""
    raw = bars.close_return
    left = bars.before(raw)
    both = raw + left
    known = np.flatnonzero((np.abs(left) > settings.spike_move) & (np.abs(both) < settings.spike_return * np.abs(left)))
    rows = known - 1
    sigma = bars.sigma(rows, settings.spread_window, settings.least_history)
    far = np.abs(raw[rows]) > settings.spike_sigma * np.nan_to_num(sigma, nan=0.02)
    rows, known = rows[far], known[far]
    return Found(rows=rows, known=known, field="close", evidence={"move": raw[rows], "next_move": raw[known]})


def _large_move(bars: Bars, settings: QualitySettings) -> Found:
    move = np.where(np.isfinite(bars.adjusted_return), bars.adjusted_return, bars.close_return)
    change = np.expm1(move)
    rows = np.flatnonzero(np.abs(change) > settings.large_move)
    return Found(rows=rows, field="adj_close", evidence={"percent": 100 * change[rows]})


CHECKS = (
    Check(
        kind="unadjusted_split",
        severity=Severity.CRITICAL,
        message="price jumps as in a split of 1 to {ratio}, and the adjusted close with it",
        find=_unadjusted_split,
    ),
    Check(
        kind="price_unit_change",
        severity=Severity.CRITICAL,
        message="price moved to {ratio} times the close before: a change of unit?",
        find=_unit,
    ),
    Check(
        kind="price_spike",
        severity=Severity.ERROR,
        message="close left by {move} (log) and came back by {next_move}",
        find=_spike,
    ),
    Check(
        kind="large_move",
        severity=Severity.INFO,
        message="moved {percent} % in a day; review",
        find=_large_move,
    ),
)
