"""Market and sector features against plain pandas, and against a future that is taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.features import fear_greed, market, sector  # noqa: F401  (they declare the features)
from tradewind.features.cross_section import Groups, by_day, by_sector
from tradewind.features.registry import REGISTRY, FeatureContext, Group
from tradewind.features.trailing import (
    change,
    trailing_extremes,
    trailing_median,
    trailing_moments,
    trailing_percentile,
    trailing_regression,
)

NAMES = tuple(f.name for f in REGISTRY if f.group in {Group.MARKET, Group.SECTOR})


def with_fear(panel: Panel, seed: int = 0) -> Panel:
    level = 18 * np.exp(np.random.default_rng(seed).normal(0, 0.1, len(panel.times)).cumsum() * 0.2)
    return replace(panel, fear=level[panel.time_code])


@pytest.fixture(scope="module")
def panel(make_panel) -> Panel:
    made = make_panel(9, 420, seed=3, gaps=True)
    made.adj_close[[50, 700]] = np.nan
    made.volume[100] = np.nan
    return with_fear(made)


@pytest.fixture(scope="module")
def context(panel) -> FeatureContext:
    return FeatureContext(panel)


@pytest.fixture(scope="module")
def frame(panel) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "symbol": panel.symbol_code,
            "sector": panel.sector_code[panel.symbol_code],
            "day": panel.time,
            "price": panel.adj_close,
            "volume": panel.volume,
            "close": panel.close,
            "fear": panel.fear,
        }
    )
    by = table.groupby("symbol")["price"]
    for bars in (1, 5, 20, 60):
        table[f"r{bars}"] = table["price"] / by.shift(bars) - 1
    return table


def value(context, name):
    return REGISTRY.get(name).compute(context)


def same(got, expected):
    np.testing.assert_allclose(got, np.asarray(expected, dtype=float), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [150, 330])
def test_taking_the_future_away_changes_nothing(panel, context, name, cut):
    moment = panel.times[cut]
    past = panel.until(moment)
    kept = panel.time <= moment
    np.testing.assert_array_equal(value(context, name)[kept], value(FeatureContext(past), name))


@pytest.mark.parametrize("name", NAMES)
def test_defined_after_its_window_and_not_before(make_panel, name):
    whole = with_fear(make_panel(6, 420, seed=5))
    feature = REGISTRY.get(name)
    got = feature.compute(FeatureContext(whole))
    bar = np.arange(len(whole)) - whole.offsets[whole.symbol_code]
    assert got.dtype == np.float64
    assert got.shape == (len(whole),)
    assert np.isnan(got[bar < feature.window - 1]).all()
    assert np.isfinite(got[bar >= feature.window - 1]).mean() > 0.97


@pytest.mark.parametrize("name", NAMES)
def test_level_of_adjusted_prices_does_not_matter(panel, context, name):
    factor = 2.0 ** (np.arange(panel.n_symbols) - 3)
    other = replace(panel, adj_close=panel.adj_close * factor[panel.symbol_code])
    np.testing.assert_allclose(value(context, name), value(FeatureContext(other), name), rtol=1e-9)


def test_return_ranks_and_dispersion_equal_pandas(context, frame):
    for bars in (1, 5, 20, 60):
        by = frame.groupby("day")[f"r{bars}"]
        count = by.transform("count")
        expected = ((by.rank() - 1) / (count - 1)).where(count > 1)
        same(value(context, f"return_rank_{bars}"), expected)
    same(value(context, "dispersion_20"), frame.groupby("day")["r20"].transform("std"))


def test_market_return_and_volatility_equal_pandas(context, frame):
    by = frame.groupby("day")["r1"]
    daily = by.mean().where(by.count() >= 2)
    same(value(context, "market_return_1"), frame["day"].map(daily))
    same(value(context, "market_return_5"), frame["day"].map((1 + daily).rolling(5).apply(np.prod, raw=True) - 1))
    volatility = daily.rolling(20, min_periods=15).std() * np.sqrt(252)
    volatility.iloc[:19] = np.nan
    same(value(context, "market_volatility_20"), frame["day"].map(volatility))
    same(
        value(context, "breadth_rising"),
        frame["day"].map((frame["r1"] > 0).groupby(frame["day"]).sum() / by.count().where(lambda n: n > 1)),
    )


def test_regression_on_the_other_symbols_equals_pandas(context, frame):
    by = frame.groupby("day")["r1"]
    others = (by.transform("sum") - frame["r1"]) / (by.transform("count") - 1)
    pairs = frame.assign(other=others)[frame["symbol"] == 2]
    pairs = pairs.assign(own=pairs["r1"])
    valid = pairs["own"].notna() & pairs["other"].notna()
    own, other = pairs["own"].where(valid), pairs["other"].where(valid)
    rolling = own.rolling(60, min_periods=45)
    beta = rolling.cov(other) / other.rolling(60, min_periods=45).var()
    rows = slice(60, None)
    at = pairs.index[rows]
    same(value(context, "beta_60")[at], beta.iloc[rows])
    same(value(context, "market_correlation_60")[at], rolling.corr(other).iloc[rows])
    alpha = rolling.mean() - beta * other.rolling(60, min_periods=45).mean()
    residual = pairs["own"] - alpha.shift(1) - beta.shift(1) * pairs["other"]
    same(value(context, "residual_return_1")[at[1:]], residual.iloc[61:])


def test_sector_features_equal_pandas(context, frame):
    by = frame.groupby(["day", "sector"])["r5"]
    total, count = by.transform("sum"), by.transform("count")
    rest = (total - frame["r5"].fillna(0)) / (count - frame["r5"].notna()).replace(0, np.nan)
    same(value(context, "sector_relative_5"), frame["r5"] - rest)
    same(value(context, "sector_return_5"), by.transform("mean").where(count >= 2))


def test_fear_features_equal_pandas(context, frame):
    by = frame.groupby("symbol")["fear"]
    same(value(context, "fear_change_5"), frame["fear"] / by.shift(5) - 1)
    rolling = by.rolling(250)
    score = (frame["fear"] - rolling.mean().droplevel(0)) / rolling.std().droplevel(0)
    same(value(context, "fear_zscore_250"), score)


def test_a_lone_symbol_has_no_market_and_no_sector(make_panel):
    alone = FeatureContext(with_fear(make_panel(1, 300)))
    for name in NAMES:
        if not name.startswith("fear_"):
            assert np.isnan(value(alone, name)).all(), name


def test_an_unknown_sector_has_no_sector_features(make_panel):
    panel = make_panel(6, 100)
    unknown = replace(panel, sectors=("unknown",) * 3 + panel.sectors[3:])
    rows = unknown.symbol_code < 3
    got = value(FeatureContext(unknown), "sector_relative_5")
    assert np.isnan(got[rows]).all()
    assert by_sector(unknown).code[rows].max() == -1


def test_an_empty_panel_gives_empty_features(panel):
    none = FeatureContext(panel.select(np.zeros(len(panel), dtype=bool)))
    for name in NAMES:
        assert value(none, name).shape == (0,)


def test_fear_and_greed_follows_the_market(make_panel):
    panel = make_panel(8, 700, seed=2)
    drift = np.where(np.arange(len(panel.times)) < 500, 0.004, -0.012)
    boost = np.exp(np.cumsum(drift))[panel.time_code]
    index = value(FeatureContext(replace(panel, adj_close=panel.adj_close * boost)), "fear_greed")
    assert ((index[np.isfinite(index)] >= 0) & (index[np.isfinite(index)] <= 1)).all()
    calm = index[(panel.time_code >= 450) & (panel.time_code < 500)].mean()
    crash = index[(panel.time_code >= 520) & (panel.time_code < 560)].mean()
    assert crash < calm - 0.2


def test_fear_enters_the_fear_and_greed_index(make_panel):
    panel = make_panel(5, 420)
    spike = np.where(np.arange(420) > 400, 60.0, 15.0 + np.arange(420) % 7)
    without = value(FeatureContext(panel), "fear_greed")
    scared = value(FeatureContext(replace(panel, fear=spike[panel.time_code])), "fear_greed")
    late = panel.time_code > 405
    assert (scared[late] < without[late]).mean() > 0.9


SERIES = st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=0, max_size=40)


@pytest.mark.slow
@given(one=SERIES, two=SERIES, window=st.integers(2, 12))
@settings(max_examples=60, deadline=None)
def test_trailing_windows_equal_pandas(one, two, window):
    values = np.array([*one, *two], dtype=np.float64)
    offsets = np.array([0, len(one), len(values)])
    need = max(2, -(-3 * window // 4))
    mean, deviation = trailing_moments(values, offsets, window)
    median, (low, high) = trailing_median(values, offsets, window), trailing_extremes(values, offsets, window)
    share = trailing_percentile(values, offsets, window)
    for first, last in ((0, len(one)), (len(one), len(values))):
        for r in range(first + window - 1, last):
            held = values[r - window + 1 : r + 1]
            held = held[np.isfinite(held)]
            defined = len(held) >= need and np.isfinite(values[r])
            below = ((held < values[r]).sum() + 0.5 * (held == values[r]).sum()) / max(len(held), 1)
            np.testing.assert_allclose(share[r], below if defined else np.nan)
        part = pd.Series(values[first:last])
        defined = np.arange(len(part)) >= window - 1
        for got, expected in (
            (mean, part.rolling(window, min_periods=need).mean()),
            (deviation, part.rolling(window, min_periods=need).std()),
            (median, part.rolling(window, min_periods=need).median()),
            (low, part.rolling(window, min_periods=need).min()),
            (high, part.rolling(window, min_periods=need).max()),
        ):
            np.testing.assert_allclose(got[first:last], expected.where(defined), atol=1e-6)


def test_percentile_counts_ties_as_half():
    got = trailing_percentile(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0, 4]), 4)
    assert got[3] == pytest.approx(3.5 / 4)
    assert np.isnan(got[:3]).all()


def test_a_line_on_a_still_market_is_not_defined():
    got = trailing_regression(np.arange(6.0), np.ones(6), np.array([0, 6]), 4)
    assert np.isnan(got).all()
    exact = trailing_regression(3 + 2 * np.arange(6.0), np.arange(6.0), np.array([0, 6]), 4)
    np.testing.assert_allclose(exact[:, 5], [2.0, 1.0, 3.0, 0.0], atol=1e-12)


def test_change_needs_positive_values():
    got = change(np.array([1.0, 2.0, 0.0, 4.0]), np.array([0, 4]), 1)
    np.testing.assert_array_equal(got, [np.nan, 1.0, np.nan, np.nan])


@given(seed=st.integers(0, 500))
@settings(max_examples=25, deadline=None)
def test_groups_equal_pandas(seed):
    rng = np.random.default_rng(seed)
    code = rng.integers(-1, 5, 40)
    values = np.where(rng.random(40) < 0.2, np.nan, np.round(rng.normal(size=40), 1))
    groups = Groups(code, 5)
    table = pd.DataFrame({"code": code, "v": values}).where(lambda t: t["code"] >= 0)
    by = table.groupby("code")["v"]
    np.testing.assert_allclose(groups.rows(groups.mean(values)), by.transform("mean"), atol=1e-12)
    np.testing.assert_allclose(groups.rows(groups.deviation(values)), by.transform("std"), atol=1e-12)
    count = by.transform("count")
    np.testing.assert_allclose(groups.rank(values), ((by.rank() - 1) / (count - 1)).where(count > 1), atol=1e-12)


def test_days_hold_the_rows_there_are(panel):
    groups = by_day(panel)
    _, count = groups.total(np.ones(len(panel)))
    np.testing.assert_array_equal(count, np.bincount(panel.time_code))
