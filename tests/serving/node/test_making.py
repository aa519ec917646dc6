"""Ids follow inputs; windows of the past equal those that were live then."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.serving.contracts import Answers, ModelRows
from tradewind.serving.node.forecasts import _rows_of
from tradewind.serving.node.making import Subjects, inputs_ids, predictions_of
from tradewind.serving.node.past import touched, window_until
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.windows import FeatureWindows


def rows(seed: int = 0) -> ModelRows:
    rng = np.random.default_rng(seed)
    return ModelRows(
        history=rng.normal(size=(3, 4, 2)).astype(np.float32),
        count=np.array([4, 2, 4]),
        scale=np.array([0.01, np.nan, 0.02]),
        occasion=np.zeros((3, 4), dtype=bool),
        group=["a", "b", "b"],
    )


def test_an_id_changes_with_every_value_that_is_read_and_with_nothing_else() -> None:
    base = inputs_ids(rows())
    assert inputs_ids(rows()) == base
    assert len(set(base)) == 3
    for change in ("history", "count", "scale", "occasion", "group"):
        other = rows()
        if change == "history":
            other.history[0, 1, 1] = np.nextafter(other.history[0, 1, 1], np.float32(9))
        elif change == "group":
            object.__setattr__(other, "group", ["x", "b", "b"])
        else:
            getattr(other, change).reshape(-1)[0] += 1
        found = inputs_ids(other)
        assert found[0] != base[0], change
        assert found[1:] == base[1:], change


def test_predictions_carry_what_the_model_said_and_equal_ids_for_equal_inputs() -> None:
    numbers = np.array([0.1, 0.2, 0.3])
    answers = Answers(probability=numbers, expected_return=numbers, lower=numbers, upper=numbers)
    subjects = Subjects(
        code=np.arange(3), symbol=["A", "B", "C"], time=np.array([1, 1, 2]), known_at=np.array([5, 6, 7])
    )
    first = predictions_of("m/1", "champion", subjects, rows(), answers, 10)
    later = predictions_of("m/1", "champion", subjects, rows(), answers, 99)
    assert [p.id for p in first] == [p.id for p in later]
    assert [(p.symbol, p.time, p.known_at, p.probability) for p in first] == [
        ("A", 1, 5, 0.1),
        ("B", 1, 6, 0.2),
        ("C", 2, 7, 0.3),
    ]
    assert {p.id for p in predictions_of("m/2", "champion", subjects, rows(), answers, 10)}.isdisjoint(
        p.id for p in first
    )


def history(n_slices: int, n_symbols: int, seed: int) -> list[FeatureBlock]:
    rng = np.random.default_rng(seed)
    found = []
    for time in range(n_slices):
        code = np.flatnonzero(rng.random(n_symbols) < 0.7)
        k = len(code)
        found.append(
            FeatureBlock(
                time=time,
                code=code,
                known_at=np.full(k, time),
                values=rng.normal(size=(k, 3)).astype(np.float32),
                scale=rng.random(k),
                occasion=rng.random(k) < 0.3,
                revision=np.zeros(k, dtype=np.int32),
            )
        )
    return found


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 6), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_window_of_the_past_equals_the_live_one_of_then(n: int, symbols: int, w: int, seed: int) -> None:
    blocks = history(n, symbols, seed)
    live = FeatureWindows(symbols, ("a", "b", "c"), w)
    codes = np.arange(symbols)
    for place, block in enumerate(blocks):
        live.put(block)
        now = live.rows(codes, ("c", "a"), w)
        then = window_until(blocks[: place + 1], codes, np.array([2, 0]), w)
        for name in ("history", "count", "scale", "occasion"):
            np.testing.assert_array_equal(getattr(then, name), getattr(now, name))


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_touched_are_the_windows_that_hold_a_changed_row(n: int, symbols: int, w: int, seed: int) -> None:
    blocks = history(n, symbols, seed)
    rng = np.random.default_rng(seed + 1)
    changed = {b.time: b.code[rng.random(len(b)) < 0.3] for b in blocks}
    found = touched(blocks, changed, w)
    for place, block in enumerate(blocks):
        expected = []
        for code in block.code:
            last = [b.time for b in blocks[: place + 1] if code in b.code][-w:]
            if any(code in changed[time] for time in last):
                expected.append(code)
        assert sorted(found.get(block.time, np.empty(0)).tolist()) == expected


@pytest.mark.parametrize("value", [1e39, -1e300])
def test_a_given_feature_that_would_be_read_as_infinite_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match="more than a feature can be") as raised:
        _rows_of([{"a": 1.0}, {"b": value}], ("a", "b"), 3)
    assert (raised.value.row, raised.value.field) == (2, "b")


def test_given_features_stand_at_the_last_bar_and_others_count_as_missing() -> None:
    rows = _rows_of([{"b": 3.4e38}, {"a": 1.0, "b": float("nan")}], ("a", "b"), 3)
    assert np.isnan(rows.history[:, :2]).all()
    np.testing.assert_array_equal(rows.history[:, 2], np.array([[np.nan, 3.4e38], [1.0, np.nan]], dtype=np.float32))
    assert rows.count.tolist() == [1, 1]
