"""A model is built again from its record: equal, or said not to be and why."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import InputError, UsageError
from tradewind.registry import check_inputs, make_record, reproduce


@pytest.mark.slow
def test_a_model_is_reproduced_exactly(record, fitted, saved_model: Path):
    again = reproduce(record, fitted.data, None, stored=saved_model)
    assert again.reproduced
    assert again.largest == 0.0
    assert again.differences == []
    assert again.rows == len(record.forecasts["symbol"])
    assert len(again.files) > 5
    assert all(again.files.values()), again.files
    assert "Reproduced: 120 sample forecasts differ by 0 at most" in again.words
    assert json.loads(json.dumps(again.to_dict()))["reproduced"] is True


@pytest.mark.slow
def test_another_seed_is_caught(record, fitted):
    other = record.with_(settings={**record.settings, "seed": 8})
    again = reproduce(other, fitted.data, None)
    assert not again.reproduced
    assert again.largest > 1e-4
    assert any(text.startswith("settings: was") for text in again.differences)
    assert again.words.startswith("NOT reproduced")


@pytest.mark.slow
def test_other_data_are_caught(record, fitted):
    features = fitted.data.features.copy()
    features[fitted.train[::50]] *= 1.01
    panel = replace(fitted.data.panel, close=fitted.data.panel.close * 1.01)
    again = reproduce(record, replace(fitted.data, panel=panel, features=features), None)
    assert not again.reproduced
    assert any(text.startswith("data panel: was") for text in again.differences)


@pytest.mark.slow
def test_other_rows_are_caught(record, fitted):
    again = reproduce(record.with_(train_end="2012-12-10"), fitted.data, None)
    assert not again.reproduced
    assert any(text.startswith("training rows: was") for text in again.differences)
    few = fitted.data.select(np.asarray(fitted.data.panel.symbol_code > 0))
    with pytest.raises(InputError, match="no bar of the sample forecast"):
        reproduce(record, few, None)


@pytest.mark.slow
def test_a_forged_sample_is_caught(record, fitted):
    forecasts = {**record.forecasts, "probability": [p + 2e-9 for p in record.forecasts["probability"]]}
    again = reproduce(record.with_(forecasts=forecasts), fitted.data, None)
    assert not again.reproduced
    assert again.by_column["expected_return"] == 0.0
    assert again.differences == []
    assert "Nothing that was recorded differs" in again.words


def test_a_sample_without_a_column_is_caught(record, quick):
    for left in (("symbol", "time"), [name for name in record.forecasts if name != "probability of lstm"]):
        again = quick(record.with_(forecasts={name: record.forecasts[name] for name in left}))
        assert not again.reproduced
        assert again.by_column["probability of lstm"] == float("inf")


def test_everything_fitted_in_the_index_is_compared(record, quick, saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "model")
    index = json.loads((tmp_path / "model" / "model.json").read_text())
    index["record"]["weights"] = {}
    (tmp_path / "model" / "model.json").write_text(json.dumps(index))
    assert quick(record, tmp_path / "model").files["model.json"]
    index["shift"] = {"other": 1.0}
    (tmp_path / "model" / "model.json").write_text(json.dumps(index))
    assert not quick(record, tmp_path / "model").files["model.json"]


@pytest.fixture
def quick(record, fitted, monkeypatch: pytest.MonkeyPatch):
    """Return a reproduction that does not fit: the model that is there stands for the refitted one."""
    monkeypatch.setattr("tradewind.training.fit_model", lambda *_, **__: fitted.model)
    return lambda rec, stored=None: reproduce(rec, fitted.data, None, stored=stored)


def test_other_code_and_environment_are_said_honestly(record, quick):
    code = {**record.code, "source": "0" * 16}
    packages = {**record.environment["packages"], "numpy": "1.0.0"}
    again = quick(record.with_(code=code, environment={**record.environment, "packages": packages}))
    assert again.reproduced
    assert "although something differs" in again.words
    assert any(text.startswith("code source: was 0000") for text in again.differences)
    assert any("numpy was 1.0.0" in text for text in again.differences)
    lock = quick(record.with_(environment={**record.environment, "lock_sha256": "0" * 64}))
    assert ["no forecast depends on" in text for text in lock.differences] == [True]


def test_a_changed_model_file_is_told(record, quick, saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "model")
    weights = tmp_path / "model" / "ensemble" / "lstm" / "weights.pt"
    weights.write_bytes(weights.read_bytes() + b"0")
    files = quick(record, tmp_path / "model").files
    assert [name for name, equal in files.items() if not equal] == ["ensemble/lstm/weights.pt"]


def test_a_record_without_sample_forecasts_cannot_be_compared(record, quick):
    with pytest.raises(UsageError, match="no sample forecasts"):
        quick(record.with_(forecasts={}))


def test_input_files_are_compared_by_content(record, saved_model: Path, tmp_path: Path):
    prices = saved_model.parent / "prices.parquet"
    assert [(c.name, c.same) for c in check_inputs(record, {"prices": prices})] == [("prices file", True)]
    other = tmp_path / "other.parquet"
    other.write_bytes(b"bars!")
    found = {c.name: c.same for c in check_inputs(record, {"prices": other, "news": other})}
    assert found == {"prices file": False, "news file": False}
    assert [c.found for c in check_inputs(record, {})] == ["not given"]
    with pytest.raises(InputError, match="say with --prices where they are"):
        check_inputs(record, {"prices": tmp_path / "gone"})


def test_the_record_of_a_reproduced_model_is_the_same_but_for_its_times(record, saved_model: Path, metrics):
    again = make_record(
        saved_model, name="demo", author="ada", metrics=metrics, use_case="trial", purpose=record.purpose,
        limitations=record.limitations, created=record.created,
    )  # fmt: skip
    assert again == record
