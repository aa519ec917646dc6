"""`tradewind demo`: the main job on bundled real prices."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind demo

  tradewind demo --models xgboost,random_forest --out out/trees
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("demo", epilog=EPILOG)(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")] = Path("out/demo"),
    models: options.Models = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
) -> None:
    """Forecast six real US stocks (2013 to 2023) by walk-forward and measure the forecasts, in minutes.

    Then keep the model: register it, write its card, explain one forecast in four layers, serve it and ask the server
    for that forecast, verify the audit log.

    The prices are part of the package: no server, account or network is needed.
    """
    from tradewind.cli import show
    from tradewind.cli.demo_governed import govern
    from tradewind.cli.experiment import Experiment, Span, run_experiment, training_settings
    from tradewind.cli.inputs import Market
    from tradewind.data import load_demo

    show.note("Six US stocks, daily bars from 2013 to 2023, refitted twice a year on the years before")
    market = Market(panel=load_demo(), news=None, universe=None)
    settings = run_experiment(
        Experiment(
            market=market,
            settings=training_settings(None, models=models, seed=seed),
            span=Span(test_start=date(2018, 1, 1), walk_forward=True, train_months=48, test_months=6),
            out=out,
            source="bundled prices of six US stocks",
            notes=(
                "The six stocks were chosen after their rise: buying and holding them was never a fair choice in 2013.",
            ),
        ),
        as_json=as_json,
    )
    if not as_json:
        govern(out, settings, market)
