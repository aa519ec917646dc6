"""`tradewind dashboard ratings`: what people think of explanations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.dashboard_places import home_of, needs_web

EPILOG = """[bold]Examples[/bold]

How many found explanations, cases and diagnoses useful, and why not:

  tradewind dashboard ratings

Every rating, for a spreadsheet:

  tradewind dashboard ratings --csv ratings.csv
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("ratings", epilog=EPILOG)(ratings)


def ratings(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="NAME", help="Of one kind alone, such as explanation.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every rating here.")] = None,
    as_json: options.Json = False,
) -> None:
    """Report what people said of explanations, cases and diagnoses, with the uncertainty of each share."""
    from tradewind.cli import show

    needs_web()
    from tradewind.core.files import write_text
    from tradewind.web.ratings import RatingStore, report_of
    from tradewind.web.ratings.table import csv_of
    from tradewind.web.workspace import Workspace

    given = RatingStore(Workspace.of(home_of(context)).store).all(kind)
    if csv is not None:
        write_text(csv, csv_of(given))
        show.note(f"wrote {csv}")
    report = report_of(given)
    if as_json:
        show.print_json(report.model_dump())
        return
    if report.total is None:
        show.say("Nobody has rated anything yet.")
        return
    rows = [
        {
            "kind": one.kind,
            "layer": one.layer or "all",
            "useful": f"{one.share.share:.0%}",
            "95 % interval": f"{one.share.lower:.0%} to {one.share.upper:.0%}",
            "ratings": one.share.of,
            "people": one.people,
            "things": one.subjects,
        }
        for one in report.kinds
    ]
    show.table(rows, title=f"{report.total.of} ratings", as_json=False)
    for reason in report.reasons[:20]:
        word = "useful" if reason.useful else "not useful"
        show.say(f"{reason.at[:10]} {reason.name}, {reason.kind} {reason.subject}, {word}: {reason.why}")
