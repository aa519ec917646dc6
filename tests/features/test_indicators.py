"""Features against TA-Lib, and against `ta` or the plain formula where TA-Lib has no such indicator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import talib

from tradewind.core import Panel
from tradewind.features import compute_features, kernels

Bars = dict[str, np.ndarray]

# Each maps one symbol's bars (adjusted, as float64) to what the feature of that name must be.
TALIB: dict[str, Callable[[Bars], np.ndarray]] = {
    **{f"sma_ratio_{w}": (lambda b, w=w: b["close"] / talib.SMA(b["close"], w) - 1) for w in (5, 10, 20, 50)},
    **{f"ema_ratio_{w}": (lambda b, w=w: b["close"] / talib.EMA(b["close"], w) - 1) for w in (5, 10, 20, 50)},
    **{f"rsi_{w}": (lambda b, w=w: talib.RSI(b["close"], w)) for w in (7, 14)},
    **{f"return_{w}": (lambda b, w=w: talib.ROCP(b["close"], w)) for w in (1, 2, 5, 20, 60, 250)},
    "macd_signal_34": lambda b: talib.MACD(b["close"])[1] / b["close"],
    "macd_histogram_34": lambda b: talib.MACD(b["close"])[2] / b["close"],
    "bollinger_width_20": lambda b: _bands(b)[0],
    "bollinger_b_20": lambda b: _bands(b)[1],
    "atr_14": lambda b: talib.NATR(b["high"], b["low"], b["close"], 14) / 100,
    "stochastic_k_14": lambda b: _stochastic(b)[0],
    "stochastic_d_14": lambda b: _stochastic(b)[1],
    "williams_r_14": lambda b: talib.WILLR(b["high"], b["low"], b["close"], 14),
    "adx_14": lambda b: talib.ADX(b["high"], b["low"], b["close"], 14),
    "directional_index_14": lambda b: _directional(b),
    "cci_20": lambda b: talib.CCI(b["high"], b["low"], b["close"], 20),
    "aroon_25": lambda b: talib.AROONOSC(b["high"], b["low"], 25),
    "mfi_14": lambda b: talib.MFI(b["high"], b["low"], b["close"], b["volume"], 14),
    "obv_z_20": lambda b: _obv_z(b),
    "slope_20": lambda b: talib.LINEARREG_SLOPE(np.log(b["close"]), 20),
    "realised_volatility_20": lambda b: talib.STDDEV(_first_dropped(np.log(b["close"])), 20, 1) * np.sqrt(20 / 19),
    "max_return_20": lambda b: talib.MAX(talib.ROCP(b["close"], 1), 20),
    "min_return_20": lambda b: talib.MIN(talib.ROCP(b["close"], 1), 20),
    "high_ratio_20": lambda b: b["close"] / talib.MAX(b["high"], 20) - 1,
    "low_ratio_60": lambda b: b["close"] / talib.MIN(b["low"], 60) - 1,
}


def _first_dropped(x: np.ndarray) -> np.ndarray:
    return np.concatenate([[np.nan], np.diff(x)])


def _bands(b: Bars) -> tuple[np.ndarray, np.ndarray]:
    upper, middle, lower = talib.BBANDS(b["close"], 20, 2, 2)
    return (upper - lower) / middle, (b["close"] - lower) / (upper - lower)


def _stochastic(b: Bars) -> tuple[np.ndarray, np.ndarray]:
    k, d = talib.STOCH(b["high"], b["low"], b["close"], 14, 3, 0, 3, 0)
    k_alone = talib.SMA(talib.STOCHF(b["high"], b["low"], b["close"], 14, 1, 0)[0], 3)
    assert np.allclose(k[17:], k_alone[17:])
    return k_alone, d


def _directional(b: Bars) -> np.ndarray:
    plus = talib.PLUS_DI(b["high"], b["low"], b["close"], 14)
    minus = talib.MINUS_DI(b["high"], b["low"], b["close"], 14)
    return 100 * (plus - minus) / (plus + minus)


def _obv_z(b: Bars) -> np.ndarray:
    balance = pd.Series(talib.OBV(b["close"], b["volume"]))
    z = (balance - balance.rolling(20).mean()) / balance.rolling(20).std()
    z[:20] = np.nan  # TA-Lib counts the first bar as a rise
    return z.to_numpy()


def _plain(panel: Panel) -> Panel:
    """The panel with unadjusted prices, which TA-Lib and `ta` take as they are."""
    from dataclasses import replace

    return replace(panel, adj_close=panel.close.copy())


def _bars(panel: Panel, symbol: str) -> Bars:
    rows = panel.rows_of(symbol)
    return {name: getattr(panel, name)[rows].copy() for name in ("open", "high", "low", "close", "volume")}


@pytest.mark.parametrize("name", TALIB)
def test_equals_talib(name: str, make_panel: Callable[..., Panel]) -> None:
    panel = _plain(make_panel(3, 320, seed=5, gaps=True))
    ours = compute_features(panel, names=[name])[name]
    for symbol in panel.symbols:
        expected = TALIB[name](_bars(panel, symbol))
        got = ours[panel.rows_of(symbol)]
        if name == "macd_signal_34":
            expected[:33] = np.nan
        assert np.array_equal(np.isnan(got), np.isnan(expected)), symbol
        np.testing.assert_allclose(got, expected, rtol=2e-5, atol=2e-6)


def test_macd_line_equals_talib_where_it_gives_one(make_panel: Callable[..., Panel]) -> None:
    panel = _plain(make_panel(1, 200, seed=6))
    ours = compute_features(panel, names=["macd_26"])["macd_26"]
    expected = talib.MACD(panel.close)[0] / panel.close
    np.testing.assert_allclose(ours[33:], expected[33:], rtol=2e-5, atol=2e-7)
    assert np.isnan(ours[:25]).all()
    assert not np.isnan(ours[25:33]).any()


def _ta_features(b: Bars) -> dict[str, np.ndarray]:
    import ta

    o, h, low, c, v = (pd.Series(b[name]) for name in ("open", "high", "low", "close", "volume"))
    typical = (h + low + c) / 3
    return {
        "chaikin_20": ta.volume.ChaikinMoneyFlowIndicator(h, low, c, v, 20).chaikin_money_flow().to_numpy(),
        "vwap_ratio_20": (c / ta.volume.VolumeWeightedAveragePrice(h, low, c, v, 20).vwap - 1).to_numpy(),
        "vwap_ratio_5": (c / ((typical * v).rolling(5).sum() / v.rolling(5).sum()) - 1).to_numpy(),
        "channel_width_20": (
            (
                ta.volatility.DonchianChannel(h, low, c, 20).donchian_channel_hband()
                - ta.volatility.DonchianChannel(h, low, c, 20).donchian_channel_lband()
            )
            / c
        ).to_numpy(),
        "overnight_gap_1": (o / c.shift() - 1).to_numpy(),
    }


@pytest.mark.parametrize("name", ["chaikin_20", "vwap_ratio_20", "vwap_ratio_5", "channel_width_20", "overnight_gap_1"])
def test_equals_ta(name: str, make_panel: Callable[..., Panel]) -> None:
    panel = _plain(make_panel(2, 120, seed=8))
    ours = compute_features(panel, names=[name])[name]
    for symbol in panel.symbols:
        got = ours[panel.rows_of(symbol)]
        np.testing.assert_allclose(got, _ta_features(_bars(panel, symbol))[name], rtol=2e-5, atol=2e-6)


def _range_estimators(b: Bars) -> dict[str, pd.Series]:
    o, h, low, c = (pd.Series(b[name]) for name in ("open", "high", "low", "close"))
    u, d, body, gap = np.log(h / o), np.log(low / o), np.log(c / o), np.log(o / c.shift())
    rs = (u * (u - body) + d * (d - body)).rolling(20).mean()
    k = 0.34 / (1.34 + 21 / 19)
    return {
        "parkinson_20": np.sqrt((np.log(h / low) ** 2).rolling(20).mean() / (4 * np.log(2))),
        "garman_klass_20": np.sqrt(
            (0.5 * np.log(h / low) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2).rolling(20).mean()
        ),
        "rogers_satchell_20": np.sqrt(rs),
        "yang_zhang_20": np.sqrt(gap.rolling(20).var() + k * body.rolling(20).var() + (1 - k) * rs),
    }


@pytest.mark.parametrize("name", ["parkinson_20", "garman_klass_20", "rogers_satchell_20", "yang_zhang_20"])
def test_range_volatility_equals_the_papers_formula(name: str, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 90, seed=4)
    ours = compute_features(panel, names=[name])[name]
    for symbol in panel.symbols:
        expected = _range_estimators(_bars(panel, symbol))[name]
        np.testing.assert_allclose(ours[panel.rows_of(symbol)], expected, rtol=2e-5, atol=1e-8)


def test_range_volatility_finds_the_volatility_of_a_diffusion() -> None:
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.02 / np.sqrt(400), (1500, 400)).cumsum(axis=1)
    start = np.concatenate([[0.0], steps[:, -1].cumsum()[:-1]])[:, None]
    path = np.exp(np.concatenate([start, start + steps], axis=1))
    day = np.datetime64("2010-01-01") + np.arange(1500)
    panel = Panel.from_columns(
        {
            "symbol": np.full(1500, "A"),
            "time": day,
            "open": path[:, 0],
            "high": path.max(axis=1),
            "low": path.min(axis=1),
            "close": path[:, -1],
            "adj_close": path[:, -1],
            "volume": np.ones(1500),
        }
    )
    names = ["realised_volatility_20", "parkinson_20", "garman_klass_20", "rogers_satchell_20"]
    for name, column in zip(names, compute_features(panel, names=names).values.T, strict=True):
        root_mean_square = np.sqrt(np.nanmean(column.astype(np.float64) ** 2))
        assert 0.0175 < root_mean_square < 0.0205, name


def test_pandas_gives_the_other_rolling_features(make_panel: Callable[..., Panel]) -> None:
    panel = _plain(make_panel(1, 200, seed=9))
    close, traded = pd.Series(panel.close), pd.Series(panel.close * panel.volume)
    move = close.pct_change()
    log = np.log(close).diff()
    short = log.rolling(5).std()
    expected = {
        "return_to_risk_20": move.rolling(20).mean() / move.rolling(20).std(),
        "volatility_ratio_5_60": short / log.rolling(60).std() - 1,
        "volatility_of_volatility_20": short.rolling(20).std() / short.rolling(20).mean(),
        "autocorrelation_20": move.rolling(20).corr(move.shift()),
        "volume_ratio_20": traded / traded.rolling(20).mean() - 1,
        "turnover_trend_5_60": traded.rolling(5).mean() / traded.rolling(60).mean() - 1,
        "volume_z_20": (np.log(traded) - np.log(traded).rolling(20).mean()) / np.log(traded).rolling(20).std(),
        "amihud_20": np.log((move.abs() / (traded / 1e6)).rolling(20).mean()),
        "price_volume_correlation_20": move.rolling(20).corr(traded),
        "up_share_20": (move > 0).where(move.notna()).astype(float).rolling(20).mean(),
        "momentum_250_20": close.shift(20) / close.shift(250) - 1,
        "return_shock_1": move / log.rolling(20).std().shift(),
    }
    ours = compute_features(panel, names=list(expected))
    for name, column in expected.items():
        np.testing.assert_allclose(ours[name], column, rtol=5e-5, atol=5e-6, err_msg=name)


def test_calendar_features_know_their_dates() -> None:
    days = np.array(["2015-05-28", "2015-05-29", "2015-06-01", "2015-06-03", "2015-06-04"], dtype="datetime64[D]")
    price = np.full(5, 10.0)
    columns = dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), price)
    panel = Panel.from_columns({"symbol": np.full(5, "A"), "time": days, **columns})
    got = compute_features(panel, names=["day_of_week_1", "month_turn_1", "days_since_bar_1", "month_of_year_1"])
    assert got["day_of_week_1"].tolist() == [3, 4, 0, 2, 3]
    assert got["month_turn_1"].tolist() == [0, 1, 1, 1, 0]
    assert got["days_since_bar_1"].tolist()[1:] == [1, 3, 2, 1]
    assert got["month_of_year_1"].tolist() == [5, 5, 6, 6, 6]


def test_bars_since_peak_takes_the_latest_of_equals() -> None:
    got = kernels.bars_since_peak(np.array([1.0, 3.0, 3.0, 2.0, 1.0, 0.0]), np.array([0, 6]), 2)
    assert np.array_equal(got, [np.nan, np.nan, 0, 1, 2, 2], equal_nan=True)
