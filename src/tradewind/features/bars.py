"""Series that many features start from, computed once per context.

Open, high and low are scaled by ``adj_close / close``, so a split or dividend does not show as a move, and every
feature built on them is a ratio, so the (not point-in-time) level of ``adj_close`` cancels out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray
from tradewind.features.kernels import growth, lag, ratio, rolling_max, rolling_min, true_range
from tradewind.features.registry import FeatureContext


@dataclass(frozen=True, kw_only=True, eq=False)
class AdjustedBars:
    """(n,) adjusted prices, and shares traded in units of the adjusted price (currency traded / adjusted close)."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    shares: FloatArray


def adjusted(context: FeatureContext) -> AdjustedBars:
    """Return the adjusted bars of the context's panel."""

    def make() -> AdjustedBars:
        panel = context.panel
        factor = ratio(panel.adj_close, panel.close)
        open_, high, low, shares = _adjust(panel.open, panel.high, panel.low, panel.volume, factor)
        return AdjustedBars(open=open_, high=high, low=low, close=panel.adj_close, shares=shares)

    bars: AdjustedBars = context.once("bars.adjusted", make)
    return bars


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator, unused-ignore]
def _adjust(
    open_: FloatArray, high: FloatArray, low: FloatArray, volume: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the prices times ``factor``, and the volume over it."""
    n = factor.size
    first, top, bottom, shares = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        scale = factor[i]
        first[i], top[i], bottom[i] = open_[i] * scale, high[i] * scale, low[i] * scale
        shares[i] = volume[i] / scale if scale != 0.0 else np.nan
    return first, top, bottom, shares


def typical(context: FeatureContext) -> FloatArray:
    """(n,) mean of the adjusted high, low and close."""

    def make() -> FloatArray:
        bars = adjusted(context)
        return (bars.high + bars.low + bars.close) / 3.0

    result: FloatArray = context.once("bars.typical", make)
    return result


def span(context: FeatureContext) -> FloatArray:
    """(n,) true range of the adjusted bars."""

    def make() -> FloatArray:
        bars = adjusted(context)
        return true_range(bars.high, bars.low, bars.close, context.panel.offsets)

    result: FloatArray = context.once("bars.span", make)
    return result


def returns(context: FeatureContext) -> FloatArray:
    """(n,) simple return of adjusted close over one bar; NaN at a symbol's first bar."""
    result: FloatArray = context.once("bars.returns", lambda: growth(context.panel.adj_close, context.panel.offsets, 1))
    return result


def log_returns(context: FeatureContext) -> FloatArray:
    """(n,) log return of adjusted close over one bar; NaN at a symbol's first bar and for a price not above zero."""

    def make() -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            out: FloatArray = np.log1p(returns(context))
        return out

    result: FloatArray = context.once("bars.log_returns", make)
    return result


def previous_close(context: FeatureContext) -> FloatArray:
    """(n,) adjusted close of the symbol's bar before."""
    result: FloatArray = context.once("bars.previous", lambda: lag(context.panel.adj_close, context.panel.offsets, 1))
    return result


def money(context: FeatureContext) -> FloatArray:
    """(n,) currency traded, close times volume as given: both carry a split, so their product does not."""
    result: FloatArray = context.once("bars.money", lambda: context.panel.close * context.panel.volume)
    return result


def high_of(context: FeatureContext, window: int) -> FloatArray:
    """(n,) highest adjusted high of the last ``window`` bars, this one included."""
    result: FloatArray = context.once(
        f"bars.high.{window}", lambda: rolling_max(adjusted(context).high, context.panel.offsets, window)
    )
    return result


def low_of(context: FeatureContext, window: int) -> FloatArray:
    """(n,) lowest adjusted low of the last ``window`` bars, this one included."""
    result: FloatArray = context.once(
        f"bars.low.{window}", lambda: rolling_min(adjusted(context).low, context.panel.offsets, window)
    )
    return result
