"""Outlier marks as events, for who asks for them."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import BoolArray
from tradewind.quality.bars import Bars
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.outliers import mark_bars
from tradewind.quality.settings import QualitySettings


def _found(bars: Bars, mark: BoolArray) -> Found:
    rows = np.flatnonzero(mark)
    return Found(rows=rows, field="adj_close", evidence={"log_return": bars.adjusted_return[rows]})


def _iqr(bars: Bars, settings: QualitySettings) -> Found:
    if not settings.outlier_alerts:
        return Found(rows=np.empty(0, dtype=np.int64))
    return _found(bars, mark_bars(bars, settings).iqr)


def _deviation(bars: Bars, settings: QualitySettings) -> Found:
    if not settings.outlier_alerts:
        return Found(rows=np.empty(0, dtype=np.int64))
    return _found(bars, mark_bars(bars, settings).deviation)


CHECKS = (
    Check(
        kind="outlier_iqr",
        severity=Severity.INFO,
        message="log return {log_return} lies beyond the quartile fences of the bars before",
        find=_iqr,
    ),
    Check(
        kind="outlier_deviation",
        severity=Severity.INFO,
        message="log return {log_return} lies beyond the usual standard deviations of the bars before",
        find=_deviation,
    ),
)
