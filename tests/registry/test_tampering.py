"""Whatever is changed behind the registry's back is noticed, and nothing is served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import InputError, TradewindError
from tradewind.registry import Act, Decision, ModelRegistry, Person, Stage
from tradewind.registry.ledger import Ledger, NewDecision

Lines = list[dict[str, Any]]


def refused(office, name: str = "demo", match: str = ".") -> str:
    """Return why nothing of ``name`` is served, after every way to ask for it was tried; it must be tampering."""
    for ask in (
        lambda: office.registry.serving(name),
        lambda: office.registry.served(name, 1),
        lambda: office.registry.stage(name, 1),
        lambda: office.move(1, "retired", "otto", name=name),
    ):
        with pytest.raises(InputError, match=match):
            ask()
    findings = office.registry.findings(name)
    assert findings
    return findings[0]


def edited(office, change: Callable[[Lines], Lines | None]) -> None:
    """Change the decisions in the ledger's file."""
    path = office.ledger()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines = change(lines) or lines
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def put(index: int, **values: Any) -> Callable[[Lines], None]:
    """Return a change of some fields of one decision."""
    return lambda lines: lines[index].update(values)


CHANGES: dict[str, Callable[[Lines], Lines | None]] = {
    "the first decision is taken away": lambda lines: lines[1:],
    "one in the middle is taken away": lambda lines: lines[:2] + lines[3:],
    "the last is taken away": lambda lines: lines[:-1],
    "all are taken away": lambda lines: lines[:0] or [{}],
    "two are swapped": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "one is repeated": lambda lines: [*lines, lines[-1]],
    "an old one is repeated as a new one": lambda lines: [*lines, {**lines[1], "seq": len(lines) + 1}],
    "the reason is another": put(1, reason="looked fine"),
    "the person is another": put(2, by="max"),
    "the role is another": put(2, role="admin"),
    "the stage is another": put(0, to_stage="approved"),
    "the version is another": put(3, version=2),
    "the model's name is another": put(0, model="other"),
    "the files are others": put(0, model_sha256="0" * 64),
    "the record is another": put(0, record_sha256="0" * 64),
    "the time is another": put(1, at="2026-01-05T09:00:01+00:00"),
    "the people file is another": put(1, people="0" * 64),
    "the signature is gone": put(1, signature=""),
    "the signature is no base64": put(1, signature="?"),
    "a signature is of another decision": lambda lines: lines[3].update(signature=lines[2]["signature"]),
    "a field is gone": lambda lines: lines[1].pop("reason") and None,
    "a field is added": put(1, note="x"),
    "a field is of another kind": put(1, seq="2"),
}


@pytest.fixture(scope="module")
def championed(tmp_path_factory: pytest.TempPathFactory):
    """Return a maker of offices with a champion; the first is made, the others are copies of it."""
    kept: dict[str, Any] = {}

    def make(office):
        if not kept:
            office.champion()
            kept["folder"] = tmp_path_factory.mktemp("championed") / "registry"
            shutil.copytree(office.registry.folder, kept["folder"])
            kept["at"], kept["mlflow"] = office.clock.at, deepcopy(office.mlflow.models)
        else:
            shutil.rmtree(office.registry.folder)
            shutil.copytree(kept["folder"], office.registry.folder)
            office.clock.at, office.mlflow.models = kept["at"], deepcopy(kept["mlflow"])
        return office

    return make


@pytest.fixture
def served(office, championed):
    """Return an office whose model ``demo`` has a champion that is served."""
    made = championed(office)
    assert made.registry.serving("demo").record.reference == "demo/1"
    return made


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_ledger_is_refused(served, what: str):
    before = served.ledger().read_text()
    edited(served, CHANGES[what])
    assert served.ledger().read_text() != before
    refused(served)


