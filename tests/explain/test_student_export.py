"""Every form of student as a served model: equal answers, in the champion's shadow, without a training library."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Event, UsageError
from tradewind.data import MarketSettings, simulate
from tradewind.explain.distillation import Agreement, DistillationSettings, Student, distil, export_student
from tradewind.explain.distillation.student import fit_form
from tradewind.features import SelectionSettings, compute_features
from tradewind.models import EnsembleSettings
from tradewind.models.engines import Pipeline
from tradewind.serving.contracts import ModelRows
from tradewind.serving.rollout import FLAG, AgreementRule, ReviewList, StudentShadow, learned_rule
from tradewind.serving.runtime import load_artefact
from tradewind.streaming.records import Prediction
from tradewind.training import ENSEMBLE, TrainingSettings, build_dataset, fit_model
from tradewind.training.export import CheckRows, window_rows
from tradewind.training.fairness import FairnessSettings, known_groups
from tradewind.training.group_shift import GroupShift
from tradewind.training.model import HEAD_COLUMN
from tradewind.validation import holdout

pytestmark = pytest.mark.slow

KINDS = ("linear", "gam", "forest")
QUICK = DistillationSettings(rounds=40, trees=5, sizes=(6,), importance_rows=200)


@pytest.fixture(scope="module")
def students(fitted):
    """A student of each kind, distilled from the small ensemble."""
    until = fitted.data.panel.time[fitted.train].max()
    return {
        kind: distil(fitted.model, fitted.data, until, settings=QUICK.model_copy(update={"kind": kind}))
        for kind in KINDS
    }


def asked(model, served, data, rows):
    return ModelRows(**vars(window_rows(model, CheckRows(data=data, rows=rows), served.features, served.window)))


def exported(student, fitted, folder, model=None, **more):
    check = CheckRows(data=fitted.data, rows=fitted.train)
    report = export_student(student, model or fitted.model, folder, ref="student/1", check=check, **more)
    return report, load_artefact(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_the_artefact_answers_as_the_student_does(students, fitted, tmp_path, kind):
    student, model = students[kind].student, fitted.model
    report, served = exported(student, fitted, tmp_path / "a", agreement=students[kind].agreement)
    rows = np.concatenate([fitted.test, fitted.data.panel.offsets[:-1], fitted.data.panel.offsets[:-1] + 3])
    want = student.predict(model.prepare(fitted.data, None), rows)
    got = served.predict(asked(model, served, fitted.data, rows))
    np.testing.assert_allclose(got.probability, want, rtol=0, atol=1e-6)
    assert np.isnan(got.lower).all()
    np.testing.assert_array_equal(np.sign(got.expected_return), np.sign(want - 0.5))
    assert np.abs(got.expected_return).max() < np.abs(np.nan_to_num(fitted.data.labels.forward_return)).max()
    assert set(served.features) <= set(fitted.data.names)
    assert len(served.features) <= 6
    assert (served.window, report.probability < 1e-6, report.features) == (1, True, served.features)
    about = served.about["student"]
    assert about["agreement"]["limit"] == students[kind].agreement.limit
    assert served.about["origin_sha256"] == student.sha256
    assert "student/1" in report.lines()[0]


@pytest.mark.parametrize("kind", KINDS)
def test_values_at_every_edge_fall_on_the_right_side(fitted, tmp_path, kind):
    """A student of random values, asked at its own edges and thresholds and just beside them."""
    names = fitted.model.preprocessor.names[:3]
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2000, 3)).astype(np.float32)
    form = fit_form(kind, values, rng.normal(size=2000) * 8.0, QUICK)
    student = Student(kind=kind, names=names, form=form, record={})
    _, served = exported(student, fitted, tmp_path / "a")
    edges = {
        "linear": lambda: np.linspace(-3, 3, 50),
        "gam": lambda: np.concatenate(form.edges),
        "forest": lambda: np.concatenate([tree.threshold[tree.feature >= 0] for tree in form.trees]),
    }[kind]()
    near = edges.astype(np.float32)
    points = np.unique(np.concatenate([near, np.nextafter(near, np.float32(9)), np.nextafter(near, np.float32(-9))]))
    table = np.stack([rng.permutation(points) for _ in names], axis=1)
    pipeline: Pipeline = served.pipeline
    prepared = np.zeros((len(table), pipeline.preparation.width), dtype=np.float32)
    prepared[:, :3] = table
    engine = pipeline.members["student"].engines[{"linear": "numpy"}.get(kind, "packed")]
    odds = form.intercept + form.contributions(table).sum(axis=1)
    rows = type("Rows", (), {"last": prepared, "raw": prepared, "windows": {}, "places": {}})
    np.testing.assert_allclose(engine(rows)[0], 1.0 / (1.0 + np.exp(-odds)), rtol=0, atol=1e-9)


def test_flags_of_missing_values_are_read_without_the_values(fitted, tmp_path):
    model = replace(fitted.model, preprocessor=_flagged(fitted.model.preprocessor))
    names = (model.preprocessor.names[-1], model.preprocessor.names[2])
    assert names[0].endswith("_missing")
    prepared = model.prepare(fitted.data, None)
    values = prepared.columns(names).features[fitted.train]
    rng = np.random.default_rng(0)
    form = fit_form("gam", values, values[:, 0] + 0.5 * values[:, 1] + rng.normal(size=len(values)), QUICK)
    student = Student(kind="gam", names=names, form=form, record={})
    _, served = exported(student, fitted, tmp_path / "a", model=model)
    rows = np.concatenate([fitted.data.panel.offsets[:-1] + k for k in (0, 5, 30, 60, 100)])
    got = served.predict(asked(model, served, fitted.data, rows)).probability
    np.testing.assert_allclose(got, student.predict(prepared, rows), rtol=0, atol=1e-6)
    assert len(served.features) == 2
    assert len(np.unique(got)) > 2


def _flagged(preprocessor):
    """Return the preparation with a flag for its first two columns, as often missing ones have."""
    state = preprocessor.to_dict()
    state["flagged"] = [0, 1]
    p = len(preprocessor.selector.names)
    state["mean"] = [*state["mean"][:p], 0.1, 0.2]
    state["scale"] = [*state["scale"][:p], 0.3, 0.4]
    return type(preprocessor).from_dict(state)


@pytest.mark.parametrize("by", ["sector", "size_bucket"])
def test_the_teacher_s_shift_of_groups_is_the_student_s_too(students, fitted, tmp_path, by):
    student, data = students["linear"].student, fitted.data
    groups = np.unique(known_groups(data.panel, "sector"))
    shifts = {"small": 0.4, "mid": -0.2} if by == "size_bucket" else {str(groups[0]): 0.4}
    settings = fitted.model.settings.model_copy(update={"fairness": FairnessSettings(by=by)})
    model = replace(fitted.model, settings=settings, shift=GroupShift(equalise="parity", shifts=shifts))
    if by == "size_bucket":
        with pytest.raises(UsageError, match="size_rank_20"):
            exported(student, fitted, tmp_path / "a", model=model)
        rank = compute_features(data.panel, names=["size_rank_20"]).values.astype(np.float32)
        data = data.with_features(np.concatenate([data.features, rank], axis=1), (*data.names, "size_rank_20"))
        fitted = replace(fitted, data=data)
    _, served = exported(student, fitted, tmp_path / "a", model=model)
    plain = student.predict(model.prepare(data, None), fitted.test)
    want = model.shift.apply(plain, known_groups(data.panel, by)[fitted.test])
    assert np.abs(want - plain).max() > 0.05
    got = served.predict(asked(model, served, data, fitted.test)).probability
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-6)


def test_a_student_of_another_teacher_or_without_rows_is_refused(students, fitted, tmp_path):
    student = students["linear"].student
    with pytest.raises(UsageError, match="does not prepare"):
        exported(replace(student, names=("elsewhere", *student.names[1:])), fitted, tmp_path / "a")
    with pytest.raises(UsageError, match="no row"):
        export_student(
            student, fitted.model, tmp_path / "a", ref="s/1", check=CheckRows(data=fitted.data, rows=fitted.test[:0])
        )
    short = fitted.data.columns(fitted.data.names[:1])
    with pytest.raises(UsageError, match="lack the features"):
        export_student(student, fitted.model, tmp_path / "a", ref="s/1", check=CheckRows(data=short, rows=fitted.train))
    assert list(tmp_path.iterdir()) == []


def predictions(fitted, rows, probability):
    panel = fitted.data.panel
    time = panel.time[rows].astype("datetime64[us]").astype(np.int64).tolist()
    return [
        Prediction(
            id=f"p{i}",
            symbol=panel.symbols[panel.symbol_code[row]],
            time=time[i],
            known_at=time[i],
            made_at=time[i],
            model="small/1",
            probability=float(probability[i]),
            expected_return=0.0,
            lower=-0.1,
            upper=0.1,
            inputs_id="x",
        )
        for i, row in enumerate(rows)
    ]


def test_in_the_champion_s_shadow_it_flags_what_it_does_not_share(students, fitted, tmp_path, request):
    found = students["forest"]
    found.save(tmp_path / "student")
    student, agreement = Student.load(tmp_path / "student"), Agreement.load(tmp_path / "student")
    assert student.sha256 == found.student.sha256
    _, served = exported(student, fitted, tmp_path / "a", agreement=agreement)
    rule = learned_rule(served.about, AgreementRule())
    assert rule == AgreementRule(gap=None, log_odds=agreement.limit)
    assert learned_rule({"student": {"agreement": None}}, AgreementRule(gap=0.2)) == AgreementRule(gap=0.2)
    assert learned_rule({"student": None}, AgreementRule(gap=0.2)) == AgreementRule(gap=0.2)
    events: list[Event] = []
    review = ReviewList(tmp_path / "review.db")
    request.addfinalizer(review.close)
    shadow = StudentShadow(served, rule, emit=events.append, review=review)
    rows = fitted.test[:120]
    champion = fitted.model.forecast(fitted.data, rows)[ENSEMBLE].probability
    own = student.predict(fitted.model.prepare(fitted.data, None), rows)
    expected = np.flatnonzero(agreement.judge(champion, own).flagged)
    assert 0 < len(expected) < 60
    flags = shadow.judge(predictions(fitted, rows, champion), asked(fitted.model, served, fitted.data, rows))
    assert flags == {f"p{i}": FLAG for i in expected}
    assert shadow.stats() == {"agreed": 120 - len(expected), "disagreed": len(expected), "unjudged": 0}
    assert {case.prediction for case in review.waiting()} == set(flags)
    assert [event.kind for event in events] == [FLAG]
    same = predictions(fitted, rows, own)
    assert shadow.judge(same, asked(fitted.model, served, fitted.data, rows)) == {}


@pytest.mark.slow
def test_a_server_loads_it_without_a_training_library(students, fitted, tmp_path):
    exported(students["gam"].student, fitted, tmp_path / "a")
    program = (
        "import sys; from tradewind.serving.runtime import load_artefact\n"
        f"print(load_artefact({str(tmp_path / 'a')!r}).ref)\n"
        "print([name for name in ('torch', 'sklearn', 'xgboost') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:2] == ["student/1", "[]"], done.stderr


@pytest.mark.slow
def test_a_student_of_what_a_text_model_says_brings_that_model_along(tmp_path):
    market = simulate(MarketSettings(kind="news", n_symbols=6, n_days=400, ceiling=0.8, seed=1))
    data = build_dataset(market.panel, market.news, names=("return_1", "rsi_14", "item_count_all", "sentiment_all"))
    split = holdout(data.labels.start, data.labels.end, "2013-02-15", "2013-02-19", "2013-03-28")
    settings = TrainingSettings(
        models=("xgboost",), selection=SelectionSettings(n_features=5), ensemble=EnsembleSettings(inner_folds=1)
    )
    teacher = fit_model(data, split.train, settings, news=market.news)
    until = data.panel.time[split.train].max()
    found = distil(teacher, data, until, settings=QUICK.model_copy(update={"kind": "gam"}), news=market.news)
    assert HEAD_COLUMN in found.student.names
    check = CheckRows(data=data, rows=split.train, news=market.news)
    export_student(found.student, teacher, tmp_path / "a", ref="s/1", check=check)
    served = load_artefact(tmp_path / "a")
    assert served.head_column in served.features
    later = CheckRows(data=data, rows=split.test, news=market.news)
    rows = ModelRows(**vars(window_rows(teacher, later, served.pipeline.features, 1)))
    want = found.student.predict(teacher.prepare(data, market.news), split.test)
    np.testing.assert_allclose(served.predict(rows).probability, want, rtol=0, atol=1e-6)
