"""Volume: how much is traded, at what price, and on which side."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, money, returns, typical
from tradewind.features.kernels import (
    excess,
    flows,
    ratio,
    rolling_corr,
    rolling_mean,
    rolling_mean_std,
    rolling_sum,
    running_total,
    signed,
)
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_GRANVILLE = "Granville 1963, New Key to Stock Market Profits"


@REGISTRY.own_bars_family(
    "vwap_ratio_{}",
    (5, 20),
    group=Group.VOLUME,
    source="Adjusted close over the volume-weighted typical price, less 1; Berkowitz, Logue and Noser 1988",
)
def vwap_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over the window's volume-weighted average price, less 1."""
    bars, offsets = adjusted(context), context.panel.offsets
    paid = rolling_sum(typical(context) * bars.shares, offsets, window)
    return excess(bars.close, ratio(paid, rolling_sum(bars.shares, offsets, window)))


def _signed_shares(context: FeatureContext) -> FloatArray:
    bars = adjusted(context)
    result: FloatArray = context.once("volume.signed", lambda: signed(bars.shares, bars.close, context.panel.offsets))
    return result


@REGISTRY.own_bars("obv_z_20", group=Group.VOLUME, window=21, source=_GRANVILLE + "; as a z-score over 20 bars")
def obv_z(context: FeatureContext) -> FloatArray:
    """On-balance volume from its 20-bar mean, in standard deviations."""
    offsets = context.panel.offsets
    balance = running_total(_signed_shares(context), offsets)
    mean, std = rolling_mean_std(balance, offsets, 20, 1)
    return ratio(balance - mean, std)


@REGISTRY.own_bars(
    "obv_share_20", group=Group.VOLUME, window=21, source=_GRANVILLE + "; change over 20 bars over the volume"
)
def obv_share(context: FeatureContext) -> FloatArray:
    """Net signed volume over all volume of 20 bars, -1 to 1."""
    offsets = context.panel.offsets
    return ratio(rolling_sum(_signed_shares(context), offsets, 20), rolling_sum(adjusted(context).shares, offsets, 20))


def _mean_money(context: FeatureContext, window: int) -> FloatArray:
    result: FloatArray = context.once(
        f"volume.mean_money.{window}", lambda: rolling_mean(money(context), context.panel.offsets, window)
    )
    return result


@REGISTRY.own_bars_family(
    "volume_ratio_{}",
    (5, 20, 60),
    group=Group.VOLUME,
    source="Currency traded over its mean, less 1; Gervais, Kaniel and Mingelgrin 2001, The High-Volume Return Premium",
)
def volume_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Currency traded over its mean of the window, less 1."""
    return excess(money(context), _mean_money(context, window))


@REGISTRY.own_bars(
    "volume_z_20",
    group=Group.VOLUME,
    window=20,
    source="Log currency traded as a z-score; Gervais, Kaniel and Mingelgrin 2001",
)
def volume_z(context: FeatureContext) -> FloatArray:
    """Log of currency traded from its 20-bar mean, in standard deviations; NaN where nothing was traded."""
    traded = money(context)
    log = np.log(traded, where=traded > 0.0, out=np.full(traded.size, np.nan))
    mean, std = rolling_mean_std(log, context.panel.offsets, 20, 1)
    return ratio(log - mean, std)


@REGISTRY.own_bars(
    "turnover_trend_5_60",
    group=Group.VOLUME,
    window=60,
    source="Short over long mean turnover; Lee and Swaminathan 2000, Price Momentum and Trading Volume",
)
def turnover_trend(context: FeatureContext) -> FloatArray:
    """Mean currency traded over 5 bars over that of 60 bars, less 1."""
    return excess(_mean_money(context, 5), _mean_money(context, 60))


@REGISTRY.own_bars(
    "dollar_volume_20",
    group=Group.VOLUME,
    window=20,
    source="Log of mean currency traded; Brennan, Chordia and Subrahmanyam 1998",
)
def dollar_volume(context: FeatureContext) -> FloatArray:
    """Natural log of the mean currency traded a day over 20 bars: how large and liquid a name is."""
    mean = _mean_money(context, 20)
    return np.log(mean, where=mean > 0.0, out=np.full(mean.size, np.nan))


@REGISTRY.own_bars(
    "amihud_20",
    group=Group.VOLUME,
    window=21,
    source="Amihud 2002, Illiquidity and Stock Returns; log of the mean per million traded",
)
def amihud(context: FeatureContext) -> FloatArray:
    """Log of the mean absolute return per million of currency traded, 20 bars."""
    price_impact = rolling_mean(ratio(np.abs(returns(context)), money(context) / 1e6), context.panel.offsets, 20)
    return np.log(price_impact, where=price_impact > 0.0, out=np.full(price_impact.size, np.nan))


@REGISTRY.own_bars(
    "mfi_14", group=Group.VOLUME, window=15, source="Quong and Soudack 1989, Volume-Weighted RSI: Money Flow"
)
def money_flow_index(context: FeatureContext) -> FloatArray:
    """Share of the money that flowed on rising typical prices, 14 bars, 0 to 100."""
    price, offsets = typical(context), context.panel.offsets
    rising, moving = flows(price * adjusted(context).shares, price, offsets)
    return ratio(100.0 * rolling_sum(rising, offsets, 14), rolling_sum(moving, offsets, 14))


@REGISTRY.own_bars(
    "chaikin_20",
    group=Group.VOLUME,
    window=20,
    source="Chaikin money flow; Achelis 2001, Technical Analysis from A to Z",
)
def chaikin_money_flow(context: FeatureContext) -> FloatArray:
    """Volume times the close's place in its bar, over all volume of 20 bars, -1 to 1; a flat bar counts 0."""
    bars, offsets = adjusted(context), context.panel.offsets
    span = bars.high - bars.low
    place = np.where(span == 0.0, 0.0, ratio(2.0 * bars.close - bars.high - bars.low, span))
    return ratio(rolling_sum(place * bars.shares, offsets, 20), rolling_sum(bars.shares, offsets, 20))


@REGISTRY.own_bars(
    "price_volume_correlation_20",
    group=Group.VOLUME,
    window=21,
    source="Correlation of returns with volume; Llorente, Michaely, Saar and Wang 2002",
)
def price_volume_correlation(context: FeatureContext) -> FloatArray:
    """Correlation of the daily return with currency traded over 20 bars."""
    return rolling_corr(returns(context), money(context), context.panel.offsets, 20)
