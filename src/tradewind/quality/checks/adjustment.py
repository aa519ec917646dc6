"""An adjusted close that departs from the close by a step which no split and no usual dividend explains."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.quality.bars import Bars
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.checks.ratios import nearest_split
from tradewind.quality.settings import QualitySettings


def _jump(bars: Bars, settings: QualitySettings) -> Found:
    """The factor adj_close / close rises by 1 / (1 - dividend) on an ex-date and by the ratio on a split.

    A split's step in the factor must meet the opposite step in the close; the tolerance grows for cheap shares,
    whose prices are rounded coarsely.
    """
    step = bars.adjusted_return - bars.close_return
    room = settings.factor_tolerance + 0.01 / np.maximum(np.fmin(bars.close, bars.before(bars.close)), 0.01)
    dividend = -np.log1p(-settings.max_dividend)
    rows = np.flatnonzero((step < -room) | (step > dividend + room))
    if not len(rows):
        return Found(rows=rows)
    ratio, distance = nearest_split(step[rows])
    # A dividend may fall on the day of a split: the step may pass the ratio by as much as a dividend.
    met = np.abs(bars.adjusted_return[rows]) < np.maximum(0.2, 0.5 * np.abs(np.log(ratio)))
    known = rows[~((distance < 0.06) & met)]
    # A step down right after as large a step up: the bar between is at fault, though its step passed for a dividend.
    back = np.abs(step[known] + bars.before(step)[known]) < room[known]
    return Found(
        rows=np.where(back, known - 1, known),
        known=known,
        field="adj_close",
        evidence={"factor_step": np.exp(step[known])},
    )


CHECKS = (
    Check(
        kind="adjustment_jump",
        severity=Severity.ERROR,
        message="adj_close / close jumps to {factor_step} times; no plausible split or dividend does that",
        find=_jump,
    ),
)
