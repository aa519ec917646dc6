"""What every learner in LEARNERS keeps to."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tradewind.continual.protocol import Experience, Learner
from tradewind.continual.registry import LEARNERS, make_learner
from tradewind.core import NotFittedError, UsageError

pytestmark = pytest.mark.slow

DAYS, A_DAY = 40, 12
SLOW = ("maml", "first_order_maml", "reptile", "online_forest")  # gradients through many steps and forests take seconds
EACH = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in LEARNERS]


def planted(seed: int, *, start: str = "2020-01-01", sign: float = 1.0, level: float = 0.0) -> Experience:
    """Return rows whose direction follows the first feature in 9 of 10 cases; ``level`` tells regimes apart."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(DAYS * A_DAY, 3)).astype(np.float32)
    features[:, 2] = level + 0.1 * features[:, 2]
    follows = rng.random(len(features)) < 0.9
    rose = (sign * features[:, 0] > 0) == follows
    time = np.repeat(np.datetime64(start, "us") + np.arange(DAYS) * np.timedelta64(1, "D"), A_DAY)
    second = float(level > 0)
    return Experience(
        name=start,
        features=features,
        direction=rose.astype(np.float64),
        time=time,
        known_at=time + np.timedelta64(1, "D"),
        regimes=np.tile([1.0 - second, second], (len(features), 1)),
    )


FIRST, SECOND = planted(1), planted(2, start="2021-01-01", sign=-1.0, level=3.0)
ASKED = planted(3)


@cache
def _taught(name: str) -> Learner:
    return make_learner(name, seed=4).learn(FIRST).learn(SECOND)


@pytest.fixture
def taught(name: str) -> Learner:
    """Return the learner after two experiences; tests only read it."""
    return _taught(name)


@pytest.mark.parametrize("name", EACH)
class TestEveryLearner:
    """Each learner alike."""

    def test_forecasts_are_probabilities(self, taught: Learner) -> None:
        one = taught.predict(ASKED.features, ASKED.context)
        assert one.shape == (len(ASKED),)
        assert ((one >= 0.0) & (one <= 1.0)).all()

    @pytest.mark.slow  # three to five lessons of every learner
    def test_is_deterministic_and_comes_back_from_disk_and_goes_on_alike(
        self, name: str, taught: Learner, tmp_path: Path
    ) -> None:
        expected = taught.predict(ASKED.features, ASKED.context)
        again = make_learner(name, seed=4).learn(FIRST).learn(SECOND)
        np.testing.assert_array_equal(again.predict(ASKED.features, ASKED.context), expected)
        again.save(tmp_path / "learner")
        back = type(again).load(tmp_path / "learner")
        np.testing.assert_array_equal(back.predict(ASKED.features, ASKED.context), expected)
        third = planted(5, start="2022-01-01")
        np.testing.assert_array_equal(
            back.learn(third).predict(ASKED.features, ASKED.context),
            again.learn(third).predict(ASKED.features, ASKED.context),
        )

    def test_no_file_on_disk_holds_pickled_code(self, taught: Learner, tmp_path: Path) -> None:
        taught.save(tmp_path / "learner")
        files = [path for path in (tmp_path / "learner").rglob("*") if path.is_file()]
        assert {path.suffix for path in files} <= {".json", ".npz"}
        for path in files:
            if path.suffix == ".npz":
                with np.load(path, allow_pickle=False) as archive:
                    assert all(archive[key].dtype.kind in "biuf" for key in archive.files)

    def test_a_row_is_forecast_from_itself_alone(self, taught: Learner) -> None:
        """Later rows, changed or left out, do not move the forecast of an earlier one."""
        one, half = taught, len(ASKED) // 2
        whole = one.predict(ASKED.features, ASKED.context)
        changed = ASKED.features.copy()
        changed[half:] = 100.0
        np.testing.assert_allclose(one.predict(changed, ASKED.context)[:half], whole[:half], atol=1e-6)
        early = ASKED.select(np.arange(half))
        np.testing.assert_allclose(one.predict(early.features, early.context), whole[:half], atol=1e-6)

    def test_forecasting_teaches_nothing(self, taught: Learner) -> None:
        one = taught
        before = one.predict(FIRST.features, FIRST.context)
        one.predict(SECOND.features, SECOND.context)
        np.testing.assert_array_equal(before, one.predict(FIRST.features, FIRST.context))

    def test_learns_what_is_planted_and_nothing_from_rows_without_a_direction(self, name: str) -> None:
        one = make_learner(name, seed=4).learn(FIRST)
        before = one.predict(ASKED.features, ASKED.context)
        assert ((before >= 0.5) == (ASKED.direction > 0.5)).mean() > 0.7
        untold = replace(SECOND, direction=np.full(len(SECOND), np.nan))
        np.testing.assert_array_equal(one.learn(untold).predict(ASKED.features, ASKED.context), before)

    def test_takes_up_a_rule_that_contradicts_the_first(self, taught: Learner) -> None:
        asked = planted(6, sign=-1.0, level=3.0)
        called = taught.predict(asked.features, asked.context) >= 0.5
        assert (called == (asked.direction > 0.5)).mean() > 0.65

    def test_values_that_are_missing_give_a_forecast(self, taught: Learner) -> None:
        blank = np.full((5, 3), np.nan, dtype=np.float32)
        told = taught.predict(blank, ASKED.select(np.arange(5)).context)
        assert np.isfinite(told).all()

    def test_refuses_to_forecast_before_it_has_learned(self, taught: Learner) -> None:
        with pytest.raises(NotFittedError):
            taught.fresh().predict(ASKED.features, ASKED.context)


def test_a_name_nobody_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="rehearsal"):
        make_learner("nobody", seed=0)
