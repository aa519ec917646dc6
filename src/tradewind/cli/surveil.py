"""`tradewind surveil`: watch a market for manipulation."""

from __future__ import annotations

import typer

from tradewind.cli import (
    surveil_bars,
    surveil_case,
    surveil_demo,
    surveil_live,
    surveil_red_team,
    surveil_rules,
    surveil_run,
    surveil_simulate,
)

EPILOG = """[bold]Examples[/bold]

Find schemes in a file of events:

  tradewind surveil run --events events.parquet --out out/run

See all of it on a simulated market:

  tradewind surveil demo
"""

PARTS = (
    surveil_run,
    surveil_demo,
    surveil_simulate,
    surveil_bars,
    surveil_live,
    surveil_case,
    surveil_rules,
    surveil_red_team,
)
"""What adds commands to the group, in the order in which they are listed."""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for part in PARTS:
        part.register(group)
    app.add_typer(group, name="surveil", help="Find manipulation in orders and trades.", epilog=EPILOG)
