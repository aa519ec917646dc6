"""Imputation with training medians."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.impute import SimpleImputer

from tradewind.core import NotFittedError
from tradewind.quality import Imputer

CELL = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan))


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=20), elements=CELL))
def test_equals_scikit_learn_and_flags_each_gap(values: np.ndarray) -> None:
    rows = np.arange(len(values))
    out = Imputer().fit(values, rows).transform(values)
    theirs = SimpleImputer(strategy="median", keep_empty_features=True).fit_transform(values)
    np.testing.assert_allclose(out.values, theirs)
    np.testing.assert_array_equal(out.missing, np.isnan(values))


def test_only_fit_rows_count() -> None:
    values = np.array([[1.0], [3.0], [1000.0], [np.nan]])
    assert Imputer().fit(values, np.array([0, 1])).transform(values).values[3, 0] == 2.0


def test_column_empty_in_training_becomes_flagged_zero_and_survives_saving() -> None:
    values = np.array([[np.nan, 1.0], [np.nan, 2.0], [9.0, np.inf]], dtype=np.float32)
    one = Imputer().fit(values, np.array([0, 1]))
    for fitted in (one, Imputer.from_dict(json.loads(json.dumps(one.to_dict())))):
        out = fitted.transform(values)
        assert out.values.dtype == np.float32
        np.testing.assert_array_equal(out.values, [[0, 1], [0, 2], [0, 1.5]])
        np.testing.assert_array_equal(out.missing, [[True, False], [True, False], [True, True]])


def test_refuses_misuse() -> None:
    with pytest.raises(NotFittedError):
        Imputer().to_dict()
    with pytest.raises(ValueError, match="fitted on 1 columns"):
        Imputer().fit(np.zeros((2, 1)), np.arange(2)).transform(np.zeros((2, 3)))
