"""An index of fear and greed built from the panel itself.

After the published design of CNN Business' Fear & Greed Index (method: each component as its place in its own recent
history, then the plain mean; 0 extreme fear, 1 extreme greed), with the components that bars can give:

- momentum: the market's level against its 125-day mean;
- strength: share of symbols at 60-bar highs minus share at lows;
- breadth: 20-day mean of the share of symbols that rose;
- calm: realised market volatility against its 50-day mean, turned round;
- fear, where the panel has it: the fear index against its 50-bar mean, turned round.

Put/call ratios, junk-bond demand and safe-haven demand need data that a panel of shares does not hold and are left out.
Baker and Wurgler, "Investor sentiment and the cross-section of stock returns", Journal of Finance 2006, justify
averaging several imperfect proxies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.market import days, market_days, market_level, market_volatility_days, one_series
from tradewind.features.registry import REGISTRY, FeatureContext, Group
from tradewind.features.trailing import trailing_moments, trailing_percentile

HISTORY = 250
WINDOW = 312
"""124 bars before the first momentum, then three quarters of the history."""


def _percentile(values: FloatArray) -> FloatArray:
    return np.asarray(trailing_percentile(values, one_series(values), HISTORY), dtype=np.float64)


def _against_mean(values: FloatArray, window: int) -> FloatArray:
    mean = trailing_moments(values, one_series(values), window)[0]
    out = np.full(len(values), np.nan)
    np.divide(values, mean, out=out, where=mean > 0)
    return out


def _per_day(context: FeatureContext, name: str) -> FloatArray:
    """(T,) a market-wide feature, once per day."""
    return days(context).mean(REGISTRY.get(name).compute(context))


def _momentum(context: FeatureContext) -> FloatArray:
    return _percentile(_against_mean(market_level(context), 125))


def _strength(context: FeatureContext) -> FloatArray:
    return _percentile(_per_day(context, "new_highs_lows_60"))


def _breadth(context: FeatureContext) -> FloatArray:
    share = _per_day(context, "breadth_rising")
    return _percentile(trailing_moments(share, one_series(share), 20)[0])


def _calm(context: FeatureContext) -> FloatArray:
    return 1.0 - _percentile(_against_mean(market_volatility_days(context), 50))


def index_days(context: FeatureContext) -> FloatArray:
    """(T,) the index without the fear component on each day; NaN until every component has 250 days of history."""

    def make() -> FloatArray:
        components: tuple[Callable[[FeatureContext], FloatArray], ...] = (_momentum, _strength, _breadth, _calm)
        total = np.sum([part(context) for part in components], axis=0)
        total[np.isnan(market_days(context))] = np.nan
        return cast(FloatArray, total / len(components))

    return cast(FloatArray, context.once("fear_greed:days", make))


@REGISTRY.declare(
    "fear_greed",
    group=Group.MARKET,
    window=WINDOW,
    source="after CNN Business' Fear & Greed Index; Baker and Wurgler, Journal of Finance 2006",
)
def fear_greed(context: FeatureContext) -> FloatArray:
    """(n,) the index in [0, 1]; 0 extreme fear, 1 extreme greed."""
    index = days(context).rows(index_days(context))
    panel = context.panel
    if panel.fear is None:
        return index
    # A row's fear is read along its own symbol, because rows of one day may have become known at different times.
    mean = trailing_moments(panel.fear, panel.offsets, 50)[0]
    level = np.full(len(panel), np.nan)
    np.divide(panel.fear, mean, out=level, where=mean > 0)
    calm = 1.0 - trailing_percentile(level, panel.offsets, HISTORY)
    return np.where(np.isnan(calm), index, 0.8 * index + 0.2 * calm)
