"""Forecast metrics against scikit-learn, SciPy and hand computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn import metrics as sk

from tradewind.core import Outcomes
from tradewind.evaluation.days import correlation_within, ranks_within
from tradewind.evaluation.forecast_metrics import MetricsSettings, daily_ic, forecast_metrics


@pytest.fixture(scope="module")
def outcomes(make_outcomes) -> Outcomes:
    made = make_outcomes(skill=0.3)
    direction = made.direction.copy()
    direction[::7] = np.nan
    probability = made.probability.copy()
    probability[::11] = 0.5
    return replace(made, direction=direction, probability=probability)


def test_direction_metrics_equal_sklearn(outcomes: Outcomes) -> None:
    ours = forecast_metrics(outcomes)
    rows = outcomes.labelled
    y, p, said = outcomes.direction[rows], outcomes.probability[rows], outcomes.predicted_direction[rows]
    assert ours.n == rows.sum()
    assert ours.accuracy == pytest.approx(sk.accuracy_score(y, said))
    assert ours.mcc == pytest.approx(sk.matthews_corrcoef(y, said))
    assert ours.brier == pytest.approx(sk.brier_score_loss(y, p))
    assert ours.log_loss == pytest.approx(sk.log_loss(y, p))
    assert ours.auc == pytest.approx(sk.roc_auc_score(y, p))


def test_return_metrics_equal_sklearn(outcomes: Outcomes) -> None:
    ours = forecast_metrics(outcomes)
    y, f, close = outcomes.forward_return, outcomes.expected_return, outcomes.close
    assert ours.mae == pytest.approx(sk.mean_absolute_error(y, f))
    assert ours.rmse == pytest.approx(sk.root_mean_squared_error(y, f))
    assert ours.r2 == pytest.approx(sk.r2_score(y, f))
    following = close * (1 + y)
    assert ours.mape_close == pytest.approx(sk.mean_absolute_percentage_error(following, close * (1 + f)))
    assert ours.rmse_close == pytest.approx(sk.root_mean_squared_error(following, close * (1 + f)))
    assert ours.naive_mape_close == pytest.approx(sk.mean_absolute_percentage_error(following, close))
    assert ours.naive_rmse_close == pytest.approx(sk.root_mean_squared_error(following, close))


def test_ic_equals_scipy_day_by_day(outcomes: Outcomes) -> None:
    days = np.unique(outcomes.time)
    rows = [outcomes.select(outcomes.time == day) for day in days]
    plain = np.array([stats.pearsonr(d.expected_return, d.forward_return).statistic for d in rows])
    ranked = np.array([stats.spearmanr(d.expected_return, d.forward_return).statistic for d in rows])
    ours = forecast_metrics(outcomes)
    assert ours.ic_kind == "daily cross-section"
    assert ours.ic_days == len(days)
    assert daily_ic(outcomes).ic == pytest.approx(plain)
    assert ours.ic == pytest.approx(plain.mean())
    assert ours.rank_ic == pytest.approx(ranked.mean())
    assert ours.icir == pytest.approx(plain.mean() / plain.std(ddof=1))
    assert ours.rank_icir == pytest.approx(ranked.mean() / ranked.std(ddof=1))


def test_ic_is_pooled_with_few_symbols(make_outcomes) -> None:
    few = make_outcomes(n_symbols=3, skill=0.4)
    ours = forecast_metrics(few)
    assert ours.ic_kind == "pooled"
    assert ours.ic == pytest.approx(stats.pearsonr(few.expected_return, few.forward_return).statistic)
    assert ours.rank_ic == pytest.approx(stats.spearmanr(few.expected_return, few.forward_return).statistic)
    assert np.isnan(ours.icir)


def test_calibration_error_by_hand(make_outcomes) -> None:
    made = make_outcomes(n_symbols=1, n_days=4)
    four = replace(made, probability=np.array([0.1, 0.15, 0.9, 1.0]), direction=np.array([0.0, 1.0, 1.0, 1.0]))
    # Bin 0.1-0.2 holds 0.1 and 0.15 (mean 0.125, half rose), bin 0.9-1 holds 0.9 and 1 (mean 0.95, all rose).
    assert forecast_metrics(four).calibration_error == pytest.approx(0.5 * 0.375 + 0.5 * 0.05)


def test_coverage_and_blocks(outcomes: Outcomes) -> None:
    ours = forecast_metrics(outcomes, MetricsSettings(coverage_blocks=4))
    inside = np.abs(outcomes.forward_return - outcomes.expected_return) <= 0.0165
    assert ours.coverage == pytest.approx(inside.mean())
    assert ours.mean_width == pytest.approx(0.033)
    assert len(ours.coverage_over_time) == 4
    assert sum(block.n for block in ours.coverage_over_time) == len(outcomes)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_gives_zero_mcc(make_outcomes, label: float) -> None:
    made = make_outcomes()
    ours = forecast_metrics(replace(made, direction=np.full(len(made), label)))
    assert ours.mcc == 0.0
    assert np.isnan(ours.auc)
    assert 0 <= ours.accuracy <= 1


def test_nothing_known_gives_nan(make_outcomes) -> None:
    made = make_outcomes(n_symbols=1, n_days=5)
    nan = np.full(5, np.nan)
    ours = forecast_metrics(replace(made, direction=nan, forward_return=nan))
    assert (ours.n, ours.n_returns) == (0, 0)
    assert np.isnan([ours.accuracy, ours.rmse, ours.ic, ours.coverage]).all()
    assert forecast_metrics(made.select(np.zeros(5, dtype=bool))).n == 0


def test_constant_forecast_has_no_ic(make_outcomes) -> None:
    ours = forecast_metrics(make_outcomes(constant=0.6))
    assert np.isnan(ours.ic)
    assert ours.ic_days == 0


@pytest.mark.slow
@given(
    hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(-3, 3).map(float)),
    st.integers(0, 1000),
)
def test_ranks_and_correlation_within_groups(values: np.ndarray, seed: int) -> None:
    code = np.random.default_rng(seed).integers(0, 3, len(values))
    other = np.random.default_rng(seed + 1).normal(size=len(values))
    ranks = ranks_within(values, code)
    found, count = correlation_within(values, other, code, 3)
    for group in range(3):
        mask = code == group
        assert count[group] == mask.sum()
        assert ranks[mask] == pytest.approx(stats.rankdata(values[mask]))
        if mask.sum() > 2 and values[mask].std() > 0:
            assert found[group] == pytest.approx(np.corrcoef(values[mask], other[mask])[0, 1])
        elif mask.sum() < 2 or values[mask].std() == 0:
            assert np.isnan(found[group])


@given(st.integers(0, 500), st.integers(1, 4), st.integers(1, 30))
def test_metrics_stay_in_their_ranges(make_outcomes, seed: int, n_symbols: int, n_days: int) -> None:
    ours = forecast_metrics(make_outcomes(n_symbols=n_symbols, n_days=n_days, seed=seed))
    assert 0 <= ours.accuracy <= 1
    assert -1 <= ours.mcc <= 1
    assert 0 <= ours.brier <= 1
    assert 0 <= ours.calibration_error <= 1
    assert 0 <= ours.coverage <= 1
