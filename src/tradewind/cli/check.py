"""`tradewind check`: is this market data fit to learn from?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.core import Event, Severity

EPILOG = """[bold]Examples[/bold]

  tradewind check --prices prices.parquet

  tradewind check --prices prices.parquet --against other_vendor.csv --html out/quality.html

  tradewind check --prices prices.parquet --json | jq .symbols
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("check", epilog=EPILOG)(check)


def check(
    prices: options.Prices,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="A second source of the same bars to reconcile with."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a web page.")] = None,
    worst: Annotated[int, typer.Option("--worst", min=1, help="How many symbols and alerts to print.")] = 15,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Check bars for stale prices, unadjusted splits, gaps, spikes, slipped dates and more; score every symbol."""
    from tradewind.cli import show
    from tradewind.data import read_prices
    from tradewind.quality import check_panel, reconcile

    panel = read_prices(prices, quarantine=quarantine)
    report = check_panel(panel)
    agreement = reconcile(panel, read_prices(against)) if against else None
    if html:
        report.write_html(html)
    if as_json:
        show.print_json({**report.to_dict(), "reconciliation": agreement.to_dict() if agreement else None})
        return
    scores = sorted(report.scores.items(), key=lambda item: item[1])[:worst]
    show.table(
        [{"symbol": symbol, "score": score} for symbol, score in scores],
        title=f"Quality of {panel.n_symbols} symbols, {len(panel)} bars: the lowest scores (100 is best)",
        as_json=False,
    )
    show.table(_alerts(report.events, worst), title=f"{len(report.events)} alerts, the gravest first", as_json=False)
    if agreement:
        show.table(_alerts(agreement.events, worst), title=f"Against {against}", as_json=False)
    if html:
        show.say(f"Wrote {html}")


def _alerts(events: Iterable[Event], most: int) -> list[dict[str, object]]:
    order = {severity: -place for place, severity in enumerate(Severity)}
    return [
        {
            "severity": str(event.severity),
            "kind": event.kind,
            "symbol": event.symbol,
            "date": event.event_time.date().isoformat() if event.event_time else None,
            "what": event.message,
        }
        for event in sorted(events, key=lambda event: order[event.severity])[:most]
    ]
