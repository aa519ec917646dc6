"""The background, the definition of Shapley values, and lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.explain.shapley import Background, brute_shapley, linear_shap
from tradewind.training import build_dataset


@pytest.fixture(scope="module")
def ragged(make_panel):
    """Return a dataset of symbols of different lengths; each row's value is its own number."""
    data = build_dataset(make_panel(n_symbols=4, n_days=200, gaps=True), names=("return_1",))
    return data.with_features(np.arange(len(data), dtype=np.float32)[:, None], ("return_1",))


def test_each_stretch_of_time_gives_one_row(ragged):
    rows = np.flatnonzero(ragged.panel.time < np.datetime64("2014-08-01"))
    drawn = Background.draw(ragged, rows, size=32, windows=0, window=5, seed=1)
    chosen = drawn.values[:, 0].astype(int)
    assert len(set(chosen)) == len(drawn) == 32
    assert set(chosen) <= set(rows)
    rank = np.sort(ragged.panel.time[rows])
    for i, row in enumerate(chosen):
        first, last = rank[i * len(rows) // 32], rank[min((i + 1) * len(rows) // 32, len(rows) - 1)]
        assert first <= ragged.panel.time[row] <= last
    assert drawn.windows.shape == (0, 5, 1)


def test_equal_seeds_draw_the_same_and_others_not(ragged):
    rows = np.arange(len(ragged))
    one, same, other = (Background.draw(ragged, rows, size=20, windows=4, window=5, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.values, same.values)
    np.testing.assert_array_equal(one.windows, same.windows)
    assert (one.values != other.values).any()


def test_windows_are_the_bars_up_to_rows_that_were_drawn(ragged):
    drawn = Background.draw(ragged, np.arange(len(ragged)), size=64, windows=8, window=30, seed=3)
    assert drawn.windows.shape == (8, 30, 1)
    ends = drawn.windows[:, -1, 0].astype(int)
    assert set(ends) <= set(drawn.values[:, 0].astype(int))
    assert (np.diff(ragged.panel.time[ends]) >= np.timedelta64(0)).all()
    assert (ragged.bar_index[ends] >= 29).all()
    np.testing.assert_array_equal(drawn.windows[:, :, 0], ends[:, None] + np.arange(-29, 1))


def test_a_short_history_repeats_its_first_bar(ragged):
    start = ragged.panel.offsets[1]
    drawn = Background.draw(ragged, start + np.array([0, 2]), size=8, windows=4, window=5, seed=0)
    np.testing.assert_array_equal(drawn.windows[0, :, 0], [start] * 5)
    np.testing.assert_array_equal(drawn.windows[1, :, 0] - start, [0, 0, 0, 1, 2])
    assert len(drawn) == 2


def test_background_comes_back_from_its_arrays(ragged):
    drawn = Background.draw(ragged, np.arange(len(ragged)), size=10, windows=2, window=5, seed=0)
    again = Background.from_arrays(drawn.to_arrays())
    np.testing.assert_array_equal(again.values, drawn.values)
    np.testing.assert_array_equal(again.windows, drawn.windows)
    np.testing.assert_array_equal(again.centre, drawn.centre)
    assert again.names == drawn.names == ("return_1",)


def test_a_background_that_cannot_be_drawn_is_refused(ragged):
    with pytest.raises(UsageError, match="no row"):
        Background.draw(ragged, np.empty(0, dtype=np.int64), window=5, seed=0)
    for wrong in ({"size": 0}, {"windows": -1}, {"window": 0}):
        with pytest.raises(UsageError, match="cannot be drawn"):
            Background.draw(ragged, np.arange(5), **{"window": 5, "seed": 0} | wrong)
    with pytest.raises(ValueError, match="windows"):
        Background(values=np.zeros((1, 2), np.float32), windows=np.zeros((2, 3, 2), np.float32), names=("a", "b"))
    with pytest.raises(ValueError, match="centre"):
        Background(**vars(Background.draw(ragged, np.arange(5), window=5, seed=0)) | {"centre": np.zeros((4, 1))})
    with pytest.raises(ValueError, match="values"):
        Background(values=np.zeros((0, 1), np.float32), windows=np.zeros((0, 3, 1), np.float32), names=("a",))


def test_the_definition_on_a_game_known_by_hand():
    # Shapley's glove game: columns 0 and 1 hold left gloves, column 2 the right one; a pair is worth 1.
    def pairs(rows):
        return np.minimum(np.minimum(rows[:, 0] + rows[:, 1], 1.0), rows[:, 2])

    values = brute_shapley(pairs, np.ones(3), np.zeros((1, 3)))
    np.testing.assert_allclose(values, [1 / 6, 1 / 6, 4 / 6], rtol=0, atol=1e-15)


def test_the_definition_refuses_what_it_cannot_enumerate():
    with pytest.raises(UsageError, match="13 columns"):
        brute_shapley(lambda rows: rows[:, 0], np.zeros(13), np.zeros((1, 13)))
    for background in (np.zeros((0, 2)), np.zeros((3, 4)), np.zeros(2)):
        with pytest.raises(UsageError, match="background has shape"):
            brute_shapley(lambda rows: rows[:, 0], np.zeros(2), background)


floats = st.floats(-5, 5, width=32)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5).flatmap(lambda q: st.tuples(*(st.lists(floats, min_size=q, max_size=q) for _ in range(4)))))
def test_values_of_a_line_are_those_of_the_definition(parts):
    coefficients, row, *background = (np.array(part) for part in parts)
    values, base = linear_shap(coefficients, 0.5, row[None], np.array(background))

    def line(rows):
        return rows @ coefficients + 0.5

    expected = brute_shapley(line, row, np.array(background))
    np.testing.assert_allclose(values[0], expected, rtol=0, atol=1e-9)
    assert base + values.sum() == pytest.approx(line(row[None])[0], abs=1e-9)


def test_a_line_refuses_rows_that_do_not_fit():
    slopes, good = np.ones(2), np.zeros((3, 2))
    with pytest.raises(UsageError, match=r"inputs.*2 slopes"):
        linear_shap(slopes, 0.0, np.zeros((3, 1)), good)
    with pytest.raises(UsageError, match=r"background.*not finite"):
        linear_shap(slopes, 0.0, good, np.full((1, 2), np.inf))
    with pytest.raises(UsageError, match="no row"):
        linear_shap(slopes, 0.0, good, np.zeros((0, 2)))
