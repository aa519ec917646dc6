"""`tradewind explain` from files to files, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.cli.explanation import Extras, explanation_of
from tradewind.data import read_prices, read_universe
from tradewind.explain.rationale import check_record
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.features import SelectionSettings
from tradewind.governance.audit import AuditLog
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model

TRAINED = "2013-02-27"
FILES = {"explanation.html", "explanation.json", "waterfall.svg", "waterfall.png"}


@pytest.fixture(scope="module")
def dataset(market_files: Path):
    return build_dataset(
        read_prices(market_files / "prices.parquet", universe=read_universe(market_files / "universe.csv"))
    )


@pytest.fixture(scope="module")
def model_folder(dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model as `tradewind train` writes it, without an explainer."""
    settings = TrainingSettings(
        models=("xgboost", "logistic"),
        baselines=("always_up",),
        selection=SelectionSettings(n_features=8),
        ensemble=EnsembleSettings(inner_folds=1),
        members=ModelSettings(xgboost=XGBoostSettings(rounds=40, return_rounds=10, learning_rate=0.1)),
    )
    rows = np.flatnonzero(dataset.labels.known_by(TRAINED))
    folder = tmp_path_factory.mktemp("explained") / "model"
    fit_model(dataset, rows, settings).save(folder)
    return folder


