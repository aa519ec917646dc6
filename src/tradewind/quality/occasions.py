"""Rows that are events (earnings, news bursts): extreme because something happened, so they are kept as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from pydantic import Field

from tradewind.core import News, Panel, Settings
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray


class OccasionSettings(Settings):
    """What counts as an event.

    Attributes
    ----------
    window : bars before a row whose news counts say what is usual.
    burst : a burst is at least this many standard deviations above the mean of the window.
    least_items : and at least this many items.
    after : bars after an event's row that belong to it.
    """

    window: int = Field(20, ge=5)
    burst: float = Field(3.0, gt=0)
    least_items: int = Field(5, ge=1)
    after: int = Field(0, ge=0)


def mark_occasions(
    panel: Panel,
    *,
    dates: Mapping[str, Iterable[object]] | None = None,
    news: News | None = None,
    settings: OccasionSettings | None = None,
) -> BoolArray:
    """Mark the rows that are events; hand the mask as ``keep`` to ``Winsoriser.transform`` and ``mark_outliers``.

    Parameters
    ----------
    panel : the bars.
    dates : event moments (date, datetime or ISO text, UTC) per symbol, such as earnings; an event belongs to the
        symbol's first bar known at that moment or later. A plain date means its start.
    news : items; a burst is judged against the counts of the ``window`` bars before (z-score), so it is known with
        its bar.

    Returns
    -------
    (n,) bool.
    """
    rules = settings or OccasionSettings()
    mark = np.zeros(len(panel), dtype=bool)
    for symbol, moments in (dates or {}).items():
        if symbol in panel.symbols:
            when = np.array([np.datetime64(str(moment), "us") for moment in moments], dtype="datetime64[us]")
            mark[_rows_knowing(panel, symbol, when)] = True
    if news is not None and len(news):
        mark |= _bursts(panel, news, rules)
    row = np.arange(len(panel))
    own_first = panel.offsets[:-1][panel.symbol_code]
    spread = mark.copy()
    for lag in range(1, rules.after + 1):
        spread |= np.where(row - lag >= own_first, mark[np.maximum(row - lag, 0)], False)
    return spread


def count_news(panel: Panel, news: News) -> IntArray:
    """Return the (n,) number of items that became known between a row's bar before and the row itself.

    Items before a symbol's first bar count for that bar; items after its last are left out.
    """
    counts = np.zeros(len(panel), dtype=np.int64)
    for symbol in np.unique(news.symbol):
        if str(symbol) in panel.symbols:
            rows = _rows_knowing(panel, str(symbol), news.published_at[news.symbol == symbol])
            np.add.at(counts, rows, 1)
    return counts


def _rows_knowing(panel: Panel, symbol: str, moments: TimeArray) -> IntArray:
    """First row of ``symbol`` known at or after each moment; moments after the last row are left out."""
    rows = panel.rows_of(symbol)
    at = np.searchsorted(panel.known_at[rows], moments)
    inside: IntArray = rows.start + at[at < rows.stop - rows.start].astype(np.int64)
    return inside


def _bursts(panel: Panel, news: News, rules: OccasionSettings) -> BoolArray:
    counts = count_news(panel, news).astype(np.float64)
    first = panel.offsets[:-1][panel.symbol_code]
    mean, spread = _before(counts, first, rules.window)
    score = (counts - mean) / np.sqrt(np.maximum(spread, 1.0))
    burst: BoolArray = (score >= rules.burst) & (counts >= rules.least_items)
    return burst


def _before(counts: FloatArray, first: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of up to ``window`` whole-number counts before each row; NaN with fewer than five.

    The variance of a Poisson count is its mean; taking the larger of the two keeps quiet symbols from bursting on
    two items. Sums of whole numbers are exact, so a running sum is safe.
    """
    total = np.concatenate([[0.0], np.cumsum(counts)])
    square = np.concatenate([[0.0], np.cumsum(counts**2)])
    stop = np.arange(len(counts))
    start = np.maximum(stop - window, first)
    size = np.where(stop - start >= 5, stop - start, np.nan)
    mean = (total[stop] - total[start]) / size
    variance = np.maximum((square[stop] - square[start]) / size - mean**2, 0.0)
    return mean, np.maximum(variance, mean)
