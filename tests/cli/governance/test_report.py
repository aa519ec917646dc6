"""`tradewind report` from registry and audit log to files, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_inventory(tradewind, house, tmp_path: Path):
    found = tradewind(
        "report", "inventory", "--registry", house.registry, "--notes", house.notes, "--out", tmp_path, "--json"
    )
    assert found.code == 0, found
    champion, draft = found.json["models"]
    assert (champion["stage"], champion["aliases"], draft["stage"]) == ("champion", ["champion"], "draft")
    assert champion["owner"] == "Quant desk"
    assert champion["accuracy"] == house.metrics["accuracy"]
    assert champion["validation_age_days"] in {29, 30}
    assert {Path(path).name for path in found.json["files"]} == {"inventory.html", "inventory.json"}
    assert f"{100 * house.metrics['accuracy']:.1f} %" in (tmp_path / "inventory.html").read_text()


def test_inventory_of_nothing(tradewind, tmp_path: Path):
    found = tradewind("report", "inventory", "--registry", tmp_path / "none", "--out", tmp_path / "out")
    assert found.code == 0
    assert "May answer (approved or champion): 0 versions" in found.out
    assert not (tmp_path / "none").exists()


def test_quarterly_from_the_audit_log(tradewind, house, tmp_path: Path):
    found = tradewind("report", "quarterly", "--quarter", house.quarter, "--registry", house.registry,
                      "--audit", house.audit, "--prices", house.prices, "--out", tmp_path, "--json")  # fmt: skip
    assert found.code == 0, found
    part = found.json["models"][0]
    assert part["model"] == "momentum/1"
    assert 0 < part["quarter"]["n"] <= house.metrics["n"]
    assert part["expected"]["accuracy"] == house.metrics["accuracy"]
    assert (part["overrides"], part["incidents"]) == (0, None)
    assert "answers in the audit log" in part["remarks"][0]


@pytest.mark.slow
def test_quarterly_from_a_file(tradewind, house, tmp_path: Path):
    import polars as pl

    from tradewind.governance.audit import AuditLog

    with AuditLog.open(house.audit, readonly=True) as log:
        rows = [entry.body for entry in log.query(kind="prediction")]
    table = pl.DataFrame(
        {
            "symbol": [row["symbol"] for row in rows],
            "date": [row["as_of"] for row in rows],
            "probability": [row["output"]["probability"] for row in rows],
        }
    ).with_columns(pl.col("date").str.to_datetime("%Y-%m-%d", time_unit="us"))
    table.write_parquet(tmp_path / "predictions.parquet")
    common = ("report", "quarterly", "--quarter", house.quarter, "--registry", house.registry, "--prices", house.prices,
              "--out", tmp_path, "--json")  # fmt: skip
    logged = tradewind(*common, "--audit", house.audit).json["models"][0]["quarter"]
    given = tradewind(*common, "--audit", "off", "--predictions", f"momentum/1={tmp_path / 'predictions.parquet'}")
    assert given.json["models"][0]["quarter"]["accuracy"] == logged["accuracy"]
    assert given.json["models"][0]["overrides"] is None


def test_compliance_says_what_it_saw(tradewind, house, tmp_path: Path):
    found = tradewind("report", "compliance", "--registry", house.registry, "--audit", house.audit,
                      "--notes", house.notes, "--out", tmp_path, "--json")  # fmt: skip
    assert found.code == 0, found
    status = {check["name"]: check["status"] for check in found.json["checks"]}
    assert status["Keys rotated"] == "NOT ASSESSED"  # the log is not encrypted
    assert {name for name, one in status.items() if one == "PASS"} == status.keys() - {"Keys rotated"}
    without = tradewind("report", "compliance", "--registry", house.registry, "--audit", house.audit, "--out", tmp_path)
    assert without.code == 1  # nobody wrote notes: the card is not complete
    assert "FAIL" in without.out
    alone = tradewind(
        "report", "compliance", "--registry", house.registry, "--notes", house.notes, "--out", tmp_path, "--json"
    )
    assert alone.code == 0
    assert {c["name"] for c in alone.json["checks"] if c["status"] == "NOT ASSESSED"} >= {
        "Audit log verified", "Served models approved", "Retention kept",
    }  # fmt: skip


def test_incident_from_new_to_report(tradewind, house, tmp_path: Path):
    path = tmp_path / "incidents" / "late-data.toml"
    begun = tradewind("report", "incident", "new", path, "--model", "momentum", "--audit", house.audit,
                      "--from", "2020-01-01", "--until", "2099-01-01")  # fmt: skip
    assert begun.code == 0, begun
    refused = tradewind("report", "incident", "write", path, "--out", tmp_path / "out", "--audit", house.audit)
    assert refused.code == 2
    assert "title: is not filled in" in refused.err
    text = re.sub(r'severity = ".*"', 'severity = "high"', path.read_text()).replace("FILL IN: ", "Said: ")
    path.write_text(text)
    written = tradewind(
        "report", "incident", "write", path, "--out", tmp_path / "out", "--audit", house.audit, "--json"
    )
    assert written.code == 0, written
    assert any(entry["audit"] for entry in written.json["timeline"])
    page = (tmp_path / "out" / "incident-late-data.html").read_text()
    assert "decision" in page
    assert re.search(r"[0-9a-f]{64}", page)
    inventory = tradewind("report", "inventory", "--registry", house.registry, "--incidents", path.parent,
                          "--out", tmp_path / "out", "--json")  # fmt: skip
    assert inventory.json["models"][0]["open_incidents"] == ["late-data"]


def test_validation_from_new_to_report(tradewind, house, tmp_path: Path):
    path = tmp_path / "validation.toml"
    assert tradewind("report", "validation", "new", "momentum/1", path, "--registry", house.registry).code == 0
    assert tradewind("report", "validation", "write", path, "--registry", house.registry, "--out", tmp_path).code == 2
    text = path.read_text().replace('"FILL IN: fit, fit with conditions, or not fit"', '"not fit"')
    path.write_text(text.replace("FILL IN: your name", "vera").replace("FILL IN: ", "Said: "))
    (tmp_path / "reproduce.json").write_text(json.dumps({"model": "momentum/1", "reproduced": True, "largest": 0.0}))
    found = tradewind("report", "validation", "write", path, "--registry", house.registry, "--out", tmp_path,
                      "--reproduction", tmp_path / "reproduce.json", "--json")  # fmt: skip
    assert found.code == 0, found
    assert found.json["notes"]["conclusion"] == "not fit"
    assert not any("reproduction" in one for one in found.json["not_tested"])
    page = (tmp_path / "validation-momentum-1.html").read_text()
    assert f"{100 * house.metrics['accuracy']:.1f} %" in page


def config(tmp_path: Path, house, *, start: str = "2026-01-01") -> Path:
    path = tmp_path / "reports.toml"
    path.write_text(
        f'out = "made"\n[sources]\nregistry = "{house.registry}"\naudit = "{house.audit}"\nnotes = "{house.notes}"\n'
        f'prices = "{house.prices}"\n'
        f'[[reports]]\nname = "models"\nkind = "inventory"\nevery = "weekly"\nstart = {start}\n'
        f'[[reports]]\nname = "rules"\nkind = "compliance"\nevery = "monthly"\nstart = {start}\npdf = true\n'
    )
    return path


def test_schedule_makes_what_is_due_once(tradewind, house, tmp_path: Path, pango: None):
    path = config(tmp_path, house)
    first = tradewind("report", "schedule", "--config", path, "--once", "--json")
    assert first.code == 0, first
    assert [tick["outcome"] for tick in first.json] == ["made", "made"]
    names = sorted(
        file.relative_to(tmp_path / "made").parts[-1]
        for file in (tmp_path / "made").rglob("*.*")
        if file.is_file() and ".schedule" not in file.parts
    )
    assert names == ["compliance.html", "compliance.json", "compliance.pdf", "inventory.html", "inventory.json"]
    second = tradewind("report", "schedule", "--config", path, "--once")
    assert second.out.count("next due") == 2


@pytest.mark.slow
def test_a_failed_report_ends_with_one_and_is_tried_again(tradewind, house, tmp_path: Path, pango: None):
    path = config(tmp_path, house)
    text = path.read_text()
    path.write_text(text.replace(f'notes = "{house.notes}"', 'notes = "absent"'))
    failed = tradewind("report", "schedule", "--config", path, "--once")
    assert failed.code == 1
    assert "is no folder" in failed.err
    path.write_text(text + "\n")
    state = json.loads((tmp_path / "made" / ".schedule" / "models.json").read_text())
    assert state["made"] == []
    assert "is no folder" in state["failed"]["error"]


@pytest.mark.slow
def test_pdf_of_every_report(tradewind, house, tmp_path: Path, pango: None):
    for args in (
        ("inventory", "--notes", house.notes),
        ("compliance", "--notes", house.notes, "--audit", house.audit),
        ("quarterly", "--quarter", house.quarter, "--audit", house.audit, "--prices", house.prices),
    ):
        assert tradewind("report", *args, "--registry", house.registry, "--out", tmp_path, "--pdf").code == 0
    written = list(tmp_path.glob("*.pdf"))
    assert len(written) == 3
    assert all(path.read_bytes().startswith(b"%PDF-") for path in written)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("quarterly", "--quarter", "2026Q9"), "is no quarter"),
        (("quarterly", "--predictions", "momentum/1"), "is not MODEL=FILE"),
        (("quarterly", "--quarter", "2013Q1", "--model", "other"), "'other' is not registered"),
        (("quarterly", "--quarter", "2013Q1", "--predictions", "momentum/1=x.parquet"), "without prices"),
        (("inventory", "--incidents", "none"), "is no folder"),
        (("inventory", "--notes", "none"), "is no folder"),
        (("inventory", "--policy", "none.toml"), "cannot be read"),
        (("compliance", "--audit", "/nowhere/audit.db"), "there is no audit log"),
    ],
)
def test_wrong_input_is_one_line(tradewind, house, tmp_path: Path, args: tuple[str, ...], words: str):
    found = tradewind("report", *args, "--registry", house.registry, "--out", tmp_path / "out")
    assert found.code == 2, found
    assert words in found.err
    assert not (tmp_path / "out").exists()


def test_one_end_of_a_span_is_not_enough(tradewind, tmp_path: Path):
    found = tradewind("report", "incident", "new", tmp_path / "x.toml", "--from", "2026-01-01")
    assert found.code == 2
    assert "belong together" in found.err
    bad = tradewind("report", "schedule", "--config", tmp_path / "none.toml", "--once")
    assert bad.code == 2
    assert "cannot be read" in bad.err


def test_every_command_shows_examples(tradewind):
    for command in ("inventory", "quarterly", "compliance", "schedule", "incident", "validation"):
        assert f"tradewind report {command}" in tradewind("report", command, "--help").out
