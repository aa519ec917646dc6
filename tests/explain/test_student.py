"""A student is what it says: its parts sum to its log odds, and a saved copy answers the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.explain.distillation import Additive, Agreement, DistillationSettings, Forest, Student
from tradewind.explain.distillation.linear import pursuit
from tradewind.explain.distillation.student import fit_form, ranked

QUICK = DistillationSettings(rounds=60, trees=5, depth=3, leaf_share=0.01)
KINDS = ("linear", "gam", "forest")


@pytest.fixture(scope="module")
def lesson() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3000, 6)).astype(np.float32)
    target = 0.8 * values[:, 0] + np.where(values[:, 1] > 0.3, 0.6, -0.2) - 0.3 * np.abs(values[:, 2])
    return values, target.astype(np.float64)


def student_of(kind: str, lesson, names: tuple[str, ...]) -> Student:
    return Student(kind=kind, names=names, form=fit_form(kind, *lesson, QUICK), record={"rows": 3000})


@pytest.fixture(scope="module")
def prepared(lesson):
    """Stand in for a prepared dataset: a student reads names and features alone."""

    class Table:
        names = tuple("abcdef")
        features = lesson[0]

    return Table()


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_sum_to_the_log_odds(kind: str, lesson, prepared):
    student = student_of(kind, lesson, prepared.names)
    rows = np.arange(500, 900)
    parts = student.contributions(prepared, rows)
    assert parts.shape == (400, 6)
    np.testing.assert_array_equal(student.intercept + parts.sum(axis=1), student.log_odds(prepared, rows))
    odds = student.predict(prepared, rows)
    np.testing.assert_allclose(np.log(odds / (1 - odds)), student.log_odds(prepared, rows), atol=1e-9)
    # It learned something: the planted target, and the mean of its parts is nothing but the intercept.
    assert np.corrcoef(student.log_odds(prepared, np.arange(3000)), lesson[1])[0, 1] > 0.85
    assert student.intercept == pytest.approx(lesson[1].mean(), abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_student_answers_the_same(kind: str, lesson, prepared, tmp_path: Path):
    student = student_of(kind, lesson, prepared.names)
    student.save(tmp_path)
    again = Student.load(tmp_path)
    rows = np.arange(3000)
    np.testing.assert_array_equal(again.log_odds(prepared, rows), student.log_odds(prepared, rows))
    assert (again.kind, again.names, again.record) == (student.kind, student.names, student.record)
    assert again.rules() == student.rules()
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["state"]["model"]["intercept"] += 1.0
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="changed"):
        Student.load(tmp_path)


def test_steps_are_the_whole_additive_model(lesson):
    values, target = lesson
    form = fit_form("gam", values, target, QUICK)
    assert isinstance(form, Additive)
    for column, (edges, steps) in enumerate(zip(form.edges, form.steps, strict=True)):
        assert (np.diff(edges) > 0).all()
        assert len(steps) == len(edges) + 1
        assert form.contributions(values)[:, column].mean() == pytest.approx(0.0, abs=1e-9)
        # A value on an edge belongs to the step on its right.
        probe = np.zeros((1, 6))
        probe[0, column] = edges[3]
        assert form.contributions(probe)[0, column] == steps[4]
    # The planted jump of feature 1 is found where it is; a NaN adds nothing.
    low, high = form.contributions(np.array([[0, 0.0, 0, 0, 0, 0], [0, 0.6, 0, 0, 0, 0.0]]))[:, 1]
    assert high - low == pytest.approx(0.8, abs=0.1)
    assert (form.contributions(np.full((2, 6), np.nan)) == 0.0).all()


def test_forest_equals_the_forest_it_was_read_from(lesson):
    from sklearn.ensemble import RandomForestRegressor

    values, target = lesson
    form = fit_form("forest", values, target, QUICK)
    assert isinstance(form, Forest)
    leaf = int(QUICK.leaf_share * len(target))
    source = RandomForestRegressor(
        n_estimators=5, max_depth=3, min_samples_leaf=leaf, max_features=0.7, random_state=QUICK.seed
    ).fit(values, target)
    mine = form.intercept + form.contributions(values).sum(axis=1)
    np.testing.assert_allclose(mine, source.predict(values), atol=1e-9)
    rules = Student(kind="forest", names=tuple("abcdef"), form=form, record={}).rules()
    assert len(rules) == sum(int((tree.feature < 0).sum()) for tree in form.trees)
    assert all(" <= " in rule or " > " in rule for rule in rules)


def test_fidelity_rises_with_rounds_and_with_features(lesson):
    values, target = lesson

    def left(columns, rounds: int) -> float:
        settings = QUICK.model_copy(update={"rounds": rounds})
        form = fit_form("gam", values[:, columns], target, settings)
        return float(((target - form.intercept - form.contributions(values[:, columns]).sum(axis=1)) ** 2).mean())

    every = np.arange(6)
    errors = [left(every, rounds) for rounds in (5, 20, 80)]
    assert errors == sorted(errors, reverse=True)
    order = ranked("gam", values, target, QUICK)
    assert set(order[:3]) == {0, 1, 2}
    errors = [left(order[:size], 60) for size in (1, 2, 3)]
    assert errors == sorted(errors, reverse=True)


def test_pursuit_takes_one_of_two_twins():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 2000))
    values = np.stack([a, a + rng.normal(0, 0.01, 2000), b, rng.normal(size=2000), np.ones(2000)], axis=1)
    order = pursuit(values, a + 0.2 * b, 4, 1e-6)
    assert order[0] in {0, 1}
    assert order[1] == 2
    assert 4 not in order  # a column that does not vary is never taken


def test_a_missing_feature_is_named(lesson, prepared):
    student = student_of("linear", lesson, (*prepared.names[:5], "gone"))
    with pytest.raises(InputError, match="gone"):
        student.predict(prepared, np.arange(3))


def test_agreement_judges_each_prediction(tmp_path: Path):
    rule = Agreement(limit=0.5, quantile=0.95, rows=100)
    teacher = np.array([0.6, 0.6, 0.6, 0.5, np.nan, 0.51])
    student = np.array([0.62, 0.8, 0.45, 0.4, 0.6, 0.49])
    found = rule.judge(teacher, student)
    assert found.agrees.tolist() == [True, True, False, True, False, False]
    assert found.flagged.tolist() == [False, True, True, False, True, True]
    one = rule.judge(0.6, 0.8)
    assert bool(one.flagged)
    assert not bool(rule.judge(0.6, 0.61).flagged)
    rule.save(tmp_path)
    assert Agreement.load(tmp_path) == rule
    with pytest.raises(InputError, match="rule of agreement"):
        Agreement.load(tmp_path / "none")


def test_limit_is_learned_from_distances():
    rng = np.random.default_rng(2)
    teacher = rng.uniform(0.3, 0.7, 4000)
    student = np.clip(teacher + rng.normal(0, 0.02, 4000), 0.01, 0.99)
    rule = Agreement.learn(teacher, student, 0.9)
    assert (rule.judge(teacher, student).distance > rule.limit).mean() == pytest.approx(0.1, abs=0.002)
