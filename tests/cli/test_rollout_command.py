"""`tradewind rollout`, and what an experiment did on its way to the audit log."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tradewind.cli.recorded import RECORDS, RecordDrain, Records, read_records
from tradewind.cli.standing import ROLLOUT
from tradewind.governance.audit import AuditLog
from tradewind.serving.node.stopping import stop_file, stop_if_told
from tradewind.serving.rollout import Arm, Disagreement, Experiment, Guardrails, Hooks, ReviewList, Rollout

EXPERIMENT = Experiment(
    name="second",
    kind="ab",
    arms=(Arm(name="control", model="daily/1", share=0.7), Arm(name="second", model="daily/2", share=0.3)),
    guardrails=Guardrails(error_rate=0.01),
)


@pytest.fixture
def running(tmp_path: Path) -> Rollout:
    """Return the experiment of a server, whose state folder is ``tmp_path``."""
    folder = tmp_path / ROLLOUT
    rollout = Rollout(EXPERIMENT, folder, Hooks(record=Records(folder / RECORDS)))
    (folder / "second.json").write_text(EXPERIMENT.model_dump_json())
    return rollout


@pytest.mark.slow
def test_shares_evidence_and_decisions_are_shown(tradewind: Any, running: Rollout, tmp_path: Path) -> None:
    found = tradewind("rollout", "show", "--state", tmp_path, "--json").json
    assert found["status"] == "running"
    control, second = found["arms"]
    assert (control["share"], second["share"]) == (pytest.approx(0.7), pytest.approx(0.3))
    assert second["model"] == "daily/2"
    for _ in range(3000):
        running.observe("second", 0.001, True)
    running.look()
    after = tradewind("rollout", "show", "second", "--state", tmp_path, "--json").json
    assert after["status"] == "rolled_back"
    control, second = after["arms"]
    assert (control["share"], second["share"], second["requests"]) == (1.0, 0.0, 3000)
    assert min(p for p in second["guard_p_values"].values() if p is not None) < after["guard_alpha"]
    assert [one["kind"] for one in after["decisions"]] == ["rollout_begun", "rollback"]
    shown = tradewind("rollout", "show", "--state", tmp_path)
    assert "rolled_back" in shown.out
    assert "rollback" in shown.out


@pytest.mark.slow
def test_a_running_server_takes_a_stop_up_within_seconds(tradewind: Any, running: Rollout, tmp_path: Path) -> None:
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            stop_if_told(running, tmp_path)
            running.look()

    thread = threading.Thread(target=look)
    thread.start()
    said = tradewind("rollout", "stop", "--reason", "bad feed", "--as", "otto", "--state", tmp_path, "--json")
    ended.set()
    thread.join()
    assert said.json == {"experiment": "second", "stopped": True}
    assert (running.status, running.reason) == ("stopped", "otto: bad feed")
    assert running.choose("anybody", "AAPL").arm == "control"
    assert not stop_file(tmp_path, "second").exists()
    again = tradewind("rollout", "stop", "--reason", "twice", "--as", "otto", "--state", tmp_path)
    assert again.code == 2
    assert "has ended: stopped" in again.err


def test_word_that_cannot_be_read_stops_as_well(running: Rollout, tmp_path: Path) -> None:
    stop_file(tmp_path, "second").write_text("{")
    stop_if_told(running, tmp_path)
    assert running.status == "stopped"


def test_where_no_experiment_ran(tradewind: Any, tmp_path: Path) -> None:
    said = tradewind("rollout", "show", "--state", tmp_path)
    assert said.code == 2
    assert "no experiment has run here" in said.err


@pytest.mark.slow
def test_cases_are_listed_and_closed_by_somebody_with_a_name(tradewind: Any, tmp_path: Path) -> None:
    assert tradewind("rollout", "review", "--state", tmp_path).code == 2
    cases = ReviewList(tmp_path / "review.db")
    for number, student in enumerate((0.4, 0.1)):
        cases.add(
            [
                Disagreement(
                    prediction=f"p{number}",
                    symbol="AAPL",
                    time=1_700_000_000_000_000,
                    model="daily/1",
                    student_model="student/1",
                    champion=0.7,
                    student=student,
                    cause="side",
                    seen_at=1_700_000_000_000_001,
                )
            ]
        )
    cases.close()
    rows = tradewind("rollout", "review", "--state", tmp_path, "--json").json
    assert [row["prediction"] for row in rows] == ["p1", "p0"]
    assert tradewind("rollout", "review", "--close", "p1", "--state", tmp_path).code == 2
    closing = ("--as", "vera", "--note", "earnings at noon", "--state", tmp_path)
    assert tradewind("rollout", "review", "--close", "p1", *closing).code == 0
    assert tradewind("rollout", "review", "--close", "p1", *closing).code == 2
    assert [row["prediction"] for row in tradewind("rollout", "review", "--state", tmp_path, "--json").json] == ["p0"]


def test_what_an_experiment_did_is_in_the_audit_log_once(tmp_path: Path) -> None:
    records = Records(tmp_path / RECORDS)
    records("rollout_begun", {"experiment": "second"})
    with (tmp_path / RECORDS).open("ab") as file:
        file.write(b'{"id": "half')  # a power cut
    records("rollback", {"experiment": "second", "p": float("nan")})
    assert [one["kind"] for one in read_records(tmp_path / RECORDS)] == ["rollout_begun", "rollback"]
    with AuditLog.open(tmp_path / "audit.db") as log:
        assert RecordDrain(tmp_path / RECORDS, log).step() == 2
        again = RecordDrain(tmp_path / RECORDS, log)  # the auditor was killed and started again
        assert again.step() == 0
        records("promotion", {"experiment": "second"})
        assert again.step() == 1
        kinds = [entry.body["kind"] for entry in log.query(kind="rollout")]
    assert kinds == ["rollout_begun", "rollback", "promotion"]


def test_a_disk_that_refuses_costs_no_decision_and_loses_no_line(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder must be")
    records = Records(blocked / RECORDS)
    records("rollback", {"experiment": "second"})
    blocked.unlink()
    records("promotion", {"experiment": "second"})
    assert [one["kind"] for one in read_records(blocked / RECORDS)] == ["rollback", "promotion"]
