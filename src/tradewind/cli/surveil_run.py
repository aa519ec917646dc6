"""`tradewind surveil run`: read a market's events and write the alerts they raise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.surveillance.live.run import RunResult

EPILOG = """[bold]Examples[/bold]

  tradewind surveil run --events events.parquet --out out/run

With news, and held against what was planted:

  tradewind surveil run --events events.parquet --news news.parquet --truth truth.parquet --out out/run

With the accounts that are known to have one owner, a line for each owner ("A17, A18"); they are watched as one:

  tradewind surveil run --events events.parquet --linked owners.txt --out out/run

A folder of daily files; a day of LOBSTER:

  tradewind surveil run --events days/ --sessions XNYS --out out/run

  tradewind surveil run --lobster AAPL_2012-06-21_34200000_57600000_message_10.csv --out out/aapl
"""

Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="A model that `surveil train` wrote; by default the bundled one."),
]
Strictness = Annotated[
    float,
    typer.Option("--strictness", metavar="X", help="Shifts every threshold in log odds: above 0 fewer alerts."),
]
NoEnsemble = Annotated[
    bool, typer.Option("--no-ensemble", help="Rules alone, without a model: alerts are not calibrated then.")
]
Schemes = Annotated[
    str | None, typer.Option("--schemes", metavar="NAMES", help="Look for these alone, with commas between them.")
]

Linked = Annotated[
    Path | None,
    typer.Option("--linked", metavar="FILE", help="Accounts under one hand: a line for each hand, names with commas."),
]


def register(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("run", epilog=EPILOG)(run)


def run(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")],
    events: Annotated[
        Path | None,
        typer.Option(
            "--events",
            metavar="FILE|DIR",
            help="Events: timestamp_ns, symbol, venue_seq, kind, order_id, account, side, price, size (Parquet or "
            "CSV), or a folder of such files.",
        ),
    ] = None,
    lobster: Annotated[
        Path | None, typer.Option("--lobster", metavar="MESSAGES", help="A LOBSTER message file, in place of --events.")
    ] = None,
    orderbook: Annotated[
        Path | None, typer.Option("--orderbook", metavar="FILE", help="Its orderbook file, for the book at the start.")
    ] = None,
    news: Annotated[
        Path | None, typer.Option("--news", metavar="FILE", help="News: symbol, published_at (UTC), text.")
    ] = None,
    quotes: Annotated[
        Path | None, typer.Option("--quotes", metavar="FILE", help="Best bids and asks, where there are no orders.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="NAME=COLUMN,...",
            help="Columns of --events under other names: account=desk,size=lots.",
        ),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="What was planted: scheme, symbol, accounts, start, end."),
    ] = None,
    model: Model = None,
    sessions: Annotated[
        str,
        typer.Option(
            "--sessions",
            metavar="NAME",
            help="When the market is open: auto (from the gaps in the events), a calendar such as XNYS, or hours such "
            "as 09:30-16:00@America/New_York.",
        ),
    ] = "auto",
    linked: Linked = None,
    schemes: Schemes = None,
    strictness: Strictness = 0.0,
    no_ensemble: NoEnsemble = False,
    as_json: options.Json = False,
) -> None:
    """Find manipulation in a market's orders and trades; write alerts, problems, a summary and a report."""
    from dataclasses import replace

    from tradewind.cli import show
    from tradewind.cli.surveilling import RowProgress, chosen_columns, chosen_model, chosen_settings, sessions_of
    from tradewind.core import UsageError
    from tradewind.surveillance.events import ReadOptions
    from tradewind.surveillance.live.run import RunPlan
    from tradewind.surveillance.live.run import run as run_files
    from tradewind.surveillance.live.sources import EventFiles
    from tradewind.surveillance.truth_files import read_truth

    if orderbook is not None and lobster is None:
        raise UsageError("--orderbook goes with --lobster", fix="give the message file too")
    files = replace(
        EventFiles.of(events, news=news, quotes=quotes, lobster=None if lobster is None else (lobster, orderbook)),
        options=ReadOptions(columns=chosen_columns(columns)),
    )
    plan = RunPlan(
        files=files,
        sessions=sessions_of(sessions, files),
        settings=chosen_settings(schemes, strictness, linked),
        truth=None if truth is None else read_truth(truth),
        model=chosen_model(model, no_ensemble=no_ensemble),  # last: it takes longest
    )
    with RowProgress() as progress:
        result = run_files(plan, out, progress.rows)
    if as_json:
        show.print_json(result.to_dict() | {"out": str(out), **scored(result)})
        return
    told(result, out)


def told(result: RunResult, out: Path) -> None:
    """Print what a run found."""
    from tradewind.cli import show
    from tradewind.surveillance.evaluation import evaluation_table
    from tradewind.surveillance.live.report import by_gravity, clock

    shown = by_gravity(result.alerts)[:25]
    rows = [
        {
            "tier": alert.tier.value,
            "scheme": alert.scheme.value,
            "symbol": alert.symbol,
            "accounts": ", ".join(alert.accounts[:3]) + (" ..." if len(alert.accounts) > 3 else ""),
            "from (UTC)": clock(alert.start),
            "seconds": round((alert.end - alert.start) / 1e9, 1),
            "score": alert.score,
            "alert": alert.id,
        }
        for alert in shown
    ]
    if rows:
        more = f", the {len(rows)} gravest" if len(result.alerts) > len(rows) else ""
        show.table(rows, title=f"{len(result.alerts)} alerts{more}", as_json=False)
    else:
        show.say("No alert")
    if result.evaluation is not None:
        show.say(evaluation_table(result.evaluation))
    bad = sum(result.problems.values())
    if bad:
        named = ", ".join(f"{code} {count}" for code, count in list(result.problems.items())[:4])
        show.warn(f"{bad} findings about the events ({named}); see {out / 'problems.json'}")
    show.say(f"{result.events:,} events at {result.events_per_second:,.0f} a second. Wrote {out / 'report.html'}")


def scored(result: RunResult) -> dict[str, Any]:
    """Return the evaluation of a run for JSON; nothing where there was no truth."""
    return {} if result.evaluation is None else {"evaluation": result.evaluation.to_dict()}
