"""Tests of significance: intervals, the skill test, comparisons and verdict words."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tradewind.core import Outcomes
from tradewind.evaluation.bootstrap import BootstrapSettings, day_weights
from tradewind.evaluation.days import common_rows
from tradewind.evaluation.diebold_mariano import compare_with_baseline, daily_loss_gap, diebold_mariano
from tradewind.evaluation.hac import hac_mean
from tradewind.evaluation.pesaran_timmermann import classic_pesaran_timmermann, pesaran_timmermann
from tradewind.evaluation.sharpe_inference import deflated_sharpe, expected_best_sharpe, probabilistic_sharpe
from tradewind.evaluation.significance import accuracy_interval, skill_verdict, wilson_interval


def test_hac_mean_equals_statsmodels() -> None:
    rng = np.random.default_rng(0)
    series = np.convolve(rng.normal(0.1, 1, 203), [1, 0.6, 0.2, 0.1], "valid")
    model = sm.OLS(series, np.ones(len(series))).fit(cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True})
    ours = hac_mean(series, lags=4)
    assert ours.mean == pytest.approx(model.params[0])
    assert ours.error == pytest.approx(model.bse[0])


def test_classic_test_close_to_regression_and_day_clustered_form(make_outcomes) -> None:
    outcomes = make_outcomes(n_symbols=1, n_days=2000, skill=0.2)
    y, x = outcomes.direction, outcomes.predicted_direction
    classic = classic_pesaran_timmermann(y, x)
    clustered = pesaran_timmermann(outcomes, lags=0)
    slope = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC0").tvalues[1]
    assert classic.statistic == pytest.approx(slope, rel=0.05)
    assert clustered.statistic == pytest.approx(slope, rel=0.05)
    assert clustered.p_value < 1e-6


def test_clustering_undoes_copies_of_one_symbol(make_outcomes) -> None:
    one = make_outcomes(n_symbols=1, n_days=400, skill=0.05)
    many = one.select(np.repeat(np.arange(len(one)), 20))
    assert pesaran_timmermann(many).statistic == pytest.approx(pesaran_timmermann(one).statistic)
    assert accuracy_interval(many) == accuracy_interval(one)
    assert classic_pesaran_timmermann(many.direction, many.predicted_direction).statistic > 3 * abs(
        pesaran_timmermann(many).statistic
    )


def test_drift_is_not_skill(make_outcomes) -> None:
    outcomes = make_outcomes(drift=0.02, constant=0.9)
    assert accuracy_interval(outcomes).lower > 0.5
    verdict = skill_verdict(outcomes)
    assert not verdict.skill
    assert "no skill" in verdict.words
    assert verdict.statistic == 0.0


def test_verdict_names_skill(make_outcomes) -> None:
    verdict = skill_verdict(make_outcomes(skill=0.3))
    assert verdict.skill
    assert "no skill" not in verdict.words
    assert verdict.p_value < 0.05


@given(st.integers(0, 10_000), st.floats(-0.2, 0.2))
def test_words_follow_the_test(make_outcomes, seed: int, skill: float) -> None:
    verdict = skill_verdict(make_outcomes(n_symbols=3, n_days=60, skill=skill, seed=seed))
    assert ("no skill" in verdict.words) == (not verdict.p_value < 0.05)
    assert verdict.skill == (verdict.p_value < 0.05)


@pytest.mark.parametrize("days", [0, 1, 5])
def test_too_few_days_is_no_skill(make_outcomes, days: int) -> None:
    outcomes = make_outcomes(n_days=30, skill=1.0)
    verdict = skill_verdict(outcomes.select(outcomes.time < outcomes.time[0] + np.timedelta64(days, "D")))
    assert not verdict.skill
    assert "no skill" in verdict.words


def test_wilson_equals_statsmodels() -> None:
    ours = wilson_interval(57, 100)
    low, high = proportion_confint(57, 100, method="wilson")
    assert (ours.lower, ours.upper) == pytest.approx((low, high))
    assert np.isnan(wilson_interval(0, 0).lower)


def test_bootstrap_interval_close_to_normal_on_independent_days(make_outcomes) -> None:
    outcomes = make_outcomes(n_symbols=1, n_days=1500, common=0.0)
    ours = accuracy_interval(outcomes, BootstrapSettings(block=1, draws=4000))
    wilson = wilson_interval(ours.value * len(outcomes), len(outcomes))
    assert ours.lower == pytest.approx(wilson.lower, abs=0.004)
    assert ours.upper == pytest.approx(wilson.upper, abs=0.004)


def test_bootstrap_interval_widens_with_common_moves(make_outcomes) -> None:
    outcomes = make_outcomes(n_symbols=40, n_days=250, common=0.9, by_day=True)
    ours = accuracy_interval(outcomes)
    wilson = wilson_interval(ours.value * len(outcomes), len(outcomes))
    assert ours.upper - ours.lower > 2 * (wilson.upper - wilson.lower)


def test_day_weights_draw_whole_blocks_and_repeat() -> None:
    settings = BootstrapSettings(block=5, seed=3)
    weights = day_weights(62, settings)
    assert (weights.sum(axis=1) == 65).all()
    assert np.array_equal(weights, day_weights.__wrapped__(62, settings))
    assert weights.mean(axis=0) == pytest.approx(65 / 62, abs=0.2)


def test_diebold_mariano_hand_computed() -> None:
    rng = np.random.default_rng(1)
    gap = rng.normal(0.1, 1, 80)
    plain = stats.ttest_1samp(gap, 0, alternative="greater")
    ours = diebold_mariano(gap, lags=0)
    # With h = 1 the Harvey factor sqrt((n - 1) / n) undoes the degrees-of-freedom scaling of the variance once.
    assert ours.statistic == pytest.approx(plain.statistic * np.sqrt(79 / 80))
    assert ours.p_value == pytest.approx(stats.t.sf(ours.statistic, 79))


def test_diebold_mariano_prefers_the_better_and_is_antisymmetric(make_outcomes) -> None:
    good, bad = make_outcomes(skill=0.3), make_outcomes(skill=0.0)
    for loss in ("brier", "squared_return_error"):
        there, back = compare_with_baseline(good, bad, loss), compare_with_baseline(bad, good, loss)
        assert there.statistic == pytest.approx(-back.statistic)
        assert compare_with_baseline(good, good, loss).statistic == 0.0
    assert compare_with_baseline(good, bad, "brier").p_value < 0.05


def test_comparison_uses_shared_rows_only(make_outcomes) -> None:
    a, b = make_outcomes(skill=0.3), make_outcomes(skill=0.0)
    keep = np.random.default_rng(0).permutation(len(b))[: len(b) // 2]
    cut = b.select(np.sort(keep))
    left, right = common_rows(a, cut)
    assert np.array_equal(left.symbol, right.symbol)
    assert np.array_equal(left.time, right.time)
    assert np.array_equal(left.direction, right.direction)
    assert len(daily_loss_gap(a, cut, "brier")) <= len(np.unique(b.time))


def test_probabilistic_sharpe_by_the_paper() -> None:
    rng = np.random.default_rng(2)
    r = rng.standard_t(5, 500) * 0.01 + 0.0008
    sharpe = r.mean() / r.std(ddof=1)
    skew, kurtosis = stats.skew(r), stats.kurtosis(r, fisher=False)
    z = sharpe * np.sqrt(499) / np.sqrt(1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2)
    assert probabilistic_sharpe(r) == pytest.approx(stats.norm.cdf(z))
    assert deflated_sharpe(r, n_trials=1) == pytest.approx(probabilistic_sharpe(r))
    assert deflated_sharpe(r, n_trials=100) < deflated_sharpe(r, n_trials=10) < probabilistic_sharpe(r)
    assert np.isnan(probabilistic_sharpe(np.zeros(50)))


def test_expected_best_sharpe_matches_simulation() -> None:
    best = np.random.default_rng(0).normal(0, 0.1, (4000, 50)).max(axis=1).mean()
    assert expected_best_sharpe(50, 0.01) == pytest.approx(best, rel=0.02)


def _random_walk(rng: np.random.Generator, *, n_symbols: int, n_days: int, rule: str) -> Outcomes:
    """Correlated walks with a drift, forecast by a rule that cannot know the future."""
    market = rng.normal(0.05, 0.7, n_days + 21)[:, None]
    moves = market + rng.normal(0, 0.7, (n_days + 21, n_symbols))
    level = np.cumsum(moves, axis=0)
    day = np.arange(21, n_days + 21)
    if rule == "momentum":
        score = level[day - 1] - level[day - 21]
    elif rule == "reversal":
        score = -moves[day - 1]
    else:
        score = rng.normal(0, 1, n_days)[:, None] + 0.3 * rng.normal(0, 1, (n_days, n_symbols)) + 0.5
    m = n_days * n_symbols
    nan, text = np.full(m, np.nan), np.full(m, "all")
    return Outcomes(
        model="walk",
        symbol=np.tile(np.array([f"S{i:02d}" for i in range(n_symbols)]), n_days),
        time=np.repeat(np.datetime64("2015-01-01", "us") + np.arange(n_days).astype("timedelta64[D]"), n_symbols),
        probability=(score > 0).astype(float).ravel(),
        expected_return=nan,
        lower=nan,
        upper=nan,
        direction=(moves[day] > 0).astype(float).ravel(),
        forward_return=moves[day].ravel() / 100,
        close=np.ones(m),
        sector=text,
        size_bucket=text,
        volatility_regime=text,
    )


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["momentum", "reversal", "market"])
@pytest.mark.parametrize(("n_symbols", "n_days"), [(6, 63), (30, 63), (20, 250)])
def test_false_positive_rate_is_five_percent(rule: str, n_symbols: int, n_days: int) -> None:
    rng = np.random.default_rng(11)
    runs = 800
    found = sum(
        skill_verdict(_random_walk(rng, n_symbols=n_symbols, n_days=n_days, rule=rule)).skill for _ in range(runs)
    )
    # Three standard errors of a 5 % share of 800 runs are 2.3 points. A slow rule over few days is judged more
    # strictly than that: its share of rises chases the sample's own drift, which removing the means takes off twice.
    lowest = 0.0 if rule == "momentum" else 0.027
    assert lowest <= found / runs <= 0.073


@pytest.mark.slow
@pytest.mark.parametrize("n", [63, 250])
def test_equal_forecasts_are_rarely_called_better(n: int) -> None:
    rng = np.random.default_rng(5)
    found = np.mean([diebold_mariano(rng.normal(size=n)).p_value < 0.05 for _ in range(2000)])
    # Three standard errors of a 5 % share of 2000 runs are 1.5 points; Newey-West is a little liberal over few days.
    assert 0.035 <= found <= 0.07
