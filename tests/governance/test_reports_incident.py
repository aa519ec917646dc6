"""Incident files: the skeleton must be filled in, moments stand in order, links hold."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import InputError, OutputError
from tradewind.core.toml import to_toml
from tradewind.governance.pages import to_html
from tradewind.governance.reports import Incident, incident_report, new_incident, read_incident, read_incidents

GOOD: dict[str, Any] = {
    "reference": "INC-2026-7",
    "title": "Prices came late & <wrong>",
    "severity": "high",
    "status": "contained",
    "models": ["momentum/3"],
    "owner": "otto",
    "started": "2026-09-01T08:00:00Z",
    "detected": "2026-09-01T09:30:00Z",
    "summary": "Forecasts rested on stale bars.",
    "cause": "The vendor's file was late and no check stopped it.",
    "lessons": ["Check the age of the file first."],
    "impact": {"words": "Forty forecasts.", "forecasts": 40, "loss": 1250.5, "currency": "EUR"},
    "timeline": [
        {"at": "2026-09-01T08:00:00Z", "what": "No file came.", "audit": 17},
        {"at": "2026-09-01T09:30:00Z", "what": "A trader called.", "by": "paul"},
    ],
    "actions": [
        {"what": "Stop on stale files", "owner": "ada", "due": "2026-09-15", "done": "2026-09-14"},
        {"what": "Second vendor", "owner": "vera", "due": "2026-10-01"},
    ],
}
ROWS = {17: {"seq": 17, "at": "2026-09-01T08:00:01Z", "kind": "fallback", "body": {}, "hash": "ab" * 32}}
AT = datetime(2026, 11, 1, tzinfo=UTC)


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "incident.toml"
    path.write_text(to_toml({key: value for key, value in {**GOOD, **changes}.items() if value is not None}))
    return path


def test_the_report_says_what_the_file_says(tmp_path: Path):
    found = read_incident(saved(tmp_path))
    report = incident_report(found, at=AT, rows=ROWS)
    page = to_html(report.document)
    for text in ("INC-2026-7", "Prices came late &amp; &lt;wrong&gt;", "1 h 30 min", "1,250.50 EUR", "#17", "ab" * 32,
                 "fallback", "A trader called.", "overdue", "done 2026-09-14", "Second vendor", "vera",
                 "The vendor&#39;s file was late"):  # fmt: skip
        assert text in page
    assert report.data["overdue_actions"] == 1
    assert report.data["impact"]["forecasts"] == 40
    names = [path.name for path in report.write(tmp_path / "out")]
    assert names == ["incident-INC-2026-7.html", "incident-INC-2026-7.json"]


def test_links_are_held_to_the_log(tmp_path: Path):
    found = read_incident(saved(tmp_path))
    with pytest.raises(InputError, match="no row 17"):
        incident_report(found, at=AT, rows={})
    assert "were not checked" in to_html(incident_report(found, at=AT).document)
    assert "were not checked" not in to_html(incident_report(found, at=AT, rows=ROWS).document)


@pytest.mark.parametrize("name", [name for name in GOOD if name != "lessons"])
def test_each_missing_field_is_named(tmp_path: Path, name: str):
    with pytest.raises(InputError, match=name) as caught:
        read_incident(saved(tmp_path, **{name: None}))
    assert caught.value.file == tmp_path / "incident.toml"
    assert "required" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"actions": []}, "actions: needs at least one entry"),
        ({"timeline": []}, "timeline: needs at least one entry"),
        ({"models": []}, "models"),
        ({"timeline": GOOD["timeline"][::-1]}, "entry 2 .* lies before the one above it"),
        ({"detected": "2026-08-31T00:00:00Z"}, "detected lies before started"),
        ({"resolved": "2026-09-01T09:00:00Z"}, "resolved lies before detected"),
        ({"status": "closed"}, "needs resolved"),
        ({"status": "closed", "resolved": "2026-09-02T00:00:00Z"}, "action is not done: Second vendor"),
        ({"severity": "awful"}, "severity"),
        ({"cause": "FILL IN: why"}, "cause: is not filled in"),
        ({"owner": "tbd"}, "owner: is not filled in"),
        ({"lessons": ["TODO"]}, "lessons: is not filled in"),
        ({"reference": "../../etc"}, "reference"),
        ({"impact": {"words": "x", "forecasts": -1}}, "impact.forecasts"),
        ({"surprise": 1}, "surprise"),
        ({"started": "yesterday"}, "started"),
    ],
)
def test_bad_files_are_refused_with_the_field(tmp_path: Path, changes: dict[str, Any], words: str):
    with pytest.raises(InputError, match=words):
        read_incident(saved(tmp_path, **changes))


def test_all_faults_come_in_one_error(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        read_incident(saved(tmp_path, severity="awful", cause="todo", owner=None))
    for name in ("severity", "cause", "owner"):
        assert name in str(caught.value)


def test_broken_toml_and_absent_files_are_said(tmp_path: Path):
    path = tmp_path / "x.toml"
    with pytest.raises(InputError, match="cannot be read"):
        read_incident(path)
    path.write_text("title = ")
    with pytest.raises(InputError, match="not valid TOML"):
        read_incident(path)
    with pytest.raises(InputError, match="no folder"):
        read_incidents(tmp_path / "none")


def test_the_skeleton_cannot_pass_until_it_is_filled_in(tmp_path: Path):
    path = new_incident(tmp_path / "late data.toml", at=AT, models=("momentum",))
    with pytest.raises(InputError) as caught:
        read_incident(path)
    for name in ("title", "severity", "owner", "summary", "cause", "lessons", "impact.words", "timeline.1.what",
                 "actions.1.what", "actions.1.owner"):  # fmt: skip
        assert f"{name}: " in str(caught.value)
    assert "at least one" not in str(caught.value)
    text = path.read_text()
    filled = re.sub(r'severity = ".*"', 'severity = "low"', text)
    filled = re.sub(r"FILL IN: ", "It was ", filled)
    path.write_text(filled)
    found = read_incident(path)
    assert (found.reference, found.models, found.open) == ("late-data", ("momentum",), True)
    with pytest.raises(OutputError, match="there already"):
        new_incident(path, at=AT)


def test_the_timeline_comes_from_the_log(tmp_path: Path):
    rows = [
        {"seq": n, "at": f"2026-09-01T08:{n:02d}:00Z", "kind": "prediction", "body": {"caller": "desk"}}
        for n in range(5, 45)
    ]
    rows.append({"seq": 50, "at": "2026-09-01T08:30:30Z", "kind": "override",
                 "body": {"model": "momentum", "reason": 'bars "stale"', "by": "otto"}})  # fmt: skip
    path = new_incident(tmp_path / "i.toml", at=AT, models=("momentum",), rows=rows[::-1])
    path.write_text(re.sub(r'severity = ".*"', 'severity = "low"', path.read_text()).replace("FILL IN: ", "It was "))
    found = read_incident(path)
    assert [(entry.audit, entry.what) for entry in found.timeline] == [
        (5, "First of 40 rows: prediction"),
        (50, 'Override: momentum, bars "stale"'),
        (44, "Last of 40 rows: prediction"),
    ]
    assert found.timeline[1].by == "otto"
    assert (found.started, found.detected) == (found.timeline[0].at, found.timeline[-1].at)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
def test_only_timelines_in_order_pass(minutes: list[int]):
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    timeline = [{"at": begin + timedelta(minutes=m), "what": f"step {m}"} for m in minutes]
    if minutes == sorted(minutes):
        found = Incident.model_validate({**GOOD, "timeline": timeline})
        assert len(found.timeline) == len(minutes)
    else:
        with pytest.raises(ValueError, match="lies before the one above it"):
            Incident.model_validate({**GOOD, "timeline": timeline})


@given(st.dates(date(2026, 9, 2), date(2026, 12, 31)))
def test_an_action_is_overdue_from_the_day_after_its_day(today: date):
    found = Incident.model_validate(GOOD)
    assert [action.what for action in found.overdue(today)] == (["Second vendor"] if today > date(2026, 10, 1) else [])
