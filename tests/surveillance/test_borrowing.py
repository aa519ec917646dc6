"""Kernels that borrow their arrays read and write the caller's own, and leave them with their owner."""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from numba import njit

from tradewind.surveillance.borrowing import borrowed

RECORD = np.dtype([("count", np.int64), ("sums", np.float64, (2,))])


class Inner(NamedTuple):
    records: npt.NDArray[np.void]


class Outer(NamedTuple):
    rows: npt.NDArray[np.float64]
    inner: Inner
    factor: int


@njit
def _double(state: Outer) -> float:
    state = borrowed(state)
    total = 0.0
    for i in range(len(state.rows)):
        row = state.rows[i]
        row[:] *= state.factor
        state.inner.records[i].count += 1
        state.inner.records[i].sums[1] = row[0]
        total += row.sum()
    return total


@njit
def _view(array: npt.NDArray[np.float64]) -> float:
    return float(borrowed(array)[1:].sum())


@pytest.mark.slow
def test_a_borrowed_tuple_of_arrays_is_the_callers_own() -> None:
    state = Outer(np.arange(6.0).reshape(3, 2), Inner(np.zeros(3, RECORD)), 2)
    assert _double(state) == 30.0
    assert state.rows.tolist() == [[0.0, 2.0], [4.0, 6.0], [8.0, 10.0]]
    assert state.inner.records["count"].tolist() == [1, 1, 1]
    assert state.inner.records["sums"][:, 1].tolist() == [0.0, 4.0, 8.0]


@pytest.mark.slow
def test_borrowing_keeps_strides_and_leaves_no_reference_behind() -> None:
    whole = np.arange(20.0).reshape(4, 5)
    column = whole[:, 2]
    assert _view(column) == 7.0 + 12.0 + 17.0
    before = sys.getrefcount(whole), sys.getrefcount(column)
    for _ in range(5):
        _view(column)
    assert (sys.getrefcount(whole), sys.getrefcount(column)) == before
