"""How fast a net learns from each day when the regimes say how stable it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets import FineTuning, NetSettings
from tradewind.continual.nets.pace import day_rates, paced
from tradewind.continual.protocol import Experience
from tradewind.continual.schedule import ScheduleSettings, StabilitySchedule

SCHEDULE = ScheduleSettings(floor=0.001, peak=0.01, half_life=5.0)
A_DAY = 3


def lesson(days: int, change: int) -> Lesson:
    """Return rows of a regime that changes on day ``change``, known with certainty."""
    rng = np.random.default_rng(0)
    rows = days * A_DAY
    day = np.repeat(np.arange(days), A_DAY)
    second = (day >= change).astype(np.float64)
    return Lesson(
        inputs=rng.normal(size=(rows, 2)).astype(np.float32),
        rose=(rng.random(rows) < 0.5).astype(np.float64),
        weight=rng.random(rows) + 0.5,
        day=day,
        regimes=np.column_stack([1.0 - second, second]),
    )


def experience(seed: int, *, told: bool = True) -> Experience:
    """Return a rule on the first feature."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(300, 2)).astype(np.float32)
    time = np.datetime64("2020-01-01", "us") + np.arange(300) * np.timedelta64(12, "h")
    second = (np.arange(300) >= 150).astype(np.float64)
    return Experience(
        name="rule",
        features=features,
        direction=(features[:, 0] > 0).astype(np.float64),
        time=time,
        known_at=time,
        regimes=np.column_stack([1.0 - second, second]) if told else None,
    )


def test_rows_of_a_day_have_the_rate_of_the_schedule_on_that_day() -> None:
    one = lesson(40, 20)
    rates = day_rates(one, SCHEDULE).reshape(40, A_DAY)
    assert one.regimes is not None
    expected = StabilitySchedule(SCHEDULE).rates(one.regimes[::A_DAY])
    np.testing.assert_array_equal(rates, np.repeat(expected[:, None], A_DAY, axis=1))
    assert rates[20, 0] == pytest.approx(SCHEDULE.peak)
    assert rates[19, 0] < 0.2 * SCHEDULE.peak
    assert (np.diff(rates[20:, 0]) < 0.0).all()


def test_no_rate_reads_a_later_day() -> None:
    whole, changed = lesson(40, 20), lesson(40, 31)
    early = day_rates(whole.select(whole.day < 20), SCHEDULE)
    np.testing.assert_array_equal(day_rates(whole, SCHEDULE)[: len(early)], early)
    np.testing.assert_array_equal(day_rates(changed, SCHEDULE)[: len(early)], early)


def test_step_and_weight_together_are_the_rate_of_the_day() -> None:
    one = lesson(40, 20)
    taught, rate = paced(one, SCHEDULE)
    np.testing.assert_allclose(rate * taught.weight / one.weight, day_rates(one, SCHEDULE))
    assert SCHEDULE.floor < rate < SCHEDULE.peak


def test_without_regimes_every_day_has_the_peak() -> None:
    taught, rate = paced(replace(lesson(10, 5), regimes=None), SCHEDULE)
    assert rate == pytest.approx(SCHEDULE.peak)
    np.testing.assert_allclose(taught.weight, lesson(10, 5).weight)


def test_a_schedule_between_equal_rates_is_the_constant_rate() -> None:
    same = ScheduleSettings(floor=0.004, peak=0.004)
    asked = experience(9).features
    constant = FineTuning(NetSettings(rate=0.004, steps=40)).learn(experience(1)).predict(asked)
    paced_too = FineTuning(NetSettings(schedule=same, steps=40)).learn(experience(1)).predict(asked)
    np.testing.assert_allclose(paced_too, constant, atol=1e-6)


def test_the_schedule_moves_what_is_learned_and_comes_back_from_disk(tmp_path: Path) -> None:
    asked = experience(9).features
    constant = FineTuning(NetSettings(steps=40)).learn(experience(1)).predict(asked)
    learner = FineTuning(NetSettings(schedule=SCHEDULE, steps=40)).learn(experience(1))
    assert np.abs(learner.predict(asked) - constant).max() > 1e-4
    learner.save(tmp_path / "learner")
    back = FineTuning.load(tmp_path / "learner")
    assert back.settings.schedule == SCHEDULE
    np.testing.assert_array_equal(back.learn(experience(2)).predict(asked), learner.learn(experience(2)).predict(asked))


def test_a_schedule_whose_peak_is_below_its_floor_is_refused() -> None:
    with pytest.raises(ValidationError, match="below floor"):
        NetSettings(schedule={"floor": 0.1, "peak": 0.01})
