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
        str | None,
        typer.Option("--kind", help="random_walk, momentum (default), reversal, news, regimes or cross_section."),
    ] = None,
    ceiling: Annotated[float | None, typer.Option("--ceiling", help="Best possible accuracy to plant (0.7).")] = None,
    symbols: Annotated[int | None, typer.Option("--symbols", min=1, help="Number of symbols (20).")] = None,
    days: Annotated[int | None, typer.Option("--days", min=61, help="Number of sessions (1000).")] = None,
    faults: Annotated[
        int, typer.Option("--faults", min=0, help="Faults of each kind to put into the bars; faults.json lists them.")
    ] = 0,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Simulator settings; flags win over it.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of everything random.")] = None,
    as_json: options.Json = False,
) -> None:
    """Make a seeded market, and say the best accuracy any forecaster could have on it."""
    import json
    from dataclasses import asdict

    from pydantic import ValidationError

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.core.files import write_text
    from tradewind.data import MarketSettings, inject_faults, write_news, write_prices, write_universe
    from tradewind.data import simulate as make

    base = MarketSettings.from_toml(settings) if settings else MarketSettings()
    flags = {"kind": kind, "ceiling": ceiling, "n_symbols": symbols, "n_days": days, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        chosen = MarketSettings.model_validate({**base.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        flag = {"n_symbols": "symbols", "n_days": "days"}.get(str(first["loc"][0]), str(first["loc"][0]))
        raise UsageError(f"--{flag}: {first['msg']}", fix="see `tradewind simulate --help`") from error
    market = make(chosen)
    if faults:
        market = inject_faults(market, seed=chosen.seed, per_kind=faults)
        write_text(out / "faults.json", json.dumps([asdict(fault) for fault in market.faults], default=str, indent=2))
    write_prices(market.panel, out / "prices.parquet")
    write_universe(market.universe, out / "universe.csv")
    if market.news is not None:
        write_news(market.news, out / "news.parquet")
    facts = {
        "kind": str(chosen.kind),
        "symbols": market.panel.n_symbols,
        "bars": len(market.panel),
        "news": 0 if market.news is None else len(market.news),
        "ceiling": round(market.ceiling, 4),
        "ceiling_known_regime": round(market.ceiling_known_regime, 4),
        "faults": len(market.faults),
        "out": str(out),
    }
    show.table([facts], title="Simulated market", as_json=as_json)
