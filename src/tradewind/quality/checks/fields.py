"""Missing fields and prices that cannot be."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.panel import PRICE_FIELDS
from tradewind.quality.bars import Bars
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings

PRICES = PRICE_FIELDS[:-1]


def _missing(bars: Bars, _settings: QualitySettings) -> Found:
    gaps = np.stack([~np.isfinite(getattr(bars, name)) for name in PRICE_FIELDS], axis=1)
    rows = np.flatnonzero(gaps.any(axis=1))
    names = np.array([",".join(np.array(PRICE_FIELDS)[gap]) for gap in gaps[rows]], dtype=object)
    return Found(rows=rows, field=names, evidence={"fields": gaps[rows].sum(axis=1)})


def _not_positive(bars: Bars, _settings: QualitySettings) -> Found:
    low = np.stack([getattr(bars, name) <= 0 for name in PRICES], axis=1)
    rows = np.flatnonzero(low.any(axis=1))
    column = low[rows].argmax(axis=1)
    value = np.stack([getattr(bars, name)[rows] for name in PRICES], axis=1)[np.arange(len(rows)), column]
    return Found(rows=rows, field=np.array(PRICES)[column], evidence={"value": value})


CHECKS = (
    Check(
        kind="missing_field",
        severity=Severity.WARNING,
        message="no usable value of {field}",
        find=_missing,
    ),
    Check(
        kind="non_positive_price",
        severity=Severity.CRITICAL,
        message="{field} is {value}, but a price is above 0",
        find=_not_positive,
    ),
)
