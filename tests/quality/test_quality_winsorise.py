"""Winsorising at training quantiles."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats.mstats import winsorize

from tradewind.core import NotFittedError, UsageError
from tradewind.quality import Winsoriser

FINITE = st.floats(-1e6, 1e6)


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=4, max_side=30), elements=FINITE))
def test_rows_after_the_fit_window_change_nothing(values: np.ndarray) -> None:
    rows = np.arange(len(values) // 2)
    changed = values.copy()
    changed[len(values) // 2 :] = 1e9
    first, second = Winsoriser(0.1, 0.9).fit(values, rows), Winsoriser(0.1, 0.9).fit(changed, rows)
    np.testing.assert_array_equal(first.bounds, second.bounds)
    out = first.transform(values)
    low, high = first.bounds
    assert (out >= low).all()
    assert (out <= high).all()
    np.testing.assert_array_equal(first.transform(out), out)


def test_equals_scipy_on_an_exact_grid() -> None:
    values = np.random.default_rng(0).permutation(101).astype(float)[:, None]
    ours = Winsoriser(0.1, 0.9).fit(values, np.arange(101)).transform(values)
    theirs = np.asarray(winsorize(values[:, 0], limits=(10 / 101, 10 / 101)))
    np.testing.assert_allclose(ours[:, 0], theirs)


def test_events_are_kept_as_they_are() -> None:
    values = np.arange(100, dtype=np.float32)[:, None]
    keep = np.zeros(100, dtype=bool)
    keep[99] = True
    out = Winsoriser(0.05, 0.95).fit(values, np.arange(100)).transform(values, keep=keep)
    assert out.dtype == np.float32
    assert out[99, 0] == 99
    assert out[98, 0] < 98


def test_nan_and_empty_columns() -> None:
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0], [np.inf, 7.0]])
    one = Winsoriser(0.0, 1.0).fit(values, np.array([0, 1]))
    again = Winsoriser.from_dict(json.loads(json.dumps(one.to_dict())))
    for fitted in (one, again):
        out = fitted.transform(values)
        np.testing.assert_array_equal(out[:, 0], [1.0, np.nan, 1.0, 1.0])
        np.testing.assert_array_equal(out[:, 1], values[:, 1])


def test_refuses_misuse() -> None:
    with pytest.raises(UsageError):
        Winsoriser(0.9, 0.1)
    with pytest.raises(NotFittedError):
        Winsoriser().transform(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="fitted on 2 columns"):
        Winsoriser().fit(np.zeros((2, 2)), np.arange(2)).transform(np.zeros((2, 3)))
