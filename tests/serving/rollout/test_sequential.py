"""The tests may be looked at after every observation: false alarms stay below alpha, true faults are found."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tradewind.core import InputError, UsageError
from tradewind.serving.rollout import Bets, BettingInterval, MeanTest, MixtureTest, ProportionTest, RatioTest

ALPHA = 0.05


def most(alarms: float, runs: int) -> float:
    """Return the share of ``runs`` exceeded with probability 1e-4 where each alarms with probability ``alarms``."""
    return float(stats.binom.ppf(1 - 1e-4, runs, alarms)) / runs


def proportion_alarms(probability: float, runs: int, windows: int, *, restarting: bool) -> float:
    random = np.random.default_rng(7)
    found = 0
    for _ in range(runs):
        test = ProportionTest(0.02, restarting=restarting)
        for bad in random.binomial(50, probability, windows):
            test.update(int(bad), 50)
        found += test.bets.rejects(ALPHA)
    return found / runs


@pytest.mark.slow
@pytest.mark.parametrize("restarting", [False, True])
def test_a_proportion_at_its_limit_alarms_no_more_than_alpha_however_often_one_looks(restarting: bool) -> None:
    assert proportion_alarms(0.02, 200, 200, restarting=restarting) <= most(ALPHA, 200)


def test_a_proportion_above_its_limit_is_found() -> None:
    assert proportion_alarms(0.06, 40, 60, restarting=True) == 1.0


@pytest.mark.parametrize(("restarting", "most_windows"), [(True, 2), (False, 10_000)])
def test_a_long_good_past_does_not_hide_a_fault_that_begins_today(restarting: bool, most_windows: int) -> None:
    test = ProportionTest(0.01, restarting=restarting)
    for _ in range(20_000):
        test.update(0, 50)
    assert not test.bets.rejects(0.0025)
    windows = 0
    while not test.bets.rejects(0.0025):
        test.update(25, 50)
        windows += 1
        assert windows <= most_windows
    if not restarting:
        assert windows > 50, "the foil: evidence from the start alone must first win back what it lost"


@pytest.mark.slow
def test_a_ratio_of_equal_sides_does_not_alarm_even_where_both_fail() -> None:
    random, found = np.random.default_rng(3), 0
    for _ in range(200):
        test = RatioTest()
        for day in range(200):
            bad = 0.3 if day % 20 == 0 else 0.01  # a store that is down strikes both
            test.update(int(random.binomial(20, bad)), 20, int(random.binomial(380, bad)), 380)
        found += test.bets.rejects(ALPHA)
    assert found / 200 <= most(ALPHA, 200)


def test_a_canary_that_fails_more_often_than_the_control_is_found() -> None:
    random, test = np.random.default_rng(3), RatioTest()
    for _ in range(200):
        test.update(int(random.binomial(20, 0.05)), 20, int(random.binomial(380, 0.005)), 380)
    assert test.bets.rejects(0.01)
    assert not test.bets.rejects(1e-300)


def mean_alarms(make: Callable[[], MeanTest | MixtureTest], mean: float, runs: int, days: int) -> float:
    random, found = np.random.default_rng(11), 0
    for _ in range(runs):
        test = make()
        for value in random.normal(mean, 0.05, days):
            test.update(float(value))
        found += test.bets.rejects(ALPHA) if isinstance(test, MeanTest) else test.rejects(ALPHA)
    return found / runs


def better() -> MeanTest:
    return MeanTest(null=0.0, bound=0.25, side="above")


@pytest.mark.slow
def test_a_mean_of_nothing_alarms_no_more_than_alpha_where_repeated_t_tests_do() -> None:
    runs, days = 200, 250
    assert mean_alarms(better, 0.0, runs, days) <= most(ALPHA, runs)
    assert mean_alarms(lambda: MixtureTest(scale=0.02), 0.0, runs, days) <= most(ALPHA, runs)
    random = np.random.default_rng(11)
    values = random.normal(0.0, 0.05, (runs, days))
    count = np.arange(1, days + 1)
    mean = np.cumsum(values, axis=1) / count
    deviation = np.sqrt(np.maximum(np.cumsum(values**2, axis=1) / count - mean**2, 1e-12))
    looks = np.abs(mean / deviation * np.sqrt(count))[:, 20:] > 1.96
    assert looks.any(axis=1).mean() > 0.2, "the foil must show what peeking does"


def test_a_mean_above_the_null_is_found_and_one_below_never() -> None:
    assert mean_alarms(better, 0.03, 20, 250) == 1.0
    assert mean_alarms(better, -0.02, 50, 250) == 0.0
    assert mean_alarms(lambda: MixtureTest(scale=0.02), 0.03, 20, 250) == 1.0


def test_symbols_of_a_day_taken_for_trials_alarm_falsely_and_days_do_not() -> None:
    random, runs, days, symbols = np.random.default_rng(5), 60, 60, 50
    naive = clustered = 0
    for _ in range(runs):
        shared = random.normal(0.0, 0.1, days)
        values = np.clip(shared[:, None] + random.normal(0.0, 0.1, (days, symbols)), -1, 1)
        by_day, by_symbol = MixtureTest(scale=0.03), MixtureTest(scale=0.03)
        for day in values:
            by_day.update(float(day.mean()))
            for value in day[:20]:
                by_symbol.update(float(value))
        clustered, naive = clustered + by_day.rejects(ALPHA), naive + by_symbol.rejects(ALPHA)
    assert clustered / runs <= most(ALPHA, runs)
    assert naive / runs > 0.3


@given(st.lists(st.floats(-2, 2), max_size=60), st.sampled_from(["above", "below"]), st.floats(-0.2, 0.2))
def test_wealth_stays_finite_and_bounded_by_what_can_be_won(values: list[float], side: str, null: float) -> None:
    test = MeanTest(null=null, bound=0.25, side=side, restarting=True)  # type: ignore[arg-type]
    for value in values:
        test.update(value)
    assert math.isfinite(test.bets.log_e)
    assert 0.0 < test.bets.p_value <= 1.0


@given(st.floats(-0.2, 0.2), st.booleans())
def test_a_bet_gains_nothing_on_average_where_the_hypothesis_holds(mean: float, restarting: bool) -> None:
    """Exact: over two values of mean ``null`` the expected wealth is 1 at most."""
    high = (mean + 0.25) / 0.5  # probability of +bound that gives this mean
    total = 0.0
    for first, second in ((0.25, 0.25), (0.25, -0.25), (-0.25, 0.25), (-0.25, -0.25)):
        test = MeanTest(null=mean, bound=0.25, side="above", restarting=restarting)
        test.update(first)
        test.update(second)
        weight = (high if first > 0 else 1 - high) * (high if second > 0 else 1 - high)
        total += weight * math.exp(test.bets.log_e)
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.slow
def test_an_interval_covers_the_mean_at_all_times_and_narrows() -> None:
    random, missed, widths = np.random.default_rng(2), 0, []
    for _ in range(60):
        interval, outside = BettingInterval(bound=0.25), False
        for value in random.normal(0.03, 0.05, 150):
            interval.update(float(value))
            low, high = interval.ends
            outside |= not low <= 0.03 <= high
        missed += outside
        widths.append(high - low)
    assert missed / 60 <= most(ALPHA, 60)
    assert np.median(widths) < 0.06


def test_a_normal_interval_agrees_with_its_test() -> None:
    test = MixtureTest(scale=0.1, deviation=1.0)
    for value in np.random.default_rng(0).normal(0.3, 1.0, 400):
        test.update(float(value))
        low, high = test.interval(ALPHA)
        assert (not low <= 0.0 <= high) == (test.log_e > -math.log(ALPHA))
    assert low < test.mean < high


def test_evidence_is_taken_up_where_it_was_left_and_strange_evidence_refused() -> None:
    one, other = ProportionTest(0.01), ProportionTest(0.01)
    one.update(3, 50)
    other.bets.restore(one.bets.state())
    for test in (one, other):
        test.update(4, 50)
    assert one.bets.log_e == other.bets.log_e
    assert one.bets.p_value == other.bets.p_value < 1.0
    for strange in ({}, {"log": [1.0], "looks": 1, "peak": 0.0}, {"log": None, "looks": 1, "peak": 0.0}):
        with pytest.raises(InputError):
            other.bets.restore(strange)


def test_limits_that_mean_nothing_are_refused() -> None:
    with pytest.raises(UsageError):
        ProportionTest(0.0)
    with pytest.raises(UsageError):
        MeanTest(null=0.3, bound=0.25, side="above")
    with pytest.raises(UsageError):
        MixtureTest(scale=0.0)
    with pytest.raises(UsageError):
        BettingInterval(bound=-1.0)


def test_the_whole_wealth_is_one_before_anything_is_seen() -> None:
    assert Bets(5).log_e == pytest.approx(0.0)
    assert Bets(5, restarting=True).log_e == pytest.approx(0.0)
