"""`tradewind report`: governance reports, by command and by schedule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options, report_files
from tradewind.cli import report_flags as flags

if TYPE_CHECKING:
    from tradewind.governance.reports import Report
    from tradewind.governance.schedule import Tick

EPILOG = """[bold]Examples[/bold]

  tradewind report inventory --notes notes --incidents incidents --out reports

  tradewind report quarterly --quarter 2026Q3 --prices prices.parquet --out reports --pdf

  tradewind report incident new incidents/late-data.toml --model momentum

  tradewind report compliance --notes notes --out reports

  tradewind report schedule --config reports.toml --once
"""
INVENTORY = """[bold]Examples[/bold]

  tradewind report inventory --out reports

  tradewind report inventory --notes notes --incidents incidents --out reports --pdf
"""
QUARTERLY = """[bold]Examples[/bold]

From the answers in the audit log:

  tradewind report quarterly --quarter 2026Q3 --prices prices.parquet --out reports

From a table of forecasts:

  tradewind report quarterly --quarter 2015Q3 --prices prices.parquet --predictions momentum/3=out/predictions.parquet --out reports
"""  # noqa: E501 - a command must stay on one line to be copied
COMPLIANCE = """[bold]Examples[/bold]

  tradewind report compliance --notes notes --out reports

  tradewind report compliance --registry models --audit audit.db --policy policy.toml --notes notes --out reports --pdf
"""
SCHEDULE = """[bold]Examples[/bold]

What is due now, then end (for cron or a systemd timer):

  tradewind report schedule --config reports.toml --once

Until it is stopped:

  tradewind report schedule --config reports.toml
"""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="report", help="Governance reports: HTML, JSON and PDF.", epilog=EPILOG)


report_files.register(group)


@group.command("inventory", epilog=INVENTORY)
def inventory(
    out: flags.Out,
    registry: flags.Registry = None,
    notes: flags.Notes = None,
    incidents: flags.Incidents = None,
    policy: flags.Policy = None,
    pdf: flags.Pdf = False,
    as_json: options.Json = False,
) -> None:
    """Report every registered model: stage, owner, tier, validation, complexity, open incidents."""
    from tradewind.core.clock import SystemClock
    from tradewind.governance.reports.gathering import Sources, inventory_of

    sources = Sources(registry=registry, notes=notes, incidents=incidents, policy=policy)
    finish(inventory_of(sources, SystemClock().now()), out, pdf=pdf, as_json=as_json)


@group.command("quarterly", epilog=QUARTERLY)
def quarterly(
    out: flags.Out,
    quarter: Annotated[
        str | None, typer.Option("--quarter", metavar="YYYYQn", help="The quarter; the last whole one if absent.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="MODEL", help="Only this model (repeatable); else all that may answer."),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Bars past the quarter, from which outcomes are known."),
    ] = None,
    predictions: Annotated[
        list[str] | None,
        typer.Option("--predictions", metavar="MODEL=FILE", help="Forecasts of a model; else its answers in the log."),
    ] = None,
    importance_drift: Annotated[
        list[str] | None,
        typer.Option("--importance-drift", metavar="MODEL=JSON", help="How a model's importance drifted."),
    ] = None,
    registry: flags.Registry = None,
    audit: flags.Audit = None,
    notes: flags.Notes = None,
    incidents: flags.Incidents = None,
    pdf: flags.Pdf = False,
    as_json: options.Json = False,
) -> None:
    """Report a quarter: out-of-sample metrics against what validation promised, calibration, incidents, overrides."""
    from tradewind.cli.governed import named_files
    from tradewind.core.clock import SystemClock
    from tradewind.governance.reports import Quarter
    from tradewind.governance.reports.gathering import QuarterRequest, Sources, quarterly_of

    at = SystemClock().now()
    request = QuarterRequest(
        quarter=Quarter.parse(quarter) if quarter else Quarter.of(at.date()).previous,
        models=tuple(model or ()),
        predictions=named_files(predictions, "--predictions"),
        drifts=named_files(importance_drift, "--importance-drift"),
    )
    sources = Sources(registry=registry, audit=audit, notes=notes, incidents=incidents, prices=prices)
    finish(quarterly_of(sources, request, at), out, pdf=pdf, as_json=as_json)


@group.command("compliance", epilog=COMPLIANCE)
def compliance(
    out: flags.Out,
    registry: flags.Registry = None,
    audit: flags.Audit = None,
    notes: flags.Notes = None,
    policy: flags.Policy = None,
    pdf: flags.Pdf = False,
    as_json: options.Json = False,
) -> None:
    """Check the house rules and report PASS, FAIL or NOT ASSESSED with the evidence; exit code 1 where one fails."""
    from tradewind.cli import show
    from tradewind.cli.governed import compliance_of
    from tradewind.core.clock import SystemClock
    from tradewind.governance.reports.gathering import Sources

    sources = Sources(registry=registry, audit=audit, notes=notes, policy=policy)
    report = compliance_of(sources, SystemClock().now())
    if not as_json:
        rows = [
            {"check": c["name"], "status": c["status"], "evidence": c["evidence"][0]} for c in report.data["checks"]
        ]
        show.table(rows, title="House rules", as_json=False)
    finish(report, out, pdf=pdf, as_json=as_json)
    raise typer.Exit(1 if report.data["status"] == "FAIL" else 0)


@group.command("schedule", epilog=SCHEDULE)
def schedule(
    config: Annotated[Path, typer.Option("--config", metavar="TOML", help="Which reports are due when.")],
    once: Annotated[bool, typer.Option("--once", help="Make what is due now, then end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Make reports when they are due, once each; several schedulers may share one folder.

    With --once the exit code is 1 where a report failed; it is tried again at the next run.
    """
    import signal
    import threading

    from tradewind.cli import show
    from tradewind.governance.reports.scheduled import read_schedule, scheduler_of

    found = read_schedule(config)
    scheduler = scheduler_of(found)
    if once:
        ticks = scheduler.tick()
        if as_json:
            show.print_json([tick.to_dict() for tick in ticks])
        else:
            for tick in ticks:
                _tell(tick)
        raise typer.Exit(1 if any(tick.outcome == "failed" for tick in ticks) else 0)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    show.note(f"Keeping {len(found.reports)} reports in {found.out}; stop with Ctrl-C")
    scheduler.run(lambda seconds: not stop.wait(seconds), _tell)


def _tell(tick: Tick) -> None:
    from tradewind.cli import show

    when = tick.due[:16].replace("T", " ")
    if tick.outcome == "made":
        show.say(f"{tick.name}: made what was due {when} UTC: {', '.join(tick.files)}")
    elif tick.outcome == "failed":
        show.complain(f"{tick.name}, due {when} UTC: {tick.error}")
    elif tick.outcome == "busy":
        show.say(f"{tick.name}: another scheduler is making it")
    else:
        show.say(f"{tick.name}: next due {when} UTC")


def finish(report: Report, out: Path, *, pdf: bool, as_json: bool) -> None:
    from tradewind.cli import show

    files = report.write(out, pdf=pdf)
    if as_json:
        show.print_json({**report.data, "files": [str(path) for path in files]})
        return
    if report.document.status:
        show.say(f"{report.document.kind}: {report.document.status}")
    for sentence in report.document.lead:
        show.say(sentence)
    show.say(f"Wrote {', '.join(map(str, files))}")
