"""Kernels against plain numpy on ragged series with holes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.features import kernels as k

WINDOWS = (2, 3, 5, 8)


@st.composite
def ragged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """A few series of 0 to 40 values, some missing, and a window."""
    lengths = draw(st.lists(st.integers(0, 40), min_size=1, max_size=4))
    n = sum(lengths)
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    x = draw(st.sampled_from([1.0, 1e-6, 1e8])) * (rng.normal(size=n) + draw(st.sampled_from([0.0, 100.0])))
    if draw(st.booleans()):
        x = np.round(x)  # brings ties and constant windows
    x[rng.random(n) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return x, offsets, draw(st.sampled_from(WINDOWS))


def naive(x: np.ndarray, offsets: np.ndarray, window: int, of: Callable[[np.ndarray], float]) -> np.ndarray:
    out = np.full(len(x), np.nan)
    for a, b in itertools.pairwise(offsets):
        for i in range(a + window - 1, b):
            part = x[i - window + 1 : i + 1]
            if not np.isnan(part).any():
                out[i] = of(part)
    return out


ROLLING = {
    "rolling_sum": np.sum,
    "rolling_mean": np.mean,
    "rolling_max": np.max,
    "rolling_min": np.min,
    "rolling_std": lambda v: np.std(v, ddof=1),
    "rolling_slope": lambda v: np.polyfit(np.arange(len(v)), v - v[-1], 1)[0],
    "rolling_rank": lambda v: (np.sum(v < v[-1]) + 0.5 * np.sum(v == v[-1])) / len(v),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROLLING)
@settings(max_examples=60, deadline=None)
@given(case=ragged())
def test_rolling_equals_plain_numpy(name: str, case: tuple[np.ndarray, np.ndarray, int]) -> None:
    x, offsets, window = case
    got = getattr(k, name)(x, offsets, window)
    scale = np.nanmax(np.abs(x), initial=1e-300)
    np.testing.assert_allclose(got, naive(x, offsets, window, ROLLING[name]), rtol=1e-9, atol=1e-11 * scale * window)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(case=ragged(), seed=st.integers(0, 1000))
def test_covariance_equals_plain_numpy(case: tuple[np.ndarray, np.ndarray, int], seed: int) -> None:
    x, offsets, window = case
    y = 0.5 * np.nan_to_num(x) + np.random.default_rng(seed).normal(size=len(x))
    cov, var_x, var_y = k.rolling_cov(x, y, offsets, window)
    both = x + 1j * y
    for got, of in (
        (cov, lambda v: np.cov(v.real, v.imag)[0, 1]),
        (var_x, lambda v: np.var(v.real, ddof=1)),
        (var_y, lambda v: np.var(v.imag, ddof=1)),
    ):
        scale = np.nanmax(np.abs(both), initial=1e-300) ** 2
        np.testing.assert_allclose(got, naive(both, offsets, window, of), rtol=1e-9, atol=1e-12 * scale)


@settings(max_examples=40, deadline=None)
@given(case=ragged())
def test_a_value_depends_on_nothing_after_its_bar_nor_on_other_symbols(
    case: tuple[np.ndarray, np.ndarray, int],
) -> None:
    x, offsets, window = case
    kernels = [getattr(k, name) for name in (*ROLLING, "ema", "wilder", "rsi", "lag", "growth", "bars_since_peak")]
    for kernel in kernels:
        whole = kernel(x, offsets, window)
        for a, b in itertools.pairwise(offsets):
            for stop in {(a + b) // 2, b}:
                alone = kernel(x[a:stop].copy(), np.array([0, stop - a]), window)
                assert np.array_equal(whole[a:stop], alone, equal_nan=True)


def test_rounding_does_not_build_up() -> None:
    x = np.full(200_000, 0.1)
    x[1000] = 1e15
    got = k.rolling_sum(x, np.array([0, len(x)]), 20)
    assert got[1020:].max() - got[1020:].min() < 1e-14
    assert abs(got[-1] - 2.0) < 1e-14


def test_a_constant_window_has_no_spread() -> None:
    x = np.full(500, 1234.5678)
    mean, std = k.rolling_mean_std(x, np.array([0, 500]), 20, 1)
    assert np.all(std[19:] == 0.0)
    assert np.all(mean[19:] == x[0])


def test_a_missing_value_costs_its_windows_and_no_more() -> None:
    x = np.arange(60.0)
    x[30] = np.nan
    for name in ("rolling_sum", "rolling_max", "rolling_min", "rolling_std", "rolling_slope", "rolling_rank"):
        got = getattr(k, name)(x, np.array([0, 60]), 7)
        assert np.array_equal(np.flatnonzero(np.isnan(got)), [*range(6), *range(30, 37)]), name


def test_an_exponential_average_skips_a_missing_value() -> None:
    x = np.arange(30.0)
    holed = np.insert(x, 12, np.nan)
    got = k.ema(holed, np.array([0, 31]), 5)
    assert np.isnan(got[12])
    assert np.array_equal(np.delete(got, 12), k.ema(x, np.array([0, 30]), 5), equal_nan=True)


def test_skewness_and_kurtosis_equal_scipy() -> None:
    from scipy import stats

    x = np.random.default_rng(3).lognormal(size=200)
    offsets = np.array([0, 80, 200])
    skew, kurt = k.rolling_skew_kurt(x, offsets, 30)
    np.testing.assert_allclose(skew, naive(x, offsets, 30, stats.skew), rtol=1e-9)
    np.testing.assert_allclose(kurt, naive(x, offsets, 30, stats.kurtosis), rtol=1e-9)


def test_skewness_of_a_constant_window_is_missing() -> None:
    skew, kurt = k.rolling_skew_kurt(np.full(30, 0.01), np.array([0, 30]), 10)
    assert np.isnan(skew).all()
    assert np.isnan(kurt).all()


def test_streaks_are_counted_and_broken() -> None:
    move = np.array([np.nan, 0.1, 0.2, -0.1, -0.1, 0.0, 0.3, np.nan, 0.1])
    got = k.streak(move, np.array([0, 9]))
    assert np.array_equal(got, [np.nan, 1, 2, -1, -2, 0, 1, np.nan, 1], equal_nan=True)
