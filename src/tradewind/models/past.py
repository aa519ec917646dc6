"""Past returns and volatility of each row from ratios of adjusted closes; never a later bar."""

from __future__ import annotations

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import FloatArray

MONTH, YEAR = 21, 252
MONTH_SHARE = 0.7
VOLATILITY_FLOOR = 1e-8  # keeps a price that never moved from dividing by 0


def past_return(panel: Panel, bars: int, *, skip: int = 0) -> FloatArray:
    """(n,) adjusted return over ``bars`` bars of the symbol, up to ``skip`` bars before the row; NaN without them."""
    row = np.arange(len(panel))
    seen = row - panel.offsets[panel.symbol_code]
    last = np.maximum(row - skip, 0)
    first = np.maximum(row - skip - bars, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = panel.adj_close[last] / panel.adj_close[first] - 1.0
    defined = (seen >= bars + skip) & np.isfinite(change)
    result: FloatArray = np.where(defined, change, np.nan)
    return result


def past_volatility(panel: Panel, bars: int) -> FloatArray:
    """(n,) root mean square of the symbol's last ``bars`` adjusted returns (fewer at its start); NaN without any."""
    change = past_return(panel, 1)
    result = np.full(len(panel), np.nan)
    for start, end in zip(panel.offsets[:-1], panel.offsets[1:], strict=True):
        known = np.isfinite(change[start:end])
        squares = np.concatenate([[0.0], np.cumsum(np.where(known, change[start:end], 0.0) ** 2)])
        counts = np.concatenate([[0], np.cumsum(known)])
        last = np.arange(1, end - start + 1)
        first = np.maximum(last - bars, 0)
        count = counts[last] - counts[first]
        mean = np.maximum(squares[last] - squares[first], 0.0) / np.maximum(count, 1)
        result[start:end] = np.where(count > 0, np.sqrt(mean) + VOLATILITY_FLOOR, np.nan)
    return result


def return_scale(panel: Panel) -> FloatArray:
    """(n,) volatility by which return intervals are scaled: of the last month and, to steady it, the last year.

    The root of 0.7 times the 21-bar plus 0.3 times the 252-bar mean square return; NaN on a symbol's first bar.
    """
    month, year = past_volatility(panel, MONTH), past_volatility(panel, YEAR)
    scale: FloatArray = np.sqrt(MONTH_SHARE * month**2 + (1.0 - MONTH_SHARE) * year**2)
    return scale