@pytest.fixture
def inputs(market_files: Path, model_folder: Path) -> tuple[object, ...]:
    return (
        "--model", model_folder, "--prices", market_files / "prices.parquet",
        "--universe", market_files / "universe.csv",
    )  # fmt: skip


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `tradewind evaluate` would say of a model without skill."""
    path = tmp_path_factory.mktemp("metrics") / "metrics.json"
    own = {
        "n": 1040, "n_days": 131, "accuracy": 0.512, "up_share": 0.52, "brier": 0.2501, "calibration_error": 0.02,
        "coverage": 0.9, "accuracy_interval": [0.48, 0.545],
    }  # fmt: skip
    path.write_text(
        json.dumps(
            {
                "primary": "ensemble",
                "models": {"ensemble": own},
                "verdict": {"skill": False, "p_value": 0.31, "deflated_p_value": 0.31, "trials": 1},
                "settings": {"bootstrap": {"level": 0.95}},
                "slices": [],
            }
        )
    )
    return path


@pytest.mark.slow
def test_one_symbol_is_explained_in_four_layers_with_files(tradewind, inputs, metrics: Path, tmp_path: Path):
    found = tradewind(
        "explain", *inputs, "--symbol", "SIM003", "--metrics", metrics, "--out", tmp_path / "why", "--lime"
    )
    assert found.code == 0, found
    for title in ("Executive summary", "Attribution", "Technical decomposition", "Model internals"):
        assert title in found.out
    assert "51.2 % of 1,040 forecasts were right" in found.out
    assert "no skill was shown out of sample" in found.out
    assert "LIME's line near this row" in found.out
    assert "the model, run again," in found.out or "tried turns the forecast" in found.out
    assert {path.name for path in (tmp_path / "why").iterdir()} == FILES
    record = json.loads((tmp_path / "why" / "explanation.json").read_text())
    assert check_record(record) == ()
    assert record["symbol"] == "SIM003"
    assert {kind["kind"] for kind in record["evidence"]["what_if"]} == {"bar", "features"}
    summary = [sentence["text"] for sentence in record["layers"][0]["sentences"]]
    flat = " ".join(found.out.split())
    assert all(" ".join(text.split()) in flat for text in summary)
    assert "the background is drawn from the prices" in found.err


@pytest.mark.slow
def test_the_probability_is_the_one_that_predict_gives(tradewind, inputs):
    told = tradewind("explain", *inputs, "--symbol", "SIM005", "--no-what-if", "--layers", "executive", "--json")
    given = tradewind("predict", *inputs, "--json")
    assert (told.code, given.code) == (0, 0), (told, given)
    rows = {row["symbol"]: row for row in given.json}
    assert told.json["probability"] == pytest.approx(rows["SIM005"]["probability"], abs=1e-12)
    assert told.json["date"] == rows["SIM005"]["date"][:10]
    assert [layer["name"] for layer in told.json["layers"]] == ["executive"]
    assert check_record(told.json) == ()
    attribution = told.json["evidence"]["attribution"]
    assert attribution["base"] + sum(attribution["values"]) == pytest.approx(told.json["probability"], abs=1e-9)


@pytest.mark.slow
def test_a_day_is_a_table_and_one_page(tradewind, inputs, tmp_path: Path):
    found = tradewind("explain", *inputs, "--date", "2013-05-15", "--out", tmp_path)
    assert found.code == 0, found
    records = json.loads((tmp_path / "explanations.json").read_text())
    assert {path.name for path in tmp_path.iterdir()} == {"explanations.html", "explanations.json"}
    assert len(records) == 8
    assert {record["date"] for record in records} == {"2013-05-15"}
    assert all(check_record(record) == () for record in records)
    order = re.findall(r"SIM\d+", found.out)
    sure = sorted(records, key=lambda record: -record["evidence"]["forecast"]["confidence"])
    assert order == [record["symbol"] for record in sure]


@pytest.mark.slow
def test_a_saved_explainer_is_used_and_needs_no_history(
    tradewind, dataset, model_folder: Path, market_files: Path, tmp_path: Path
):
    model = TrainedModel.load(model_folder)
    explainer = Explainer.of(model, dataset)
    saved = tmp_path / "model"
    model.save(saved)
    explainer.save(saved / FOLDER)
    flags = ("--universe", market_files / "universe.csv", "--symbol", "SIM002", "--no-what-if", "--json")
    whole = tradewind("explain", "--model", saved, "--prices", market_files / "prices.parquet", *flags)
    assert whole.code == 0, whole
    assert "background" not in whole.err
    recent = tmp_path / "recent.parquet"
    pl.read_parquet(market_files / "prices.parquet").filter(pl.col("date") > pl.date(2013, 3, 1)).write_parquet(recent)
    short = tradewind("explain", "--model", saved, "--prices", recent, *flags)
    assert short.code == 0, short
    refused = tradewind("explain", "--model", model_folder, "--prices", recent, *flags)
    assert refused.code == 2
    words = " ".join(refused.err.split())
    assert "was saved without an explainer" in words
    assert "Fix: give prices that reach back into its training" in words
    row = int(dataset.panel.offsets[list(dataset.panel.symbols).index("SIM002") + 1] - 1)
    again = explanation_of(explainer, dataset, row)
    assert again["evidence"]["attribution"] == whole.json["evidence"]["attribution"]


@pytest.mark.slow
def test_forecast_and_explanation_are_in_the_audit_log(tradewind, dataset, inputs, model_folder: Path, tmp_path: Path):
    log = tmp_path / "audit.db"
    shown = tradewind("explain", *inputs, "--symbol", "SIM001", "--no-what-if", "--audit", log, "--json")
    assert shown.code == 0, shown
    with AuditLog.open(log, readonly=True) as opened:
        assert opened.verify().ok
        (forecast,) = (entry.body for entry in opened.query(kind="prediction"))
        (told,) = (entry.body for entry in opened.query(kind="explanation"))
    assert forecast["explanation"] == told["explanation"] == shown.json["id"]
    assert forecast["output"]["probability"] == shown.json["probability"]
    assert told["summary"] == [sentence["text"] for sentence in shown.json["layers"][0]["sentences"]]
    explainer = Explainer.of(TrainedModel.load(model_folder), dataset)
    row = int(dataset.panel.offsets[list(dataset.panel.symbols).index("SIM001") + 1] - 1)
    assert explanation_of(explainer, dataset, row, extras=Extras())["id"] == shown.json["id"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--symbol", "NOPE"), "the prices do not hold 'NOPE'"),
        (("--date", "2013-01-15"), "--date 2013-01-15 lies before 2013-02-27, the last day the model learned from"),
        (("--date", "2013-06-01"), "the prices have no bar on 2013-06-01"),
        (("--symbol", "SIM001", "--date", "2013-06-01"), "SIM001 has no bar on 2013-06-01"),
        (("--layers", "executive,magic"), "--layers 'magic' is not known"),
        (("--date", "June"), "--date 'June' is not a date"),
        (("--metrics", "nowhere.json"), "cannot be read"),
    ],
)
def test_what_cannot_be_explained_is_refused(tradewind, inputs, flags, words: str):
    found = tradewind("explain", *inputs, *flags)
    assert found.code == 2, found
    assert words in " ".join(found.err.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"), [("{", "is not valid JSON"), ("[]", "holds no JSON object"), ("{}", "the metrics lack")]
)
def test_metrics_of_another_kind_are_refused(tradewind, inputs, tmp_path: Path, text: str, words: str):
    path = tmp_path / "metrics.json"
    path.write_text(text)
    found = tradewind("explain", *inputs, "--symbol", "SIM001", "--metrics", path, "--no-what-if")
    assert found.code == 2, found
    assert words in " ".join(found.err.split())


@pytest.mark.slow
def test_a_model_with_a_rule_among_its_members_is_trained_without_an_explainer(
    tradewind, market_files: Path, tmp_path: Path
):
    prices, folder = ("--prices", market_files / "prices.parquet"), tmp_path / "model"
    made = tradewind("train", *prices, "--models", "momentum", "--track", "off", "--out", folder)
    assert made.code == 0, made
    assert re.search("saved without an explainer: .*momentum is a rule on past prices", " ".join(made.err.split()))
    assert not (folder / FOLDER).exists()
    refused = tradewind("explain", "--model", folder, *prices, "--symbol", "SIM002")
    assert refused.code == 2
    assert "train the ensemble without momentum" in " ".join(refused.err.split())
