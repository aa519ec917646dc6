"""`tradewind attribute-performance`: what a portfolio of forecasts owed to sectors, factors, timing and costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind attribute-performance --predictions out/q4/predictions.parquet --prices prices.parquet --universe universe.csv --out out/attribution

  tradewind attribute-performance --predictions out/q4/predictions.parquet --prices prices.parquet --weights rank --period month --json
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("attribute-performance", epilog=EPILOG)(attribute_performance)


def attribute_performance(
    predictions: Annotated[
        Path, typer.Option("--predictions", metavar="FILE", help="Forecasts that evaluate or predict wrote.")
    ],
    prices: options.Prices,
    universe: options.Universe = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the page and the tables into this folder.")
    ] = None,
    weights: Annotated[
        Literal["sign", "rank", "decile"], typer.Option("--weights", help="How forecasts become positions.")
    ] = "sign",
    side: Annotated[
        Literal["long_short", "long_only"], typer.Option("--side", help="Hold both signs, or longs only.")
    ] = "long_short",
    execution: Annotated[
        Literal["next_bar", "close"],
        typer.Option("--execution", help="Traded one bar later, or at the close just seen."),
    ] = "next_bar",
    cost_bp: Annotated[float, typer.Option("--cost-bp", min=0, help="Cost per unit of turnover, basis points.")] = 5.0,
    period: Annotated[
        Literal["month", "quarter", "year"], typer.Option("--period", help="Span of a row of the table.")
    ] = "quarter",
    link: Annotated[
        Literal["carino", "grap"], typer.Option("--link", help="How days are joined so that effects sum.")
    ] = "carino",
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Split a backtest's return: allocation and selection by sector, factors, timing and costs; every table adds up.

    Writes performance.html, attribution.json, sectors.csv, periods.csv, factors.csv and symbols.csv into --out.
    """
    import json

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles, read_market
    from tradewind.core.files import write_text
    from tradewind.core.plain import finite
    from tradewind.evaluation import BacktestSettings, backtest
    from tradewind.evaluation.attribution import PerformanceSettings, write_page
    from tradewind.evaluation.attribution import attribute_performance as attribute
    from tradewind.evaluation.attribution.tables import tables_of
    from tradewind.training import read_forecasts

    panel = read_market(InputFiles(prices=prices, universe=universe, quarantine=quarantine)).panel
    rules = BacktestSettings(weights=weights, side=side, execution=execution, cost_bp=cost_bp)
    traded = backtest(read_forecasts(predictions, panel), rules)
    found = attribute(traded, panel, PerformanceSettings(period=period, link=link))
    notes = []
    if len(panel.sector_names) < 2:
        notes.append("Every symbol has the same sector: give --universe to tell allocation from selection.")
    notes.append("Symbols are those of the prices; ones that were delisted before are not among them.")
    tables = tables_of(found)
    if out is not None:
        from tradewind.cli.experiment import prepare_folder
        from tradewind.data.tables import save_table

        prepare_folder(out)
        for name, frame in tables.items():
            save_table(frame, out / f"{name}.csv")
        write_text(out / "attribution.json", json.dumps(finite(found.to_dict()), indent=1, allow_nan=False))
        title = f"Performance attribution: {predictions.stem}, {weights} weights, {side.replace('_', '-')}"
        write_page(found, out / "performance.html", title=title, notes=notes)
        show.note(f"Wrote performance.html, attribution.json and {len(tables)} tables to {out}")
    if as_json:
        show.print_json(found.to_dict())
        return
    for note in notes[:-1]:
        show.warn(note)
    for name, title in (
        ("sectors", f"Effects by sector, {len(found.days)} days linked ({link}), % of return"),
        ("periods", f"By {period}, % of return"),
        ("factors", "Factors, sums of daily returns in %"),
        ("timing", "Selection and timing, sums of daily returns in %"),
    ):
        show.table(tables[name].to_dicts(), title=title, as_json=False)
