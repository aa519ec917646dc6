"""The compiled join equals the combiner it was made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Forecast
from tradewind.models import CalibrationSettings, Combiner, CombinerSettings
from tradewind.models.engines.join import Join

NAMES = ("a", "b", "c")


def forecasts(rng: np.random.Generator, rise: np.ndarray) -> dict[str, Forecast]:
    rows = np.arange(len(rise))
    return {
        name: Forecast.point(
            rows,
            np.clip(0.5 + 0.1 * k * (rise - 0.5) + rng.normal(0, 0.1, len(rise)), 0.0, 1.0),
            rng.normal(0, 0.01, len(rise)),
        )
        for k, name in enumerate(NAMES)
    }


def fitted(seed: int, settings: CombinerSettings) -> tuple[Combiner, dict[str, Forecast]]:
    rng = np.random.default_rng(seed)
    rise = (rng.random(200) < 0.5).astype(np.float64)
    found = forecasts(rng, rise)
    returns = np.where(rise > 0, 1, -1) * np.abs(rng.normal(0, 0.01, 200))
    return Combiner(NAMES, settings).fit(found, rise, returns, np.repeat(np.arange(20), 10)), found


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    method=st.sampled_from(["weights", "stack", "vote"]),
    intercept=st.sampled_from(["fitted", "centred", "believed"]),
)
def test_join_equals_the_combiner(seed, method, intercept):
    combiner, found = fitted(
        seed, CombinerSettings(method=method, calibration=CalibrationSettings(intercept=intercept))
    )
    join = Join.of(combiner)
    assert join is not None
    want = combiner.combine(found)
    got = join.combine(
        np.stack([found[name].probability for name in NAMES]),
        np.stack([found[name].expected_return for name in NAMES]),
    )
    np.testing.assert_allclose(got[0], want[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(got[1], want[1], rtol=0, atol=1e-14)


def test_step_functions_are_left_to_the_combiner():
    stepped = CombinerSettings(calibration=CalibrationSettings(method="isotonic"))
    combiners = [fitted(seed, stepped)[0] for seed in range(5)]
    with_steps = [one for one in combiners if one.final_stepped or any(map(one.member_stepped, NAMES))]
    assert with_steps
    assert all(Join.of(one) is None for one in with_steps)
    assert Join.of(fitted(0, CombinerSettings())[0]) is not None


def test_certain_members_are_kept_off_certainty():
    combiner, _ = fitted(1, CombinerSettings())
    join = Join.of(combiner)
    assert join is not None
    chance, _ = join.combine(np.array([[0.0, 1.0]] * 3), np.zeros((3, 2)))
    assert 0.0 < chance[0] < 0.5 < chance[1] < 1.0
    assert chance[1] == pytest.approx(
        combiner.combine({name: Forecast.point(np.arange(1), [1.0], [0.0]) for name in NAMES})[0][0], abs=1e-12
    )
