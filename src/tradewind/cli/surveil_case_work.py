"""What people do to cases from the command line: assign, take, note, attach, propose, confirm, reject."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import As, Audit, Registry, signer
from tradewind.cli.surveil_case import CASES, Case, Cases, open_cases

if TYPE_CHECKING:
    from tradewind.surveillance.cases import Case as CaseRecord

EXAMPLES = """[bold]Examples[/bold]

  tradewind surveil case assign C000012 --to ann --as sue

  tradewind surveil case take C000012 --as ann

  tradewind surveil case note C000012 "asked the desk for its orders of that day" --as ann

  tradewind surveil case attach C000012 chat.pdf --as ann

  tradewind surveil case propose C000012 false_alarm --reason "hedge of an index arbitrage" --as ann

  tradewind surveil case confirm C000012 --as sue

  tradewind surveil case reject C000012 --reason "which index?" --as sue
"""


def add_to(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    for name, command in (
        ("assign", assign),
        ("take", take),
        ("note", note),
        ("attach", attach),
        ("propose", propose),
        ("confirm", confirm),
        ("reject", reject),
    ):
        group.command(name, epilog=EXAMPLES)(command)


def assign(
    case: Case,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="The analyst who gets it.")],
    who: As,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Give a case to an analyst; a supervisor may."""
    with open_cases(cases, registry, audit) as store:
        _done(store.assign(case, to, signer(who)), f"is with {to}", as_json)


def take(
    case: Case,
    who: As,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Take up a case that nobody has, or that is assigned to you."""
    with open_cases(cases, registry, audit) as store:
        _done(store.take(case, signer(who)), f"is with {who}", as_json)


def note(
    case: Case,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you found; it is kept for good.")],
    who: As,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Write something down on a case, also on one that is closed."""
    with open_cases(cases, registry, audit) as store:
        _done(store.note(case, text, signer(who)), "has a new note", as_json)


def attach(
    case: Case,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="It stays where it is; its SHA-256 is kept.")],
    who: As,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Attach a file to a case."""
    with open_cases(cases, registry, audit) as store:
        made = store.attach(case, file, signer(who))
    _done(made, f"has a new attachment, SHA-256 {made.attachments[-1].sha256}", as_json)


def propose(
    case: Case,
    outcome: Annotated[
        str, typer.Argument(metavar="OUTCOME", help="no_issue, false_alarm, inconclusive or escalated.")
    ],
    who: As,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a sentence; it is kept for good.")],
    besides: Annotated[
        list[str] | None, typer.Option("--except", metavar="ALERT", help="An alert the outcome does not speak of.")
    ] = None,
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Propose how to close a case that you have; somebody else must confirm it."""
    with open_cases(cases, registry, audit) as store:
        made = store.propose(case, outcome, signer(who), reason, exceptions=tuple(besides or ()))
    _done(made, f"is proposed as {outcome}; a supervisor who is somebody else decides", as_json)


def confirm(
    case: Case,
    who: As,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you want to add.")] = "",
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Close a case as proposed; a supervisor may who did not propose it."""
    with open_cases(cases, registry, audit) as store:
        made = store.confirm(case, signer(who), reason)
    _done(made, f"is closed as {made.outcome}", as_json)


def reject(
    case: Case,
    who: As,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What is missing.")],
    cases: Cases = CASES,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Send a proposed case back to who has it."""
    with open_cases(cases, registry, audit) as store:
        made = store.reject(case, signer(who), reason)
    _done(made, f"is back with {made.assignee}", as_json)


def _done(case: CaseRecord, words: str, as_json: bool) -> None:
    from tradewind.cli import show

    if as_json:
        show.print_json(case.to_dict())
        return
    show.say(f"Case {case.id} {words}")
