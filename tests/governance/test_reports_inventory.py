"""The inventory: what it says of each version is what the records say, and what is overdue is named."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.governance.cards import CardNotes
from tradewind.governance.pages import to_html
from tradewind.governance.reports import Incident, ModelEntry, Policy, inventory


def incident(models: tuple[str, ...], status: str = "open") -> Incident:
    return Incident.model_validate(
        {
            "reference": "INC-1", "title": "Late prices", "severity": "high", "status": status, "models": models,
            "owner": "otto", "started": "2026-11-01T08:00:00Z", "detected": "2026-11-01T09:00:00Z",
            "resolved": "2026-11-01T12:00:00Z", "summary": "Prices came late.", "cause": "A vendor was down.",
            "impact": {"words": "Forty forecasts were late."},
            "timeline": [{"at": "2026-11-01T08:00:00Z", "what": "No file came."}],
            "actions": [{"what": "Watch the file", "owner": "otto", "due": "2026-11-10", "done": "2026-11-05"}],
        }
    )  # fmt: skip


def test_rows_equal_the_records(entry: ModelEntry, now: datetime, tmp_path: Path):
    draft = dataclasses.replace(
        entry, record={**entry.record, "version": 4}, stage="draft", history=(), aliases=(), notes=CardNotes()
    )
    report = inventory([entry, draft], at=now, incidents=[incident(("momentum",))])
    champion, other = report.data["models"]
    metrics = entry.record["metrics"]
    assert champion["accuracy"] == metrics["accuracy"]
    assert champion["accuracy_interval"] == metrics["models"]["ensemble"]["accuracy_interval"]
    assert champion["validation_age_days"] == (now.date() - datetime(2026, 9, 2).date()).days - 1  # 10:00 against 9:00
    assert champion["parameters"] == 120345
    assert (champion["validation_overdue"], other["validation_overdue"]) == (False, None)
    assert champion["open_incidents"] == other["open_incidents"] == ["INC-1"]
    page = to_html(report.document)
    for text in ("Quant desk", "120,345", f"{100 * metrics['accuracy']:.1f} %", "INC-1", "champion", "draft"):
        assert text in page
    files = report.write(tmp_path)
    assert json.loads((tmp_path / "inventory.json").read_text()) == json.loads(json.dumps(report.data))
    assert {path.name for path in files} == {"inventory.html", "inventory.json"}


@pytest.mark.parametrize(("days", "overdue"), [(364, False), (365, False), (366, True), (800, True)])
def test_a_validation_is_overdue_after_the_policys_days(entry: ModelEntry, days: int, overdue: bool):
    validated = entry.reached("validated")
    assert validated is not None
    report = inventory([entry], at=validated + timedelta(days=days, hours=1))
    assert report.data["models"][0]["validation_overdue"] is overdue
    assert (report.data["overdue_validations"] == ["momentum/3"]) is overdue
    assert (str(report.document.status) == "Needs attention") is overdue
    strict = inventory([entry], at=validated + timedelta(days=days), policy=Policy(validation_days=30))
    assert strict.data["models"][0]["validation_overdue"] is True


def test_what_needs_attention_is_said(entry: ModelEntry, now: datetime, unskilled: dict[str, Any]):
    record = {**entry.record, "metrics": unskilled, "budget": {"passed": False}}
    poor = dataclasses.replace(entry, record=record, notes=CardNotes(), history=entry.history[:1])
    told = " ".join(inventory([poor], at=now).data["attention"])
    for words in ("never validated", "no owner", "shows no skill", "over its complexity budget"):
        assert words in told
    assert inventory([entry], at=now).data["attention"] == []


def test_a_closed_incident_and_another_version_do_not_count(entry: ModelEntry, now: datetime):
    for one in (incident(("momentum",), "closed"), incident(("momentum/2",)), incident(("other",))):
        assert inventory([entry], at=now, incidents=[one]).data["models"][0]["open_incidents"] == []
    assert inventory([entry], at=now, incidents=[incident(("momentum/3",))]).data["models"][0]["open_incidents"]


def test_incidents_that_were_not_given_are_not_called_none(entry: ModelEntry, now: datetime):
    report = inventory([entry], at=now)
    assert report.data["models"][0]["open_incidents"] is None
    assert "With open incidents: not assessed" in report.document.lead[0]
    assert "With open incidents: 0 versions" in inventory([entry], at=now, incidents=[]).document.lead[0]


def test_an_empty_registry_is_said(now: datetime):
    report = inventory([], at=now)
    assert "holds no model" in to_html(report.document)
    assert report.data["models"] == []


def test_standing_down_is_no_new_approval(entry: ModelEntry):
    down = {**entry.history[-1], "from_stage": "champion", "to_stage": "approved", "at": "2026-10-01T00:00:00+00:00"}
    later = dataclasses.replace(entry, history=(*entry.history, down))
    assert later.reached("approved") == entry.reached("approved")
    assert later.stage_at(datetime.fromisoformat("2026-10-02T00:00:00+00:00")) == "approved"
    assert later.stage_at(datetime.fromisoformat("2026-09-05T00:00:00+00:00")) == "champion"
    assert later.stage_at(datetime.fromisoformat("2026-08-01T00:00:00+00:00")) == "draft"
