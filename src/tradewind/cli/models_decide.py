"""The decisions of `tradewind models`: stages, overrides and fallbacks; each is signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import (
    As,
    Audit,
    BudgetFile,
    ExplanationFile,
    FairnessFile,
    Model,
    Name,
    Reason,
    Registry,
)

if TYPE_CHECKING:
    from tradewind.registry import Stage

AMEND = """[bold]Examples[/bold]

  tradewind models amend equity-daily/1 --as ada --metrics out/metrics.json --reason "measured over 2015"
"""
VALIDATE = """[bold]Examples[/bold]

  tradewind models validate equity-daily/1 --as vera --reason "refitted it from its record; metrics agree to 1e-9"
"""
APPROVE = """[bold]Examples[/bold]

  tradewind models approve equity-daily/1 --as paul --reason "meets the policy of daily models"
"""
PROMOTE = """[bold]Examples[/bold]

  tradewind models promote equity-daily/2 --as otto --reason "three months ahead of version 1 as challenger"

Stand the champion down without another:

  tradewind models demote equity-daily/2 --as otto --reason "under investigation"
"""
REJECT = """[bold]Examples[/bold]

  tradewind models reject equity-daily/2 --as paul --reason "no evidence for small caps"
"""
OVERRIDE = """[bold]Examples[/bold]

  tradewind models override equity-daily/1 --hours 48 --as otto --reason "version 2 misreads the split of Monday"

  tradewind models resume equity-daily --as otto --reason "prices were corrected"
"""
FALLBACK = """[bold]Examples[/bold]

  tradewind models fallback equity-daily --to previous --as otto --reason "forecasts drift since Tuesday"

  tradewind models fallback equity-daily --to momentum --as otto --reason "no earlier model is fit either"

  tradewind models fallback equity-daily --to none --as otto --reason "prices of the feed are wrong"
"""


_PROMOTE = "Make an approved version the champion; the old champion becomes approved again."
_DEMOTE = "Stand the champion down; nothing is served until another is promoted."
_REJECT = "Send a validated or approved version back to draft; the reason says why."


def add_to(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    for name, command, epilog in (
        ("amend", amend, AMEND),
        ("validate", validate, VALIDATE),
        ("approve", approve, APPROVE),
        ("promote", _mover("champion", _PROMOTE), PROMOTE),
        ("demote", _mover("approved", _DEMOTE, start="champion"), PROMOTE),
        ("challenge", challenge, PROMOTE),
        ("reject", _mover("draft", _REJECT), REJECT),
        ("retire", _mover("retired", "Retire a version of any stage for good."), REJECT),
        ("override", override, OVERRIDE),
        ("fallback", fallback, FALLBACK),
        ("resume", resume, OVERRIDE),
    ):
        group.command(name, epilog=epilog)(command)


def amend(
    model: Model,
    person: As,
    reason: Reason,
    metrics: Annotated[Path | None, typer.Option("--metrics", metavar="FILE", help="metrics.json.")] = None,
    use_case: Annotated[str | None, typer.Option("--use-case", metavar="NAME", help="Complexity budget.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="TEXT", help="What the model is for.")] = None,
    limitation: Annotated[
        list[str] | None, typer.Option("--limitation", metavar="TEXT", help="Limitations, in place of the old; repeat.")
    ] = None,
    explanation: ExplanationFile = None,
    fairness: FairnessFile = None,
    registry: Registry = None,
    audit: Audit = None,
    budgets: BudgetFile = None,
    as_json: options.Json = False,
) -> None:
    """Complete the record of a draft; only its author may."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry, signer, summaries
    from tradewind.cli.resolve import needed_reference
    from tradewind.core import UsageError
    from tradewind.registry.making import metrics_of

    store, wanted = open_registry(registry, audit=audit, budgets=budgets), needed_reference(model)
    version = store.number(wanted.name, wanted.version)
    changes: dict[str, Any] = {"use_case": use_case, "purpose": purpose, **summaries(explanation, fairness)}
    changes["limitations"] = tuple(limitation) if limitation else None
    if metrics is not None:
        changes["metrics"], changes["folds"] = metrics_of(metrics, store.record(wanted.name, version).settings)
    changes = {name: value for name, value in changes.items() if value is not None}
    if not changes:
        raise UsageError("there is nothing to amend", fix="give what shall change, such as --metrics or --purpose")
    record = store.amend(wanted.name, version, signer(person), reason, **changes)
    if as_json:
        show.print_json(record.to_dict())
        return
    gaps = ", ".join(record.missing()) or "nothing"
    show.say(f"Amended {record.reference}: {', '.join(changes)}. Its record still lacks: {gaps}")


