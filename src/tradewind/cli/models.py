"""`tradewind models`: registered models, who approved them, what is served, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import models_decide, models_people, options
from tradewind.cli.registry_access import As, Audit, BudgetFile, ExplanationFile, FairnessFile, Model, Registry

if TYPE_CHECKING:
    from tradewind.registry import ModelRecord, ModelRegistry

EPILOG = """[bold]Examples[/bold]

A model's way into service, each step by another person (see `tradewind models rules`):

  tradewind models register models/first --name equity-daily --as ada --metrics out/metrics.json --purpose "rank stocks by their next move" --limitation "US large caps only"

  tradewind models validate equity-daily/1 --as vera --reason "refitted and measured it anew"

  tradewind models approve equity-daily/1 --as paul --reason "meets the policy of daily models"

  tradewind models promote equity-daily/1 --as otto --reason "first model in service"

  tradewind predict --model equity-daily@champion --prices prices.parquet

In an emergency:

  tradewind models fallback equity-daily --to momentum --as otto --reason "forecasts drift since Tuesday"
"""  # noqa: E501 - a command must stay on one line to be copied
REGISTER = """[bold]Examples[/bold]

  tradewind models register models/first --name equity-daily --as ada --metrics out/metrics.json --use-case daily --purpose "rank stocks by their next move" --limitation "US large caps only"
"""  # noqa: E501 - a command must stay on one line to be copied
LINEAGE = """[bold]Examples[/bold]

  tradewind models lineage equity-daily@champion

  tradewind models lineage equity-daily/2 --mermaid

Every model that learned from some data (a hash that `lineage` shows):

  tradewind models lineage --data 3fa91c0de2
"""
CHECK = """[bold]Examples[/bold]

  tradewind models check

  tradewind models check equity-daily --repair
"""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="models", help="Register, approve and serve models; see their lineage.", epilog=EPILOG)


@group.command("register", epilog=REGISTER)
def register_model(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `tradewind train` wrote.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the model; a new version of it.")],
    author: As,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE", help="metrics.json that `evaluate` wrote with the same settings."),
    ] = None,
    use_case: Annotated[
        str, typer.Option("--use-case", metavar="NAME", help="Complexity budget: regulated, daily or intraday.")
    ] = "daily",
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What the model is for.")] = "",
    limitation: Annotated[
        list[str] | None, typer.Option("--limitation", metavar="TEXT", help="Where it must not be used; repeat.")
    ] = None,
    explanation: ExplanationFile = None,
    fairness: FairnessFile = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why this version.")] = "first registered",
    track: options.Track = None,
    registry: Registry = None,
    audit: Audit = None,
    budgets: BudgetFile = None,
    as_json: options.Json = False,
) -> None:
    """Copy a trained model into the registry as a new version at stage draft; its author signs."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry, signer, summaries
    from tradewind.registry import make_record

    store, person = open_registry(registry, audit=audit, budgets=budgets), signer(author)
    record = make_record(
        folder,
        name=name,
        author=author,
        metrics=metrics,
        use_case=use_case,
        purpose=purpose,
        limitations=limitation or [],
        **summaries(explanation, fairness),
    )
    record = record.with_(run=_run_of(record, track))
    version = store.register(folder, record, person, reason)
    kept = store.record(name, version)
    if as_json:
        show.print_json(_shown(store, kept))
        return
    show.say(f"Registered {kept.reference} at stage draft, by {author}; files {kept.model_sha256[:16]}")
    if gaps := kept.missing():
        show.say(f"Its record still lacks: {', '.join(gaps)} (`tradewind models amend`)")
    _show_budget(kept)


@group.command("list")
def list_models(registry: Registry = None, as_json: options.Json = False) -> None:
    """List every version with its stage, its measured skill and what is served."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry

    store = open_registry(registry)
    rows: list[dict[str, Any]] = []
    for name in store.names():
        challenger = store.challenger(name)
        for version in store.versions(name):
            record = store.record(name, version)
            rows.append(
                {
                    "model": record.reference,
                    "stage": str(store.stage(name, version)) + (", challenger" if version == challenger else ""),
                    "use case": record.use_case,
                    "author": record.author,
                    "created (UTC)": record.created[:16],
                    "accuracy": record.metrics.get("accuracy"),
                    "budget": "kept" if record.budget.get("passed") else "passed over",
                    "complete": "yes" if not record.missing() else "no",
                }
            )
    if not rows and not as_json:
        show.say(f"No model is registered in {store.folder}")
        return
    show.table(rows, title=f"Models in {store.folder}", as_json=as_json)
    if not as_json:
        for name in store.names():
            show.say(_serving_words(store, name))


@group.command("show")
def show_model(model: Model, registry: Registry = None, as_json: options.Json = False) -> None:
    """Show one version: stage, who decided what and why, complexity budget, and what its record lacks."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry
    from tradewind.cli.resolve import needed_reference

    store, wanted = open_registry(registry), needed_reference(model)
    record = store.record(wanted.name, wanted.version)
    if as_json:
        show.print_json({**_shown(store, record), "record": record.to_dict()})
        return
    show.say(f"{record.reference}: {store.stage(record.name, record.version)}, {record.use_case}, by {record.author}")
    show.say(f"Purpose: {record.purpose or '-'}")
    for text in record.limitations:
        show.say(f"Limitation: {text}")
    verdict = record.metrics.get("verdict", {})
    show.say(str(verdict.get("words", "It was not measured out of sample")))
    if gaps := record.missing():
        show.say(f"Its record lacks: {', '.join(gaps)}")
    _show_budget(record)
    rows = [
        {"when (UTC)": d.at[:16], "decision": d.words(), "by": d.by, "as": d.role, "reason": d.reason}
        for d in store.history(record.name, record.version)
    ]
    show.table(rows, title="Decisions, each signed", as_json=False)
    show.say(_serving_words(store, record.name))


