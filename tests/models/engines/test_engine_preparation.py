"""Prepared windows equal those that training prepares, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.models.engines.preparation import Preparation, places
from tradewind.quality import Imputer, Winsoriser

ROWS, COLUMNS = 120, 5


def fitted_state(rng: np.random.Generator, table: np.ndarray) -> tuple[dict[str, object], np.ndarray]:
    """Return what a preprocessor's ``to_dict`` holds, fitted on half of ``table``, and the occasions of all rows."""
    occasions = rng.random(ROWS) < 0.2
    train = np.arange(ROWS // 2)
    winsoriser = Winsoriser(0.05, 0.95).fit(table, train)
    imputer = Imputer().fit(winsoriser.transform(table), train)
    flagged = [1, 3]
    state = {
        "winsoriser": winsoriser.to_dict(),
        "imputer": imputer.to_dict(),
        "flagged": flagged,
        "mean": rng.normal(size=COLUMNS + 2).tolist(),
        "scale": (0.1 + rng.random(COLUMNS + 2)).tolist(),
    }
    return state, occasions


def by_training(state: dict, table: np.ndarray, occasions: np.ndarray) -> np.ndarray:
    """Return the prepared columns as training's preprocessor computes them."""
    clipped = Winsoriser.from_dict(state["winsoriser"]).transform(table, keep=occasions)
    filled = Imputer.from_dict(state["imputer"]).transform(clipped)
    joined = np.concatenate([filled.values, filled.missing[:, state["flagged"]].astype(np.float32)], axis=1)
    mean, scale = (np.array(state[name], dtype=np.float64).astype(np.float32) for name in ("mean", "scale"))
    return ((joined - mean) / scale).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), length=st.integers(1, 12), bars=st.integers(1, 12))
def test_windows_equal_training(seed, length, bars):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    table[rng.random(table.shape) < 0.15] = np.nan
    table[rng.random(table.shape) < 0.02] = np.inf
    table[:, 4] = np.nan if seed % 3 == 0 else table[:, 4]  # a column that was never seen
    state, occasions = fitted_state(rng, table)
    want = by_training(state, table, occasions)
    raw_place = rng.permutation(COLUMNS + 2)[:COLUMNS]  # raw features come in another order, with others among them
    raw = rng.normal(size=(ROWS, COLUMNS + 2)).astype(np.float32)
    raw[:, raw_place] = table
    preparation = Preparation.of(state, raw_place)
    rows = rng.integers(bars - 1, ROWS, 9)
    count = rng.integers(1, bars + 1, 9)
    index = rows[:, None] - np.arange(bars - 1, -1, -1)
    history, occasion = raw[index], occasions[index]
    history[np.arange(bars) < bars - count[:, None]] = np.nan
    got = preparation.windows(history, count, occasion, length)
    at = places(count, bars, length)
    assert got.shape == (9, length, COLUMNS + 2)
    for i in range(9):
        have = min(count[i], bars, length)
        assert at[i] == have - 1
        np.testing.assert_array_equal(got[i, :have], want[rows[i] - have + 1 : rows[i] + 1])
        np.testing.assert_array_equal(got[i, have:], np.repeat(want[rows[i]][None], length - have, axis=0))


def test_arrays_travel():
    rng = np.random.default_rng(1)
    state, _ = fitted_state(rng, rng.normal(size=(ROWS, COLUMNS)).astype(np.float32))
    one = Preparation.of(state, np.arange(COLUMNS))
    again = Preparation.from_arrays(one.to_arrays())
    for name, values in one.to_arrays().items():
        np.testing.assert_array_equal(values, again.to_arrays()[name])
