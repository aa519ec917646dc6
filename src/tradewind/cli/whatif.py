"""`tradewind what-if`: a forecast under scenarios, or every forecast under shocks."""

from __future__ import annotations

from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Registry, Studied

EPILOG = """[bold]Examples[/bold]

What would change one forecast:

  tradewind what-if --model models/first --prices prices.parquet --symbol AAPL --set "rsi falls below 30" --set "price -5%" --set "market falls 3 % today"

Every forecast of the last day under shocks to the whole market:

  tradewind what-if --model models/first --prices prices.parquet --stress

A scenario is NAME=5, NAME<5, NAME>5, NAME+5, NAME x2 for a feature the model reads, or price, gap, volume, market, vix, volatility.
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("what-if", epilog=EPILOG)(what_if)


def what_if(
    model: Studied,
    prices: options.Prices,
    symbol: Annotated[
        str | None, typer.Option("--symbol", metavar="NAME", help="Whose forecast the scenarios are about.")
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="TEXT", help="A scenario, such as 'rsi_14<30' or 'volume doubles'; repeat it."),
    ] = None,
    stress: Annotated[
        bool, typer.Option("--stress", help="Shock the whole market and forecast every symbol again.")
    ] = False,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day asked about; the last bar if absent.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    quarantine: options.Quarantine = None,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Run the model again on a day that went otherwise, and say what the change is due to.

    Scenarios on the bar or the market compute every feature anew. A scenario on a feature sets that column alone, and
    says which close would bring it there. Several are run one by one and then together.
    """
    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.replayed import load
    from tradewind.cli.resolve import studied_folder
    from tradewind.core import UsageError
    from tradewind.core.arrays import as_time
    from tradewind.explain.what_if.scenario import run_scenarios
    from tradewind.explain.what_if.scenario_text import Scenario
    from tradewind.explain.what_if.stress import stress_forecasts

    if stress == bool(scenarios):
        raise UsageError("give either --set or --stress", fix="name a scenario with --set, or shock all with --stress")
    if scenarios and symbol is None:
        raise UsageError("--set needs --symbol", fix="name the symbol whose forecast is asked about")
    day = options.day(date, "--date") if date else None
    loaded = load(
        studied_folder(model, registry=registry),
        InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine),
    )
    if scenarios and symbol is not None:
        replay = loaded.replay(symbol, day)
        results = run_scenarios(replay, [Scenario.parse(text, replay.names) for text in scenarios])
        if as_json:
            show.print_json(
                {"symbol": symbol, "date": str(replay.time)[:10], "scenarios": [one.to_dict() for one in results]}
            )
            return
        rows = [
            {
                "scenario": one.text,
                "probability": one.after,
                "change": f"{one.change:+.4f}",
                "turns": "yes" if one.turns else "no",
                "due to": ", ".join(f"{name} {part:+.3f}" for name, part in list(one.due_to.items())[:3]) or "-",
            }
            for one in results
        ]
        title = f"{symbol} on {str(replay.time)[:10]}: the probability of a rise is {replay.probability:.4f}"
        show.table(rows, title=title, as_json=False)
        for one in results:
            show.say(one.words)
        return
    moment = None if day is None else as_time(day)
    found = stress_forecasts(loaded.model, loaded.data, loaded.market.news, day=moment)
    if as_json:
        show.print_json(found.to_dict())
        return
    rows = [
        {
            "shock": one.name,
            "flips": f"{one.flips} of {one.symbols}",
            "mean before": one.mean_before,
            "mean after": one.mean_after,
            "net before": f"{one.net_before:+.2f}",
            "net after": f"{one.net_after:+.2f}",
            "held earns": f"{100 * one.held:+.2f} %",
            "beyond training": f"{100 * one.outside:.0f} %",
            "moves most": one.largest[0].symbol,
        }
        for one in found.shocks
    ]
    show.table(rows, title=f"Every forecast of {found.date} under shocks", as_json=False)
    for line in found.words:
        show.say(line)