def test_a_reason_may_hold_any_character(served):
    reason = "line\u2028separator \x85 \x0b 株 [bold]"
    served.registry.challenge("demo", served.approved(), served.people["otto"], reason)
    assert served.registry.history("demo")[-1].reason == reason
    with pytest.raises(TradewindError, match="holds what is no text"):
        served.move(1, "approved", "otto", "\udc80")
    assert served.registry.findings("demo") == []


@pytest.mark.parametrize(
    ("act", "details", "why"),
    [
        ("override", {"until": "2099-01-01T00:00:00+00:00"}, "cannot last until 2099"),
        ("override", {"until": "2026-01-05T08:00:00+00:00"}, "cannot last until 2026"),
        ("override", {"until": "2026-01-06T09:00:00"}, "cannot last until 2026"),
        ("override", {"until": "soon"}, "is no decision"),
        ("fallback", {"target": "momentum", "until": "2026-01-06T09:00:00+00:00"}, "only an override has an end"),
        ("fallback", {"target": "2"}, "is not about version 1"),
        ("fallback", {"target": 1}, "is not about version 1"),
        ("fallback", {"target": None}, "is not about version 1"),
    ],
)
def test_an_order_that_the_registry_would_not_take_is_refused_in_the_ledger(served, act, details, why):
    """Otto signs it with his own key and writes it past the registry."""
    order = forged(
        served, "otto", served.people["otto"], act=act, from_stage=None, to_stage=None, details=details, role="operator"
    )
    with served.ledger().open("a") as target:
        target.write(json.dumps(order.to_dict()) + "\n")
    refused(served, match=why)


@pytest.mark.parametrize("name", ["xgboost", "ensemble"])
def test_what_is_no_baseline_is_not_fallen_back_to(served, name: str):
    ledger = Ledger.read("demo", served.registry.people(), served.ledger(), now=served.clock.now())
    new = NewDecision(act=Act.fallback, version=1, reason="mine", details={"target": name})
    ledger.decide(new, served.people["otto"], served.clock.at)
    served.registry._commit(ledger, [])
    with pytest.raises(InputError, match=f"demo/1 carries no baseline '{name}'"):
        served.registry.serving("demo")


def test_a_killed_write_leaves_the_list_of_models_as_it_was(served):
    served.ledger().with_name(".demo.jsonl.x1y2.jsonl").write_text("{")
    assert served.registry.names() == ["demo"]


def test_a_cut_or_unreadable_ledger_is_refused(served):
    text = served.ledger().read_text()
    served.ledger().write_text(text[:-40])
    refused(served, match="the ledger is not sound")
    served.ledger().write_bytes(b"\xff\xfe")
    refused(served, match="cannot be read")


def test_a_ledger_that_is_gone_is_told(served):
    served.ledger().unlink()
    with pytest.raises(TradewindError):
        served.registry.serving("demo")
    assert served.registry.indexed_names() == ["demo"]
    assert "MLflow's champion is 1, the signed ledger's None" in " ".join(served.registry.findings("demo"))


def forged(office, by: str, key: Person, **changes: Any) -> Decision:
    """Return the decision that would follow, as ``key`` signs it in the name of ``by``."""
    last = office.registry.history("demo")[-1]
    decision = replace(last, seq=last.seq + 1, previous=last.hash, by=by, at=office.clock.now().isoformat(), **changes)
    return decision.signed(key)


@pytest.mark.parametrize(
    ("by", "signs", "changes", "why"),
    [
        ("otto", "mallory", {"role": "operator", "from_stage": "champion", "to_stage": "retired"}, "signature of otto"),
        ("mallory", "mallory", {"role": "operator", "from_stage": "champion", "to_stage": "retired"}, "not enrolled"),
        ("ada", "ada", {"role": "operator", "from_stage": "champion", "to_stage": "retired"}, "ada is no operator"),
        ("ada", "ada", {"role": "", "from_stage": "champion", "to_stage": "retired"}, "takes the role"),
        ("ada", "ada", {"role": "author", "from_stage": "champion", "to_stage": "retired"}, "takes the role"),
        ("max", "max", {"version": 2, "role": "operator", "from_stage": None, "to_stage": "champion"}, "is not reg"),
        ("otto", "otto", {"act": "override", "from_stage": None, "to_stage": None, "details": {}}, "has no end"),
        ("otto", "otto", {"act": "serve", "from_stage": None, "to_stage": None}, "cannot be the subject"),
        ("otto", "otto", {"from_stage": "approved", "to_stage": "retired"}, "is champion and cannot be moved"),
    ],
)  # fmt: skip
def test_a_decision_that_nobody_was_free_to_make_is_refused(served, by: str, signs: str, changes, why: str):
    decision = forged(served, by, served.people[signs], **changes)
    with served.ledger().open("a") as target:
        target.write(json.dumps(decision.to_dict()) + "\n")
    refused(served, match=why)


