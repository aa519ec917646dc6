"""Coverage of return intervals on simulated markets."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tradewind.core import NotFittedError, UsageError
from tradewind.models import ConformalInterval, ConformalSettings

DAY = np.timedelta64(1, "D")


def wild_market(n_days: int, width: int, *, seed: int, shift: bool) -> tuple[np.ndarray, ...]:
    """Return (returns, expected, scale, start), day by day; with ``shift`` the scale is twice too small halfway on."""
    rng = np.random.default_rng(seed)
    level = np.exp(np.cumsum(rng.normal(0, 0.05, n_days)) * 0.5 - 4.0)
    sigma = np.repeat(level, width)
    truth = sigma * np.where(np.repeat(np.arange(n_days) >= n_days // 2, width) & shift, 2.0, 1.0)
    returns = truth * rng.standard_t(5, n_days * width)
    start = np.repeat(np.datetime64("2010-01-01", "us") + np.arange(n_days) * DAY, width)
    return returns, 0.1 * sigma * rng.normal(size=len(sigma)), sigma, start


def covered(returns: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return (returns >= bounds[0]) & (returns <= bounds[1])


@pytest.mark.parametrize("seed", range(3))
def test_split_conformal_covers_heteroskedastic_returns_in_every_block_of_time(seed):
    returns, expected, scale, _ = wild_market(400, 20, seed=seed, shift=False)
    model = ConformalInterval().fit(returns[:4000], expected[:4000], scale[:4000])
    hit = covered(returns[4000:], model.interval(expected[4000:], scale[4000:]))
    assert hit.mean() == pytest.approx(0.9, abs=0.02)
    assert np.abs(hit.reshape(4, -1).mean(axis=1) - 0.9).max() < 0.04


@pytest.mark.parametrize("seed", range(3))
def test_adaptation_restores_coverage_after_a_shift_and_a_fixed_rate_does_not(seed):
    returns, expected, scale, start = wild_market(800, 10, seed=seed, shift=True)
    model = ConformalInterval().fit(returns[:2000], expected[:2000], scale[:2000])
    later = slice(2000, None)
    bounds = model.intervals_over_time(
        returns[later], expected[later], scale[later], start=start[later], end=start[later] + DAY
    )
    adapted, fixed = (
        covered(returns[later], bounds),
        covered(returns[later], model.interval(expected[later], scale[later])),
    )
    assert fixed[2000:].mean() < 0.8
    assert adapted.mean() == pytest.approx(0.9, abs=0.02)
    blocks = adapted[2500:].reshape(5, -1).mean(axis=1)
    assert np.abs(blocks - 0.9).max() < 0.04
    assert model.alpha == 0.1  # the object itself has not moved


def test_steps_in_time_equal_the_pass_over_time():
    returns, expected, scale, start = wild_market(60, 5, seed=4, shift=True)
    model = ConformalInterval().fit(returns, expected, scale * 0.7)
    bounds = model.intervals_over_time(returns, expected, scale, start=start, end=start + DAY)
    for day in np.unique(start):
        rows = start == day
        lower, upper = model.interval(expected[rows], scale[rows])
        np.testing.assert_array_equal(lower, bounds[0][rows])
        np.testing.assert_array_equal(upper, bounds[1][rows])
        model.adapt(returns[rows], expected[rows], scale[rows])


def test_bounds_use_no_label_before_it_is_known():
    returns, expected, scale, start = wild_market(80, 4, seed=5, shift=True)
    model = ConformalInterval().fit(returns, expected, scale)
    end = start + 5 * DAY
    moment = start[200]
    changed = np.where(end > moment, 9.0, returns)
    a = model.intervals_over_time(returns, expected, scale, start=start, end=end)
    b = model.intervals_over_time(changed, expected, scale, start=start, end=end)
    early = start <= moment
    np.testing.assert_array_equal(a[0][early], b[0][early])
    assert not np.array_equal(a[0], b[0])
    mixed = np.random.default_rng(0).permutation(len(start))
    c = model.intervals_over_time(returns[mixed], expected[mixed], scale[mixed], start=start[mixed], end=end[mixed])
    np.testing.assert_allclose(c[1], a[1][mixed], rtol=1e-12)


def test_unknown_labels_are_never_learned_from():
    returns, expected, scale, start = wild_market(30, 4, seed=6, shift=False)
    model = ConformalInterval().fit(returns, expected, scale)
    never = np.full(len(start), np.datetime64("NaT"), dtype="datetime64[us]")
    bounds = model.intervals_over_time(returns, expected, scale, start=start, end=never)
    fixed = model.interval(expected, scale)
    np.testing.assert_array_equal(bounds, fixed)


def test_quantile_is_the_textbook_one_and_monotone():
    model = ConformalInterval().fit(np.arange(1.0, 100.0), np.zeros(99), np.ones(99))
    assert model.quantile(0.1) == 90.0
    assert model.quantile(0.5) == 50.0
    assert model.quantile(1.0) == 0.0
    widths = [model.quantile(alpha) for alpha in np.linspace(-0.5, 1.2, 60)]
    assert (np.diff(widths) <= 0).all()
    assert np.isfinite(widths).all()


def test_round_trip_and_errors():
    model = ConformalInterval(ConformalSettings(alpha=0.2)).fit(np.arange(9.0), np.zeros(9), np.ones(9))
    model.adapt(np.array([50.0]), np.zeros(1), np.ones(1))
    again = ConformalInterval.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.alpha == model.alpha < 0.2
    np.testing.assert_array_equal(again.interval(np.zeros(2), np.ones(2)), model.interval(np.zeros(2), np.ones(2)))
    with pytest.raises(NotFittedError):
        ConformalInterval().interval(np.zeros(2), np.ones(2))
    with pytest.raises(UsageError, match="calibration row"):
        ConformalInterval().fit(np.full(3, np.nan), np.zeros(3), np.ones(3))
