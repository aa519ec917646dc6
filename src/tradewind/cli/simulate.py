"""`tradewind simulate`: a market whose best possible accuracy is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind simulate --kind momentum --ceiling 0.7 --out out/market

  tradewind simulate --kind random_walk --symbols 50 --days 2000 --seed 3 --out out/walk

  tradewind simulate --kind news --out out/news --json
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("simulate", epilog=EPILOG)(simulate)


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of prices, news and universe.")],
    kind: Annotated[
        str, typer.Option("--kind", help="random_walk, momentum, reversal, news, regimes or cross_section.")
    ] = "momentum",
    ceiling: Annotated[
        float, typer.Option("--ceiling", min=0.5, max=1.0, help="Best possible accuracy to plant.")
    ] = 0.7,
    symbols: Annotated[int, typer.Option("--symbols", min=1, help="Number of symbols.")] = 20,
    days: Annotated[int, typer.Option("--days", min=61, help="Number of sessions.")] = 1000,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Simulator settings; flags win over it.")
    ] = None,
    seed: options.Seed = 7,
    as_json: options.Json = False,
) -> None:
    """Make a seeded market, and say the best accuracy any forecaster could have on it."""
    from pydantic import ValidationError

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.data import MarketSettings, write_news, write_prices, write_universe
    from tradewind.data import simulate as make

    base = MarketSettings.from_toml(settings) if settings else MarketSettings()
    flags = {"kind": kind, "ceiling": ceiling, "n_symbols": symbols, "n_days": days, "seed": seed}
    try:
        chosen = MarketSettings(**{**base.model_dump(), **flags})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"--{first['loc'][0] if first['loc'] else 'settings'}: {first['msg']}",
            fix="see `tradewind simulate --help`",
        ) from error
    market = make(chosen)
    write_prices(market.panel, out / "prices.parquet")
    write_universe(market.universe, out / "universe.csv")
    if market.news is not None:
        write_news(market.news, out / "news.parquet")
    facts = {
        "kind": kind,
        "symbols": market.panel.n_symbols,
        "bars": len(market.panel),
        "news": 0 if market.news is None else len(market.news),
        "ceiling": round(market.ceiling, 4),
        "out": str(out),
    }
    show.table([facts], title="Simulated market", as_json=as_json)