def test_the_author_cannot_approve_by_writing_into_the_ledger(office):
    office.register(author="max")
    decision = forged(office, "max", office.people["max"], role="validator", from_stage="draft", to_stage="validated")
    with office.ledger().open("a") as target:
        target.write(json.dumps(decision.to_dict()) + "\n")
    refused(office, match="max is the author of demo/1")


def test_decisions_of_another_model_do_not_count(office):
    office.champion("demo")
    office.register("other")
    shutil.copy(office.ledger("demo"), office.ledger("other"))
    refused(office, "other", match="does not follow")


def test_a_decision_from_the_future_is_refused(served):
    later = ModelRegistry(served.registry.folder, clock=served.clock)
    served.clock.wait(days=3)
    later.move("demo", 1, Stage.approved, served.people["otto"], "stand down")
    served.clock.wait(days=-3)
    refused(served, match="after the present")


def mlflow(office, do: Callable[[Any], None]) -> None:
    """Change something in MLflow itself."""
    with office.registry._index._client() as client:
        do(client)


@pytest.mark.slow
def test_a_stage_changed_in_mlflow_is_refused(mlflow_office):
    office = mlflow_office
    office.champion()
    draft = office.register()
    mlflow(office, lambda client: client.set_model_version_tag("demo", str(draft), "tradewind.stage", "approved"))
    refused(office, match="demo/2: MLflow says tradewind.stage is 'approved', the signed ledger 'draft'")
    office.registry.repair("demo")
    assert office.registry.findings("demo") == []
    with pytest.raises(TradewindError, match="demo/2 is draft, not approved"):
        office.registry.served("demo", draft)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda c: c.set_registered_model_alias("demo", "champion", "2"), "champion is 2, the signed ledger's 1"),
        (lambda c: c.delete_registered_model_alias("demo", "champion"), "MLflow's champion is None"),
        (lambda c: c.set_registered_model_alias("demo", "challenger", "2"), "MLflow's challenger is 2"),
        (lambda c: c.delete_model_version("demo", "1"), "demo/1: MLflow says tradewind.stage is None"),
        (lambda c: c.delete_registered_model("demo"), "MLflow has no model demo"),
        (lambda c: c.set_registered_model_tag("demo", "tradewind.ledger", "0"), "last decision is another"),
        (lambda c: c.set_model_version_tag("demo", "1", "tradewind.model_sha256", "0"), "model_sha256 is '0'"),
    ],
)  # fmt: skip
def test_mlflow_alone_changes_nothing(served, change, why: str):
    served.register()
    mlflow(served, change)
    refused(served, match=why)


@pytest.mark.slow
def test_mlflow_is_made_anew_from_the_decisions(mlflow_office):
    served = mlflow_office
    served.champion()
    served.register()
    mlflow(served, lambda client: client.delete_registered_model("demo"))
    served.registry.repair("demo")
    assert served.registry.findings("demo") == []
    assert served.registry.serving("demo").record.version == 1


@pytest.mark.slow
def test_a_version_taken_out_of_mlflow_is_made_anew(mlflow_office):
    office = mlflow_office
    office.champion()
    office.register()
    mlflow(office, lambda client: client.delete_model_version("demo", "1"))
    office.registry.repair("demo")
    assert office.registry.findings("demo") == []
    assert office.register() == 3


