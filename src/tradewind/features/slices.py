"""The slices a row belongs to, as known at the row: metrics are reported by them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.features.kernels import rolling_rank
from tradewind.features.market import days, market_volatility_days, one_series, size_rank
from tradewind.features.registry import FeatureContext

UNKNOWN = "unknown"
SIZE_BUCKETS = ("small", "mid", "large")
VOLATILITY_REGIMES = ("calm", "normal", "stressed")
REGIME_DAYS = 250
FIRST_REGIME_DAYS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSlices:
    """Slices of every row of a panel.

    Attributes
    ----------
    sector : (n,) str; the sector given for the symbol, ``unknown`` where none is.
    size_bucket : (n,) str; ``small``, ``mid`` or ``large`` third of the day's symbols, ``unknown`` before 20 bars of
        the symbol or on a day with one symbol.
    volatility_regime : (n,) str; ``calm``, ``normal`` or ``stressed`` third of the market's own recent volatility,
        ``unknown`` in the first 38 days of the panel and where the market has fewer than two symbols.
    """

    sector: AnyArray
    size_bucket: AnyArray
    volatility_regime: AnyArray


def row_slices(panel: Panel) -> RowSlices:
    """Return the slices of every row of ``panel``; no later row changes them.

    Size is the median currency traded a day over the symbol's latest 20 bars, not ``panel.market_cap``: that is one
    number per symbol, known only at the end of the history, and would put the later winners among the large from
    the start. The regime ranks the 20-day volatility of the equal-weighted market among its latest 250 values, or
    among all there are while these are between 20 and 250.
    """
    context = FeatureContext(panel)
    names = np.array(panel.sectors, dtype=str) if panel.sectors else np.empty(0, dtype="<U1")
    return RowSlices(
        sector=names[panel.symbol_code],
        size_bucket=_thirds(size_rank(context), SIZE_BUCKETS),
        volatility_regime=_thirds(
            days(context).rows(_regime_rank(market_volatility_days(context))), VOLATILITY_REGIMES
        ),
    )


def _regime_rank(volatility: FloatArray) -> FloatArray:
    """(T,) share of the latest volatilities below each, ties counted half; days without one are passed over."""
    known = np.flatnonzero(np.isfinite(volatility))
    series = volatility[known]
    share = rolling_rank(series, one_series(series), REGIME_DAYS)
    for t in range(FIRST_REGIME_DAYS - 1, min(REGIME_DAYS - 1, len(series))):
        past = series[: t + 1]
        share[t] = (np.sum(past < past[-1]) + 0.5 * np.sum(past == past[-1])) / len(past)
    out = np.full(len(volatility), np.nan)
    out[known] = share
    return out


def _thirds(share: FloatArray, names: tuple[str, ...]) -> AnyArray:
    place = np.where(np.isnan(share), len(names), np.clip(np.floor(share * 3.0), 0, 2)).astype(np.int64)
    return np.array([*names, UNKNOWN])[place]
