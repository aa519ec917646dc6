"""Registered models from the command line: from a trained folder to a forecast by the champion."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.cli.resolve import reference_of, resolve_model
from tradewind.core import InputError, UsageError

pytestmark = pytest.mark.slow

REASON = ("--reason", "as agreed")


def invoke(*args: object) -> str:
    """Run a command that must succeed and return what it prints."""
    made = CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return made.stdout


@pytest.fixture(scope="session")
def trained(market_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model and its metrics, of a regression that takes a second."""

    folder = tmp_path_factory.mktemp("trained")
    given = ["--prices", market_files / "prices.parquet", "--universe", market_files / "universe.csv"]
    given += ["--train-end", "2013-02-15", "--models", "logistic", "--track", folder / "runs"]
    invoke("train", *given, "--out", folder / "model")
    invoke("evaluate", *given, "--test-start", "2013-03-01", "--test-end", "2013-04-30", "--out", folder / "out")
    return folder


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let registry, keys and audit log lie in ``folder``."""
    monkeypatch.setenv("TRADEWIND_KEYS", str(folder / "keys"))
    monkeypatch.setenv("TRADEWIND_REGISTRY", str(folder / "registry"))
    monkeypatch.setenv("TRADEWIND_AUDIT", str(folder / "audit.db"))
    monkeypatch.setenv("TRADEWIND_BUDGETS", str(folder / "budgets.toml"))


@pytest.fixture(scope="session")
def settled(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a registry, one person in each role, and the model registered as equity/1; to be copied."""
    folder = tmp_path_factory.mktemp("settled") / "house"
    folder.mkdir()
    (folder / "budgets.toml").write_text("[use_cases.trial]\ngain_per_tenfold = -1.0\n")
    people = (("grace", "admin"), ("ada", "author"), ("vera", "validator"), ("paul", "approver"), ("otto", "operator"))
    with pytest.MonkeyPatch.context() as patch:
        settle(folder, patch)
        for name, role in people:
            invoke("models", "keygen", "--person", name, "--roles", role, "--admin", "grace" if name != "grace" else "")
        made = invoke(
            "models", "register", trained / "model", "--name", "equity", "--as", "ada", "--metrics",
            trained / "out" / "metrics.json", "--use-case", "trial", "--purpose", "rank eight stocks", "--limitation",
            "simulated data", "--track", trained / "runs", "--json",
        )  # fmt: skip
    found = json.loads(made)
    assert (found["missing"], found["stage"], len(found["run"])) == ([], "draft", 32)
    return folder


