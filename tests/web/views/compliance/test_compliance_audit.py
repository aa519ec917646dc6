"""The audit log in the dashboard: search, entry, verification, export."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tradewind.governance.audit import check_export


@pytest.mark.slow
def test_a_search_pages_through_everything(open_page):
    page, seen, below = open_page(), [], None
    while True:
        found = page.get("/audit/entries", size=100, **({} if below is None else {"below": below})).json()
        seen += [row["seq"] for row in found["rows"]]
        below = found["below"]
        if below is None:
            break
    last = page.get("/audit/status").json()["last"]
    assert seen == list(range(last, -1, -1))


@pytest.mark.slow
def test_conditions_and_what_a_row_says(open_page):
    rows = open_page().get("/audit/entries", kind="prediction", symbol="S000", size=5).json()["rows"]
    assert {row["symbol"] for row in rows} <= {"S000"}
    some = open_page().get("/audit/entries", kind="prediction", size=1).json()["rows"][0]
    assert some["model"] == "equity-daily/1"
    assert some["words"].startswith("chance of a rise")
    moved = open_page().get("/audit/entries", kind="decision", text="FIRST model in service").json()["rows"]
    assert moved[0]["words"] == "approved to champion: first model in service"


@pytest.mark.slow
def test_a_time_that_is_none_is_refused(open_page):
    assert open_page().get("/audit/entries", since="yesterday").status_code == 422


@pytest.mark.slow
def test_no_log_says_how_to_make_one(open_page):
    answer = open_page(empty=True).get("/audit/status")
    assert answer.status_code == 404
    assert "--audit" in answer.json()["fix"]


def test_an_entry_tells_the_hash_before_it(open_page):
    page = open_page()
    entry, before = page.get("/audit/entries/3").json(), page.get("/audit/entries/2").json()
    assert entry["before"] == before["hash"]
    assert page.get("/audit/entries/999999").status_code == 404


def test_verification_leaves_a_checkpoint_that_later_ones_begin_at(open_page):
    page = open_page()
    whole = page.wait(page.post("/audit/verify", {"whole": True}))["result"]
    assert whole["ok"]
    assert whole["head"]["hash"]
    checkpoint = page.get("/audit/status").json()["checkpoint"]
    assert (checkpoint["seq"], checkpoint["hash"]) == (whole["head"]["seq"], whole["head"]["hash"])
    since = page.wait(page.post("/audit/verify", {"whole": False}))["result"]
    assert since["ok"]
    assert since["since"] == checkpoint["seq"]
    assert since["rows"] == 0
    again = page.wait(page.post("/audit/verify", {"whole": True}))["result"]
    assert again["held_against"] == checkpoint["seq"]


def test_an_export_can_be_checked_without_the_log_and_is_told(open_page, tmp_path: Path):
    page = open_page()
    answer = page.get("/audit/export", kind="decision", form="jsonl")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        pack.extractall(tmp_path / "out")
    found = check_export(tmp_path / "out" / "audit.jsonl")
    assert found.ok
    assert found.rows == page.get("/audit/status").json()["kinds"]["decision"]
    told = page.get("/audit/entries", kind="export").json()["rows"]
    assert told[0]["by"] == "compliance"
