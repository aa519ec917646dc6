"""`tradewind surveil case`: the queue of cases, what is in one, and what is learnt from those that are closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit, Registry
from tradewind.cli.surveil_run import Linked

if TYPE_CHECKING:
    from tradewind.surveillance.cases import CaseStore

EPILOG = """[bold]Examples[/bold]

Take in the alerts of a run; the same ones again change nothing:

  tradewind surveil case ingest out/

What must be looked at, the highest tier first:

  tradewind surveil case list

  tradewind surveil case list --tier critical --overdue

  tradewind surveil case show C000012

Take one up, write down what you find, propose a decision; a supervisor who is somebody else confirms it:

  tradewind surveil case take C000012 --as ann

  tradewind surveil case note C000012 "same desk as C000007" --as ann

  tradewind surveil case propose C000012 escalated --reason "five cycles, no fill on the large side" --as ann

  tradewind surveil case confirm C000012 --as sue

Is everything as people did it?

  tradewind surveil case verify

People sign with their own keys; an admin enrols them:

  tradewind models keygen --person ann --roles analyst --admin grace

  tradewind models keygen --person sue --roles supervisor --admin grace
"""

Cases = Annotated[Path, typer.Option("--cases", metavar="FILE", envvar="TRADEWIND_CASES", help="The store of cases.")]
CASES = Path(".tradewind/surveillance/cases.db")
Case = Annotated[str, typer.Argument(metavar="ID", help="Of the case (C000012), or its number.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the rows here (.parquet or .csv).")]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    from tradewind.cli import surveil_case_learn, surveil_case_work

    if not group.registered_commands[len(READING) :]:
        surveil_case_work.add_to(group)
        surveil_case_learn.add_to(group)
    app.add_typer(group, name="case", help="Work through cases of suspected manipulation.", epilog=EPILOG)


@contextmanager
def open_cases(
    cases: Path, registry: str | None, audit: str | None = "off", *, create: bool = False
) -> Iterator[CaseStore]:
    """Yield the store of cases with the registry's people; the audit log is told, unless it is off."""
    from tradewind.cli.audited import audit_log
    from tradewind.registry.place import files_folder, registry_place
    from tradewind.surveillance.cases import CaseStore

    people = files_folder(registry_place(registry)) / "people.toml"
    with audit_log(audit) as log, CaseStore(cases, people=people, log=log, create=create) as store:
        yield store


