"""`tradewind audit served`: who was given which served prediction, when."""

from __future__ import annotations

from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.audit_flags import Log, Since, Until, opened_log

SERVED = """[bold]Examples[/bold]

  tradewind audit served --since 2026-01-01 --limit 20

  tradewind audit served --caller research --json

  tradewind audit served --prediction 5d0c8b6c2f0e4b1f9a3d7e21
"""


def add_to(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("served", epilog=SERVED)(served)


def served(
    prediction: Annotated[
        str | None, typer.Option("--prediction", metavar="ID", help="Only this prediction, the `id` of an answer.")
    ] = None,
    caller: Annotated[str | None, typer.Option("--caller", metavar="KEY", help="Only to this caller.")] = None,
    request: Annotated[
        str | None, typer.Option("--request", metavar="ID", help="Only in answer to this X-Request-Id.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Lines at most, the newest first.")] = 100,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Show who was given which prediction by the server, the newest first.

    What a prediction said, of which symbol and by which model, is in `tradewind audit query --kind prediction`.
    """
    from itertools import islice

    from tradewind.cli import show
    from tradewind.governance.audit import Filter
    from tradewind.governance.audit.served import SERVED as KIND
    from tradewind.governance.audit.served import ServedLine, served_lines

    wanted = {"prediction": prediction, "caller": caller, "request": request}

    def fits(line: ServedLine) -> bool:
        return all(value in (None, getattr(line, name)) for name, value in wanted.items())

    lines = (
        line
        for entry in opened_log(log).entries(Filter(kind=KIND, since=since, until=until), newest=True)
        if entry.body.get("count")
        for line in reversed(list(served_lines(entry.body)))
        if fits(line)
    )
    found = [line.to_dict() for line in islice(lines, limit)]
    if not found and not as_json:
        show.say("No served prediction fits")
        return
    show.table(found, title="Served predictions", as_json=as_json)
