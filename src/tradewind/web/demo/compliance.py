"""People with keys, a registry with models at different stages, an audit log, an incident and a report.

All of it is made by the code that the commands run: models are registered and moved by people who sign, forecasts of
the last day go into the audit log, the incident is filed and the compliance report written as anybody would.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from tradewind.core import InputError, NoProgress, Progress
from tradewind.core.clock import SystemClock
from tradewind.core.files import write_text
from tradewind.core.toml import to_toml
from tradewind.governance.audit import AuditLog, KeyRing, place_of, prediction_body
from tradewind.governance.cards import CardNotes
from tradewind.governance.reports import Incident, save_incident
from tradewind.governance.reports.gathering import Sources, compliance_of
from tradewind.registry import ModelRegistry, Person, Stage, make_record
from tradewind.registry.budget import Budgets, BudgetSettings
from tradewind.registry.reader import RegistryReader
from tradewind.web.projects import Project, list_projects
from tradewind.web.signing import BUDGETS_FILE, budgets_of
from tradewind.web.views.compliance.fairness_api import measure
from tradewind.web.workspace import Workspace

NAME, USE_CASE = "equity-daily", "example"
ROLES: dict[str, tuple[str, ...]] = {
    "admin": ("admin", "author", "validator", "approver", "operator", "supervisor"),
    "analyst": ("author",),
    "compliance": ("validator", "approver", "operator"),
    "oncall": ("operator",),
    "surveillance": ("analyst", "supervisor"),
    "second-analyst": ("analyst",),
}
"""Who may do what; the dashboard's log-ins of these names sign with their keys."""
_NOTES = CardNotes(
    owner="Equity desk of the example",
    contact="desk@example.com",
    tier="medium",
    intended_use=("To rank stocks by the direction of their next close, beside a person's own judgement.",),
    out_of_scope=("Orders that no person looks at.", "Symbols outside the universe it was trained on."),
    users=("Analysts of the equity desk.",),
    survivorship="The stocks were picked after their rise; losers of those years are left out, so returns look high.",
    considerations="A wrong forecast costs the desk money; sectors are held to the four-fifths rule each quarter.",
    failure_modes=("It leans with the drift of its training years: one side is forecast day after day.",),
    monitoring=("Accuracy of 60 days and drift of inputs, each day, by the engineer on call; alarm below 48 %.",),
    retraining_triggers=("A drift alarm that lasts ten days, or a year since it was trained.",),
)
_LIMITS = (
    "Six technology stocks chosen after their rise: skill or return shown here carries over to nothing.",
    "It is an example and must not be traded, whatever its figures say.",
)


def furnish(workspace: Workspace, progress: Progress) -> None:
    """Make what the compliance view shows; what is there stays as it is.

    Raises
    ------
    InputError : there is no project with a model; furnish the projects first.
    """
    steps = (_people, _models, _forecasts, _incident, _schedule, _report, _fairness)
    for done, step in enumerate(steps):
        progress.update("compliance", done, len(steps))
        step(workspace)
    progress.update("compliance", len(steps), len(steps))


def people_of(workspace: Workspace) -> dict[str, Person]:
    """Return the people of :data:`ROLES`, with keys in the workspace, enrolled in its registry."""
    folder = workspace.home / "keys"
    found = {}
    for name in ROLES:
        if (folder / f"{name}.pem").exists():
            found[name] = Person.load(folder, name)
        else:
            found[name] = Person.generate(name)
            found[name].save(folder)
    registry = _registry(workspace)
    known = registry.people().names()
    for name, roles in ROLES.items():
        if name not in known:
            registry.enrol(name, roles, found[name].public, found["admin"])
    return found


def _people(workspace: Workspace) -> None:
    people_of(workspace)


def _models(workspace: Workspace) -> None:
    if NAME in RegistryReader(workspace.registry).names():
        return
    project, people = _project(workspace), people_of(workspace)
    _budgets(workspace, project)
    registry = _registry(workspace)
    write_text(workspace.home / "notes" / f"{NAME}.toml", to_toml(_NOTES.model_dump(mode="json")))
    first = _register(registry, project, people["analyst"], "first version for the desk")
    registry.move(NAME, first, Stage.validated, people["compliance"], "measured it anew from its record; figures agree")
    registry.move(NAME, first, Stage.approved, people["admin"], "meets the policy of daily models")
    registry.move(NAME, first, Stage.champion, people["oncall"], "first model in service")
    second = _register(registry, project, people["analyst"], "trained again on the same bars")
    registry.move(NAME, second, Stage.validated, people["admin"], "same figures as version 1, as expected")
    _register(registry, project, people["analyst"], "a candidate for the next quarter")


def _budgets(workspace: Workspace, project: Project) -> None:
    """Add a complexity budget that asks for no skill: the example must reach every stage, whatever its figures."""
    path = workspace.home / BUDGETS_FILE
    if path.exists():
        return
    measured = project.metrics()["models"]
    baseline = "logistic" if "logistic" in measured else next(iter(measured))
    example = BudgetSettings(baseline=baseline, gain_per_tenfold=-1.0, predict_ms=10_000.0, fit_seconds=86_400.0)
    held = Budgets(use_cases={**Budgets().use_cases, USE_CASE: example})
    write_text(path, to_toml(held.model_dump(mode="json")))


