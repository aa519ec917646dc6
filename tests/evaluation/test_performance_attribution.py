"""Performance attribution against a textbook, statsmodels and plain arithmetic; every table adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Dataset, Forecast, UsageError
from tradewind.core.panel import Panel
from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import BacktestSettings, backtest
from tradewind.evaluation.attribution import (
    FactorReturns,
    PerformanceSettings,
    attribute_factors,
    attribute_performance,
    daily_effects,
    factor_returns,
    least_squares,
    linked,
    linking_factors,
    split_timing,
    write_page,
)
from tradewind.evaluation.attribution.tables import tables_of
from tradewind.evaluation.report.page import percent
from tradewind.features import LabelSettings, make_labels, row_slices
from tradewind.models.past import past_return
from tradewind.training import to_outcomes

EXACT = 1e-12


def effects_by_name(daily, day: int = 0):
    """Return {sector: (allocation, selection, interaction)} of one day."""
    return dict(zip(daily.sectors, daily.effects[day], strict=True))


def test_bacon_s_textbook_example():
    """The example of chapter 5 of Bacon, Practical Portfolio Performance Measurement and Attribution, 2008."""
    # Portfolio and benchmark hold different shares in a market, so each market needs a symbol of each.
    six = daily_effects(
        weights=np.array([[0.40, 0, 0.30, 0, 0.30, 0]]),
        benchmark=np.array([[0, 0.40, 0, 0.20, 0, 0.40]]),
        moves=np.array([[0.20, 0.10, -0.05, -0.04, 0.06, 0.08]]),
        sector=["UK", "UK", "Japan", "Japan", "US", "US"],
    )
    assert six.portfolio[0] == pytest.approx(0.083)
    assert six.benchmark[0] == pytest.approx(0.064)
    found = effects_by_name(six)
    np.testing.assert_allclose(found["UK"], [0.0, 0.040, 0.0], atol=1e-15)
    np.testing.assert_allclose(found["Japan"], [-0.0104, -0.002, -0.001], atol=1e-15)
    np.testing.assert_allclose(found["US"], [-0.0016, -0.008, 0.002], atol=1e-15)
    np.testing.assert_allclose(found["cash"], 0.0, atol=1e-15)
    np.testing.assert_allclose(six.effects.sum(axis=(1, 2)), [0.019], atol=1e-15)


def test_shorts_and_cash_keep_the_sum():
    """A short that gains while its sector falls less than the benchmark is allocation and interaction, by hand."""
    daily = daily_effects(
        weights=np.array([[0.5, -0.2, 0.0, 0.0]]),
        benchmark=np.full((1, 4), 0.25),
        moves=np.array([[0.02, -0.04, 0.00, -0.02]]),
        sector=["A", "A", "B", "B"],
    )
    market = -0.01
    a, b = -0.01, -0.01  # sector returns of the benchmark
    found = effects_by_name(daily)
    long_ = (0.5 - 0.5) * (a - market), 0.5 * (0.02 - a), (0.5 - 0.5) * (0.02 - a)
    short = (-0.2) * (a - market), 0.0, -0.2 * (-0.04 - a)
    np.testing.assert_allclose(found["A"], np.add(long_, short), atol=1e-15)
    np.testing.assert_allclose(found["B"], [(0 - 0.5) * (b - market), 0, 0], atol=1e-15)
    np.testing.assert_allclose(found["cash"], [0.7 * (0 - market), 0, 0], atol=1e-15)
    assert daily.effects.sum() == pytest.approx(0.018 - market, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_effects_of_any_book_sum_to_the_active_return(seed):
    rng = np.random.default_rng(seed)
    days, symbols = 7, 9
    weights = rng.normal(0, 0.2, (days, symbols)) * (rng.random((days, symbols)) > 0.3)
    benchmark = rng.dirichlet(np.ones(symbols), days)
    moves = rng.normal(0, 0.02, (days, symbols))
    daily = daily_effects(weights, benchmark, moves, [f"s{i % 4}" for i in range(symbols)])
    np.testing.assert_allclose(daily.effects.sum(axis=(1, 2)), daily.portfolio - daily.benchmark, atol=EXACT)
    costs = rng.random(days) * 1e-3
    for method in ("carino", "grap"):
        one = linked(daily, daily.portfolio - costs, "x", slice(None), method)
        assert abs(one.gap) < EXACT
        assert one.cost < 0
        assert one.portfolio == pytest.approx(np.prod(1 + daily.portfolio - costs) - 1)


def test_linking_by_hand():
    """Two periods: +10 % and +5 % against +6 % and +2 %; compounded 15.5 % against 8.12 %."""
    portfolio, benchmark = np.array([0.10, 0.05]), np.array([0.06, 0.02])
    np.testing.assert_allclose(linking_factors(portfolio, benchmark, "grap"), [1.02, 1.10], atol=1e-15)
    whole = (np.log(1.155) - np.log(1.0812)) / (0.155 - 0.0812)
    each = (np.log(1 + portfolio) - np.log(1 + benchmark)) / (portfolio - benchmark)
    np.testing.assert_allclose(linking_factors(portfolio, benchmark, "carino"), each / whole, rtol=1e-12)
    for method in ("carino", "grap"):
        total = linking_factors(portfolio, benchmark, method) @ (portfolio - benchmark)
        assert total == pytest.approx(0.155 - 0.0812, abs=1e-15)


def test_linking_equal_returns_and_ruin():
    equal = np.array([0.01, -0.02])
    np.testing.assert_allclose(linking_factors(equal, equal), (1 / (1 + equal)) * np.prod(1 + equal), rtol=1e-12)
    nearly = linking_factors(equal + 1e-13, equal)
    np.testing.assert_allclose(nearly, linking_factors(equal, equal), rtol=1e-9)
    with pytest.raises(UsageError, match="lost everything"):
        linking_factors(np.array([-1.0]), np.array([0.0]))


@pytest.mark.parametrize("lags", [None, 0, 7])
def test_regression_and_errors_equal_statsmodels(lags):
    rng = np.random.default_rng(11)
    n = 300
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    noise = np.zeros(n)
    for t in range(1, n):
        noise[t] = 0.4 * noise[t - 1] + rng.normal() * (1 + 0.5 * abs(x[t, 1]))
    y = x @ np.array([0.1, 1.0, -0.5, 0.0]) + noise
    ours = least_squares(y, x, lags=lags)
    theirs = sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": ours.lags, "use_correction": True})
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.errors, theirs.bse, rtol=1e-10)
    np.testing.assert_allclose(ours.p_values, theirs.pvalues, rtol=1e-8, atol=1e-14)
    assert ours.r_squared == pytest.approx(theirs.rsquared, abs=1e-12)


def test_regression_refuses_what_cannot_be_told_apart():
    x = np.column_stack([np.ones(20), np.arange(20.0), 2 * np.arange(20.0)])
    with pytest.raises(UsageError, match="depend on each other"):
        least_squares(np.arange(20.0), x)
    with pytest.raises(UsageError, match="too few"):
        least_squares(np.arange(4.0), x[:4])


@pytest.fixture(scope="module")
def market():
    """Return (panel, outcomes) of forecasts that follow the last five bars."""
    panel = simulate(MarketSettings(kind="momentum", n_symbols=9, n_days=420, ceiling=0.65, seed=2)).panel
    labels = make_labels(panel, LabelSettings())
    empty = np.zeros((len(panel), 1), dtype=np.float32)
    data = Dataset(panel=panel, features=empty, names=("return_1",), labels=labels)
    signal = past_return(panel, 5)
    rows = np.flatnonzero(np.isfinite(signal) & (panel.time >= panel.times[200]))
    probability = 1 / (1 + np.exp(-20 * signal[rows]))
    forecast = Forecast.point(rows, probability, probability - 0.5)
    return panel, to_outcomes("rule", forecast, data, row_slices(panel))


@pytest.fixture(scope="module", params=[("sign", "long_short"), ("rank", "long_short"), ("sign", "long_only")])
def performance(request, market):
    """Return (backtest, attribution, panel) of several books."""
    panel, outcomes = market
    weights, side = request.param
    result = backtest(outcomes, BacktestSettings(weights=weights, side=side, cost_bp=7))
    return result, attribute_performance(result, panel, PerformanceSettings(period="month")), panel


def test_every_table_adds_up(performance):
    result, found, _ = performance
    assert found.largest_gap < EXACT
    total = found.total
    assert total.portfolio == pytest.approx(result.equity[-1] - 1, abs=EXACT)
    assert total.benchmark == pytest.approx(np.prod(1 + result.market) - 1, abs=EXACT)
    named = sum(s.allocation + s.selection + s.interaction for s in total.sectors) + total.cost
    assert named == pytest.approx(total.active, abs=EXACT)
    assert total.cost < 0
    assert sum(period.days for period in found.periods) == len(result.days)
    grown = np.prod([1 + period.portfolio for period in found.periods]) - 1
    assert grown == pytest.approx(total.portfolio, abs=1e-11)
    factors = sum(line.contribution for line in found.factors.factors)
    assert factors + found.factors.specific + found.factors.uncovered + found.cost == pytest.approx(
        result.returns.sum(), abs=EXACT
    )
    timing = found.timing
    parts = timing.passive + timing.timing + timing.selection_long + timing.selection_short
    assert parts == pytest.approx(result.gross.sum(), abs=EXACT)
    assert sum(line.contribution for line in found.symbols) == pytest.approx(result.gross.sum(), abs=EXACT)


def test_holding_the_benchmark_is_no_active_return(market):
    panel, outcomes = market
    result = backtest(outcomes, BacktestSettings(cost_bp=0))
    held = np.full(result.weights.shape, 1 / len(result.symbols))
    passive = replace(result, weights=held, gross=result.market, returns=result.market, net_exposure=held.sum(axis=1))
    found = attribute_performance(passive, panel)
    for effect in ("allocation", "selection", "interaction"):
        assert found.total.total(effect) == pytest.approx(0, abs=EXACT)
    (market_line,) = [line for line in found.factors.factors if line.name == "market"]
    assert market_line.beta == pytest.approx(1.0, abs=1e-9)
    assert found.factors.alpha == pytest.approx(0.0, abs=1e-12)
    assert found.timing.timing == pytest.approx(0.0, abs=EXACT)


def test_a_book_of_one_factor_is_found_out(market):
    panel, outcomes = market
    result = backtest(outcomes, BacktestSettings(cost_bp=0))
    factors = factor_returns(result, panel)
    gross = 0.5 * factors.returns[:, factors.names.index("reversal")] + 0.3 * factors.returns[:, 0]
    found = attribute_factors(gross, factors)
    betas = {line.name: line.beta for line in found.factors}
    assert betas["reversal"] == pytest.approx(0.5, abs=1e-9)
    assert betas["market"] == pytest.approx(0.3, abs=1e-9)
    assert betas["size"] == pytest.approx(0.0, abs=1e-9)
    assert found.specific == pytest.approx(0.0, abs=1e-9)


def test_factors_by_hand(market):
    """Each factor is the rank-weighted mean of the day's moves, by characteristics known at that close."""
    panel, outcomes = market
    result = backtest(outcomes)
    factors = factor_returns(result, panel, PerformanceSettings(reversal=5, volatility=60))
    day = 37
    at = int(np.flatnonzero(panel.times.astype("datetime64[D]") == result.days[day])[0])
    closes = panel.adj_close.reshape(panel.n_symbols, -1)
    returns = closes[:, 1:] / closes[:, :-1] - 1
    last = closes[:, at] / closes[:, at - 5] - 1
    wild = np.sqrt((returns[:, at - 60 : at] ** 2).mean(axis=1))
    for name, characteristic in (("reversal", -last), ("low_volatility", -wild)):
        rank = characteristic.argsort().argsort() + 1.0
        weight = rank - rank.mean()
        weight /= weight[weight > 0].sum()
        expected = float(weight @ result.moves[day])
        assert factors.returns[day, factors.names.index(name)] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_array_equal(factors.returns[:, 0], result.market)


