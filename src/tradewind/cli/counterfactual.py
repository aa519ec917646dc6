"""`tradewind counterfactual`: what would have had to be different for a forecast to turn."""

from __future__ import annotations

from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Registry, Studied

EPILOG = """[bold]Examples[/bold]

  tradewind counterfactual --model models/first --prices prices.parquet --symbol AAPL

  tradewind counterfactual --model models/first --prices prices.parquet --symbol AAPL --date 2015-09-01 --target 0.6 --json
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("counterfactual", epilog=EPILOG)(counterfactual)


def counterfactual(
    model: Studied,
    prices: options.Prices,
    symbol: Annotated[str, typer.Option("--symbol", metavar="NAME", help="Whose forecast to turn.")],
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The bar it was made at; the last one if absent.")
    ] = None,
    target: Annotated[
        float, typer.Option("--target", min=0.01, max=0.99, help="The probability of a rise to be crossed.")
    ] = 0.5,
    inputs: Annotated[
        int, typer.Option("--inputs", min=1, max=5, help="Most parts of the bar that may change together.")
    ] = 3,
    features: Annotated[int, typer.Option("--features", min=1, help="Most features that may be set together.")] = 4,
    wanted: Annotated[int, typer.Option("--wanted", min=1, help="How many of each kind to look for.")] = 3,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Find the smallest plausible change of the day's bar, and of a few features, that turns the forecast.

    A bar may only move as far as the symbol's own past days have shown; past bars, the calendar and anything published
    later stay. Every probability shown is what the whole model gave when it was run again. Where nothing plausible
    turns the forecast, it says so.
    """
    from dataclasses import asdict

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.replayed import load
    from tradewind.cli.resolve import studied_folder
    from tradewind.explain.counterfactual import (
        BarSettings,
        FeatureSettings,
        bar_counterfactuals,
        feature_counterfactuals,
    )

    day = options.day(date, "--date") if date else None
    files = InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine)
    replay = load(studied_folder(model, registry=registry), files).replay(symbol, day)
    shared = {"target": target, "wanted": wanted, **({} if seed is None else {"seed": seed})}
    bars = bar_counterfactuals(replay, BarSettings.model_validate({**shared, "most": inputs}))
    few = feature_counterfactuals(replay, FeatureSettings.model_validate({**shared, "most": features}))
    if as_json:
        show.print_json({"bar": bars.to_dict(), "features": few.to_dict()})
        return
    show.say(bars.words)
    rows = [
        {
            "change of the bar": "; ".join(change.words for change in one.changes),
            "probability": one.probability,
            "deviations": round(one.distance, 2),
            "days as unusual": f"{one.plausibility:.1f} %",
            "moves most": ", ".join(f"{f.name} {f.before:.4g} to {f.after:.4g}" for f in one.features[:3]),
        }
        for one in bars.found
    ]
    if rows:
        show.table(rows, title="Other bars that turn the forecast", as_json=False)
    show.say(f"Of single features: {few.words}")
    chosen = [
        {
            "features set": ", ".join(f"{f.name} {f.before:.4g} to {f.after:.4g}" for f in one.changes),
            "probability": one.probability,
            "deviations": round(one.distance, 2),
            "nearest real bar": one.nearest,
        }
        for one in few.found
    ]
    if chosen:
        show.table(chosen, title="A few features that turn it", as_json=False)
    if few.neighbours:
        show.table(
            [asdict(one) for one in few.neighbours], title="Nearest real bars forecast on the other side", as_json=False
        )
