"""The demo, from bundled prices to a model card, an explained forecast and a verified audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tradewind.explain.rationale import check_record
from tradewind.governance.audit import AuditLog


@pytest.mark.slow
def test_the_demo_ends_with_card_explanation_and_audit_log(tradewind, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = tradewind("demo", "--models", "logistic", "--out", out)
    assert done.code == 0, done.err
    for layer in ("Executive summary", "Attribution", "Technical decomposition", "Model internals"):
        assert f"\n{layer}\n" in done.out
    card = json.loads((out / "card.json").read_text())
    assert card["checklist"]["complete"], card["checklist"]
    assert "No skill" in (out / "card.html").read_text()
    explanation = json.loads((out / "why" / "explanation.json").read_text())
    assert check_record(explanation) == ()
    assert (out / "why" / "waterfall.png").stat().st_size > 10_000
    with AuditLog.open(out / "audit.db", readonly=True) as log:
        assert log.verify().ok
        kinds = [entry.kind for entry in log.entries()]
        forecast, given = (entry.body for entry in log.query(kind="prediction"))
    assert {"decision", "prediction", "explanation"} <= set(kinds)
    assert forecast["explanation"] == explanation["id"]
    assert given["output"]["probability"] == pytest.approx(forecast["output"]["probability"], abs=1e-5)
    assert given["caller"] == "server"
    assert "Audit log verified" in done.out
    served = json.loads(next(line for line in done.out.splitlines() if line.strip().startswith('{"id"')))
    assert served["symbol"] == explanation["symbol"]
    assert abs(served["probability"] - explanation["probability"]) < 1e-5
