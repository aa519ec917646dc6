"""Tails, their tests, volatility, beta and stress against independent computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from arch import arch_model
from scipy import stats

from tradewind.evaluation.backtest import backtest
from tradewind.evaluation.beta import beta, beta_stability, rolling_beta
from tradewind.evaluation.positions import BacktestSettings
from tradewind.evaluation.risk import measure_risk
from tradewind.evaluation.stress import CRISES, stress_test
from tradewind.evaluation.value_at_risk import (
    cornish_fisher_forecast,
    cornish_fisher_tail,
    garch_forecast,
    historical_forecast,
    historical_tail,
)
from tradewind.evaluation.var_tests import christoffersen_conditional, christoffersen_independence, kupiec
from tradewind.evaluation.volatility import ewma_volatility, garch_volatility, qlike, score_volatility


def garch_path(n: int, seed: int = 0) -> np.ndarray:
    """Simulate GARCH(1,1) returns with strong clustering."""
    rng = np.random.default_rng(seed)
    out, variance = np.zeros(n), 1e-4
    for i in range(n):
        out[i] = np.sqrt(variance) * rng.normal()
        variance = 2e-6 + 0.15 * out[i] ** 2 + 0.83 * variance
    return out


def test_kupiec_by_hand() -> None:
    breaches = np.zeros(250, dtype=bool)
    breaches[:20] = True
    # -2 log of Binomial(20; 250, 0.05) over Binomial(20; 250, 0.08).
    expected = -2 * (stats.binom.logpmf(20, 250, 0.05) - stats.binom.logpmf(20, 250, 0.08))
    found = kupiec(breaches, 0.05)
    assert found.statistic == pytest.approx(expected)
    assert found.p_value == pytest.approx(stats.chi2.sf(expected, 1))
    assert kupiec(np.zeros(250, dtype=bool), 0.05).statistic == pytest.approx(-2 * 250 * np.log(0.95))


def test_christoffersen_sees_clusters() -> None:
    spread, bunched = np.zeros(400, dtype=bool), np.zeros(400, dtype=bool)
    spread[::20] = True
    bunched[100:120] = True
    assert christoffersen_independence(bunched).p_value < 1e-6
    assert christoffersen_independence(spread).p_value > 0.05
    both = christoffersen_conditional(bunched, 0.05)
    assert both.statistic == pytest.approx(
        kupiec(bunched, 0.05).statistic + christoffersen_independence(bunched).statistic
    )

    # 19 of 20 breaches follow a breach, 1 of 379 other days is one: the likelihood ratio of the two by hand.
    def loglik(k: int, n: int, p: float) -> float:
        return k * np.log(p) + (n - k) * np.log(1 - p)

    expected = 2 * (loglik(19, 20, 19 / 20) + loglik(1, 379, 1 / 379) - loglik(20, 399, 20 / 399))
    assert christoffersen_independence(bunched).statistic == pytest.approx(expected)


def test_historical_and_cornish_fisher_tails() -> None:
    normal = np.random.default_rng(0).normal(0.0003, 0.01, 200_000)
    exact = -(0.0003 + 0.01 * stats.norm.ppf(0.05))
    shortfall = -0.0003 + 0.01 * stats.norm.pdf(stats.norm.ppf(0.05)) / 0.05
    for tail in (historical_tail, cornish_fisher_tail):
        at, beyond = tail(normal, level=0.05)
        assert at == pytest.approx(exact, rel=0.01)
        assert beyond == pytest.approx(shortfall, rel=0.01)
    assert np.isnan(historical_tail(np.zeros(0), level=0.05)).all()


def test_rolling_forecasts_use_the_past_only() -> None:
    returns = garch_path(400)
    past = pd.Series(returns).rolling(100)
    assert historical_forecast(returns, level=0.05, window=100).value_at_risk[100:] == pytest.approx(
        -past.quantile(0.05).shift(1).to_numpy()[100:]
    )
    changed = returns.copy()
    changed[300:] *= -3
    for make in (historical_forecast, cornish_fisher_forecast):
        a, b = (make(r, level=0.05, window=100).value_at_risk[:301] for r in (returns, changed))
        assert np.array_equal(a, b, equal_nan=True)
    a, b = (garch_volatility(r, start=100, refit=50).sigma[:301] for r in (returns, changed))
    assert a == pytest.approx(b, rel=1e-9, nan_ok=True)


def test_garch_equals_arch_forecast() -> None:
    returns = garch_path(600)
    fitted = arch_model(returns * 100, mean="Zero", p=1, q=1, rescale=False).fit(disp="off")
    expected = np.sqrt(fitted.forecast(horizon=1).variance.to_numpy()[-1, 0]) / 100
    found = garch_volatility(returns, start=600, refit=21)
    assert found.following == pytest.approx(expected, rel=1e-6)


def test_garch_beats_a_flat_forecast_and_keeps_its_promise() -> None:
    returns = garch_path(1500, seed=3)
    found = garch_volatility(returns, start=500, refit=100)
    known = np.isfinite(found.sigma)
    assert known.sum() == 1000
    assert qlike(returns[known], found.sigma[known]).mean() < qlike(returns[known], np.full(1000, 0.01)).mean()
    var = garch_forecast(found, level=0.05).value_at_risk
    assert kupiec(-returns[known] > var[known], 0.05).p_value > 0.01
    scores = {row.model: row for row in score_volatility(returns, {"garch": found}, start=500)}
    assert scores["garch"].qlike < scores["ewma"].qlike
    assert scores["ewma"].n == 1000


def test_ewma_by_hand() -> None:
    r = np.array([0.01, 0.02, -0.03])
    first = (0.01**2 + 0.02**2) / 2
    found = ewma_volatility(r, decay=0.9, start=2)
    assert found[2:] == pytest.approx(np.sqrt([first, 0.9 * first + 0.1 * 0.03**2]))


def test_beta_by_hand() -> None:
    rng = np.random.default_rng(0)
    market = rng.normal(0, 0.01, 400)
    own = 0.7 * market + rng.normal(0, 0.004, 400)
    assert beta(own, market) == pytest.approx(np.polyfit(market, own, 1)[0])
    frame = pd.DataFrame({"own": own, "market": market})
    expected = frame["own"].rolling(63).cov(frame["market"]) / frame["market"].rolling(63).var()
    assert rolling_beta(own, market, 63) == pytest.approx(expected.to_numpy(), nan_ok=True)
    found = beta_stability(own, market)
    assert found.lowest < found.whole < found.highest
    assert np.isnan(beta(own, np.zeros(400)))


def test_risk_of_a_backtest(make_outcomes) -> None:
    risk = measure_risk(backtest(make_outcomes(n_days=300)))
    assert {row.method for row in risk.tails} == {"historical", "cornish-fisher", "garch"}
    assert all(row.n == 299 - 149 for row in risk.tails)
    assert all(row.cvar >= row.value_at_risk > 0 for row in risk.tails)
    assert {row.model for row in risk.volatility} == {"ewma", "garch(1,1)", "gjr-garch(1,1,1)"}


@pytest.mark.parametrize("n_days", [1, 3, 40])
def test_risk_of_a_short_or_idle_span(make_outcomes, n_days: int) -> None:
    made = make_outcomes(n_symbols=1, n_days=n_days)
    result = backtest(replace(made, probability=np.full(n_days, 0.5)))
    risk = measure_risk(result)
    assert all(row.n == 0 and np.isnan(row.kupiec.p_value) for row in risk.tails)
    stress_test(made, result)


def test_crises_and_shocks(make_outcomes) -> None:
    made = make_outcomes(n_symbols=4, n_days=300, start="2015-01-02", constant=0.9)
    result = backtest(made, BacktestSettings(execution="close", cost_bp=0))
    stress = stress_test(made, result)
    assert [row.name for row in stress.crises] == ["2015 August fall"]
    row = stress.crises[0]
    assert row.portfolio == pytest.approx(row.market)
    inside = (result.days >= np.datetime64(CRISES[3][1])) & (result.days <= np.datetime64(CRISES[3][2]))
    assert row.market == pytest.approx(np.prod(1 + result.market[inside]) - 1)
    shocks = {shock.name: shock for shock in stress.shocks}
    # Long everything: beta 1, so the portfolio falls with the market.
    assert shocks["market -10% in a day"].shocked == pytest.approx(-0.10)
    assert shocks["correlation to 1: daily volatility"].shocked > shocks["correlation to 1: daily volatility"].now
    doubled = shocks["volatility x2: 95% VaR of a day"]
    mean = result.returns.mean()
    assert doubled.shocked - mean == pytest.approx(2 * (doubled.now - mean))
