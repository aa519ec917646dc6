"""Sentiment between news: it fades with a half-life."""

from __future__ import annotations

import numpy as np

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import FloatArray

DEFAULT_HALF_LIFE = 3.0
"""Days; most of the reaction to firm news is over within a week (Tetlock, 2007, finds reversal within five days)."""


def decay_sentiment(panel: Panel, sentiment: FloatArray, *, half_life: float = DEFAULT_HALF_LIFE) -> FloatArray:
    """Fill days without news with the last sentiment, halved every ``half_life`` calendar days.

    Parameters
    ----------
    panel : gives symbols and times of the rows.
    sentiment : (n,) sentiment of the news known at each row; NaN on rows without news.
    half_life : days, above 0.

    Returns
    -------
    (n,) float64: ``last * 0.5 ** (days since / half_life)``; NaN before a symbol's first news.

    Raises
    ------
    UsageError : ``half_life`` is not above 0.
    """
    if not half_life > 0:
        raise UsageError(f"a half-life of {half_life} days cannot be", field="half_life", fix="give days above 0")
    first = panel.offsets[:-1][panel.symbol_code]
    row = np.arange(len(sentiment))
    last = np.maximum.accumulate(np.where(np.isnan(sentiment), -1, row)) if len(row) else row
    good = last >= first
    at = np.where(good, last, row)
    days = (panel.time - panel.time[at]) / np.timedelta64(1, "D")
    return np.where(good, sentiment[at] * 0.5 ** (days / half_life), np.nan)
