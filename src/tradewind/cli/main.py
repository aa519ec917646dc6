"""The entry point: one app, one command a file, and every expected error as one clear line."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from tradewind import __version__
from tradewind.cli import (
    alerts,
    attribute_performance,
    audit,
    audit_leakage,
    backtest,
    card,
    check,
    continual,
    counterfactual,
    dashboard,
    demo,
    deploy,
    diagnose,
    distill,
    drift,
    evaluate,
    explain,
    fairness,
    features,
    fetch,
    importance,
    jobs,
    keys,
    models,
    monitor,
    parity,
    predict,
    replay,
    report,
    reproduce,
    retrain,
    rollout,
    runs,
    serve,
    simulate,
    stream,
    surveil,
    train,
    tune,
    whatif,
)
from tradewind.cli.show import complain
from tradewind.core import TradewindError

app = typer.Typer(
    name="tradewind",
    help="Forecast the direction of equities and measure it honestly, out of sample.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog="Start with: [bold]tradewind demo[/bold]",
)

PANELS = {
    "Look": (dashboard,),
    "Forecast": (demo, train, predict, evaluate, tune, backtest, runs),
    "Explain": (explain, counterfactual, whatif, importance, distill, attribute_performance),
    "Serve": (serve, deploy, keys, stream, parity, rollout),
    "Keep it right": (monitor, alerts, diagnose, drift, retrain, jobs, replay, continual),
    "Watch the market": (surveil,),
    "Govern": (models, reproduce, audit, card, report, fairness),
    "Data": (fetch, check, simulate, features, audit_leakage),
}
for panel, modules in PANELS.items():
    known = len(app.registered_commands), len(app.registered_groups)
    for module in modules:
        module.register(app)
    for command in app.registered_commands[known[0] :]:
        command.rich_help_panel = panel
    for group in app.registered_groups[known[1] :]:
        group.rich_help_panel = panel


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tradewind {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Forecast the direction of equities and measure it honestly, out of sample."""


def main() -> None:
    """Run the command line; expected errors end with one line and their exit code, never a traceback.

    Set ``TRADEWIND_DEBUG=1`` to see the traceback of an expected error.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # spinning threads starve each other where cores are shared
    try:
        app()
    except TradewindError as error:
        if os.environ.get("TRADEWIND_DEBUG"):
            raise
        complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output (such as `head`) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
