"""`tradewind fetch`: bars from Yahoo Finance into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind fetch --symbols AAPL,MSFT,XOM --start 2012-01-01 --end 2024-12-31 --out prices.parquet
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("fetch", epilog=EPILOG)(fetch)


def fetch(
    symbols: Annotated[str, typer.Option("--symbols", metavar="NAMES", help="Symbols, separated by commas.")],
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="First day.")],
    end: Annotated[str, typer.Option("--end", metavar="DATE", help="Last day.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Bars to write (Parquet or CSV).")],
) -> None:
    """Fetch daily bars from Yahoo Finance (needs the network and the extra `yfinance`).

    Only today's survivors can be fetched: results on them carry survivorship bias.
    """
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.data import YFinanceSource, write_prices

    first, last = options.day(start, "--start"), options.day(end, "--end")
    if last < first:
        raise UsageError("--end lies before --start", fix="swap them")
    panel = YFinanceSource().bars(options.names(symbols, "--symbols"), first, last)
    write_prices(panel, out)
    show.say(f"Wrote {len(panel)} bars of {panel.n_symbols} symbols to {out}")
