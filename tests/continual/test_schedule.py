"""Rates rise with change and doubt, decay in stability, and read nothing of the future."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tradewind.continual.regimes.context import RegimeContext
from tradewind.continual.schedule import LossChange, ScheduleSettings, StabilitySchedule, days_since_change
from tradewind.core import InputError


def told(entropy, days):
    return RegimeContext(
        names=("calm", "stressed"),
        probability=np.array([0.5, 0.5]),
        entropy=entropy,
        regime="calm",
        days_since_change=days,
    )


@given(entropy=st.floats(0.0, 1.0), days=st.integers(0, 500), more=st.integers(1, 500))
def test_rates_stay_between_floor_and_peak_and_fall_with_time(entropy, days, more):
    schedule = StabilitySchedule()
    early, late = schedule.rate(told(entropy, days)), schedule.rate(told(entropy, days + more))
    assert 0.001 <= late <= early <= 0.01 * (1.0 + 1e-12)


@given(low=st.floats(0.0, 1.0), high=st.floats(0.0, 1.0), days=st.integers(0, 500))
def test_doubt_never_lowers_the_rate(low, high, days):
    schedule = StabilitySchedule()
    low, high = min(low, high), max(low, high)
    assert schedule.rate(told(low, days)) <= schedule.rate(told(high, days))


def test_the_log_of_the_rate_halves_its_way_each_half_life():
    schedule = StabilitySchedule(ScheduleSettings(floor=0.001, peak=0.1, half_life=10.0))
    logs = [np.log10(schedule.rate(told(0.0, days)) / 0.001) for days in (0, 10, 20)]
    assert logs == pytest.approx([2.0, 1.0, 0.5])


def test_nothing_known_of_regimes_is_no_stability():
    assert StabilitySchedule().rate(None) == 0.01


@settings(max_examples=40)
@given(seed=st.integers(0, 999), days=st.integers(2, 60), cut=st.integers(1, 59))
def test_a_later_day_changes_no_earlier_rate(seed, days, cut):
    table = np.random.default_rng(seed).dirichlet(np.full(3, 0.3), days)
    whole = StabilitySchedule().rates(table)
    assert np.array_equal(StabilitySchedule().rates(table[:cut]), whole[:cut])


def test_rates_of_days_are_those_of_their_contexts():
    table = np.array([[1.0, 0.0], [1.0, 0.0], [0.1, 0.9], [0.0, 1.0]])
    assert days_since_change(table).tolist() == [0, 1, 0, 1]
    rates = StabilitySchedule().rates(table)
    assert rates[3] == pytest.approx(StabilitySchedule().rate(told(0.0, 1)))
    assert rates[1] < rates[0]
    assert rates[2] == pytest.approx(0.01)


def test_rows_that_are_no_probabilities_are_refused():
    with pytest.raises(InputError, match="sum 1"):
        StabilitySchedule().rates(np.array([[0.5, 0.6]]))


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(ValidationError, match="below floor"):
        ScheduleSettings(floor=0.1, peak=0.01)
    with pytest.raises(ValidationError, match="must be above certain"):
        ScheduleSettings(certain=0.9, doubtful=0.5)


def test_a_rise_of_losses_is_a_change_and_a_fall_is_none():
    rng = np.random.default_rng(0)
    change, found = LossChange(), []
    for day, loss in enumerate(np.r_[rng.normal(0.6, 0.05, 300), rng.normal(0.9, 0.05, 100)]):
        if change.update(float(loss)):
            found.append(day)
    assert found
    assert 300 <= found[0] <= 340
    assert change.days_since_change < 100
    better = LossChange()
    assert not any(better.update(float(x)) for x in np.r_[rng.normal(0.9, 0.05, 300), rng.normal(0.6, 0.05, 100)])
    assert better.days_since_change == 400
    assert better.update(float("nan")) is False


@pytest.mark.slow
def test_the_schedule_needs_no_torch():
    code = "import sys, tradewind.continual.schedule, tradewind.continual.routing; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
