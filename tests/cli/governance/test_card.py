"""`tradewind card` from registry to files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_a_card_is_written_from_the_registry(tradewind, house, tmp_path: Path):
    out = tmp_path / "cards"
    found = tradewind("card", "write", "momentum@champion", "--registry", house.registry,
                      "--notes", house.notes / "momentum.toml", "--out", out)  # fmt: skip
    assert found.code == 0, found
    assert {path.name for path in out.iterdir()} == {f"card-momentum-1.{kind}" for kind in ("html", "md", "json")}
    text = (out / "card-momentum-1.md").read_text().replace("\\", "")
    page = (out / "card-momentum-1.html").read_text()
    accuracy = f"{100 * house.metrics['accuracy']:.1f} %"
    for words in (accuracy, "Quant desk", "vera", "draft to validated", "tradewind reproduce momentum/1"):
        assert words in text
        assert words in page
    assert "Rank &lt;eight&gt; simulated symbols." in page
    data = json.loads((out / "card-momentum-1.json").read_text())
    assert data["checklist"]["complete"] is True
    assert data["metrics"]["accuracy"] == house.metrics["accuracy"]
    assert [one["to_stage"] for one in data["history"]] == ["draft", "validated", "approved", "champion"]
    assert house.metrics["verdict"]["words"][1:] in text


def test_check_fails_and_lists_what_is_missing(tradewind, house):
    found = tradewind("card", "check", "momentum/2", "--registry", house.registry)
    assert found.code == 1
    for words in ("notes.owner", "notes.monitoring", "tradewind card new", "is empty"):
        assert words in found.out
    listed = tradewind("card", "check", "momentum/2", "--registry", house.registry, "--json")
    assert listed.code == 1
    assert {gap["field"] for gap in listed.json["gaps"] if gap["required"]} == {
        f"notes.{name}" for name in ("owner", "contact", "tier", "intended_use", "out_of_scope", "users",
                                     "considerations", "survivorship", "failure_modes", "monitoring",
                                     "retraining_triggers")
    }  # fmt: skip
    whole = tradewind(
        "card", "check", "momentum/1", "--registry", house.registry, "--notes", house.notes / "momentum.toml"
    )
    assert whole.code == 0
    assert "Not assessed: explanation" in whole.out
    strict = tradewind("card", "check", "momentum/1", "--registry", house.registry, "--strict", "--json",
                       "--notes", house.notes / "momentum.toml")  # fmt: skip
    assert strict.code == 1
    assert {gap["field"] for gap in strict.json["gaps"]} == {"explanation", "quality"}


@pytest.mark.slow
def test_given_summaries_complete_a_strict_card(tradewind, house, tmp_path: Path):
    (tmp_path / "explanation.json").write_text(json.dumps({"groups": {"momentum": 0.75, "volatility": 0.25}}))
    (tmp_path / "quality.json").write_text(json.dumps({"score": 98.7}))
    found = tradewind(
        "card", "write", "momentum/1", "--registry", house.registry, "--notes", house.notes / "momentum.toml",
        "--explanation", tmp_path / "explanation.json", "--quality", tmp_path / "quality.json", "--strict",
        "--metrics", house.folder / "metrics.json", "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert found.code == 0, found
    assert found.json["complete"] is True
    page = (tmp_path / "out" / "card-momentum-1.html").read_text()
    assert "75.0 %" in page
    assert "98.7" in page


def test_an_incomplete_card_is_refused_or_marked(tradewind, house, tmp_path: Path):
    out = tmp_path / "out"
    refused = tradewind("card", "write", "momentum/1", "--registry", house.registry, "--out", out)
    assert refused.code == 1
    assert "no card was written" in refused.err
    assert "notes.owner" in refused.out
    assert not out.exists()
    draft = tradewind("card", "write", "momentum/1", "--registry", house.registry, "--out", out, "--draft")
    assert draft.code == 0
    assert "draft, incomplete" in (out / "card-momentum-1.html").read_text()


def test_new_begins_the_notes_once(tradewind, house, tmp_path: Path):
    path = tmp_path / "notes" / "momentum.toml"
    assert tradewind("card", "new", path).code == 0
    again = tradewind("card", "new", path)
    assert again.code == 2
    assert "there already" in again.err
    check = tradewind("card", "check", "momentum/1", "--registry", house.registry, "--notes", path)
    assert check.code == 1
    assert "holds a placeholder" in check.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("momentum/9",), "has no version 9"),
        (("nothing/1",), "there is no model 'nothing'"),
        (("momentum@king",), "there is no alias 'king'"),
        (("momentum/1", "--notes", "none.toml"), "none.toml: cannot be read"),
        (("momentum/1", "--metrics", "none.json"), "none.json: cannot be read"),
    ],
)
def test_wrong_input_is_one_line(tradewind, house, args: tuple[str, ...], words: str):
    found = tradewind("card", "check", *args, "--registry", house.registry)
    assert found.code == 2
    assert words in found.err
    assert "Traceback" not in found.err


@pytest.mark.slow
def test_other_metrics_are_refused(tradewind, house, tmp_path: Path):
    (tmp_path / "metrics.json").write_text(json.dumps({**house.metrics, "accuracy": 0.99}, default=str))
    found = tradewind(
        "card", "check", "momentum/1", "--registry", house.registry, "--metrics", tmp_path / "metrics.json"
    )
    assert found.code == 2
    assert "another evaluation" in found.err


def test_every_command_shows_examples(tradewind):
    for command in ("new", "check", "write"):
        assert f"tradewind card {command}" in tradewind("card", command, "--help").out
