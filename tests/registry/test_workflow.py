"""From draft to champion: who may do what, and what is served meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradewind.core import InputError, UsageError
from tradewind.registry import Budgets, BudgetSettings, Person, Stage
from tradewind.registry.rules import table
from tradewind.training.tracking.store import opened


@pytest.mark.slow
def test_a_model_goes_from_draft_to_champion_and_is_served(mlflow_office):
    office = mlflow_office
    version = office.champion()
    assert version == 1
    assert office.registry.stage("demo", "champion") is Stage.champion
    served = office.registry.serving("demo")
    assert (served.record.reference, served.how, served.baseline) == ("demo/1", "champion", None)
    assert (served.folder / "model.json").read_bytes() == (office.saved / "model.json").read_bytes()
    assert office.registry.served("demo") == office.registry.record("demo", 1)
    assert [d.words() for d in office.registry.history("demo")] == [
        "new -> draft", "draft -> validated", "validated -> approved", "approved -> champion",
    ]  # fmt: skip
    assert [kind for kind, _ in office.events] == ["decision"] * 4
    assert office.events[-1][1]["hash"] == office.registry.history("demo")[-1].hash
    assert office.registry.record("demo", 1).budget["passed"] is True


def test_the_author_never_validates_nor_approves(office):
    version = office.register(author="max")  # max has every role
    with pytest.raises(UsageError, match="max is the author of demo/1 and may not decide this"):
        office.move(version, "validated", "max")
    office.move(version, "validated", "vera")
    with pytest.raises(UsageError, match="max is the author"):
        office.move(version, "approved", "max")
    office.move(version, "approved", "paul")
    with pytest.raises(UsageError, match="max is the author"):
        office.move(version, "champion", "max")
    assert office.registry.stage("demo", version) is Stage.approved


def test_the_validator_does_not_approve(office):
    version = office.register()
    office.move(version, "validated", "max")
    with pytest.raises(UsageError, match="max is the validator of demo/1"):
        office.move(version, "approved", "max")
    office.move(version, "draft", "paul", "the test months overlap")
    office.move(version, "validated", "vera")
    office.move(version, "approved", "max")  # validated by somebody else this time


@pytest.mark.parametrize(("by", "role"), [("ada", "validator"), ("otto", "validator"), ("grace", "validator")])
def test_a_decision_takes_its_role(office, by: str, role: str):
    version = office.register()
    with pytest.raises(UsageError, match=f"{by} may not decide this: it takes the role {role}"):
        office.move(version, "validated", by)


def test_stages_cannot_be_skipped(office):
    version = office.register()
    for stage in ("approved", "champion"):
        with pytest.raises(UsageError, match=f"demo/1 is draft and cannot be moved to {stage}"):
            office.move(version, stage, "max")
    office.move(version, "retired", "otto", "never used")
    for stage in ("draft", "validated", "approved", "champion"):
        with pytest.raises(UsageError, match="demo/1 is retired and cannot be"):
            office.move(version, stage, "max")


def test_somebody_not_enrolled_or_with_another_key_decides_nothing(office):
    version = office.register()
    with pytest.raises(UsageError, match="mallory is not enrolled"):
        office.move(version, "validated", "mallory")
    office.people = {**office.people, "vera": Person.generate("vera")}
    with pytest.raises(InputError, match="does not bear the signature of vera"):
        office.move(version, "validated", "vera")
    assert len(office.registry.history("demo")) == 1


def test_a_reason_is_mandatory(office):
    version = office.register()
    with pytest.raises(UsageError, match="the reason is empty"):
        office.move(version, "validated", "vera", "  ")


def test_only_a_complete_measured_simple_model_is_validated(office):
    gaps = office.record.with_(purpose="", metrics={})
    version = office.registry.register(office.saved, gaps, office.people["ada"])
    with pytest.raises(
        UsageError, match=r"lacks purpose; it was not measured out of sample; accuracy beside 'momentum'"
    ):
        office.move(version, "validated", "vera")
    changes = {"purpose": "rank", "metrics": office.record.metrics}
    with pytest.raises(UsageError, match="vera is not the author of demo/1"):
        office.registry.amend("demo", version, office.people["vera"], "mine", **changes)
    amended = office.registry.amend("demo", version, office.people["ada"], "measured it", **changes)
    assert office.registry.record("demo", version) == amended
    office.registry.budgets = Budgets(use_cases={"trial": BudgetSettings(trees=10, baseline="momentum")})
    with pytest.raises(UsageError, match="trees 85 over 10"):
        office.move(version, "validated", "vera")
    office.registry.budgets = Budgets(use_cases={"trial": BudgetSettings(baseline="momentum", gain_per_tenfold=-1.0)})
    office.move(version, "validated", "vera")
    with pytest.raises(UsageError, match="is validated and cannot be the subject of 'amend'"):
        office.registry.amend("demo", version, office.people["ada"], "too late", purpose="anything")


def test_what_is_the_model_cannot_be_amended(office):
    version = office.register()
    for field in ("files", "complexity", "settings", "features", "data", "rows_id", "budget"):
        with pytest.raises(UsageError, match=f"{field} cannot be amended"):
            office.registry.amend("demo", version, office.people["ada"], "swap", **{field: {}})
    with pytest.raises(UsageError, match="max is not the author"):
        office.registry.amend("demo", version, office.people["max"], "mine", purpose="x")


def test_only_its_author_registers_a_model(office):
    with pytest.raises(UsageError, match="the record's author is ada, and max signs"):
        office.registry.register(office.saved, office.record, office.people["max"])
    with pytest.raises(UsageError, match="vera may not decide this: it takes the role author"):
        office.register(author="vera")
    assert office.registry.names() == []


def test_a_folder_that_changed_since_its_record_was_made_is_refused(office, tmp_path: Path):
    shutil.copytree(office.saved, tmp_path / "model")
    (tmp_path / "model" / "model.json").write_text("{}")
    with pytest.raises(InputError, match=r"model\.json: was changed"):
        office.registry.register(tmp_path / "model", office.record, office.people["ada"])


def test_a_new_champion_replaces_the_old_one(office):
    first, second = office.champion(), office.champion()
    assert [office.registry.stage("demo", v) for v in (first, second)] == [Stage.approved, Stage.champion]
    assert office.registry.serving("demo").record.version == second
    replaced = office.registry.history("demo", first)[-1]
    assert (replaced.words(), replaced.by) == ("champion -> approved", "otto")
    assert replaced.reason == "replaced by version 2: as agreed"
    assert office.registry.served("demo", first).version == first  # approved, and asked for by its number


def test_a_challenger_is_approved_and_stays_beside(office):
    first, second = office.champion(), office.register()
    with pytest.raises(UsageError, match="demo/2 is draft and cannot be the subject of 'challenge'"):
        office.registry.challenge("demo", second, office.people["otto"], "compare")
    office.move(second, "validated", "vera")
    office.move(second, "approved", "paul")
    office.registry.challenge("demo", second, office.people["otto"], "compare")
    assert office.registry.challenger("demo") == second
    assert office.registry.record("demo", "challenger").version == second
    assert office.registry.serving("demo").record.version == first
    office.move(second, "draft", "paul", "no better")
    assert office.registry.challenger("demo") is None
    with pytest.raises(UsageError, match="demo has no challenger"):
        office.registry.record("demo", "challenger")


@pytest.mark.slow
def test_mlflow_says_what_the_decisions_say(mlflow_office):
    office = mlflow_office
    office.champion()
    second = office.approved()
    office.registry.challenge("demo", second, office.people["otto"], "compare")
    with opened(office.registry.place):
        from mlflow.tracking import MlflowClient

        client = MlflowClient(office.registry.place.uri, office.registry.place.uri)
        assert client.get_model_version_by_alias("demo", "champion").version == 1
        assert client.get_model_version_by_alias("demo", "challenger").version == 2
        assert client.get_model_version("demo", "2").tags["tradewind.stage"] == "approved"


@pytest.mark.parametrize("stage", ["draft", "validated", "retired"])
def test_what_is_not_approved_is_not_served(office, stage: str):
    version = office.register()
    if stage != "draft":
        office.move(version, "validated", "vera")
    if stage == "retired":
        office.move(version, "retired", "paul")
    with pytest.raises(UsageError, match=f"demo has no champion \\(version 1 {stage}\\), so nothing of it is served"):
        office.registry.serving("demo")
    with pytest.raises(UsageError, match=f"demo/1 is {stage}, not approved"):
        office.registry.served("demo", version)


def test_unknown_names_and_versions_are_told(office):
    with pytest.raises(UsageError, match="there is no model 'demo'"):
        office.registry.serving("demo")
    office.register()
    with pytest.raises(UsageError, match="demo has no version 7"):
        office.registry.record("demo", 7)
    with pytest.raises(UsageError, match="'newest' names no version"):
        office.registry.record("demo", "newest")
    with pytest.raises(UsageError, match="is no model's name"):
        office.registry.serving("../demo")


def test_an_event_that_cannot_be_logged_stops_the_decision(office):
    version = office.register()

    def down(kind: str, body: object) -> None:
        raise InputError("the audit log is full")

    office.registry._on_event = down
    with pytest.raises(InputError, match="audit log is full"):
        office.move(version, "validated", "vera")
    assert office.registry.stage("demo", version) is Stage.draft


def test_the_rules_of_the_page_are_the_rules():
    page = (Path(__file__).parents[2] / "docs" / "registry.md").read_text(encoding="utf-8")
    for row in table():
        line = f"| {row['act']} | {row['from']} | {row['to']} | {row['who']} | {row['not']} | {row['needs']} |"
        assert line in page, line
