"""What the forecasts earn, against what they earned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.evaluation import BacktestSettings, backtest, trading_stats
from tradewind.monitoring.performance import BusinessExpectation, BusinessSettings, BusinessWatcher, LabelJoin
from tradewind.monitoring.performance.book import Book
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher


@pytest.fixture(scope="module")
def expectation(make_slices: Any, outcomes_of: Any) -> BusinessExpectation:
    return BusinessExpectation.from_outcomes(outcomes_of(make_slices(252, 12, 900, skill=0.15), regime="calm"))


@pytest.mark.parametrize("weights", ["sign", "rank"])
def test_the_book_earns_day_by_day_what_the_backtest_earns_at_once(
    make_slices: Any, outcomes_of: Any, weights: Any
) -> None:
    slices = make_slices(60, 12, 3)
    settings = BacktestSettings(execution="close", weights=weights, cost_bp=7.0)
    join, book = LabelJoin(), Book(settings)
    for one in slices:
        join.add(one)
    days = [book.trade(join.at("demo/1", one.time)) for one in slices]
    known = [day for day in days if day is not None]
    whole = backtest(outcomes_of(slices), settings)
    np.testing.assert_allclose([day.returns for day in known], whole.returns, atol=1e-12)
    np.testing.assert_allclose([day.gross for day in known], whole.gross, atol=1e-12)
    np.testing.assert_allclose([day.turnover for day in known], whole.turnover, atol=1e-12)
    assert days[-1] is None  # the last bar's return is not known


def test_a_symbol_that_leaves_is_sold(make_slices: Any) -> None:
    join, book = LabelJoin(), Book(BacktestSettings(execution="close", cost_bp=0.0))
    for one in make_slices(4, 12, 3):
        join.add(one)
    times = join.times("demo/1")
    book.trade(join.at("demo/1", times[0]))
    rows = join.at("demo/1", times[1])
    day = book.trade(rows.select(rows.symbol == "S000"))
    assert day is not None
    assert day.turnover > 0.9 + 11 / 12 * 0.95


@pytest.mark.slow
def test_a_model_that_lost_its_skill_earns_less_and_is_told(
    make_slices: Any, told: Any, expectation: BusinessExpectation
) -> None:
    watcher = BusinessWatcher(expectation)
    assert isinstance(watcher, Watcher)
    slices = make_slices(200, 12, 4, skill=0.15, true_skill=lambda day: 0.15 if day < 40 else -0.3)
    found = told(watcher, slices)
    assert {kind for kind, _ in found} == {"pnl_below_expectation", "hit_rate_drop", "drawdown"}
    assert 40 < min(found.values()) < 100
    state = watcher.state()
    assert state["pnl"] < state["bands"]["pnl"][0]
    assert state["sharpe"] < state["bands"]["sharpe"][0]
    assert state["drawdown"] > state["drawdown_limit"]


@pytest.mark.slow
def test_a_regime_that_loses_is_named(make_slices: Any, told: Any, expectation: BusinessExpectation) -> None:
    def regime(one: Slice) -> str:
        return "calm" if one.time.astype("datetime64[D]").astype(int) % 2 else "wild"

    first = make_slices(1, 2, 0)[0].time.astype("datetime64[D]")

    def skill(day: int) -> float:
        when = np.busday_offset(first, day, roll="forward")
        return -0.6 if when.astype(int) % 2 else 0.6

    found = told(BusinessWatcher(expectation, regime=regime), make_slices(150, 12, 5, skill=0.15, true_skill=skill))
    assert ("pnl_below_expectation", "regime=calm") in found


def test_rolling_figures_are_those_of_evaluation(
    make_slices: Any, told: Any, outcomes_of: Any, expectation: BusinessExpectation
) -> None:
    slices = make_slices(50, 12, 6, skill=0.15)
    watcher = BusinessWatcher(expectation)
    told(watcher, slices)
    whole = backtest(outcomes_of(slices), BacktestSettings(execution="close"))
    rolling, stats = watcher.rolling(), trading_stats(whole.returns)
    assert rolling["days"] == 49
    assert rolling["sharpe"] == pytest.approx(stats.sharpe)
    assert rolling["hit_rate"] == pytest.approx(stats.hit_rate)
    assert rolling["pnl"] == pytest.approx(whole.returns.sum())
    assert rolling["turnover"] == pytest.approx(whole.turnover.mean())


@pytest.mark.slow
def test_quiet_years_are_quiet(make_slices: Any, told: Any, outcomes_of: Any) -> None:
    settings = BusinessSettings(draws=400)
    loud = 0
    for seed in range(8):
        made = BusinessExpectation.from_outcomes(outcomes_of(make_slices(252, 8, 700 + seed, skill=0.15)), settings)
        loud += bool(told(BusinessWatcher(made, settings), make_slices(252, 8, seed, skill=0.15)))
    assert loud <= 1


@pytest.mark.slow
def test_later_slices_change_nothing(make_slices: Any, past_is_fixed: Any, expectation: BusinessExpectation) -> None:
    slices = make_slices(110, 12, 7, skill=0.15, true_skill=lambda _: -0.4)
    assert past_is_fixed(lambda: BusinessWatcher(expectation), slices, 90)


def test_what_a_slice_may_hold_is_borne(make_slices: Any, told: Any, expectation: BusinessExpectation) -> None:
    def hook(day: int, one: Slice) -> Slice:
        made = one.served[0]
        empty = replace(made, probability=np.full(len(made), np.nan))
        return replace(one, served=() if day % 2 else (empty,), labels=one.labels if day % 3 else None)

    assert not told(BusinessWatcher(expectation), make_slices(40, 12, 8, hook=hook))


def test_an_expectation_needs_days_and_says_so(make_slices: Any, outcomes_of: Any) -> None:
    with pytest.raises(InputError, match="30 days"):
        BusinessExpectation.from_outcomes(outcomes_of(make_slices(20, 12, 1)))


def test_a_reference_in_which_every_day_gained_is_no_error_and_promises_no_certainty(
    make_slices: Any, outcomes_of: Any
) -> None:
    rows = outcomes_of(make_slices(60, 12, 21))
    sure = replace(rows, probability=np.where(rows.forward_return > 0, 0.9, 0.1))
    found = BusinessExpectation.from_outcomes(sure)
    assert 0.9 < found.hits.value < 1
    assert found.hits.deviation > 0.15


@pytest.mark.slow
def test_the_limit_of_drawdown_lies_beyond_the_worst_day_that_was_seen(make_slices: Any, outcomes_of: Any) -> None:
    limits = {}
    for days in (41, 253):
        rows = outcomes_of(make_slices(days, 12, 22))
        book = backtest(rows, BacktestSettings(execution="close", cost_bp=5.0))
        limits[days] = BusinessExpectation.from_outcomes(rows).drawdown
        assert limits[days] > 1.2 * -book.returns.min()
