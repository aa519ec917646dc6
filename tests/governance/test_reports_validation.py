"""The validation report: independent, whole, and open about what was not tested."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import InputError, OutputError, UsageError
from tradewind.core.toml import to_toml
from tradewind.governance.cards import CardSources
from tradewind.governance.pages import to_html
from tradewind.governance.reports import ValidationInput, new_validation, read_validation, validation
from tradewind.governance.reports.validation import Report

GOOD: dict[str, Any] = {
    "model": "momentum/3",
    "validator": "vera",
    "began": "2026-09-01",
    "ended": "2026-09-02",
    "scope": "Use as a ranking for review.",
    "data": "Prices agree with a second vendor.",
    "soundness": "The method suits the horizon.",
    "outcomes": "Figures hold by slice.",
    "benchmarks": "It beats always-up.",
    "sensitivity": "It weakens in crises.",
    "explanations": "Groups are stable.",
    "not_tested": ["Intraday use, since no such data exist."],
    "conclusion": "fit with conditions",
    "reasons": "It has skill, and one weakness is open.",
    "conditions": ["Review after one quarter."],
    "findings": [
        {"title": "Thin calm slice", "severity": "low", "detail": "Few days.",
         "recommendation": "Wait.", "owner": "ada"},
        {"title": "No crisis in the test", "severity": "high", "detail": "Span too short.",
         "recommendation": "Extend it.", "owner": "ada", "due": "2026-12-01"},
    ],
    "signatures": [{"name": "vera", "role": "independent validator", "on": "2026-09-02"}],
}  # fmt: skip


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "validation.toml"
    path.write_text(to_toml({key: value for key, value in {**GOOD, **changes}.items() if value is not None}))
    return path


def made(sources: CardSources, folder: Path, at: datetime, **more: Any) -> Report:
    return validation(ValidationInput(sources=sources, notes=read_validation(saved(folder)), **more), at=at)


def test_the_report_holds_judgements_beside_figures(sources: CardSources, tmp_path: Path, now: datetime):
    report = made(
        sources, tmp_path, now, reproduction={"reproduced": True, "largest_difference": 0.0},
        explanation_quality={"faithfulness": 0.8125},
    )  # fmt: skip
    page = to_html(report.document)
    metrics = sources.record["metrics"]
    for text in (*(GOOD[name] for name in ("scope", "data", "soundness", "outcomes", "benchmarks", "sensitivity")),
                 f"{100 * metrics['accuracy']:.1f} %", f"{metrics['brier']:.4f}", "0.8125", "rebuilt from its record",
                 "Intraday use", "Extend it.", "Review after one quarter.", "independent validator",
                 "2026-12-01"):  # fmt: skip
        assert text in page
    assert page.index("No crisis in the test") < page.index("Thin calm slice")  # the grave one first
    assert report.data["findings"] == {"critical": 0, "high": 1, "medium": 0, "low": 1}
    assert str(report.document.status) == "fit with conditions"


def test_what_was_not_given_is_listed_as_not_tested(sources: CardSources, tmp_path: Path, now: datetime):
    report = made(sources, tmp_path, now)
    told = " ".join(report.data["not_tested"])
    for words in ("Intraday use", "reproduction", "faithfulness"):
        assert words in told
    assert "fairness" not in told
    page = to_html(report.document)
    assert "Reproduction: not assessed." in page
    record = {key: value for key, value in sources.record.items() if key not in {"fairness", "explanation"}}
    poorer = made(dataclasses.replace(sources, record=record, quality=None), tmp_path, now)
    told = " ".join(poorer.data["not_tested"])
    assert all(words in told for words in ("fairness", "explanations", "quality of the data"))


def test_a_model_that_was_not_reproduced_is_said(sources: CardSources, tmp_path: Path, now: datetime):
    page = to_html(made(sources, tmp_path, now, reproduction={"reproduced": False}).document)
    assert "does not give the forecasts" in page
    assert "rebuilt from its record and gives" not in page
    assert "does not say whether" in to_html(made(sources, tmp_path, now, reproduction={"seconds": 3}).document)


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"conditions", "findings"}])
def test_each_missing_field_is_named(tmp_path: Path, name: str):
    with pytest.raises(InputError, match=f"{name}: field required"):
        read_validation(saved(tmp_path, **{name: None}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"not_tested": []}, "not_tested"),
        ({"signatures": []}, "signatures"),
        ({"conditions": []}, "names none"),
        ({"ended": "2026-08-01"}, "ended lies before began"),
        ({"signatures": [{"name": "paul", "role": "x", "on": "2026-09-02"}]}, "vera has not signed"),
        ({"signatures": [{"name": "vera", "role": "x", "on": "2026-09-01"}]}, "signed before"),
        ({"conclusion": "fine"}, "conclusion"),
        ({"scope": "FILL IN: x"}, "scope: is not filled in"),
        (
            {"conclusion": "fit", "findings": [{**GOOD["findings"][0], "severity": "critical"}]},
            "in spite of a critical finding",
        ),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, changes: dict[str, Any], words: str):
    with pytest.raises(InputError, match=words):
        read_validation(saved(tmp_path, **changes))


def test_a_validation_must_be_of_this_model_and_by_another_person(sources: CardSources, tmp_path: Path):
    notes = read_validation(saved(tmp_path))
    with pytest.raises(UsageError, match="momentum/2"):
        ValidationInput(sources=sources, notes=notes.model_copy(update={"model": "momentum/2"}))
    with pytest.raises(UsageError, match="trained the model"):
        ValidationInput(sources=sources, notes=notes.model_copy(update={"validator": "ada"}))
    with pytest.raises(UsageError, match=r"reproduction is of momentum/2"):
        ValidationInput(sources=sources, notes=notes, reproduction={"model": "momentum/2", "reproduced": True})


def test_the_statement_signed_for_changes_with_every_word(sources: CardSources, tmp_path: Path, now: datetime):
    notes = read_validation(saved(tmp_path))
    ids = {
        validation(ValidationInput(sources=sources, notes=one), at=now).data["notes_id"]
        for one in (notes, notes, notes.model_copy(update={"reasons": "Other reasons."}))
    }
    assert len(ids) == 2


def test_the_skeleton_must_be_filled_in(sources: CardSources, tmp_path: Path, now: datetime):
    path = new_validation(tmp_path / "v.toml", sources.record, at=now)
    with pytest.raises(InputError) as caught:
        read_validation(path)
    for name in ("validator", "scope", "data", "soundness", "not_tested", "conclusion", "signatures.1.name"):
        assert f"{name}: " in str(caught.value)
    filled = path.read_text().replace('"FILL IN: fit, fit with conditions, or not fit"', '"not fit"')
    path.write_text(filled.replace("FILL IN: your name", "vera").replace("FILL IN: ", "About "))
    assert read_validation(path).conclusion == "not fit"
    with pytest.raises(OutputError, match="there already"):
        new_validation(path, sources.record, at=now)
