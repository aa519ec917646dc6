"""The record of a model: whole, as JSON and back, and honest about what it lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tradewind.core import InputError, UsageError
from tradewind.registry import ModelRecord, make_record


def test_a_record_comes_back_from_json_as_it_was(record: ModelRecord):
    again = ModelRecord.from_dict(json.loads(record.to_json()))
    assert again == record
    assert again.to_json() == record.to_json()


def test_a_record_says_everything_that_made_the_model(record: ModelRecord, saved_model: Path, fitted):
    assert record.missing() == []
    assert record.data == fitted.model.record["data"]
    assert record.features == tuple(fitted.model.record["features"])
    assert record.settings == fitted.model.settings.model_dump(mode="json")
    assert record.seeds == {"training": fitted.model.settings.seed}
    assert record.train_rows == len(fitted.train)
    assert set(record.files) >= {"model.json", "sample.json", "ensemble/manifest.json"}
    assert len(record.forecasts["symbol"]) == len(record.forecasts["probability"]) > 50
    assert record.environment["packages"]["numpy"]


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"purpose": ""}, "purpose"),
        ({"limitations": ()}, "limitations"),
        ({"metrics": {}}, "metrics"),
        ({"forecasts": {}}, "forecasts"),
        ({"inputs": {"news": {"path": "n", "sha256": "0"}}}, "inputs.prices"),
        ({"environment": {"python": "3"}}, "environment.lock_sha256"),
        ({"data": {"panel": "a", "symbols": 1, "bars": 2, "first": "2010-01-01"}}, "data.last"),
    ],
)
def test_an_empty_field_is_missing(record: ModelRecord, change, gap: str):
    assert record.with_(**change).missing() == [gap]


def test_what_a_record_cannot_hold_is_refused(record: ModelRecord):
    with pytest.raises(InputError, match="cannot be a model's name"):
        replace(record, name="../up")
    with pytest.raises(InputError, match="no field 'colour'"):
        record.with_(colour="red")
    with pytest.raises(InputError, match="colour"):
        ModelRecord.from_dict({**record.to_dict(), "colour": "red"})
    with pytest.raises(InputError, match="format"):
        ModelRecord.from_dict({**record.to_dict(), "format": 99})
    with pytest.raises(InputError, match="not a whole model record"):
        ModelRecord.from_dict({"format": 1, "name": "a"})


def test_metrics_of_other_settings_are_refused(saved_model: Path, metrics):
    other = json.loads(json.dumps(metrics))
    other["context"]["settings"]["seed"] = 99
    with pytest.raises(UsageError, match="other settings than the model's \\(seed\\)"):
        make_record(saved_model, name="m", author="ada", metrics=other)


def test_a_model_saved_without_its_making_says_what_it_lacks(tmp_path: Path, fitted):
    fitted.model.save(tmp_path / "plain")
    gaps = make_record(tmp_path / "plain", name="m", author="ada").missing()
    assert {"inputs", "environment", "rows_id", "forecasts", "purpose", "metrics"} <= set(gaps)
