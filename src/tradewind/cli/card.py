"""`tradewind card`: the model card of a registered model, and the checklist it must pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options
from tradewind.cli import report_flags as flags

if TYPE_CHECKING:
    from tradewind.governance.cards import Card, Checklist

EPILOG = """[bold]Examples[/bold]

  tradewind card new notes/momentum.toml

  tradewind card check momentum/3 --notes notes/momentum.toml

  tradewind card write momentum/3 --notes notes/momentum.toml --out cards --pdf
"""
NEW = """[bold]Examples[/bold]

  tradewind card new notes/momentum.toml
"""
CHECK = """[bold]Examples[/bold]

  tradewind card check momentum/3 --notes notes/momentum.toml

  tradewind card check momentum --notes notes/momentum.toml --quality check.json --strict --json
"""
WRITE = """[bold]Examples[/bold]

  tradewind card write momentum/3 --notes notes/momentum.toml --out cards

  tradewind card write momentum@champion --notes notes/momentum.toml --metrics out/metrics.json --out cards --pdf

A card that is not complete yet:

  tradewind card write momentum/3 --out cards --draft
"""
NotesFile = Annotated[
    Path | None,
    typer.Option("--notes", metavar="TOML", help="What people say of the model; `card new` makes the file."),
]
MetricsFile = Annotated[
    Path | None, typer.Option("--metrics", metavar="JSON", help="metrics.json of its evaluation; else the record's.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Explanation, fairness and quality must be there, not 'not assessed'.")
]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="card", help="Write a model's card, and check that it is complete.", epilog=EPILOG)


@group.command("new", epilog=NEW)
def new(
    out: Annotated[Path, typer.Argument(metavar="TOML", help="The notes file to begin; it must not exist yet.")],
) -> None:
    """Begin the notes that only people can write: owner, use, limits, monitoring."""
    from tradewind.cli import show
    from tradewind.governance.cards import write_skeleton

    write_skeleton(out)
    show.say(f"Wrote {out}: fill in every answer, then run `tradewind card check MODEL --notes {out}`")


@group.command("check", epilog=CHECK)
def check(
    model: flags.Model,
    notes: NotesFile = None,
    metrics: MetricsFile = None,
    explanation: flags.Explanation = None,
    fairness: flags.Fairness = None,
    quality: flags.Quality = None,
    strict: Strict = False,
    registry: flags.Registry = None,
    as_json: options.Json = False,
) -> None:
    """Check that a card would be complete; exit code 1 lists each missing field and how to give it."""
    from tradewind.cli import show

    files = {"metrics": metrics, "explanation": explanation, "fairness": fairness, "quality": quality}
    found = _card(model, registry, notes, files, strict=strict).checklist
    if as_json:
        show.print_json(found.to_dict())
    else:
        _tell_gaps(found)
    raise typer.Exit(0 if found.complete else 1)


@group.command("write", epilog=WRITE)
def write(
    model: flags.Model,
    out: flags.Out,
    notes: NotesFile = None,
    metrics: MetricsFile = None,
    explanation: flags.Explanation = None,
    fairness: flags.Fairness = None,
    quality: flags.Quality = None,
    strict: Strict = False,
    draft: Annotated[bool, typer.Option("--draft", help="Write an incomplete card, marked as a draft.")] = False,
    pdf: flags.Pdf = False,
    registry: flags.Registry = None,
    as_json: options.Json = False,
) -> None:
    """Write the card as HTML, Markdown and JSON; one that is not complete only with --draft (else exit code 1)."""
    from tradewind.cli import show

    files = {"metrics": metrics, "explanation": explanation, "fairness": fairness, "quality": quality}
    card = _card(model, registry, notes, files, strict=strict)
    if not card.checklist.complete and not draft:
        if as_json:
            show.print_json(card.checklist.to_dict())
        else:
            _tell_gaps(card.checklist)
            show.complain("no card was written: it is not complete. Fix: give the fields above, or use --draft.")
        raise typer.Exit(1)
    record = card.sources.record
    written = card.write(out, stem=f"card-{record['name']}-{record['version']}", draft=draft, pdf=pdf)
    if as_json:
        show.print_json({"files": [str(path) for path in written], **card.checklist.to_dict()})
        return
    show.say(card.document.lead[0])
    show.say(f"Wrote {', '.join(map(str, written))}")


def _card(model: str, registry: str | None, notes: Path | None, files: dict[str, Path | None], *, strict: bool) -> Card:
    from dataclasses import replace

    from tradewind.cli.resolve import needed_reference
    from tradewind.core.files import read_json
    from tradewind.governance.cards import CardNotes, make_card
    from tradewind.governance.files import read_toml
    from tradewind.governance.reports import card_sources, entry_of
    from tradewind.registry.reader import RegistryReader

    chosen = needed_reference(model)
    entry = entry_of(RegistryReader(registry), chosen.name, chosen.version)
    if notes is not None:
        entry = replace(entry, notes=read_toml(notes, CardNotes, what="the notes of a model"))
    more = {
        key: None if path is None else read_json(path, what=f"the {key} of the model as JSON")
        for key, path in files.items()
    }
    return make_card(card_sources(entry, **more), strict=strict)


def _tell_gaps(checklist: Checklist) -> None:
    from tradewind.cli import show

    if checklist.failing:
        rows = [
            {
                "field": gap.requirement.path,
                "section": gap.requirement.section,
                "is": gap.why,
                "how to give it": gap.requirement.give,
            }
            for gap in checklist.failing
        ]
        show.table(rows, title=f"{len(rows)} of {checklist.checked} fields are missing", as_json=False)
    else:
        show.say(f"The card is complete: {checklist.checked} fields checked")
    for gap in checklist.unassessed:
        show.say(f"Not assessed: {gap.requirement.path}. To have it: {gap.requirement.give}")
