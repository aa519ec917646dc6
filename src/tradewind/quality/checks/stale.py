"""Prices that stand still because nobody updated them."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import BoolArray
from tradewind.quality.bars import Bars
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings


def _run_reached(bars: Bars, same: BoolArray, length: int) -> BoolArray:
    """(n,) True on the bar with which ``same`` has held exactly ``length`` bars in a row; bounded look-back."""
    run: BoolArray = same.copy()
    for lag in range(1, length):
        run &= bars.before(same.astype(np.float64), lag) == 1.0
    run &= ~(bars.before(same.astype(np.float64), length) == 1.0)
    return run


def _stale(bars: Bars, settings: QualitySettings) -> Found:
    """One finding per standstill, when it is long enough to be one.

    Closes of a cheap or quiet share repeat by themselves, so they must repeat often; four equal prices hardly do,
    unless all four are one number (a share that did not trade), which counts as a repeated close only.
    """
    same_close = bars.close == bars.before(bars.close)
    copy = same_close & (bars.high > bars.low)
    for name in ("open", "high", "low"):
        values = getattr(bars, name)
        copy &= values == bars.before(values)
    by_close = _run_reached(bars, same_close, settings.stale_bars - 1)
    by_copy = _run_reached(bars, copy, settings.stale_copies)
    rows = np.flatnonzero(by_close | by_copy)
    bars_equal = np.where(by_copy[rows], settings.stale_copies + 1, settings.stale_bars)
    return Found(rows=rows, field="close", evidence={"close": bars.close[rows], "bars": bars_equal})


CHECKS = (
    Check(
        kind="stale_price",
        severity=Severity.WARNING,
        message="close stands at {close} for {bars} bars",
        find=_stale,
    ),
)