def test_what_a_broken_off_registration_left_is_cleared_away(office):
    mlflow(office, lambda client: client.create_registered_model("demo"))
    mlflow(office, lambda client: client.create_model_version("demo", source="file:///x"))
    assert office.registry.findings("demo") == ["demo/1: MLflow has it, and nobody signed for it"]
    office.registry.repair("demo")
    assert (office.registry.findings("demo"), office.registry.indexed_names()) == ([], [])
    office.register()
    mlflow(office, lambda client: client.create_model_version("demo", source="file:///x"))
    office.registry.repair("demo")
    assert office.registry.findings("demo") == []


def test_repair_keeps_what_tells_of_lost_decisions(served):
    served.register()
    served.ledger().write_text("".join(served.ledger().read_text().splitlines(keepends=True)[:4]))
    served.registry.repair("demo")
    assert served.registry.findings("demo") == ["demo/2: MLflow has it, and nobody signed for it"]
    served.ledger().unlink()
    with pytest.raises(InputError, match="is gone, and MLflow was told of decisions"):
        served.registry.repair("demo")
    assert served.registry.indexed_names() == ["demo"]


def test_a_version_that_only_mlflow_has_is_told_and_not_served(served):
    mlflow(served, lambda client: client.create_model_version("demo", source="file:///tmp/evil"))
    assert served.registry.findings("demo") == ["demo/2: MLflow has it, and nobody signed for it"]
    with pytest.raises(TradewindError, match="no version 2"):
        served.registry.served("demo", 2)
    assert served.register() == 3


def test_what_was_taken_from_ledger_and_mlflow_is_still_in_an_independent_log(served):
    before = served.ledger().read_text()
    served.move(1, "retired", "otto", "unfit")
    logged = [body["hash"] for _, body in served.events]
    served.ledger().write_text(before)
    served.registry.repair("demo")
    assert served.registry.findings("demo") == []
    assert served.registry.findings("demo", logged) == ["demo: the audit log holds 1 decision(s) that the ledger lacks"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda f: (f / "model.json").write_bytes((f / "model.json").read_bytes() + b" "), "model.json: was changed"),
        (lambda f: (f / "ensemble/xgboost/direction.ubj").write_bytes(b"0"), "direction.ubj: was changed"),
        (lambda f: (f / "sample.json").unlink(), "sample.json: is missing"),
        (lambda f: (f / "ensemble/extra.json").write_text("{}"), "extra.json: was added"),
        (lambda f: (f / "link").symlink_to("/etc/hostname"), "link: is a link"),
        (shutil.rmtree, "model: is no folder"),
    ],
)  # fmt: skip
def test_a_changed_artefact_is_refused(served, change, why: str):
    change(served.registry.folder / "models" / "demo" / "1" / "model")
    with pytest.raises(InputError, match=why):
        served.registry.serving("demo")
    with pytest.raises(InputError, match=why):
        served.registry.model_folder("demo", 1)
    with pytest.raises(InputError, match=why):
        served.move(1, "approved", "otto")
    assert why.split(": ")[1] in served.registry.findings("demo")[0]


def test_a_changed_record_is_refused(served):
    (path,) = (served.registry.folder / "models" / "demo" / "1").glob("record-*.json")
    content = json.loads(path.read_text())
    content["metrics"]["accuracy"] = 0.99
    path.write_text(json.dumps(content))
    for ask in (lambda: served.registry.serving("demo"), lambda: served.registry.record("demo", 1)):
        with pytest.raises(InputError, match="is not the record that was signed for"):
            ask()
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        served.registry.serving("demo")


def test_the_source_folder_may_change_afterwards(office, tmp_path: Path):
    shutil.copytree(office.saved, tmp_path / "model")
    office.saved = tmp_path / "model"
    office.champion()
    shutil.rmtree(tmp_path / "model")
    assert (office.registry.serving("demo").folder / "model.json").is_file()
