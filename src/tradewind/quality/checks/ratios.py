"""Split ratios that companies use."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray

_FORWARD = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0)
SPLIT_RATIOS: FloatArray = np.array(sorted((*_FORWARD, *(1.0 / k for k in _FORWARD))))
_LOGS: FloatArray = np.log(SPLIT_RATIOS)


def nearest_split(log_ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the split ratio (new shares per old one) nearest to each log ratio (k,), and its log distance."""
    gap = np.abs(log_ratio[:, None] - _LOGS)
    at = gap.argmin(axis=1)
    return SPLIT_RATIOS[at], gap[np.arange(len(at)), at]
