"""`tradewind features`: the table of point-in-time features."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind features --prices prices.parquet --out features.parquet

  tradewind features --prices prices.csv --news news.parquet --only rsi_14,macd_line --out features.parquet

  tradewind features --list
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("features", epilog=EPILOG)(features)


def features(
    prices: Annotated[Path | None, typer.Option("--prices", metavar="FILE", help="Bars (Parquet or CSV).")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Table to write (Parquet or CSV).")] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="NAMES", help="Features to compute, separated by commas.")
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List every registered feature and exit.")] = False,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Compute point-in-time features: one row per symbol and date, one column per feature."""
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.features import REGISTRY

    if list_them:
        rows = [
            {"feature": f.name, "group": str(f.group), "window": f.window, "needs": f.needs, "source": f.source}
            for f in REGISTRY
        ]
        show.table(rows, title=f"{len(rows)} features", as_json=as_json)
        return
    if prices is None or out is None:
        raise UsageError("--prices and --out are both needed", fix="give both, or --list to see what there is")
    from tradewind.cli.inputs import InputFiles, read_market
    from tradewind.data.tables import save_table
    from tradewind.training import feature_table

    wanted = options.names(only, "--only") if only else None
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    with show.LiveProgress() as progress:
        table = feature_table(market.panel, market.news, names=wanted, progress=progress)
    save_table(table, out)
    names = table.columns[2:]
    if as_json:
        show.print_json({"rows": len(table), "features": names, "out": str(out)})
    else:
        show.say(f"Wrote {len(names)} features of {len(table)} bars to {out}")
