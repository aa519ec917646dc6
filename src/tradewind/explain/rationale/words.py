"""What a feature measures, in words, and the form its value is printed in."""

from __future__ import annotations

import re

from tradewind.explain.attribution import MISSING
from tradewind.training.model import HEAD_COLUMN

# (pattern of the name, form, words); {0}, {1} are the pattern's groups. The first that fits is used.
_FAMILIES: tuple[tuple[str, str, str], ...] = (
    (r"return_(\d+)", "move2", "return over {0} bars"),
    (r"momentum_250_20", "move2", "return over a year less its last month"),
    (r"sma_ratio_(\d+)", "move2", "price over its {0}-bar mean"),
    (r"ema_ratio_(\d+)", "move2", "price over its {0}-bar exponential mean"),
    (r"sma_cross_(\d+)_(\d+)", "move2", "{0}-bar over {1}-bar mean price"),
    (r"macd_\d+", "move2", "MACD line, share of the price"),
    (r"macd_signal_\d+", "move2", "MACD signal line, share of the price"),
    (r"macd_histogram_\d+", "move2", "MACD histogram, share of the price"),
    (r"adx_(\d+)", "num1", "average directional index, 0 to 100"),
    (r"directional_index_(\d+)", "num1", "signed directional index, -100 to 100"),
    (r"cci_(\d+)", "num1", "commodity channel index over {0} bars"),
    (r"aroon_(\d+)", "num1", "Aroon oscillator over {0} bars"),
    (r"slope_(\d+)", "move2", "trend of the log price per bar over {0} bars"),
    (r"rsi_(\d+)", "num1", "relative strength index over {0} bars"),
    (r"stochastic_[kd]_(\d+)", "num1", "place of the close in its {0}-bar range, 0 to 100"),
    (r"williams_r_(\d+)", "num1", "Williams %R over {0} bars, -100 to 0"),
    (r"up_share_(\d+)", "pct0", "share of rising bars among {0}"),
    (r"streak_\d+", "num1", "bars in a row that rose, or fell if negative"),
    (r"direction_1", "num1", "sign of the last return"),
    (r"return_to_risk_(\d+)", "sig", "mean over deviation of {0} daily returns"),
    (r"bollinger_b_(\d+)", "sig", "place of the close between Bollinger bands, 0 to 1"),
    (r"max_return_(\d+)", "move2", "greatest daily return of {0} bars"),
    (r"min_return_(\d+)", "move2", "least daily return of {0} bars"),
    (r"autocorrelation_(\d+)", "sig", "autocorrelation of {0} daily returns"),
    (r"return_shock_1", "sig", "last return in units of usual volatility"),
    (r"return_rank_own_(\d+)", "pct0", "rank of the last return among the symbol's {0} latest"),
    (r"overnight_mean_(\d+)", "move2", "mean overnight return of {0} bars"),
    (r"intraday_mean_(\d+)", "move2", "mean intraday return of {0} bars"),
    (r"realised_volatility_(\d+)", "pct2", "daily volatility over {0} bars"),
    (
        r"(parkinson|garman_klass|rogers_satchell|yang_zhang)_(\d+)",
        "pct2",
        "daily volatility from price ranges, {1} bars",
    ),
    (r"atr_(\d+)", "pct2", "average true range over the price"),
    (r"range_expansion_(\d+)", "move2", "range of the bar against its average"),
    (r"bollinger_width_(\d+)", "pct2", "width of the Bollinger bands over the price"),
    (r"volatility_ratio_(\d+)_(\d+)", "move2", "{0}-bar against {1}-bar volatility"),
    (r"volatility_of_volatility_(\d+)", "pct0", "relative spread of volatility over {0} bars"),
    (r"downside_share_(\d+)", "pct0", "share of the variance that comes from falls"),
    (r"(skewness|kurtosis)_(\d+)", "sig", "{0} of {1} daily returns"),
    (r"vwap_ratio_(\d+)", "move2", "price over its {0}-bar volume-weighted mean"),
    (r"obv_share_(\d+)", "pct0", "net signed volume over all volume of {0} bars"),
    (r"obv_z_(\d+)", "sig", "on-balance volume from its {0}-bar mean, deviations"),
    (r"volume_ratio_(\d+)", "move2", "money traded against its {0}-bar mean"),
    (r"volume_z_(\d+)", "sig", "log money traded from its {0}-bar mean, deviations"),
    (r"turnover_trend_(\d+)_(\d+)", "move2", "money traded, {0}-bar against {1}-bar mean"),
    (r"dollar_volume_(\d+)", "sig", "log of the money traded a day"),
    (r"amihud_(\d+)", "sig", "log price impact per million traded"),
    (r"mfi_(\d+)", "num1", "money flow index over {0} bars, 0 to 100"),
    (r"chaikin_(\d+)", "sig", "Chaikin money flow over {0} bars, -1 to 1"),
    (r"price_volume_correlation_(\d+)", "sig", "correlation of returns with money traded"),
    (r"open_to_close_1", "move2", "open over close of the bar"),
    (r"high_to_close_1", "move2", "high over close of the bar"),
    (r"low_to_close_1", "move2", "low over close of the bar"),
    (r"overnight_gap_1", "move2", "open over the close before"),
    (r"range_1", "pct2", "range of the bar over its close"),
    (r"close_location_1", "pct0", "place of the close in the bar's range"),
    (r"body_share_1", "pct0", "body of the bar as a share of its range"),
    (r"high_ratio_(\d+)", "move2", "price against its {0}-bar high"),
    (r"low_ratio_(\d+)", "move2", "price against its {0}-bar low"),
    (r"channel_width_(\d+)", "pct2", "width of the {0}-bar price channel over the price"),
    (r"market_return_(\d+)", "move2", "return of the market over {0} bars"),
    (r"market_volatility_\d+", "pct1", "volatility of the market, a year"),
    (r"breadth_rising", "pct0", "share of symbols that rose"),
    (r"breadth_above_mean_(\d+)", "pct0", "share of symbols above their {0}-bar mean"),
    (r"new_highs_lows_(\d+)", "pct0", "{0}-bar highs less lows, share of symbols"),
    (r"beta_(\d+)", "sig", "beta to the other symbols over {0} bars"),
    (r"market_correlation_(\d+)", "sig", "correlation with the market over {0} bars"),
    (r"idiosyncratic_volatility_(\d+)", "pct2", "volatility beside the market"),
    (r"residual_return_(\d+)", "move2", "return beside the market over {0} bars"),
    (r"return_rank_(\d+)", "pct0", "rank of the day by {0}-bar return"),
    (r"(volatility|size|volume_surprise)_rank_\d+", "pct0", "rank of the day by {0}"),
    (r"dispersion_(\d+)", "pct2", "spread of {0}-bar returns across symbols"),
    (r"(size_bucket|volatility_regime)_\d+", "num1", "{0}, 0 low to 2 high"),
    (r"fear_change_(\d+)", "sig", "change of the fear index over {0} bars"),
    (r"fear_greed", "pct0", "index of fear and greed (all greed at full)"),
    (r"fear_\w+", "sig", "fear index against its history"),
    (r"sector_relative_(\d+)", "move2", "return against the rest of the sector, {0} bars"),
    (r"sector_return_(\d+)", "move2", "return of the sector over {0} bars"),
    (r"sector_over_market_(\d+)", "move2", "return of the sector over the market's, {0} bars"),
    (r"sector_breadth", "pct0", "share of the sector's symbols that rose"),
    (r"sector_return_rank_(\d+)", "pct0", "rank within the sector by {0}-bar return"),
    (r"sentiment_change_5_(\w+)", "sig", "change of sentiment over 5 bars, {0}"),
    (r"sentiment_dispersion_5_(\w+)", "sig", "disagreement of items over 5 bars, {0}"),
    (r"sentiment_volume_(\w+)", "sig", "sentiment times amount of news, {0}"),
    (r"market_sentiment_(\w+)", "sig", "sentiment about all symbols, {0}"),
    (r"sentiment_(\w+)", "sig", "sentiment from -1 to 1, {0}"),
    (r"item_count_(\w+)", "sig", "log of 1 plus the number of items, {0}"),
    (r"item_surprise_20_(\w+)", "sig", "amount of news against its usual, deviations, {0}"),
    (r"attention_rank_20_(\w+)", "pct0", "rank of the day by attention, {0}"),
    (r"day_of_week_1", "num1", "day of the week, 0 Monday to 4 Friday"),
    (r"month_turn_1", "num1", "turn of the month, 1 if so"),
    (r"days_since_bar_1", "num1", "calendar days since the bar before"),
    (r"month_of_year_1", "num1", "month of the year"),
    (re.escape(HEAD_COLUMN), "sig", "forecast of the text model"),
)
_COMPILED = tuple((re.compile(pattern), form, words) for pattern, form, words in _FAMILIES)


def describe(feature: str) -> tuple[str, str]:
    """Return (words, form) of ``feature``; its name with spaces and three significant figures where it is unknown."""
    name = feature.removesuffix(MISSING)
    for pattern, form, words in _COMPILED:
        found = pattern.fullmatch(name)
        if found:
            text = words.format(*(part.replace("_", " ") for part in found.groups()))
            return re.sub(r"\bover 1 bars\b", "over the last bar", text), form
    return name.replace("_", " "), "sig"
