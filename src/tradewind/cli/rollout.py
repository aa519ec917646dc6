"""`tradewind rollout`: where an experiment stands, how to end it, and forecasts that the student does not share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Shares, evidence and p-values of the newest experiment of a server, and what was decided:

  tradewind rollout show

End it; a running server puts everybody on the control within seconds:

  tradewind rollout stop --reason "the feed of Monday was wrong" --as otto

Forecasts that the student does not share, farthest apart first; close one that was looked at:

  tradewind rollout review

  tradewind rollout review --close 5d3c6e... --as vera --note "earnings at noon; the champion is right"
"""
STATE = Path(".tradewind/serving")
PATIENCE = 10.0
"""Seconds within which a running server takes a stop up."""

State = Annotated[Path, typer.Option("--state", metavar="DIR", help="State folder of the server.")]
Named = Annotated[str | None, typer.Argument(metavar="[NAME]", help="The experiment; without it the newest.")]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(
        group, name="rollout", help="Look at an experiment of the server, end it, review cases.", epilog=EPILOG
    )


@group.command("show", epilog=EPILOG)
def show_(name: Named = None, state: State = STATE, as_json: options.Json = False) -> None:
    """Show where an experiment stands: its shares, the evidence of each arm, and what was decided.

    A server that runs writes it every ten seconds, and at once where something is decided.
    """
    from tradewind.cli import show
    from tradewind.cli.rolled import standing

    found = standing(state, name)
    if as_json:
        show.print_json(found)
        return
    because = f" ({found['reason']})" if found["reason"] else ""
    show.say(f"{found['experiment']}, {found['kind']}: {found['status']}{because}, as of {found['as_of']}")
    show.table(
        [
            {
                "arm": arm["arm"],
                "version": arm["model"],
                "share": arm["share"],
                "requests": arm["requests"],
                "days": arm.get("days"),
                "mean difference": arm.get("mean_difference"),
                "p of the goal": arm.get("goal_p_value"),
                **{f"p of {guard}": arm.get("guard_p_values", {}).get(guard) for guard in found["guards"]},
            }
            for arm in found["arms"]
        ],
        title=f"Goal: {found['goal']} at p < {found['goal_alpha']:g}; an arm goes back at p < {found['guard_alpha']:g}",
        as_json=False,
    )
    if found["decisions"]:
        rows = [{key: one.get(key) for key in ("at", "kind", "model", "reason")} for one in found["decisions"]]
        show.table(rows, title="What was done", as_json=False)


@group.command("stop")
def stop(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit log.")],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who ends it.")],
    name: Named = None,
    state: State = STATE,
    as_json: options.Json = False,
) -> None:
    """End an experiment: everybody is served by the control, within seconds where the server runs.

    Where none runs, it is ended before the next one answers anybody by it.
    """
    from tradewind.cli import show
    from tradewind.cli.rolled import ask_to_stop

    experiment, done = ask_to_stop(state, name, reason, person, patience=PATIENCE)
    if as_json:
        show.print_json({"experiment": experiment, "stopped": done})
    elif done:
        show.say(f"{experiment} is stopped; everybody is served by the control")
    else:
        show.say(f"No server took it up: {experiment} is stopped when one starts on {state}")


@group.command("review")
def review(
    close: Annotated[
        str | None, typer.Option("--close", metavar="ID", help="Close the case of this prediction.")
    ] = None,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who looked at it.")] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was found.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Cases that are listed at most.")] = 50,
    state: State = STATE,
    as_json: options.Json = False,
) -> None:
    """List forecasts that the student does not share and nobody has looked at, or close one of them."""
    from tradewind.cli import show
    from tradewind.cli.rolled import close_case, waiting
    from tradewind.core import UsageError

    if close is None:
        rows = waiting(state, limit)
        if not rows and not as_json:
            show.say("No case waits")
            return
        show.table(rows, title="Cases that wait, farthest apart first", as_json=as_json)
        return
    if not person or not note:
        raise UsageError("a case is closed by somebody who says what was found", fix="give --as PERSON and --note TEXT")
    close_case(state, close, person, note)
    if as_json:
        show.print_json({"closed": close, "by": person, "note": note})
    else:
        show.say(f"Case {close} is closed by {person}")
