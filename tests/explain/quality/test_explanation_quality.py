"""Every check of an explanation passes for a good one and fails for a bad one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.core.plain import finite
from tradewind.explain.distillation import DistillationSettings, distil
from tradewind.explain.importance import correlated_groups, permutation_importance
from tradewind.explain.importance.settings import ImportanceSettings
from tradewind.explain.lime import LimeSettings
from tradewind.explain.probe import Probe, sampled
from tradewind.explain.quality import (
    ExplanationQualitySettings,
    QualityReport,
    Removal,
    agreement_by_row,
    agreement_of_importance,
    agreement_with_student,
    faithfulness,
    fit_on_shuffled_labels,
    planted_check,
    planted_market_check,
    random_model_check,
    steadiness,
    with_shuffled_labels,
)
from tradewind.explain.quality.measure import measure_quality
from tradewind.explain.shapley import Explainer
from tradewind.explain.subject import Subject, explain_of

QUICK = ExplanationQualitySettings(
    rows=30, background=4, steps=6, orders=2, subsets=10, draws_of_noise=2, draws=300, lime_rows=5,
    lime=LimeSettings(samples=200, repeats=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def subject(fitted) -> Subject:
    return Subject.of(fitted.model, fitted.data, fitted.test)


@pytest.fixture(scope="module")
def rows(subject):
    return sampled(subject.rows, QUICK.rows, 0)


@pytest.fixture(scope="module")
def values(subject, rows):
    return subject.explain(subject.prepared, rows)


@pytest.fixture(scope="module")
def probe(subject, rows):
    return subject.probe(rows)


@pytest.fixture(scope="module")
def background(subject):
    return subject.background(QUICK.background, 0)


def noise_like(values: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).permuted(values, axis=1)


def test_shapley_values_are_faithful(probe, values, background):
    found = faithfulness(probe, values, background, QUICK)
    assert found.passed
    assert found.words.startswith("the model answers as the explanation says")
    assert found.deletion.gain.lower > 0.2
    assert found.insertion.gain.lower > 0.2
    assert found.correlation.lower > 0.7
    for curve in (found.deletion, found.insertion):
        assert curve.share[0] == 0.0
        assert curve.share[-1] == 1.0
    assert found.deletion.explained[0] == pytest.approx(found.insertion.explained[-1], abs=1e-6)
    assert found.deletion.explained[-1] == pytest.approx(found.insertion.explained[0], abs=1e-6) == 0.0


@pytest.mark.parametrize("bad", [noise_like, np.negative, np.zeros_like])
def test_a_bad_order_is_not_faithful(probe, values, background, bad):
    found = faithfulness(probe, bad(values), background, QUICK)
    assert not found.passed
    assert found.words.startswith("the explanation is not shown faithful")


def test_the_true_order_of_a_line_is_as_faithful_as_can_be(fitted, subject):
    slope = np.linspace(1.0, 0.1, len(subject.prepared.names))
    rows = fitted.test[:40]
    probe, background = (
        Probe(subject.prepared, r, lambda data, x: data.features[x].astype(np.float64) @ slope)
        for r in (rows, fitted.train[:50])
    )
    true = slope * (probe.inputs - background.inputs.mean(axis=0))
    found = faithfulness(probe, true, background, QUICK)
    assert found.passed
    assert found.correlation.value == pytest.approx(1.0, abs=1e-4)
    removal = Removal(probe, background)
    kept = np.ones((1, len(slope)), dtype=bool)
    kept[0, 2] = False
    assert removal.own[5] - removal.odds(kept, np.array([5]))[0] == pytest.approx(true[5, 2], abs=1e-5)


def test_what_does_not_fit_is_refused(probe, values, background, subject, rows):
    with pytest.raises(InputError, match="contributions have shape"):
        faithfulness(probe, values[:3], background, QUICK)
    with pytest.raises(InputError, match="same columns and bars"):
        Removal(probe, Probe(subject.prepared, rows, subject.odds, look_back=1))


def test_shapley_values_are_stable_and_random_ones_are_not(probe, subject):
    found = steadiness(probe, subject.explain, QUICK)
    assert found.passed
    assert found.rank.value > 0.9
    assert found.change.value < 0.2
    assert 0.0 < found.lipschitz <= found.worst
    assert 0.0 < found.accounted <= 1.0
    rng = np.random.default_rng(0)
    bad = steadiness(probe, lambda data, rows: rng.standard_normal((len(rows), len(data.names))), QUICK)
    assert not bad.passed
    assert bad.words.startswith("explanations are not stable")
    assert bad.worst > 10.0 * found.worst
    assert bad.accounted < 0.1


def test_the_lipschitz_estimate_of_a_line_is_its_largest_slope(fitted, subject):
    slope = np.zeros(len(subject.prepared.names))
    slope[0] = 3.0
    probe = Probe(subject.prepared, fitted.test[:30], lambda data, rows: data.features[rows] @ slope)
    settings = QUICK.model_copy(update={"draws_of_noise": 60})
    found = steadiness(probe, lambda data, rows: data.features[rows] * slope, settings)
    assert found.worst <= 3.0 + 1e-3
    assert found.worst > 1.5
    assert found.accounted == pytest.approx(1.0, abs=1e-3)


def test_explanations_that_say_the_same_agree(subject, values, rows):
    time = subject.prepared.panel.time[rows]
    same = agreement_by_row(("SHAP", values), ("twice", 2.0 * values), time, settings=QUICK)
    assert same.rank.value == pytest.approx(1.0)
    assert same.overlap == 1.0
    assert same.passed
    other = agreement_by_row(("SHAP", values), ("noise", noise_like(values)), time, settings=QUICK)
    assert not other.passed
    assert "SHAP and noise do not agree by row" in other.words
    assert other.rank.upper < 0.5


def test_correlated_columns_may_share_credit_as_they_like():
    groups = [["a", "b"], ["c"], ["d"], ["e"]]
    first = {"a": 5.0, "b": 0.0, "c": 3.0, "d": 2.0, "e": 1.0}
    second = {"a": 0.0, "b": 5.0, "c": 3.0, "d": 2.0, "e": 1.0}
    (by_group,) = agreement_of_importance({"one": first, "two": second}, groups)
    (by_column,) = agreement_of_importance({"one": first, "two": second})
    assert by_group.rank.value == pytest.approx(1.0)
    assert by_group.level == "group"
    assert not by_column.passed
    x, y = np.array([[5.0, 0.0, -1.0, 2.0]]), np.array([[0.0, 5.0, -1.0, 2.0]])
    day = np.array(["2020-01-01"], dtype="datetime64[us]")
    joined = agreement_by_row(("x", x), ("y", y), day, groups=[[0, 1], [2], [3]])
    assert joined.rank.value == pytest.approx(1.0)
    assert agreement_by_row(("x", x), ("y", y), day).rank.value < 0.5


def test_permutation_and_shapley_importance_put_the_same_groups_first(subject, values):
    groups = correlated_groups(subject.prepared, subject.train, 0.9)
    permutation = permutation_importance(
        subject.out_of_sample, groups, settings=ImportanceSettings(repeats=1, rows=400, draws=100)
    )
    shap = dict(zip(subject.prepared.names, np.abs(values).mean(axis=0).tolist(), strict=True))
    (found,) = agreement_of_importance({"SHAP": shap, "permutation": permutation.by_column()}, groups, QUICK)
    assert found.passed
    upside_down = {name: -value for name, value in shap.items()}
    (bad,) = agreement_of_importance({"SHAP": upside_down, "permutation": permutation.by_column()}, groups, QUICK)
    assert not bad.passed


@pytest.mark.slow
def test_a_model_of_shuffled_labels_is_explained_otherwise(subject, values, rows):
    time = subject.prepared.panel.time[rows]
    noise = fit_on_shuffled_labels(subject.model, subject.prepared, subject.train, seed=1)
    shuffled = explain_of(Explainer.of_prepared(noise, subject.prepared, subject.train))(subject.prepared, rows)
    found = random_model_check(values, [shuffled], time, QUICK)
    assert found.passed
    assert found.size < 0.5  # calibration lets a model of noise only whisper
    # an explainer that shows the inputs, whatever was learned from them, does not pass
    inputs = subject.prepared.features[rows].astype(np.float64)
    bad = random_model_check(inputs, [inputs], time, QUICK)
    assert not bad.passed
    assert bad.rank.value == pytest.approx(1.0)
    assert "not shown to depend" in bad.words


def test_shuffled_labels_are_the_same_labels_and_the_rest_stays(subject):
    data = with_shuffled_labels(subject.prepared, subject.train, seed=3)
    before, after = subject.prepared.labels, data.labels
    assert np.array_equal(np.sort(after.direction[subject.train]), np.sort(before.direction[subject.train]))
    assert not np.array_equal(after.direction[subject.train], before.direction[subject.train])
    both = after.direction[subject.train] > 0.5, after.forward_return[subject.train] > 0.0
    assert np.array_equal(*both)  # direction and return of a label stay together
    assert np.array_equal(after.direction[subject.rows], before.direction[subject.rows])
    np.testing.assert_array_equal(after.end, before.end)


@pytest.mark.slow
def test_a_planted_rule_is_found_by_shapley_values_and_missed_by_a_blind_explainer():
    planted, random = planted_market_check(lambda model, data: explain_of(Explainer.of(model, data)))
    assert planted.passed
    assert planted.first == 1
    assert planted.share > 0.5
    assert planted.random_share < 0.5 * planted.share
    assert random.passed
    assert random.fits == 6
    blind, same = planted_market_check(
        lambda model, data: lambda prepared, rows: np.tile(np.arange(len(prepared.names)), (len(rows), 1)) + 0.0
    )
    assert not blind.passed
    assert not same.passed
    assert blind.words.startswith("what was planted is not found")


def test_planted_columns_must_be_on_top_and_lose_their_place_with_the_labels():
    importance = {"a": 5.0, "b": 1.0, "c": 1.0}
    assert planted_check(importance, ["a"]).passed
    assert planted_check(importance, ["a"], {"a": 1.0, "b": 1.0, "c": 1.0}).passed
    assert not planted_check(importance, ["a"], {"a": 50.0, "b": 10.0, "c": 10.0}).passed
    assert not planted_check(importance, ["b"]).passed
    with pytest.raises(InputError, match="no planted column"):
        planted_check(importance, ["z"])


@pytest.fixture(scope="module")
def student(fitted):
    settings = DistillationSettings(kind="gam", sizes=(10,), rounds=40, importance_rows=200, draws=100)
    return distil(fitted.model, fitted.data, "2012-12-31", settings=settings).student


@pytest.mark.slow
def test_teacher_and_student_agree_and_a_wrong_teacher_does_not(subject, values, rows, student):
    found = agreement_with_student(values, student, subject.prepared, rows, QUICK)
    assert found.passed
    assert (found.first, found.second) == ("teacher", "student")
    assert not agreement_with_student(-values, student, subject.prepared, rows, QUICK).passed


@pytest.mark.slow
def test_the_report_holds_every_check_and_says_what_failed(subject, student):
    permutation = permutation_importance(
        subject.out_of_sample,
        correlated_groups(subject.prepared, subject.train, 0.9),
        settings=ImportanceSettings(repeats=1, rows=200, draws=100),
    )
    found = measure_quality(subject, settings=QUICK, permutation=permutation, student=student)
    assert [check.name for check in found.checks] == [
        "faithfulness", "stability", "agreement of SHAP and LIME", "agreement of SHAP and permutation",
        "agreement of LIME and permutation", "agreement of teacher and student", "random model", "planted rule",
        "random model, planted rule",
    ]  # fmt: skip
    assert found.faithfulness.passed
    assert found.steadiness.passed
    told = json.loads(json.dumps(finite(found.to_dict()), allow_nan=False))
    assert [check["passed"] for check in told["checks"]] == [check.passed for check in found.checks]
    assert told["faithfulness"]["deletion"]["gain"]["lower"] > 0
    failed = replace(found, steadiness=replace(found.steadiness, limit=1.01), agreements=())
    assert isinstance(failed, QualityReport)
    assert not failed.passed
    assert "failed: " in failed.verdict
    assert "stability" in failed.verdict


def test_columns_nobody_uses_do_not_make_two_importances_agree():
    idle = {f"idle{i}": 0.0 for i in range(40)}
    one = {"a": 3.0, "b": 2.0, "c": 1.0, **idle}
    other = {"a": 1.0, "b": 2.0, "c": 3.0, **idle}
    (found,) = agreement_of_importance({"SHAP": one, "permutation": other})
    assert found.rank.value == pytest.approx(-1.0)
    assert not found.passed


def test_a_shuffled_model_that_learned_nothing_is_no_likeness(values, subject, rows):
    time = subject.prepared.panel.time[rows]
    found = random_model_check(values, [np.zeros_like(values)], time, QUICK)
    assert found.passed
    assert found.rank.value == 0.0
    assert found.size == 0.0
    assert not random_model_check(np.zeros_like(values), [values], time, QUICK).passed


def test_noise_leaves_flags_at_their_levels(subject):
    rows = subject.rows[:40]
    features = subject.prepared.features.copy()
    features[:, 0] = np.where(np.arange(len(features)) % 3 == 0, 1.7, -0.6).astype(np.float32)
    data = subject.prepared.with_features(features, subject.prepared.names)

    def cut(data, at):  # a tree that cuts at the very level of the flag, as boosted trees do
        return np.where(data.features[at, 0] < np.float32(1.7), -1.0, 1.0) + 0.1 * data.features[at, 1]

    def explain(data, at):
        out = np.zeros((len(at), len(data.names)))
        out[:, 0], out[:, 1] = np.where(data.features[at, 0] < np.float32(1.7), -1.0, 1.0), 0.1 * data.features[at, 1]
        return out

    found = steadiness(Probe(data, rows, cut), explain, QUICK)
    assert found.change.value < 0.05