@group.command("ingest", epilog=EPILOG)
def ingest(
    alerts: Annotated[Path, typer.Argument(metavar="ALERTS", help="alerts.parquet of a run, or its folder.")],
    run: Annotated[str | None, typer.Option("--run", metavar="NAME", help="Name of the run (the folder's).")] = None,
    linked: Linked = None,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Take in alerts: each joins the open case it belongs to, or opens one. Known alerts change nothing."""
    from dataclasses import asdict

    from tradewind.cli import show
    from tradewind.surveillance.alerting import read_alerts
    from tradewind.surveillance.hands import read_linked

    found, groups = read_alerts(alerts), () if linked is None else read_linked(linked)
    name = run or (alerts if alerts.is_dir() else alerts.parent).absolute().name
    with open_cases(cases, registry, audit, create=True) as store:
        made = store.ingest(found, name, linked=groups)
    if as_json:
        show.print_json(asdict(made))
        return
    show.say(made.words())


@group.command("list", epilog=EPILOG)
def list_(
    state: Annotated[
        str | None, typer.Option("--state", metavar="NAME", help="new, assigned, in_review, proposed, closed.")
    ] = None,
    tier: Annotated[str | None, typer.Option("--tier", metavar="NAME", help="critical, high, medium, low.")] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", metavar="NAME", help="Who has it.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what nobody took up in time.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Those that are closed too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    cases: Cases = CASES,
    as_json: options.Json = False,
) -> None:
    """List the open cases: the highest tier first, in it those that are overdue, then by score."""
    from tradewind.cli import show
    from tradewind.core.clock import SystemClock
    from tradewind.surveillance.cases import CaseStore

    now = SystemClock().now()
    with CaseStore(cases, create=False) as store:
        found = store.queue(state=state, tier=tier, assignee=assignee, overdue=overdue or None, closed=every)
    shown = found[:limit]
    if as_json:
        show.print_json([{**case.to_dict(), "overdue": case.overdue(now)} for case in shown])
        return
    rows = [
        {
            "case": case.id,
            "tier": case.tier.value,
            "state": case.state.value,
            "respond by (UTC)": f"{case.respond_by[:16].replace('T', ' ')}{' LATE' if case.overdue(now) else ''}",
            "score": round(case.score, 3),
            "alerts": len(case.alerts),
            "with": case.assignee or "-",
            "about": case.title,
        }
        for case in shown
    ]
    more = f", the first {len(shown)} of {len(found)}" if len(found) > len(shown) else ""
    show.table(rows, title=f"Cases{more}" if rows else "Cases: none", as_json=False)


@group.command("show", epilog=EPILOG)
def show_(case: Case, cases: Cases = CASES, as_json: options.Json = False) -> None:
    """Show a case: who and what, its alerts, and everything that was done to it."""
    from tradewind.cli import show
    from tradewind.surveillance.cases import CaseStore
    from tradewind.surveillance.cases.words import what

    with CaseStore(cases, create=False) as store:
        found = store.get(case)
        alerts, acts = store.alerts(found.id), store.history(found.id)
    history: list[dict[str, Any]] = [
        {"at": act.at[:19].replace("T", " "), "what": what(act), "by": act.by, "said": act.reason} for act in acts
    ]
    if as_json:
        told = [{**vars(alert), "scheme": alert.scheme.value, "tier": alert.tier.value} for alert in alerts]
        show.print_json({"case": found.to_dict(), "alerts": told, "history": history})
        return
    show.say(f"{found.id}: {found.title}")
    for name, value in found.to_dict().items():
        if name not in ("id", "title", "alerts", "notes", "first", "last") and value not in (None, "", []):
            show.say(f"{name.replace('_', ' ')}: {_words(value)}")
    rows = [
        {
            "alert": a.id,
            "scheme": a.scheme.value,
            "symbol": a.symbol,
            "accounts": ", ".join(a.accounts[:4]) + (f" and {len(a.accounts) - 4} more" if len(a.accounts) > 4 else ""),
            "start": _moment(a.start),
            "end": _moment(a.end),
            "score": round(a.score, 3),
            "tier": a.tier.value,
        }
        for a in alerts
    ]
    show.table(rows, title="Alerts", as_json=False)
    show.table(history, title="What was done (UTC)", as_json=False)


@group.command("stats", epilog=EPILOG)
def stats(
    by: Annotated[
        Literal["all", "scheme", "tier", "person"], typer.Option("--by", help="Groups of cases, or people.")
    ] = "all",
    cases: Cases = CASES,
    as_json: options.Json = False,
) -> None:
    """Show how the desk works: minutes to take up and to close, false alarms, how often the second person agrees."""
    from tradewind.cli import show
    from tradewind.surveillance.cases import CaseStore
    from tradewind.surveillance.cases.statistics import figures, people_figures

    with CaseStore(cases, create=False) as store:
        rows = [one.to_dict() for one in (people_figures(store) if by == "person" else figures(store, by=by))]
    show.table(rows, title="People" if by == "person" else "Cases (times in minutes)", as_json=as_json)


@group.command("verify", epilog=EPILOG)
def verify(cases: Cases = CASES, registry: Registry = None, audit: Audit = None, as_json: options.Json = False) -> None:
    """Do every act again and hold it against the store, the people's signatures and the audit log.

    The exit code is 1 where something is not as people did it.
    """
    from tradewind.cli import show
    from tradewind.governance.audit import AuditLog, KeyRing, place_of
    from tradewind.registry.place import files_folder, registry_place
    from tradewind.surveillance.cases import CaseStore

    place = place_of(audit)
    log = None if place is None else AuditLog.open(place, key=KeyRing.of_environment(), readonly=True)
    people = files_folder(registry_place(registry)) / "people.toml"
    with CaseStore(cases, people=people, log=log, create=False) as store:
        findings, acts = store.verify(), len(store.history())
    if as_json:
        show.print_json({"ok": not findings, "acts": acts, "findings": [one.to_dict() for one in findings]})
    elif findings:
        show.table([one.to_dict() for one in findings], title="Not as it was done", as_json=False)
    else:
        show.say(f"All {acts} acts are as they were done{'' if log else ' (no audit log to compare with)'}")
    if findings:
        raise typer.Exit(1)


@group.command("rules", epilog=EPILOG)
def rules(as_json: options.Json = False) -> None:
    """Show what may be done to a case, from where and by whom."""
    from tradewind.cli import show
    from tradewind.surveillance.cases import rules_table

    show.table(rules_table(), title="Rules of cases", as_json=as_json)


READING = tuple(group.registered_commands)
"""Commands of this module; those of others are added once."""


def _moment(nanoseconds: int) -> str:
    import numpy as np

    return str(np.datetime64(nanoseconds, "ns").astype("datetime64[ms]")).replace("T", " ")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items() if one not in (None, "", []))
    if isinstance(value, list):
        shown = "; ".join(_words(one) for one in value[:12])
        return f"{shown} and {len(value) - 12} more" if len(value) > 12 else shown
    return str(value)
