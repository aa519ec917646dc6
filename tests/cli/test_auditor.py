"""The process that takes the audit spool into the audit log, and the command that reads it back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.governance.audit import AuditLog
from tradewind.serving.watch.spool import Spool
from tradewind.streaming.records import Prediction


def made(number: int) -> Prediction:
    return Prediction(
        id=f"{number:024x}",
        symbol="AAPL",
        time=1_700_000_000_000_000,
        known_at=1_700_000_000_000_001,
        made_at=1_700_000_000_000_002,
        model="daily/3",
        probability=0.53,
        expected_return=0.001,
        lower=float("nan"),
        upper=0.1,
        inputs_id="ab" * 32,
    )


def auditor(spool: Path, log: Path, writer: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tradewind.cli.auditor", "--spool", spool, "--audit", log, "--writer", writer]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


@pytest.mark.slow
def test_what_was_served_is_in_the_verified_log_once_also_after_kills(tmp_path: Path) -> None:
    log, folder = tmp_path / "audit.db", tmp_path / "spool"
    first = Spool(folder)
    for number in range(200):
        assert first.record(made(number % 3), "research", f"r{number}")
    killed = auditor(folder, log, first.name)
    killed.kill()
    killed.communicate()
    ended = auditor(folder, log, first.name)
    assert ended.communicate(timeout=60)  # standard input closes: it drains and ends
    assert ended.returncode == 0
    second = Spool(folder)
    second.record(made(9), "risk", "last")
    assert auditor(folder, log, second.name).communicate(timeout=60)
    assert list(folder.glob("*.spool")) == []
    with AuditLog.open(log, readonly=True) as opened:
        assert opened.verify().ok
        found = opened.query(kind="prediction", symbol="AAPL", model="daily")
    assert [entry.body["output"]["prediction"] for entry in found] == [f"{n:024x}" for n in (0, 1, 2, 9)]
    assert found[0].body["model_version"] == "3"
    assert found[0].body["output"]["lower"] is None

    def served(*flags: str) -> list[dict[str, str]]:
        done = CliRunner().invoke(app, ["audit", "served", "--log", str(log), "--json", *flags])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert [line["request"] for line in served("--limit", "1000")] == ["last", *(f"r{n}" for n in range(199, -1, -1))]
    assert len(served("--caller", "risk")) == 1
    assert served("--prediction", f"{1:024x}", "--limit", "1")[0]["caller"] == "research"
    assert served("--request", "nobody") == []
