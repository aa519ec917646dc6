"""A whole trained model, exported: equal answers, or no artefact at all."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError, OutputError, UsageError
from tradewind.data import MarketSettings, simulate
from tradewind.features import SelectionSettings, TextHead, compute_features
from tradewind.models import EnsembleSettings
from tradewind.models.engines import read_pipeline
from tradewind.training import ENSEMBLE, FairnessSettings, TrainingSettings, build_dataset, fit_model
from tradewind.training.export import CheckRows, ExportSettings, export_model, window_rows
from tradewind.training.fairness import known_groups
from tradewind.training.group_shift import GroupShift
from tradewind.training.model import HEAD_COLUMN
from tradewind.validation import holdout

QUICK = ExportSettings(study=False, seconds=0.0005, sizes=(1, 16))
FIELDS = ("probability", "expected_return", "lower", "upper")


@pytest.fixture(scope="module")
def exported(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "artefact"
    report = export_model(
        fitted.model,
        folder,
        ref="small/1",
        check=CheckRows(data=fitted.data, rows=fitted.train),
        settings=QUICK,
        origin_sha256="ab" * 32,
    )
    return folder, report


def assert_equal(model, pipeline, check):
    want = model.forecast(check.data, check.rows, check.news)[ENSEMBLE]
    got = pipeline.predict(window_rows(model, check, pipeline.features, pipeline.window))
    for name in FIELDS:
        np.testing.assert_allclose(getattr(got, name), getattr(want, name), rtol=0, atol=1e-6, err_msg=name)


def test_answers_equal_the_trained_model_on_later_rows(exported, fitted):
    assert_equal(fitted.model, read_pipeline(exported[0]), CheckRows(data=fitted.data, rows=fitted.test))


def test_answers_equal_from_a_symbol_s_first_bar_on(exported, fitted):
    first = fitted.data.panel.offsets[:-1]
    rows = np.concatenate([first + k for k in (0, 1, 5, 18, 19, 20, 40)])
    assert np.isnan(fitted.data.features[rows]).any()
    assert_equal(fitted.model, read_pipeline(exported[0]), CheckRows(data=fitted.data, rows=rows))


def test_members_and_baselines_are_served(exported, fitted):
    pipeline, check = read_pipeline(exported[0]), CheckRows(data=fitted.data, rows=fitted.test[:50])
    rows = window_rows(fitted.model, check, pipeline.features, pipeline.window)
    want = fitted.model.forecast(fitted.data, check.rows)
    for name, probability in pipeline.predict(rows).members.items():
        np.testing.assert_allclose(probability, want[name].probability, rtol=0, atol=1e-6)
    always = pipeline.fallback("always_up", rows)
    np.testing.assert_allclose(always.probability, want["always_up"].probability)
    np.testing.assert_allclose(always.expected_return, want["always_up"].expected_return)
    assert np.isnan(always.lower).all()
    assert list(exported[1].left_out) == ["momentum"]


@pytest.mark.parametrize(("wrong", "right"), [("packed", "onnx"), ("onnx", "packed")])
def test_an_engine_that_answers_otherwise_is_refused_though_another_answers_large_batches(
    fitted, tmp_path, monkeypatch, wrong, right
):
    from tradewind.models.export import members
    from tradewind.training.export import export

    make, measure = {"packed": members.PackedTrees.of, "onnx": members.trees_onnx}[wrong], export.remeasured

    def leaning(direction, returns, *rest):
        return make(replace(direction, base=direction.base + 0.01), returns, *rest)

    def by_the_right_one(*args, **settings):
        found = measure(*args, **settings)
        chosen = {n: m.chosen(m.timings, [right]) if right in m.engines else m for n, m in found.members.items()}
        return found.with_members(chosen)

    if wrong == "packed":
        monkeypatch.setattr(members.PackedTrees, "of", leaning)
    else:
        monkeypatch.setattr(members, "trees_onnx", leaning)
    monkeypatch.setattr(export, "remeasured", by_the_right_one)
    check = CheckRows(data=fitted.data, rows=fitted.train[:200])
    with pytest.raises(UsageError, match="differ by"):
        export_model(fitted.model, tmp_path / "wrong", ref="small/1", check=check, settings=QUICK)
    assert not (tmp_path / "wrong").exists()


def test_the_report_says_what_was_measured(exported):
    folder, report = exported
    assert report.probability < 1e-6
    assert set(report.engines) == {"lstm", "random_forest", "xgboost"}
    assert set(report.engines["xgboost"]) == {1, 16}
    for member, chosen in report.engines.items():
        for size, engine in chosen.items():
            times = report.timings[member]
            assert times[engine][size] == min(times[name][size] for name in times)
    assert any("small/1" in line for line in report.lines())
    json.dumps(report.to_dict())
    state = json.loads((folder / "manifest.json").read_text())["state"]
    assert state["origin_sha256"] == "ab" * 32
    assert state["tolerance"] == 1e-6
    assert not list(folder.glob("*.int8.onnx"))


def test_the_same_export_replaces_an_older_one_whole(exported, fitted, tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "rubbish").write_text("old")
    check = CheckRows(data=fitted.data, rows=fitted.train[:50])
    export_model(fitted.model, folder, ref="small/2", check=check, settings=QUICK)
    assert not (folder / "rubbish").exists()
    assert read_pipeline(folder).about["ref"] == "small/2"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_unequal_export_is_refused_and_nothing_is_written(fitted, tmp_path):
    check = CheckRows(data=fitted.data, rows=fitted.train[:200])
    strict = QUICK.model_copy(update={"tolerance": 1e-15})
    with pytest.raises(UsageError, match="differ by"):
        export_model(fitted.model, tmp_path / "a", ref="small/1", check=check, settings=strict)
    coarse = QUICK.model_copy(update={"prune": 0.95, "change_tolerance": 1e-4})
    with pytest.raises(UsageError, match=r"more than 1\.0e-04"):
        export_model(fitted.model, tmp_path / "a", ref="small/1", check=check, settings=coarse)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(fitted, tmp_path):
    (tmp_path / "file").write_text("")
    check = CheckRows(data=fitted.data, rows=fitted.train[:50])
    with pytest.raises(OutputError, match="file"):
        export_model(fitted.model, tmp_path / "file" / "a", ref="small/1", check=check, settings=QUICK)


def test_a_pruned_net_is_served_within_what_was_allowed(fitted, tmp_path):
    check = CheckRows(data=fitted.data, rows=fitted.train[:300])
    loose = QUICK.model_copy(update={"prune": 0.2, "change_tolerance": 0.1})
    report = export_model(fitted.model, tmp_path / "a", ref="small/1", check=check, settings=loose)
    assert 1e-6 < report.probability <= 0.1


def test_rows_to_check_on_are_needed(fitted, tmp_path):
    check = CheckRows(data=fitted.data, rows=fitted.train[:0])
    with pytest.raises(UsageError, match="no row to check"):
        export_model(fitted.model, tmp_path / "a", ref="small/1", check=check, settings=QUICK)
    short = fitted.data.columns(fitted.data.names[:2])
    with pytest.raises(UsageError, match="lack the features"):
        export_model(fitted.model, tmp_path / "a", ref="s/1", check=CheckRows(data=short, rows=fitted.train))


def test_a_baseline_whose_feature_is_absent_is_left_out_and_named(fitted, tmp_path):
    names = [name for name in fitted.data.names if name != "return_1"]
    short = fitted.data.columns(names)
    settings = TrainingSettings(
        models=("logistic",),
        baselines=("last_direction",),
        selection=SelectionSettings(n_features=3),
        ensemble=EnsembleSettings(inner_folds=1),
    )
    model = fit_model(short, fitted.train, settings)
    without, with_it = (CheckRows(data=data, rows=fitted.train) for data in (short, fitted.data))
    report = export_model(model, tmp_path / "a", ref="small/1", check=without, settings=QUICK)
    assert "return_1" in report.left_out["last_direction"]
    assert not read_pipeline(tmp_path / "a").baselines
    report = export_model(model, tmp_path / "b", ref="small/1", check=with_it, settings=QUICK)
    assert not report.left_out
    pipeline = read_pipeline(tmp_path / "b")
    later = CheckRows(data=fitted.data, rows=fitted.test)
    answers = pipeline.fallback("last_direction", window_rows(model, later, pipeline.features, pipeline.window))
    want = model.forecast(short, fitted.test)["last_direction"]
    np.testing.assert_array_equal(answers.probability, want.probability)


def test_shifts_of_sectors_are_served(fitted, tmp_path):
    names = np.unique(known_groups(fitted.data.panel, "sector"))
    shift = GroupShift(equalise="parity", shifts={str(names[0]): 0.3})
    model = replace(fitted.model, shift=shift)
    check = CheckRows(data=fitted.data, rows=fitted.train)
    export_model(model, tmp_path / "a", ref="small/1", check=check, settings=QUICK)
    pipeline = read_pipeline(tmp_path / "a")
    assert_equal(model, pipeline, CheckRows(data=fitted.data, rows=fitted.test))
    rows = replace(window_rows(model, check, pipeline.features, pipeline.window), group=None)
    with pytest.raises(UsageError, match="each row's sector"):
        pipeline.predict(rows)


def test_shifts_by_size_need_the_rank_of_size(fitted, tmp_path):
    settings = fitted.model.settings.model_copy(update={"fairness": FairnessSettings(by="size_bucket")})
    model = replace(fitted.model, settings=settings, shift=GroupShift(equalise="parity", shifts={"small": 0.2}))
    check = CheckRows(data=fitted.data, rows=fitted.train)
    with pytest.raises(UsageError, match="size_rank_20"):
        export_model(model, tmp_path / "a", ref="small/1", check=check, settings=QUICK)


@pytest.mark.slow
def test_shifts_by_size_are_served_with_it(fitted, tmp_path):
    rank = compute_features(fitted.data.panel, names=["size_rank_20"]).values.astype(np.float32)
    data = fitted.data.with_features(
        np.concatenate([fitted.data.features, rank], axis=1), (*fitted.data.names, "size_rank_20")
    )
    for by, shifts in (("size_bucket", {"small": 0.2, "large": -0.1}), ("both", {})):
        settings = fitted.model.settings.model_copy(update={"fairness": FairnessSettings(by=by)})
        known = np.unique(known_groups(data.panel, by))
        moved = shifts or {str(name): 0.1 * i for i, name in enumerate(known)}
        model = replace(fitted.model, settings=settings, shift=GroupShift(equalise="parity", shifts=moved))
        check = CheckRows(data=data, rows=fitted.train)
        export_model(model, tmp_path / by, ref="small/1", check=check, settings=QUICK)
        assert_equal(model, read_pipeline(tmp_path / by), CheckRows(data=data, rows=fitted.test))


@pytest.mark.slow
def test_int8_and_pruning_are_studied_and_taken_only_where_allowed(fitted, tmp_path):
    check = CheckRows(data=fitted.data, rows=fitted.train[:400])
    study = ExportSettings(seconds=0.001, sizes=(1, 16), prune_shares=(0.5, 0.9))
    report = export_model(fitted.model, tmp_path / "a", ref="small/1", check=check, settings=study)
    assert [change.variant for change in report.changes] == ["int8", "pruned 50%", "pruned 90%"]
    int8, half, most = report.changes
    assert 0.0 < int8.largest < half.largest < most.largest
    assert int8.log_loss == pytest.approx(int8.log_loss_exact, abs=0.01)
    assert "int8" not in report.engines["lstm"].values()
    never = study.model_copy(update={"precision": "auto", "change_tolerance": 1e-9, "study": False})
    report = export_model(fitted.model, tmp_path / "b", ref="small/1", check=check, settings=never)
    assert "int8" not in report.engines["lstm"].values()


def test_no_artefact_is_named(tmp_path):
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_pipeline(tmp_path)


@pytest.mark.slow
def test_a_model_with_news_carries_its_text_head(tmp_path):
    market = simulate(MarketSettings(kind="news", n_symbols=6, n_days=400, ceiling=0.8, seed=1, late_listing=0.3))
    names = ("return_1", "return_5", "rsi_14", "realised_volatility_20", "item_count_all")
    data = build_dataset(market.panel, market.news, names=names)
    split = holdout(data.labels.start, data.labels.end, "2013-02-15", "2013-02-19", "2013-03-28")
    settings = TrainingSettings(
        models=("xgboost", "logistic"),
        baselines=("last_direction",),
        selection=SelectionSettings(n_features=6),
        ensemble=EnsembleSettings(inner_folds=2),
    )
    model = fit_model(data, split.train, settings, news=market.news)
    assert model.head is not None
    with pytest.raises(InputError, match="news"):
        export_model(model, tmp_path / "a", ref="n/1", check=CheckRows(data=data, rows=split.train), settings=QUICK)
    check = CheckRows(data=data, rows=split.train, news=market.news)
    export_model(model, tmp_path / "a", ref="n/1", check=check, settings=QUICK)
    pipeline = read_pipeline(tmp_path / "a")
    assert HEAD_COLUMN in pipeline.features
    later = CheckRows(data=data, rows=split.test, news=market.news)
    assert_equal(model, pipeline, later)
    rows = window_rows(model, later, pipeline.features, pipeline.window)
    want = model.forecast(data, split.test, market.news)["last_direction"]
    np.testing.assert_array_equal(pipeline.fallback("last_direction", rows).probability, want.probability)
    head = TextHead.load(tmp_path / "a" / "head")
    np.testing.assert_array_equal(
        head.transform(market.panel, market.news), model.head.transform(market.panel, market.news)
    )
