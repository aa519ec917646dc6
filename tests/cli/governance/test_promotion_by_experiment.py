"""The decision of an experiment that has reached its goal: signed by a person, among approved versions alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tradewind.cli.beside import Promoting
from tradewind.governance.audit import AuditLog
from tradewind.registry import ModelRegistry, Stage, keys_folder

FACTS = {"experiment": "second", "goal": "not_worse", "days": 21, "goal_p_value": 0.01, "mean_difference": float("nan")}


@pytest.mark.slow
def test_only_an_approved_version_is_promoted_and_the_decision_is_signed(
    house, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(house.registry, tmp_path / "registry")
    registry, audit = tmp_path / "registry", tmp_path / "audit.db"
    monkeypatch.setenv("TRADEWIND_KEYS", str(tmp_path / "keys"))
    for person in house.people.values():
        person.save(keys_folder())
    promoting = Promoting("otto", registry=str(registry), audit=str(audit))
    assert not promoting("promote", "momentum/2", FACTS)  # a draft
    assert "is draft, and only an approved version is promoted" in caplog.text
    store = ModelRegistry(registry, budgets=house.budgets)
    store.move("momentum", 2, Stage.validated, house.people["vera"], "refitted it")
    store.move("momentum", 2, Stage.approved, house.people["paul"], "meets the policy")
    assert not Promoting("vera", registry=str(registry), audit=str(audit))("promote", "momentum/2", FACTS)
    assert not promoting("retire", "momentum/2", FACTS)
    assert store.stage("momentum", 1) is Stage.champion
    assert promoting("promote", "momentum/2", FACTS)
    assert promoting("promote", "momentum/2", FACTS)  # it is champion already: nothing is left to decide
    again = ModelRegistry(registry)
    assert again.stage("momentum", 2) is Stage.champion
    assert again.stage("momentum", 1) is Stage.approved
    with AuditLog.open(audit) as log:
        decisions = [entry.body for entry in log.query(kind="decision")]
    last = decisions[-1]
    assert (last["by"], last["version"]) == ("otto", 2)
    assert "goal_p_value 0.01" in json.dumps(last)
