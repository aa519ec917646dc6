"""`tradewind explain`: why a forecast is what it is, in four layers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit, Registry

EPILOG = """[bold]Examples[/bold]

One symbol, seen from its last bar, with a page and a waterfall picture:

  tradewind explain --model models/first --prices prices.parquet --symbol AAPL --metrics out/first/metrics.json --out out/why

Every symbol of a day, as a table and one page:

  tradewind explain --model models/first --prices prices.parquet --date 2015-09-29 --out out/day

Only the summary, for a program:

  tradewind explain --model models/first --prices prices.parquet --symbol AAPL --layers executive --json
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("explain", epilog=EPILOG)(explain)


def explain(
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="MODEL", help="NAME@champion or NAME/VERSION of the registry, or a folder of `train`."
        ),
    ],
    prices: options.Prices,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    symbol: Annotated[
        str | None, typer.Option("--symbol", metavar="NAME", help="The symbol to explain; every symbol if absent.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The bar to explain; the last one if absent.")
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE", help="metrics.json of `tradewind evaluate`: how often it was right."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the page, the pictures and the facts here.")
    ] = None,
    layers: Annotated[
        str, typer.Option("--layers", metavar="NAMES", help="Which layers to show.")
    ] = "executive,attribution,technical,internals",
    lime: Annotated[bool, typer.Option("--lime", help="Add LIME's line near the row as a second opinion.")] = False,
    what_if: Annotated[
        bool | None,
        typer.Option(
            "--what-if/--no-what-if",
            help="Search for the smallest change that turns the forecast; on by default for one symbol.",
        ),
    ] = None,
    quarantine: options.Quarantine = None,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Explain forecasts in four layers: executive summary, attribution, technical decomposition, model internals.

    With --symbol one forecast is explained in full; without, every symbol of the day, in a table. Every number comes
    from a fact with a source: --json and explanation.json hold them all. Days the model was trained on are refused.
    """
    from tradewind.cli import show
    from tradewind.cli.audited import answering
    from tradewind.cli.explanation import Request, run_explanation
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.resolve import resolve_model
    from tradewind.core import UsageError

    found = resolve_model(model, registry=registry)
    show.note(f"Model: {found.words}")
    if found.baseline is not None:
        raise UsageError(
            f"the baseline {found.baseline} is in service, and is a rule of one line",
            fix="explain a version of the model: NAME/VERSION, after `tradewind models resume`",
        )
    request = Request(
        files=InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine),
        model=found.folder,
        symbol=symbol,
        date=options.day(date, "--date") if date else None,
        metrics=metrics,
        out=out,
        layers=options.names(layers, "--layers"),
        lime=lime,
        what_if=what_if if what_if is not None else symbol is not None,
        answering=answering(found),
        audit=audit,
    )
    run_explanation(request, as_json=as_json)
