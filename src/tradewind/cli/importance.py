"""`tradewind importance`: what a trained model rests on, out of sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Registry, Studied

EPILOG = """[bold]Examples[/bold]

What a saved model rested on after its training:

  tradewind importance --model models/first --prices prices.parquet --from 2015-06-01 --to 2015-09-29 --out out/importance

The same against its student, by quarter, without fitting a random model:

  tradewind importance --model models/first --prices prices.parquet --from 2015-06-01 --out out/importance --student out/student/student --period quarter --no-refit
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("importance", epilog=EPILOG)(importance)


def importance(
    model: Studied,
    prices: options.Prices,
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="First day; after the model's training.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")],
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day; the last bar with a known label if absent.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    rows: Annotated[int, typer.Option("--rows", min=50, help="Most forecasts explained and shuffled.")] = 4000,
    period: Annotated[
        Literal["month", "quarter"], typer.Option("--period", help="Periods over which importance is followed.")
    ] = "month",
    drift_from: Annotated[
        str | None,
        typer.Option(
            "--drift-from", metavar="DATE", help="Compare days from here on with those before (half of the span)."
        ),
    ] = None,
    effects: Annotated[int, typer.Option("--effects", min=0, help="Columns whose effect is drawn.")] = 6,
    student: Annotated[
        Path | None,
        typer.Option("--student", metavar="DIR", help="The model's student (`tradewind distill`): do they agree?"),
    ] = None,
    refit: Annotated[
        bool,
        typer.Option("--refit/--no-refit", help="Fit the model once more on shuffled labels as a check of sanity."),
    ] = True,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Show what a model rests on: importance, its stability, effects, rules, and whether that can be trusted.

    Writes importance.json and importance.html into --out. Days the model learned from are refused.
    """
    from tradewind.cli.importance_run import Request, run_importance
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.resolve import studied_folder

    request = Request(
        files=InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine),
        model=studied_folder(model, registry=registry),
        start=options.day(start, "--from"),
        end=options.day(end, "--to") if end else None,
        rows=rows,
        period=period,
        drift_from=options.day(drift_from, "--drift-from") if drift_from else None,
        effects=effects,
        student=student,
        refit=refit,
        seed=7 if seed is None else seed,
        out=out,
    )
    run_importance(request, as_json=as_json)
