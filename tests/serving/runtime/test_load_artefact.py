"""A loaded artefact answers alike however it is asked, and a damaged one is not loaded at all."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import InputError, UsageError
from tradewind.models.engines.measure import taken
from tradewind.serving.contracts import ModelRows
from tradewind.serving.runtime import load_artefact

FIELDS = ("probability", "expected_return", "lower", "upper")
TOLERANCE = 2e-7  # another engine may answer a batch than one row; its float32 sums differ in their last bits


def one_of(rows: ModelRows, place: int) -> ModelRows:
    some = slice(place, place + 1)
    return ModelRows(
        history=rows.history[some], count=rows.count[some], scale=rows.scale[some], occasion=rows.occasion[some]
    )


def test_one_row_is_answered_as_among_many(served, rows):
    together = served.predict(rows)
    for place in (*range(20), len(rows) - 1):
        alone = served.predict(one_of(rows, place))
        for name in FIELDS:
            assert getattr(alone, name)[0] == pytest.approx(getattr(together, name)[place], abs=TOLERANCE)


def test_answers_make_sense(served, rows):
    answers = served.predict(rows)
    assert set(answers.members) == {"lstm", "random_forest", "xgboost"}
    assert ((answers.probability > 0.0) & (answers.probability < 1.0)).all()
    assert (answers.lower < answers.expected_return).all()
    assert (answers.expected_return < answers.upper).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_any_row_is_answered_and_bars_before_its_first_are_not_read(seed, served):
    rng = np.random.default_rng(seed)
    m, w, p = 5, served.window, len(served.features)
    history = rng.normal(scale=10.0 ** rng.integers(-3, 6), size=(m, w, p)).astype(np.float32)
    history[rng.random(history.shape) < 0.3] = np.nan
    history[rng.random(history.shape) < 0.05] = np.inf
    count = rng.integers(1, w + 1, m)
    rows = ModelRows(
        history=history,
        count=count,
        scale=np.where(rng.random(m) < 0.3, np.nan, 0.01),
        occasion=rng.random((m, w)) < 0.1,
    )
    answers = served.predict(rows)
    assert all(np.isfinite(getattr(answers, name)).all() for name in FIELDS)
    other = history.copy()
    other[np.arange(w) < w - count[:, None]] = rng.normal()
    again = served.predict(replace(rows, history=other))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(again, name), getattr(answers, name))


def test_fewer_bars_than_the_window_are_a_short_history(served, rows):
    one = one_of(rows, 40)
    short = ModelRows(history=one.history[:, -3:], count=np.array([3]), scale=one.scale, occasion=one.occasion[:, -3:])
    want = served.predict(replace(one, count=np.array([3])))
    assert served.predict(short).probability[0] == pytest.approx(want.probability[0], abs=1e-12)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda rows: replace(rows, history=rows.history[:, :, 1:]), "history"),
        (lambda rows: replace(rows, history=rows.history.astype(np.float64)), "history"),
        (lambda rows: replace(rows, occasion=rows.occasion[:, 1:]), "history"),
        (lambda rows: replace(rows, count=np.zeros_like(rows.count)), "count"),
    ],
)
def test_rows_of_another_shape_are_refused(change, field, served, rows):
    with pytest.raises(UsageError) as raised:
        served.predict(change(rows))
    assert raised.value.field == field


def test_each_damaged_file_is_named(artefact, damaged):
    names = sorted(path.name for path in artefact.iterdir())
    assert {"manifest.json", "lstm.onnx", "xgboost.trees.npz", "preparation.npz"} <= set(names)
    for name in names:
        with pytest.raises(InputError) as raised:
            load_artefact(damaged(name))
        assert name in str(raised.value)


def test_a_missing_file_is_named(artefact, damaged):
    folder = damaged("lstm.onnx")
    (folder / "lstm.onnx").unlink()
    with pytest.raises(InputError, match=r"lstm\.onnx"):
        load_artefact(folder)


def test_another_format_is_refused(artefact, tmp_path):
    from tradewind.models.storage import write_artefact

    state = json.loads((artefact / "manifest.json").read_text())["state"]
    write_artefact(tmp_path, "serving", {**state, "serving_format": 99})
    with pytest.raises(InputError, match="serving format 99"):
        load_artefact(tmp_path)


def test_a_baseline_answers_in_the_model_s_place(served, rows):
    always = served.fallback("always_up")
    answers = always.predict(rows)
    assert (answers.probability > 0.5).all()
    assert np.isnan(answers.lower).all()
    assert always.ref == f"{served.ref}:always_up"
    with pytest.raises(UsageError, match="cannot fall back to 'momentum'"):
        served.fallback("momentum")


def test_a_model_without_news_needs_no_text_head(served):
    assert served.head_folder is None
    assert served.about["tolerance"] == 1e-6


def test_engines_may_be_measured_anew(artefact, served, rows):
    again = load_artefact(artefact, remeasure=True)
    np.testing.assert_allclose(again.predict(rows).probability, served.predict(rows).probability, atol=TOLERANCE)
    assert set(again.engines) == set(served.engines)


def test_timings_are_of_as_many_rows_as_asked_for_and_of_whole_histories(rows, served):
    assert rows.count[0] == 1
    assert taken(rows, 3).count.tolist() == [served.window] * 3
    assert len(taken(rows, 500)) == 500


@pytest.mark.slow
def test_a_serving_process_holds_no_training_library(artefact):
    code = (
        "import sys; from tradewind.serving.runtime import load_artefact; "
        f"load_artefact({str(artefact)!r}); "
        "print([name for name in ('torch', 'sklearn', 'xgboost', 'lightgbm', 'catboost', 'shap', 'onnx', "
        "'tradewind.training') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