def validate(
    model: Model,
    person: As,
    reason: Reason,
    registry: Registry = None,
    audit: Audit = None,
    budgets: BudgetFile = None,
    as_json: options.Json = False,
) -> None:
    """Say, as a validator other than the author, that a draft was examined; the reason says what was done.

    Refused unless the record is complete, skill was measured out of sample, and the complexity budget is kept.
    """
    _move(model, "validated", person, reason, (registry, audit, budgets), as_json=as_json)


def approve(
    model: Model,
    person: As,
    reason: Reason,
    registry: Registry = None,
    audit: Audit = None,
    budgets: BudgetFile = None,
    as_json: options.Json = False,
) -> None:
    """Approve a validated version, as an approver who is neither its author nor its validator."""
    _move(model, "approved", person, reason, (registry, audit, budgets), as_json=as_json, start="validated")


def challenge(
    model: Model,
    person: As,
    reason: Reason,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Let an approved version run beside the champion, under the alias challenger."""
    from tradewind.cli.registry_access import decided, open_registry, signer
    from tradewind.cli.resolve import needed_reference

    store, wanted = open_registry(registry, audit=audit), needed_reference(model)
    version = store.number(wanted.name, wanted.version)
    made = store.challenge(wanted.name, version, signer(person), reason)
    decided(made, f"{wanted.name}/{version} is the challenger", as_json=as_json)


def override(
    model: Model,
    person: As,
    reason: Reason,
    hours: Annotated[float, typer.Option("--hours", min=0.01, max=720, help="How long; then the champion is served.")],
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Serve another approved version in the champion's place for a limited time."""
    from datetime import UTC, datetime, timedelta

    from tradewind.cli.registry_access import decided, open_registry, signer
    from tradewind.cli.resolve import needed_reference

    store, wanted = open_registry(registry, audit=audit), needed_reference(model)
    version = store.number(wanted.name, wanted.version)
    until = datetime.now(UTC) + timedelta(hours=hours)
    made = store.override(wanted.name, version, signer(person), reason, until)
    decided(made, f"{wanted.name}/{version} is served until {until:%Y-%m-%d %H:%M} UTC", as_json=as_json)


def fallback(
    name: Name,
    to: Annotated[
        str,
        typer.Option("--to", metavar="WHAT", help="previous, a version's number, a baseline it carries, or none."),
    ],
    person: As,
    reason: Reason,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Serve the previous champion, another version or a baseline until `resume`; with --to none, serve nothing."""
    from tradewind.cli.registry_access import decided, open_registry, signer

    store = open_registry(registry, audit=audit)
    made = store.fallback(name, None if to == "none" else to, signer(person), reason)
    what = made.details["target"] or "nothing"
    decided(made, f"{name} is fallen back to {what}", as_json=as_json)


def resume(
    name: Name,
    person: As,
    reason: Reason,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """End override and fallback: the champion is served again."""
    from tradewind.cli.registry_access import decided, open_registry, signer

    store = open_registry(registry, audit=audit)
    made = store.resume(name, signer(person), reason)
    decided(made, f"{name} is served by its champion again", as_json=as_json)


def _mover(to: str, words: str, *, start: str | None = None) -> Callable[..., None]:
    """Return the command that moves a version to stage ``to``; ``words`` is its help."""

    def command(
        model: Model,
        person: As,
        reason: Reason,
        registry: Registry = None,
        audit: Audit = None,
        as_json: options.Json = False,
    ) -> None:
        _move(model, to, person, reason, (registry, audit, None), as_json=as_json, start=start)

    command.__doc__ = words
    return command


def _move(
    model: str,
    to: Stage | str,
    person: str,
    reason: str,
    where: tuple[str | None, str | None, Path | None],
    *,
    as_json: bool,
    start: str | None = None,
) -> None:
    from tradewind.cli.registry_access import decided, open_registry, signer
    from tradewind.cli.resolve import needed_reference
    from tradewind.core import UsageError
    from tradewind.registry import Stage

    registry, audit, budgets = where
    store, wanted = open_registry(registry, audit=audit, budgets=budgets), needed_reference(model)
    version = store.number(wanted.name, wanted.version)
    stage = store.stage(wanted.name, version)
    if start is not None and stage != start:
        raise UsageError(f"{wanted.name}/{version} is {stage}, not {start}", fix="see `tradewind models rules`")
    made = store.move(wanted.name, version, Stage(to), signer(person), reason)
    decided(made, f"{wanted.name}/{version} is {to}", as_json=as_json)