def _register(registry: ModelRegistry, project: Project, author: Person, reason: str) -> int:
    record = make_record(
        project.model_folder,
        name=NAME,
        author=author.name,
        metrics=project.evaluation_folder / "metrics.json",
        use_case=USE_CASE,
        purpose="rank stocks by the direction of their next close",
        limitations=_LIMITS,
    )
    return registry.register(project.model_folder, record, author, reason)


def _forecasts(workspace: Workspace) -> None:
    """Write the project's forecasts of its last 30 days into the audit log, as a server that answers would."""
    with _log(workspace) as log:
        if log.query(kind="prediction", limit=1):
            return
        project = _project(workspace)
        table = project.predictions()
        first = table.get_column("date").unique().sort().tail(30).min()
        rows = table.filter(pl.col("date") >= first).sort("date", "symbol")
        data = str(project.model().record["data"]["panel"])
        log.append_many(("prediction", _body(row, data)) for row in rows.iter_rows(named=True))


def _body(row: dict[str, Any], data: str) -> dict[str, Any]:
    return prediction_body(
        time=SystemClock().now().isoformat(),
        model=NAME,
        model_version="1",
        stage="champion",
        data_version=data,
        caller="demo:furnish",
        symbol=row["symbol"],
        as_of=str(row["date"])[:10],
        inputs={"symbol": row["symbol"], "date": str(row["date"])[:10]},
        output={name: row.get(name) for name in ("probability", "expected_return", "lower", "upper")},
    )


def _incident(workspace: Workspace) -> None:
    folder = workspace.home / "incidents"
    if folder.is_dir() and any(folder.glob("*.toml")):
        return
    now = SystemClock().now().replace(microsecond=0)
    began = now - timedelta(days=2, hours=5)
    found = Incident(
        reference=f"INC-{now.year}-001",
        title="Bars of the feed came four hours late",
        severity="medium",
        status="contained",
        models=(NAME,),
        owner="oncall",
        started=began,
        detected=began + timedelta(minutes=50),
        summary="The vendor's file came late, and forecasts of the morning were made from the bars of the day before.",
        cause="The vendor moved its file to another folder without notice.",
        impact={"words": "Six forecasts were made from old bars; none was acted upon.", "forecasts": 6},
        lessons=("An alarm on the age of the newest bar would have told within minutes.",),
        timeline=(
            {"at": began, "what": "The file of the day is not there", "by": "feed"},
            {"at": began + timedelta(minutes=50), "what": "The engineer on call sees old bars", "by": "oncall"},
            {"at": began + timedelta(hours=4), "what": "The file is found and read", "by": "oncall"},
        ),
        actions=(
            {"what": "Raise an alarm when the newest bar is older than a day", "owner": "oncall",
             "due": date.fromordinal(now.date().toordinal() + 7)},
        ),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    save_incident(folder / f"{found.reference}.toml", found, new=True)
    with _log(workspace) as log:
        told = {"incident": found.reference, "what": f"recorded: {found.title}", "status": found.status}
        log.append("incident", {**told, "severity": found.severity, "models": list(found.models), "by": "oncall"})


def _schedule(workspace: Workspace) -> None:
    path = workspace.home / "reports.toml"
    if path.exists():
        return
    sources = {"registry": workspace.registry, "audit": workspace.audit, "notes": str(workspace.home / "notes")}
    sources["incidents"] = str(workspace.home / "incidents")
    due: list[dict[str, Any]] = [
        {"name": "inventory", "kind": "inventory", "every": "weekly", "on": "monday"},
        {"name": "compliance", "kind": "compliance", "every": "monthly", "day": 1},
    ]
    text = to_toml({"out": str(workspace.reports), "timezone": "UTC", "sources": sources})
    text += "".join(f"\n[[reports]]\n{to_toml(one)}" for one in due)
    write_text(path, text)


def _report(workspace: Workspace) -> None:
    if workspace.reports.is_dir() and any(workspace.reports.rglob("compliance.html")):
        return
    at = SystemClock().now()
    sources = Sources(
        registry=workspace.registry,
        audit=workspace.audit,
        notes=workspace.home / "notes",
        incidents=workspace.home / "incidents",
    )
    compliance_of(sources, at).write(workspace.reports / "by-hand" / f"{at:%Y-%m-%dT%H%M%SZ}")


def _fairness(workspace: Workspace) -> None:
    project = _project(workspace)
    if not (project.folder / "fairness").is_dir():
        measure(project, "year", NoProgress())


def _project(workspace: Workspace) -> Project:
    found = next((one for one in list_projects(workspace) if one.model_folder.is_dir()), None)
    if found is None:
        raise InputError("there is no project with a model", fix="furnish the projects first")
    return found


def _registry(workspace: Workspace) -> ModelRegistry:
    def tell(kind: str, body: dict[str, Any]) -> None:
        with _log(workspace) as log:
            log.append(kind, body)

    return ModelRegistry(workspace.registry, budgets=budgets_of(workspace), on_event=tell)


def _log(workspace: Workspace) -> AuditLog:
    place = place_of(workspace.audit)
    if place is None:
        raise InputError("the audit log is off", fix="furnish a workspace that has one")
    return AuditLog.open(place, key=KeyRing.of_environment())