def test_factors_see_no_later_bar(market):
    panel, outcomes = market
    result = backtest(outcomes)
    whole = factor_returns(result, panel).returns
    last = result.days[100]
    cut = panel.until(last.astype("datetime64[us]"))
    early = factor_returns(result, cut).returns
    np.testing.assert_array_equal(early[:101], whole[:101])
    assert np.isnan(early[101:, 1:]).all()


def test_factors_that_cannot_be_formed_are_left_out_and_days_counted():
    rng = np.random.default_rng(0)
    returns = rng.normal(0, 0.01, (100, 3))
    returns[:70, 2] = np.nan
    returns[:10, 1] = np.nan
    gross = rng.normal(0, 0.01, 100)
    found = attribute_factors(gross, FactorReturns(names=("market", "size", "momentum"), returns=returns))
    assert found.left_out == ("momentum",)
    assert (found.days, found.uncovered_days) == (90, 10)
    assert found.uncovered == pytest.approx(gross[:10].sum(), abs=EXACT)
    assert abs(found.gap) < EXACT


def test_timing_is_found_where_it_is_planted(market):
    _, outcomes = market
    result = backtest(outcomes, BacktestSettings(cost_bp=0))
    exposure = np.where(result.market > 0, 1.0, 0.2)
    weights = np.tile(exposure[:, None] / len(result.symbols), (1, len(result.symbols)))
    timed = replace(result, weights=weights, gross=(weights * result.moves).sum(axis=1), net_exposure=exposure)
    found = split_timing(timed)
    assert found.selection_long == pytest.approx(0, abs=EXACT)
    assert found.timing > 0
    merton = {test.name: test for test in found.tests}["Henriksson-Merton"]
    assert merton.gamma == pytest.approx(0.8, abs=1e-9)
    assert merton.beta == pytest.approx(0.2, abs=1e-9)


