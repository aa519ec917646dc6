"""`tradewind importance` from files to files, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tradewind.data import read_news, read_prices
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

SPAN = ("--from", "2013-03-01", "--to", "2013-06-28")


@pytest.fixture(scope="module")
def model(market_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = TrainingSettings.model_validate(
        {
            "models": ["xgboost"],
            "baselines": ["always_up"],
            "selection": {"n_features": 12},
            "ensemble": {"inner_folds": 1},
            "members": {"xgboost": {"rounds": 60, "return_rounds": 10, "learning_rate": 0.1}},
        }
    )
    panel, news = read_prices(market_files / "prices.parquet"), read_news(market_files / "news.parquet")
    data = build_dataset(panel, news, label=settings.label)
    split = holdout(data.labels.start, data.labels.end, "2013-02-27", "2013-03-01", "2013-06-28")
    folder = tmp_path_factory.mktemp("models") / "first"
    fit_model(data, split.train, settings, news=news).save(folder)
    return folder


@pytest.fixture
def inputs(market_files: Path, model: Path) -> tuple[object, ...]:
    return ("--model", model, "--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet")


@pytest.mark.slow
def test_importance_writes_numbers_and_a_page(tradewind, inputs, tmp_path: Path):
    out = tmp_path / "out"
    found = tradewind("importance", *inputs, *SPAN, "--rows", 300, "--effects", 2, "--no-refit", "--out", out)
    assert found.code == 0, found
    assert {path.name for path in out.iterdir()} == {"importance.json", "importance.html"}
    assert "carries skill" in found.out
    assert "Explanation quality:" in found.out
    told = json.loads((out / "importance.json").read_text())
    columns = told["shap"]["columns"]
    assert columns == sorted(columns, key=lambda one: -one["importance"]["value"])
    assert "sentiment" in told["shap"]["groups"][0]["name"]  # news tell the next move in this market
    assert told["permutation"]["groups"][0]["verdict"] == "carries skill"
    assert told["stability"]["periods"] == ["2013-03", "2013-04", "2013-05", "2013-06"]
    assert told["about"]["from"] >= "2013-03-01"
    assert told["about"]["trained_until"] <= "2013-03-01"
    assert len(told["effects"]) == 4
    assert {effect["kind"] for effect in told["effects"]} == {"ale", "pdp"}
    assert told["rules"]["test_r2"] > 0.3
    assert told["quality"]["faithfulness"]["passed"]
    assert told["quality"]["planted"]["passed"]
    assert told["quality"]["random_model"] is None
    page = (out / "importance.html").read_text()
    assert page.count("<svg") == 4 + 2 + 1
    assert columns[0]["name"] in page
    assert not re.search(r"\bnan\b", page)
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.slow
def test_the_same_command_gives_the_same_files(tradewind, inputs, tmp_path: Path):
    flags = (*SPAN, "--rows", 100, "--effects", 1, "--no-refit", "--period", "quarter", "--drift-from", "2013-05-01")
    first = tradewind("importance", *inputs, *flags, "--out", tmp_path / "a", "--json")
    second = tradewind("importance", *inputs, *flags, "--out", tmp_path / "b")
    assert (first.code, second.code) == (0, 0), (first, second)
    assert first.json["stability"]["periods"] == ["2013-01", "2013-04"]
    for name in ("importance.json", "importance.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--from", "2013-02-01"), "the last day the model learned from"),
        (("--from", "2013-03-01", "--to", "2013-03-01"), "--from 2013-03-01"),
        (("--from", "yesterday"), "--from 'yesterday' is not a date"),
        (("--from", "2013-03-01", "--drift-from", "2012-01-01"), "both periods"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(tradewind, inputs, tmp_path: Path, flags, words: str):
    found = tradewind("importance", *inputs, *flags, "--rows", 100, "--out", tmp_path / "out")
    assert found.code == 2
    assert words in found.err
    assert len([line for line in found.err.splitlines() if line.startswith("error:")]) == 1
    assert not (tmp_path / "out" / "importance.json").exists()