@group.command("serving")
def serving(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")],
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Say what is served under a name at present, by which decision and until when."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry

    store = open_registry(registry)
    found = store.serving(name)
    if as_json:
        show.print_json(found.to_dict())
        return
    show.say(f"Served: {found.words}" + (f": {found.reason}" if found.reason else ""))


@group.command("lineage", epilog=LINEAGE)
def lineage_of(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="NAME/VERSION, NAME@champion; NAME is its latest.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="HASH", help="List models trained on data of this hash (6 digits or more)."),
    ] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flow chart for Markdown.")] = False,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Show where a model comes from: data, features, settings, code, environment, run, files and decisions."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry
    from tradewind.cli.resolve import needed_reference
    from tradewind.core import UsageError
    from tradewind.registry import lineage, trained_on

    store = open_registry(registry)
    if (model is None) == (data is None):
        raise UsageError("lineage takes a model or --data", fix="give one of them")
    if data is not None:
        rows = [
            {"model": r.reference, "stage": str(store.stage(r.name, r.version)), "data": r.data.get("panel")}
            for r in trained_on(store, data)
        ]
        show.table(rows, title=f"Models trained on data {data}", as_json=as_json)
        return
    wanted = needed_reference(str(model))
    found = lineage(store, wanted.name, wanted.version)
    if as_json:
        show.print_json(found.to_dict())
        return
    show.say(found.mermaid() if mermaid else found.text())


@group.command("check", epilog=CHECK)
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One model; all if absent.")] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Let MLflow say again what the signed decisions say.")
    ] = False,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Verify signatures, order of decisions, MLflow's stages, files and records; exit code 1 where one is not sound.

    Decisions are compared with the audit log where there is one: it still holds what was taken away elsewhere.
    """
    from tradewind.cli import show
    from tradewind.cli.registry_access import logged_decisions, open_registry

    store = open_registry(registry)
    logs = logged_decisions(audit)
    known = {*store.names(), *store.indexed_names(), *(logs or {})} - {
        ""
    }  # of a model that is gone, the log still knows
    names = [name] if name else sorted(known)
    if repair:
        for one in names:
            store.repair(one)
    found = {one: store.findings(one, (logs or {}).get(one, ())) for one in names}
    if people := store.people_findings((logs or {}).get("", ())):
        found["people.toml"] = people
    if as_json:
        show.print_json({"sound": not any(found.values()), "findings": found})
    else:
        for one, findings in found.items():
            beside = "" if logs is None else ", also beside the audit log"
            show.say(f"{one}: {'; '.join(findings) or f'sound{beside}'}")
    if any(found.values()):
        raise typer.Exit(1)


@group.command("rules")
def rules(as_json: options.Json = False) -> None:
    """Show the approval workflow: every permitted act, who may do it, and what it needs."""
    from tradewind.cli import show
    from tradewind.registry.rules import table

    show.table(table(), title="Who may do what", as_json=as_json)


models_decide.add_to(group)
models_people.add_to(group)


def _run_of(record: ModelRecord, track: str | None) -> str | None:
    """Return the id of the tracked run that wrote the model, None where none did."""
    from tradewind.registry import MODEL
    from tradewind.training.tracking import Runs, place_of

    place = place_of(track)
    if place is None:
        return None
    return next((run.id for run in Runs(place).all() if run.tags.get(MODEL) == record.model_sha256), None)


def _shown(store: ModelRegistry, record: ModelRecord) -> dict[str, Any]:
    return {
        "model": record.reference,
        "stage": str(store.stage(record.name, record.version)),
        "model_sha256": record.model_sha256,
        "run": record.run,
        "missing": record.missing(),
        "budget": record.budget,
        "decisions": [{**d.to_dict(), "hash": d.hash} for d in store.history(record.name, record.version)],
    }


def _show_budget(record: ModelRecord) -> None:
    from tradewind.cli import show

    rows = [
        {"line": line["name"], "passed": "yes" if line["passed"] else "NO", "measured": line["words"]}
        for line in record.budget.get("lines", [])
    ]
    show.table(rows, title=f"Complexity budget of {record.use_case} models", as_json=False)


def _serving_words(store: ModelRegistry, name: str) -> str:
    from tradewind.core import UsageError

    try:
        return f"Served: {store.serving(name).words}"
    except UsageError as error:
        return f"Not served: {error.problem}"
