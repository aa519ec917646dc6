"""`tradewind surveil`: watch a market for manipulation."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import typer

EPILOG = """[bold]Examples[/bold]

Find schemes in a file of events:

  tradewind surveil run --events events.parquet --out out/run

See all of it on a simulated market:

  tradewind surveil demo
"""

PARTS = ("surveil_run", "surveil_demo", "surveil_simulate", "surveil_live", "surveil_case", "surveil_red_team")
"""Modules of this package that add commands to the group, each with ``register(group)``."""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for name in PARTS:
        if find_spec(f"tradewind.cli.{name}") is not None:
            importlib.import_module(f"tradewind.cli.{name}").register(group)
    app.add_typer(group, name="surveil", help="Find manipulation in orders and trades.", epilog=EPILOG)
