"""`tradewind parity`: are the features that a server computed bar by bar those of the batch definitions?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.cli.compared import Compared

EPILOG = """[bold]Examples[/bold]

What the server stored, beside batch features of the bars in its log; the server may run:

  tradewind parity

Beside those of files, for one month, with a report to read:

  tradewind parity --prices prices.parquet --since 2024-01-01 --until 2024-02-01 --out reports

Every night, by the server itself:

  tradewind serve --deployment models/deployment.json --parity-at 22:30
"""
STATE = Path(".tradewind/serving")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("parity", epilog=EPILOG)(parity)


def parity(
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="State folder of the server.")] = STATE,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="Bars to compute from, in place of the log's.")
    ] = None,
    news: options.News = None,
    fear: options.Fear = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="First time that is compared.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="First time that is not (default: all stored).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write parity.json and parity.html there.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Compare stored online features with batch ones, row by row; the exit code is 1 where they are not equal."""
    from tradewind.cli import show
    from tradewind.cli.compared import DIFFERS, Market, compare, moment
    from tradewind.cli.inputs import InputFiles, read_market
    from tradewind.core import UsageError

    if prices is None and (news or fear):
        raise UsageError("--news and --fear go with --prices", fix="give --prices, or leave them out for the log's")
    span = moment(since, "--since"), moment(until, "--until")
    market = None
    if prices is not None:
        found = read_market(InputFiles(prices=prices, news=news, fear=fear))
        market = Market(panel=found.panel, news=found.news)
    compared = compare(state, market, span)
    report = compared.report
    written = report.write(out) if out is not None else ()
    if as_json:
        show.print_json({**report.to_dict(), "newer": compared.newer, "files": [str(path) for path in written]})
    else:
        _tell(compared, written)
    if report.verdict != "equal":
        raise typer.Exit(DIFFERS)


def _tell(compared: Compared, written: Sequence[Path]) -> None:
    from tradewind.cli import show

    report = compared.report
    worst = sorted(report.features, key=lambda one: (-one.beyond - one.nan_mismatches, -one.max_difference))[:5]
    show.table(
        [
            {
                "feature": one.name,
                "largest difference": f"{one.max_difference:.1e}",
                "rows beyond": one.beyond,
                "one side alone": one.nan_mismatches,
                "where": one.worst,
            }
            for one in worst
        ],
        title=f"{report.start} to {report.stop}: the five features that differ most of {len(report.features)}",
        as_json=False,
    )
    show.say(f"{report.compared} rows compared, {report.missing} missing, {report.extra} extra: {report.verdict}")
    if compared.newer:
        show.note(f"{compared.newer} bars are newer than the newest stored slice and were not compared")
    for path in written:
        show.note(f"Wrote {path}")
