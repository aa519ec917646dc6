"""The backtest against a worked example, and its figures against independent computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import Outcomes
from tradewind.evaluation.backtest import backtest
from tradewind.evaluation.pivot import carry_over_gaps, rolling_volatility
from tradewind.evaluation.positions import BacktestSettings, target_weights
from tradewind.evaluation.trading_metrics import drawdown_curve, equity_curve, trading_stats


@pytest.fixture
def tiny(make_outcomes) -> Outcomes:
    """Two symbols, three days: A says up, down, up; B says down, down, up."""
    made = make_outcomes(n_symbols=2, n_days=3)
    return replace(
        made,
        probability=np.array([0.9, 0.2, 0.3, 0.4, 0.8, 0.7]),
        forward_return=np.array([0.10, -0.20, -0.10, 0.20, 0.05, 0.01]),
    )


def test_worked_example_at_the_close(tiny: Outcomes) -> None:
    result = backtest(tiny, BacktestSettings(execution="close", cost_bp=10))
    # Day 1 +A -B half each: 0.5 * 0.10 + 0.5 * 0.20 = 0.15; day 2 -A -B: 0.05 - 0.10; day 3 +A +B: 0.025 + 0.005.
    assert result.gross == pytest.approx([0.15, -0.05, 0.03])
    # Into day 2: A grew to 0.55 / 1.15, B to -0.4 / 1.15; into day 3: A -0.45 / 0.95, B -0.6 / 0.95.
    turnover = [1.0, (0.5 + 0.55 / 1.15) + abs(-0.5 + 0.4 / 1.15), (0.5 + 0.45 / 0.95) + (0.5 + 0.6 / 0.95)]
    assert result.turnover == pytest.approx(turnover)
    assert result.returns == pytest.approx(result.gross - np.array(turnover) * 0.001)


def test_worked_example_one_bar_later(tiny: Outcomes) -> None:
    result = backtest(tiny, BacktestSettings(cost_bp=0))
    # The decision of day 1 earns the moves of day 2: -0.05 - 0.10; that of day 2 those of day 3: -0.025 - 0.005.
    assert result.gross == pytest.approx([-0.15, -0.03])
    assert list(result.days) == list(np.unique(tiny.time.astype("datetime64[D]"))[1:])


def test_next_bar_ignores_the_last_decision_and_the_first_move(tiny: Outcomes) -> None:
    p, r = tiny.probability.copy(), tiny.forward_return.copy()
    p[4:], r[:2] = 0.1, 0.5
    changed = replace(tiny, probability=p, forward_return=r)
    free = BacktestSettings(cost_bp=0)
    assert backtest(changed, free).returns == pytest.approx(backtest(tiny, free).returns)


def test_long_only_and_buy_and_hold(make_outcomes) -> None:
    up = make_outcomes(constant=0.6)
    result = backtest(up, BacktestSettings(side="long_only", cost_bp=0, execution="close"))
    table = up.forward_return.reshape(-1, 8)
    assert result.returns == pytest.approx(table.mean(axis=1))
    assert np.prod(1 + result.benchmark) == pytest.approx(np.prod(1 + table, axis=0).mean())
    assert result.exposure == pytest.approx(np.ones(len(table)))


def test_constant_signal_has_no_deciles_and_no_ranks() -> None:
    for weights in ("rank", "decile"):
        assert (target_weights(np.full((3, 20), 0.1), BacktestSettings(weights=weights)) == 0).all()


def test_decile_weights() -> None:
    signal = np.random.default_rng(0).permutation(30).astype(float)[None]
    weights = target_weights(signal, BacktestSettings(weights="decile"))[0]
    assert weights[signal[0] >= 27] == pytest.approx(np.full(3, 1 / 6))
    assert weights[signal[0] < 3] == pytest.approx(np.full(3, -1 / 6))
    assert np.count_nonzero(weights) == 6
    two = target_weights(np.array([[1.0, 2.0]]), BacktestSettings(weights="decile"))
    assert two[0] == pytest.approx([-0.5, 0.5])


def test_ties_at_a_decile_are_all_held() -> None:
    two_values = np.array([[1.0] * 6 + [-1.0] * 4])
    weights = target_weights(two_values, BacktestSettings(weights="decile"))[0]
    assert weights == pytest.approx([0.5 / 6] * 6 + [-0.5 / 4] * 4)


@given(
    st.integers(0, 1000),
    st.sampled_from(["sign", "rank", "decile"]),
    st.sampled_from(["long_short", "long_only"]),
)
def test_weights_stay_within_the_book(seed: int, weights: str, side: str) -> None:
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=(5, 7))
    signal[rng.random(signal.shape) < 0.3] = np.nan
    found = target_weights(signal, BacktestSettings(weights=weights, side=side))
    assert (np.abs(found).sum(axis=1) <= 1 + 1e-12).all()
    assert (found[np.isnan(signal)] == 0).all()
    if side == "long_only":
        assert (found >= 0).all()
    elif weights != "sign":
        assert found.sum(axis=1) == pytest.approx(np.zeros(5))


def test_costs_and_slippage_lower_returns(make_outcomes) -> None:
    made = make_outcomes()
    free, dear = backtest(made, BacktestSettings(cost_bp=0)), backtest(made, BacktestSettings(cost_bp=5, slippage_bp=5))
    assert dear.returns == pytest.approx(free.returns - free.turnover * 0.001)
    slipped = backtest(made, BacktestSettings(cost_bp=0, slippage_volatility=0.1))
    # A tenth of a daily volatility of about 1 % is about 10 bp.
    paid = (slipped.gross - slipped.returns)[10:].sum() / slipped.turnover[10:].sum()
    assert paid == pytest.approx(0.001, rel=0.15)


def test_skill_earns_and_decile_beats_noise(make_outcomes) -> None:
    at_close = BacktestSettings(execution="close", weights="decile", signal="expected_return")
    good = backtest(make_outcomes(n_symbols=30, skill=0.3), at_close)
    noise = backtest(make_outcomes(n_symbols=30, skill=0.0), at_close.model_copy(update={"cost_bp": 0.0}))
    assert good.stats.sharpe > 5 > 3 > abs(noise.stats.sharpe)


def test_figures_by_hand() -> None:
    r = np.random.default_rng(4).normal(0.0005, 0.01, 300)
    stats, series = trading_stats(r), pd.Series(r)
    wealth = (1 + series).cumprod()
    assert stats.sharpe == pytest.approx(series.mean() / series.std() * 252**0.5)
    assert stats.sortino == pytest.approx(series.mean() / ((series.clip(upper=0) ** 2).mean()) ** 0.5 * 252**0.5)
    assert stats.max_drawdown == pytest.approx((1 - wealth / wealth.cummax().clip(lower=1)).max())
    assert stats.total_return == pytest.approx(wealth.iloc[-1] - 1)
    assert stats.annual_return == pytest.approx(wealth.iloc[-1] ** (252 / 300) - 1)
    assert stats.calmar == pytest.approx(stats.annual_return / stats.max_drawdown)
    assert stats.hit_rate == pytest.approx((series > 0).mean())
    assert stats.profit_factor == pytest.approx(series[series > 0].sum() / -series[series < 0].sum())


def test_drawdown_by_hand() -> None:
    equity = equity_curve(np.array([-0.1, 0.2, -0.5, 0.1]))
    assert equity == pytest.approx([0.9, 1.08, 0.54, 0.594])
    assert drawdown_curve(equity) == pytest.approx([0.1, 0.0, 0.5, 0.45])


@pytest.mark.parametrize("n_days", [0, 1, 2])
@pytest.mark.parametrize("execution", ["close", "next_bar"])
def test_hardly_any_days(make_outcomes, n_days: int, execution: str) -> None:
    made = make_outcomes(n_symbols=1, n_days=2)
    cut = made.select(np.arange(2) < n_days)
    result = backtest(cut, BacktestSettings(execution=execution))
    assert len(result.returns) == max(n_days - (execution == "next_bar"), 0)
    assert result.to_dict()["n"] == len(result.returns)


def test_unknown_last_returns_are_not_traded(make_outcomes) -> None:
    made = make_outcomes(n_days=20)
    unknown = np.where(made.time == made.time[-1], np.nan, made.forward_return)
    result = backtest(replace(made, forward_return=unknown), BacktestSettings(execution="close"))
    assert len(result.returns) == 19


def test_gaps_keep_the_position() -> None:
    table = np.array([[1.0, np.nan], [np.nan, 2.0], [3.0, np.nan], [np.nan, np.nan]])
    filled = carry_over_gaps(table, np.isfinite(table))
    assert filled == pytest.approx(np.array([[1, np.nan], [1, 2], [3, np.nan], [np.nan, np.nan]]), nan_ok=True)


def test_rolling_volatility_sees_the_past_only() -> None:
    r = np.random.default_rng(0).normal(0, 0.01, (60, 2))
    expected = pd.DataFrame(r).rolling(20, min_periods=5).std().shift(1).fillna(0.02).to_numpy()
    assert rolling_volatility(r, 20, 0.02) == pytest.approx(expected)
