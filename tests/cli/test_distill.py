"""`tradewind distill` from files to files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tradewind.explain.distillation import Agreement, Student

SPAN = ("--test-start", "2013-03-01", "--test-end", "2013-04-30")
PARTS = {"agreement.parquet", "review.parquet", "distillation.json", "distillation.html", "student"}


@pytest.fixture(scope="module")
def quick_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "quick.toml"
    path.write_text(
        'models = ["xgboost"]\nbaselines = ["always_up"]\n[selection]\nn_features = 12\n'
        "[ensemble]\ninner_folds = 1\n[members.xgboost]\nrounds = 60\nreturn_rounds = 20\nlearning_rate = 0.1\n"
    )
    return path


@pytest.fixture
def inputs(market_files: Path) -> tuple[object, ...]:
    return ("--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet")


@pytest.mark.slow
def test_distill_writes_student_review_and_page(tradewind, inputs, quick_settings: Path, tmp_path: Path):
    out = tmp_path / "out"
    found = tradewind(
        "distill", *inputs, *SPAN, "--train-end", "2013-02-27", "--settings", quick_settings, "--out", out,
        "--kind", "gam", "--features", 6,
    )  # fmt: skip
    assert found.code == 0, found
    assert {path.name for path in out.iterdir()} == PARTS
    assert "keeps" in found.out or "within its error of zero" in found.out
    table, review = pl.read_parquet(out / "agreement.parquet"), pl.read_parquet(out / "review.parquet")
    assert table.columns == [
        "symbol", "date", "teacher_probability", "student_probability", "agrees", "distance", "flagged", "cause",
        "reason",
    ]  # fmt: skip
    assert review.equals(table.filter("flagged").sort("distance", descending=True, maintain_order=True))
    assert {path.name for path in (out / "student").iterdir()} == {"manifest.json", "agreement.json"}
    student, rule = Student.load(out / "student"), Agreement.load(out / "student")
    assert student.kind == "gam"
    judged = rule.judge(table["teacher_probability"].to_numpy(), table["student_probability"].to_numpy())
    assert judged.flagged.tolist() == table["flagged"].to_list()
    said = json.loads((out / "distillation.json").read_text())
    assert said["features"] == list(student.names)
    assert said["fidelity"]["agreement"]["value"] == pytest.approx(float(table["agrees"].to_numpy().mean()))
    page = (out / "distillation.html").read_text()
    assert page.count("<svg") == len(student.names) + 1
    assert all(name in page for name in student.names)
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.slow
def test_a_saved_teacher_is_distilled_the_same_way_twice(tradewind, inputs, quick_settings: Path, tmp_path: Path):
    model = tmp_path / "model"
    trained = tradewind("train", *inputs, "--train-end", "2013-02-27", "--settings", quick_settings, "--out", model)
    assert trained.code == 0, trained
    flags = ("--model", model, *SPAN, "--kind", "forest", "--features", 4)
    first = tradewind("distill", *inputs, *flags, "--out", tmp_path / "a", "--json")
    second = tradewind("distill", *inputs, *flags, "--out", tmp_path / "b")
    assert (first.code, second.code) == (0, 0), (first, second)
    assert len(first.json["features"]) <= 4
    assert {trial["lesson"] for trial in first.json["trials"]} == {"in_use"}
    for name in ("agreement.parquet", "distillation.html", "student/manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    late = tradewind("distill", *inputs, "--model", model, "--test-start", "2013-02-01", "--out", tmp_path / "c")
    assert late.code == 2
    assert "last day the model learned from" in late.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "--train-end is missing"),
        (("--train-end", "2013-02-27", "--kind", "magic"), "--kind 'magic' is not known"),
        (("--model", "nowhere", "--models", "xgboost"), "was trained already"),
        (("--train-end", "2013-05-27"), "not before the test starts"),
    ],
)
def test_flags_that_contradict_are_refused(tradewind, inputs, tmp_path: Path, flags, words: str):
    found = tradewind("distill", *inputs, *SPAN, *flags, "--out", tmp_path / "out")
    assert found.code == 2, found
    assert words in " ".join(found.err.split())
