"""Compiled loops over ragged panels: one pass, NaN-safe, and blind to everything after a bar."""

from tradewind.features.kernels.indicators import (
    adx,
    aroon,
    bars_since_peak,
    cci,
    flows,
    macd,
    rsi,
    running_total,
    signed,
    streak,
    true_range,
)
from tradewind.features.kernels.moments import (
    rolling_mean_std,
    rolling_rank,
    rolling_skew_kurt,
    rolling_slope,
    rolling_std,
)
from tradewind.features.kernels.pairs import rolling_beta, rolling_corr, rolling_cov
from tradewind.features.kernels.smooth import ema, smooth, wilder
from tradewind.features.kernels.windows import (
    excess,
    growth,
    lag,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_min,
    rolling_sum,
)

__all__ = [
    "adx",
    "aroon",
    "bars_since_peak",
    "cci",
    "ema",
    "excess",
    "flows",
    "growth",
    "lag",
    "macd",
    "ratio",
    "rolling_beta",
    "rolling_corr",
    "rolling_cov",
    "rolling_max",
    "rolling_mean",
    "rolling_mean_std",
    "rolling_min",
    "rolling_rank",
    "rolling_skew_kurt",
    "rolling_slope",
    "rolling_std",
    "rolling_sum",
    "rsi",
    "running_total",
    "signed",
    "smooth",
    "streak",
    "true_range",
    "wilder",
]
