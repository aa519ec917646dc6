"""Bars whose four prices contradict each other."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray
from tradewind.quality.bars import Bars, safe_log
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings


def _high_below_low(bars: Bars, settings: QualitySettings) -> Found:
    rows = np.flatnonzero(bars.high < bars.low * (1 - settings.range_tolerance))
    return Found(rows=rows, field="high", evidence={"high": bars.high[rows], "low": bars.low[rows]})


def _outside(bars: Bars, price: FloatArray, name: str, settings: QualitySettings) -> Found:
    room = settings.range_tolerance
    out = (price > bars.high * (1 + room)) | (price < bars.low * (1 - room))
    rows = np.flatnonzero(out & ~(bars.high < bars.low * (1 - room)))
    evidence = {"price": price[rows], "low": bars.low[rows], "high": bars.high[rows]}
    return Found(rows=rows, field=name, evidence=evidence)


def _close_outside(bars: Bars, settings: QualitySettings) -> Found:
    return _outside(bars, bars.close, "close", settings)


def _open_outside(bars: Bars, settings: QualitySettings) -> Found:
    return _outside(bars, bars.open, "open", settings)


def _wick(bars: Bars, settings: QualitySettings) -> Found:
    """A high or low far from where the day opened and closed is a bad tick, or a crash of minutes: both want a look."""
    body_top, body_low = np.fmax(bars.open, bars.close), np.fmin(bars.open, bars.close)
    up = safe_log(bars.high) - safe_log(body_top)
    down = safe_log(body_low) - safe_log(bars.low)
    rows = np.flatnonzero((up > settings.wick) | (down > settings.wick))
    high = np.nan_to_num(up[rows]) >= np.nan_to_num(down[rows])
    return Found(
        rows=rows,
        field=np.where(high, "high", "low"),
        evidence={"distance": np.where(high, up[rows], down[rows])},
    )


CHECKS = (
    Check(
        kind="high_below_low",
        severity=Severity.ERROR,
        message="high {high} is below low {low}",
        find=_high_below_low,
    ),
    Check(
        kind="close_outside_range",
        severity=Severity.ERROR,
        message="close {price} lies outside [{low}, {high}]",
        find=_close_outside,
    ),
    Check(
        kind="open_outside_range",
        severity=Severity.WARNING,
        message="open {price} lies outside [{low}, {high}]",
        find=_open_outside,
    ),
    Check(
        kind="extreme_wick",
        severity=Severity.WARNING,
        message="{field} lies {distance} (log) away from where the bar opened and closed",
        find=_wick,
    ),
)
