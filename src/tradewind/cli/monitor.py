"""`tradewind monitor`: watch a served model, and tell people what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit, Registry, Studied

PREPARE = """[bold]Examples[/bold]

What is expected of the champion, from its forecasts of a span it did not learn from:

  tradewind monitor prepare --model demo@champion --prices prices.parquet --from 2024-01-02 --to 2024-06-28 --out .tradewind/monitor/references
"""  # noqa: E501 - a command must stay on one line to be copied
RUN = """[bold]Examples[/bold]

Watch what the server of this machine does:

  tradewind monitor run --log .tradewind/serving/log --deployment .tradewind/serving/deployment.json --registry .tradewind/registry --model demo --references .tradewind/monitor/references --metrics http://127.0.0.1:8000/metrics

And take a promotion back where the champion fails, signed by a robot:

  tradewind monitor run --log LOG --deployment deployment.json --registry REGISTRY --model demo --references DIR --rollback --as robot-ops

Look once at all that the log holds, and end:

  tradewind monitor run --log LOG --deployment deployment.json --journal journal --once
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    group = typer.Typer(
        help="Watch a served model, and tell people what is wrong with it.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    group.command("prepare", epilog=PREPARE)(prepare)
    group.command("run", epilog=RUN)(run)
    app.add_typer(group, name="monitor")


def prepare(
    model: Studied,
    prices: options.Prices,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day of a span it did not learn from.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day of it.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the references.")] = Path(
        ".tradewind/monitor/references"
    ),
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="The settings that `run` will use.")
    ] = None,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Measure what the monitor holds a model against: its training data, and its forecasts out of sample."""
    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.preparing import Span, prepared
    from tradewind.cli.watching import monitor_settings

    files = InputFiles(prices=prices, news=news, universe=universe, fear=fear)
    span = Span(first=options.day(first, "--from"), last=options.day(last, "--to"))
    found = prepared(model, files, span, monitor_settings(settings), registry=registry)
    found.save(out)
    promised = {} if found.expectation is None else found.expectation.overall
    told = {
        "out": str(out),
        **found.about,
        "features": len(found.drift.names),
        "rows": found.drift.rows,
        "accuracy": promised["accuracy"].value if "accuracy" in promised else None,
        "days": promised["accuracy"].days if "accuracy" in promised else 0,
        "regimes": None if found.regimes is None else list(found.regimes.names),
    }
    if as_json:
        show.print_json(told)
        return
    show.say(
        f"{told['model']}: {told['features']} features of {told['rows']} rows; accuracy {told['accuracy']:.4f} over "
        f"{told['days']} days is expected. Wrote {out}"
    )


def run(
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
    references: Annotated[
        Path | None, typer.Option("--references", metavar="DIR", help="What `monitor prepare` wrote.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Watchers, log, alerts, rollback, jobs.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Take a promotion back where the champion fails.")
    ] = False,
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="With --rollback: whose key signs the order.")
    ] = None,
    audit: Audit = None,
    port: Annotated[int | None, typer.Option("--port", help="Own metrics on this port of 127.0.0.1.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the log is read to its end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Watch a served model: market, data, drift, performance, service; alerts go to those who are on call."""
    from tradewind.cli import show
    from tradewind.cli.monitoring import MonitorPlaces, watch
    from tradewind.core import UsageError

    if rollback != (person is not None):
        raise UsageError("--rollback and --as go together", fix="say who signs the order, or leave both out")
    places = MonitorPlaces(
        log=log,
        deployment=deployment,
        registry=registry,
        model=model,
        metrics=metrics,
        journal=journal,
        store=store,
        references=references,
        settings=settings,
        operator=person,
        audit=audit,
    )
    result = watch(places, once=once, port=port)
    if as_json:
        show.print_json(result)
        return
    show.say(
        f"{result['slices']} slices looked at, {result['findings']} findings, {result['actions']} actions; "
        f"{result['remembered']} known before"
    )