def test_too_short_and_foreign_prices_are_refused(market):
    panel, outcomes = market
    few = outcomes.select(outcomes.time <= np.unique(outcomes.time)[10])
    with pytest.raises(UsageError, match="too few to attribute"):
        attribute_performance(backtest(few), panel)
    less: Panel = panel.select(panel.symbol_code != 0)
    with pytest.raises(UsageError, match=f"lack '{panel.symbols[0]}'"):
        attribute_performance(backtest(outcomes), less)


@pytest.mark.slow
def test_page_and_tables_hold_the_numbers(market, tmp_path):
    panel, outcomes = market
    found = attribute_performance(backtest(outcomes), panel)
    page = write_page(found, tmp_path / "p.html", title="A <book>", notes=["mind this"]).read_text()
    assert "A &lt;book&gt;" in page
    assert "mind this" in page
    assert page.count("<svg") == 4
    assert f"{100 * found.total.portfolio:,.1f} %" in page
    tables = tables_of(found)
    sectors = tables["sectors"]
    shown = sectors.filter(sectors["sector"] != "active return")["total"].sum()
    assert shown == pytest.approx(100 * found.total.active, abs=1e-10)
    assert tables["timing"]["sum"][-1] == pytest.approx(tables["timing"]["sum"][:-1].sum(), abs=1e-10)
    assert tables["factors"]["contribution"][-1] == pytest.approx(100 * found.net, abs=1e-10)
    assert list(tables["periods"]["period"])[-1] == "all days"


def test_an_exact_fit_makes_no_claim_of_skill_out_of_rounding(market):
    rng = np.random.default_rng(0)
    factor = rng.normal(0, 0.01, 100)
    fit = least_squares(1.3 * factor, np.stack([np.ones(100), factor], axis=1))
    assert fit.coefficients[1] == pytest.approx(1.3)
    assert fit.r_squared == 1.0
    assert np.isnan(fit.statistics).all()


def test_a_per_cent_that_rounds_to_zero_has_no_sign():
    assert percent(-0.0001) == "0.0 %"
    assert percent(-0.0015, 2) == "-0.15 %"
