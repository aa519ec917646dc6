"""`tradewind monitor`: watch a served model, and tell people what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Watch what the server of this machine does:

  tradewind monitor --log .tradewind/serving/log --deployment .tradewind/serving/deployment.json
    --registry .tradewind/registry --model demo --metrics http://127.0.0.1:8000/metrics

Look once at all that the log holds, and end:

  tradewind monitor --log LOG --deployment deployment.json --journal journal --once
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("monitor", epilog=EPILOG)(monitor)


def monitor(
    log: Annotated[str, typer.Option("--log", metavar="PLACE", help="The event log: a folder, or kafka://...")],
    deployment: Annotated[Path, typer.Option("--deployment", metavar="FILE", help="What is served: the universe.")],
    registry: Annotated[
        str | None, typer.Option("--registry", metavar="PLACE", help="The registry that says who is champion.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Name of the model there.")] = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="URL", help="The server's Prometheus metrics.")
    ] = None,
    journal: Annotated[
        Path, typer.Option("--journal", metavar="DIR", help="Where slices and findings are kept.")
    ] = Path(".tradewind/monitor/journal"),
    store: Annotated[Path, typer.Option("--store", metavar="FILE", help="Where alerts are kept.")] = Path(
        ".tradewind/monitor/alerts.db"
    ),
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Features, patience, label, receivers.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help="Own metrics on this port of 127.0.0.1.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the log is read to its end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Watch a served model: market, data, drift, performance, service; alerts go to those who are on call."""
    from tradewind.cli import show
    from tradewind.cli.monitoring import MonitorPlaces, watch

    places = MonitorPlaces(
        log=log,
        deployment=deployment,
        registry=registry,
        model=model,
        metrics=metrics,
        journal=journal,
        store=store,
        settings=settings,
    )
    result = watch(places, once=once, port=port)
    if as_json:
        show.print_json(result)
        return
    show.say(f"{result['slices']} slices looked at, {result['findings']} findings; {result['remembered']} known before")