@pytest.fixture
def house(settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the settled folder for one test alone."""
    folder = tmp_path / "house"
    shutil.copytree(settled, folder)
    settle(folder, monkeypatch)
    return folder


@pytest.fixture
def registered(tradewind, house: Path):
    """Return the runner of commands, with the model registered as equity/1."""
    return tradewind


def promoted(tradewind) -> None:
    """Bring equity/1 into service."""
    for act, who in (("validate", "vera"), ("approve", "paul"), ("promote", "otto")):
        found = tradewind("models", act, "equity/1", "--as", who, *REASON)
        assert found.code == 0, found
        assert f"Signed by {who}" in found.out


def test_a_model_comes_into_service_and_forecasts(registered, market_files: Path, trained: Path):
    ask = (
        "predict",
        "--prices",
        market_files / "prices.parquet",
        "--universe",
        market_files / "universe.csv",
        "--json",
    )
    early = registered(*ask, "--model", "equity@champion")
    assert early.code == 2
    assert "equity has no champion (version 1 draft), so nothing of it is served" in early.err
    promoted(registered)
    served = registered(*ask, "--model", "equity@champion")
    assert served.code == 0, served
    assert "Model: equity/1 (champion)" in served.err
    plain = registered(*ask, "--model", trained / "model")
    assert "unregistered: for research, nobody approved it" in plain.err
    assert plain.json == served.json
    registered("models", "fallback", "equity", "--to", "momentum", "--as", "otto", *REASON)
    fallen = registered(*ask, "--model", "equity@champion")
    assert "equity/1, its baseline momentum (fallback)" in fallen.err
    assert fallen.json != served.json
    registered("models", "resume", "equity", "--as", "otto", *REASON)
    registered("models", "fallback", "equity", "--to", "none", "--as", "otto", "--reason", "the feed is wrong")
    stopped = registered(*ask, "--model", "equity@champion")
    assert stopped.code == 2
    assert "serving of equity was stopped by otto" in stopped.err
    assert "Fix: `tradewind models resume` ends that" in stopped.err


def test_what_was_decided_is_shown_and_logged(registered, house: Path):
    promoted(registered)
    assert registered("models", "override", "equity/1", "--hours", "2", "--as", "otto", *REASON).code == 0
    shown = registered("models", "show", "equity", "--json").json
    assert [d["to_stage"] for d in shown["decisions"]] == ["draft", "validated", "approved", "champion", None]
    assert {line["name"] for line in shown["budget"]["lines"]} >= {"members", "trees", "gain"}
    page = registered("models", "show", "equity").out
    for words in (
        "equity/1: champion, trial, by ada",
        "Purpose: rank eight stocks",
        "validated -> approved",
        "override",
    ):
        assert words in page
    rows = registered("models", "list", "--json").json
    assert [(row["model"], row["stage"]) for row in rows] == [("equity/1", "champion")]
    assert registered("models", "serving", "equity", "--json").json["how"] == "override"
    checked = registered("models", "check", "--json")
    assert (checked.code, checked.json) == (0, {"sound": True, "findings": {"equity": []}})
    assert "sound, also beside the audit log" in registered("models", "check").out
    (house / "audit.db").rename(house / "gone.db")
    assert registered("models", "check").out.strip() == "equity: sound"


def test_a_rollback_is_found_in_the_audit_log(registered, house: Path):
    promoted(registered)
    ledger = house / "registry" / "ledgers" / "equity.jsonl"
    before = ledger.read_text()
    assert registered("models", "retire", "equity/1", "--as", "otto", *REASON).code == 0
    ledger.write_text(before)
    refused = registered("models", "serving", "equity")
    assert refused.code == 2
    assert "the signed ledger" in refused.err
    found = registered("models", "check", "--repair", "--json")
    assert found.code == 1
    assert found.json["findings"] == {"equity": ["equity: the audit log holds 1 decision(s) that the ledger lacks"]}


def test_what_was_taken_away_everywhere_else_is_found_in_the_audit_log(registered, house: Path):
    """Models of which ledger and MLflow know nothing any more, decisions written past the log, people replayed."""
    people = house / "registry" / "people.toml"
    before = people.read_text()
    assert registered("models", "people", "--end", "vera", "--admin", "grace").code == 0
    after = people.read_text()
    people.write_text(before)
    found = registered("models", "check", "--json")
    assert found.json["findings"]["people.toml"] == ["the audit log holds 1 entry(ies) that the file lacks"]
    people.write_text(after)
    assert registered("models", "check").code == 0
    assert registered("models", "retire", "equity/1", "--as", "paul", *REASON, "--audit", "off").code == 0
    found = registered("models", "check", "--json")
    assert found.json["findings"]["equity"] == ["equity: the audit log was not told of 1 decision(s) of the ledger"]
    found = registered("models", "check", "--json", "--registry", house / "begun-anew")
    assert found.code == 1
    assert found.json["findings"]["equity"] == ["equity: the audit log holds 1 decision(s) that the ledger lacks"]


def test_wrong_people_and_stages_are_refused_with_a_fix(registered):
    for act, who, words in (
        ("validate", "ada", "ada may not decide this: it takes the role validator"),
        ("approve", "paul", "equity/1 is draft, not validated"),
        ("promote", "otto", "equity/1 is draft and cannot be moved to champion"),
        ("demote", "otto", "equity/1 is draft, not champion"),
        ("challenge", "otto", "equity/1 is draft and cannot be the subject of 'challenge'"),
        ("validate", "bob", "there is no key of 'bob'"),
    ):
        found = registered("models", act, "equity/1", "--as", who, *REASON)
        assert found.code == 2, act
        assert words in found.err
        assert "Fix: " in found.err
    assert registered("models", "validate", "equity/1", "--as", "vera", "--reason", " ").code == 2
    assert registered("models", "show", "nothing").code == 2


def test_a_draft_is_amended_rejected_and_retired(registered, trained: Path):
    assert registered("models", "amend", "equity/1", "--as", "ada", *REASON).code == 2
    measured = ("--metrics", trained / "out" / "metrics.json")
    amended = registered(
        "models", "amend", "equity/1", "--as", "ada", "--purpose", "rank", *measured, *REASON, "--json"
    )
    assert amended.json["purpose"] == "rank"
    assert registered("models", "validate", "equity/1", "--as", "vera", *REASON).code == 0
    rejected = registered("models", "reject", "equity/1", "--as", "paul", "--reason", "too short a test", "--json")
    assert (rejected.json["from_stage"], rejected.json["to_stage"]) == ("validated", "draft")
    assert registered("models", "retire", "equity/1", "--as", "paul", *REASON).code == 0


def test_lineage_leads_from_data_to_decisions(registered):
    shown = registered("models", "lineage", "equity/1", "--json").json
    kinds = [step["kind"] for step in shown["steps"]]
    assert kinds == ["data", "features", "settings", "code", "environment", "run", "model", "decisions"]
    data = shown["steps"][0]["id"]
    assert [row["model"] for row in registered("models", "lineage", "--data", data[:8], "--json").json] == ["equity/1"]
    assert registered("models", "lineage", "--data", "00000000", "--json").json == []
    chart = registered("models", "lineage", "equity/1", "--mermaid").out
    assert chart.startswith("flowchart TD")
    assert f"data: {data}" in chart
    assert registered("models", "lineage").code == 2


def test_keys_stay_private_and_roles_are_given_by_an_admin(tradewind, house: Path):
    made = tradewind("models", "keygen", "--person", "eve", "--json")
    assert made.code == 0
    path = Path(made.json["private_key_file"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().splitlines()[1]
    assert secret not in made.out + made.err
    assert tradewind("models", "keygen", "--person", "eve").code == 2  # never overwritten
    key = made.json["public_key"]
    added = ("models", "people", "--add", "eve", "--roles", "approver,operator", "--key", key)
    refused = tradewind(*added, "--admin", "otto")
    assert (refused.code, "otto is no admin" in refused.err) == (2, True)
    rows = tradewind(*added, "--admin", "grace", "--json").json
    assert {row["name"]: row["roles"] for row in rows}["eve"] == ["approver", "operator"]
    assert "eve" not in tradewind("models", "people", "--end", "eve", "--admin", "grace").out
    failed = tradewind("models", "keygen", "--person", "kim", "--roles", "approver", "--admin", "otto")
    assert failed.code == 2
    assert not (house / "keys" / "kim.pem").exists()


def test_an_empty_registry_says_so(tradewind, tmp_path: Path):
    place = ("--registry", tmp_path / "none")
    assert "No model is registered" in tradewind("models", "list", *place).out
    assert tradewind("models", "list", *place, "--json").json == []
    assert "Nobody is enrolled" in tradewind("models", "people", *place).out
    assert tradewind("models", "check", *place, "--audit", "off").code == 0
    assert not (tmp_path / "none").exists()
    assert len(tradewind("models", "rules", "--json").json) > 8


def test_what_names_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert reference_of("models/first") is None
    assert vars(reference_of("equity@champion")) == {"name": "equity", "version": "champion"}
    assert vars(reference_of("equity/3")) == {"name": "equity", "version": 3}
    (tmp_path / "equity" / "3").mkdir(parents=True)
    assert reference_of("equity/3") is None  # a folder that is there comes first, and is not served as registered
    assert resolve_model("equity/3").served is None
    with pytest.raises(UsageError, match="there is no alias 'chief'"):
        reference_of("equity@chief")
    with pytest.raises(InputError, match="neither a model's folder nor a registered model"):
        resolve_model("nowhere")


def test_every_command_says_how(tradewind):
    names = ("register", "show", "validate", "approve", "promote", "override", "fallback", "lineage", "check", "keygen")
    for name in names:
        assert "--registry" in tradewind("models", name, "--help").out
    assert json.dumps(tradewind("models", "--help").out).count("tradewind models") > 4


def test_a_record_keeps_what_its_card_tells_of_explanation_and_fairness(registered, tmp_path: Path) -> None:
    explained, fair = tmp_path / "importance.json", tmp_path / "fairness.json"
    explained.write_text('{"method": "Shapley", "groups": {"momentum": 0.7}}')
    fair.write_text('{"model": "equity", "kinds": []}')
    done = registered(
        "models", "amend", "equity/1", "--as", "ada", *REASON, "--explanation", explained, "--fairness", fair, "--json"
    )
    assert done.code == 0, done.err
    assert done.json["explanation"] == json.loads(explained.read_text())
    assert done.json["fairness"] == json.loads(fair.read_text())
    fair.write_text("[1]")
    refused = registered("models", "amend", "equity/1", "--as", "ada", *REASON, "--fairness", fair)
    assert refused.code == 2
    assert "fairness.json: holds no JSON object" in " ".join(refused.err.split())
