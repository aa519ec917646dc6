"""`tradewind deploy`: export models for serving and say which one answers in which role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Registry

EPILOG = """[bold]Examples[/bold]

What `tradewind serve --deployment` of this or another machine serves:

  tradewind deploy --model daily@champion --prices prices.parquet --out models/deployment.json

With a version that answers a small share of callers first:

  tradewind deploy --model daily@champion --canary daily/7 --prices prices.parquet --out models/deployment.json

What int8 and pruning of the nets would change:

  tradewind deploy --model models/first --prices prices.parquet --study --out models/deployment.json
"""

Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="NAME@champion, NAME@challenger or NAME/VERSION of the registry, or a folder of `tradewind train`.",
    ),
]
Canary = Annotated[
    str | None, typer.Option("--canary", metavar="MODEL", help="A version that answers some callers, more if it holds.")
]
Shadow = Annotated[
    str | None, typer.Option("--shadow", metavar="MODEL", help="A version that answers nobody and is compared.")
]


Student = Annotated[
    Path | None,
    typer.Option("--student", metavar="DIR", help="The champion's student, of `distill`: flags what it doubts."),
]


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("deploy", epilog=EPILOG)(deploy)


def deploy(
    model: Model,
    prices: options.Prices,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The deployment, JSON; artefacts lie beside it.")],
    canary: Canary = None,
    shadow: Shadow = None,
    student: Student = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    study: Annotated[bool, typer.Option("--study", help="Measure int8 and pruning as well, and print it.")] = False,
    int8: Annotated[
        bool, typer.Option("--int8", help="Serve nets in int8 where that is faster and moves no probability by 0.001.")
    ] = False,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Export models for serving, prove that they answer as trained, and write which one answers in which role.

    A server that was started with the file follows it: a new champion takes over without a lost request.
    """
    from tradewind.cli import show
    from tradewind.cli.deploying import Wanted, export_once, reference
    from tradewind.cli.deploying import deploy as write_deployment
    from tradewind.cli.inputs import InputFiles, read_market
    from tradewind.cli.resolve import resolve_model
    from tradewind.training.export import ExportSettings

    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear))
    settings = ExportSettings(precision="auto" if int8 else "exact", study=study)
    others = {role: text for role, text in (("canary", canary), ("shadow", shadow)) if text}
    if study:
        found = resolve_model(model, registry=registry)
        ref, base = reference(found)
        place = out.parent / "artefacts" / base.replace("/", "-")
        report = export_once(found, base, place, market, settings)
        if report is not None and not as_json:
            show.table([change.to_dict() for change in report.changes], title=f"{ref}: smaller nets", as_json=False)
    deployment = write_deployment(
        Wanted(champion=model, others=others, registry=registry, student=student), market, out, settings=settings
    )
    if as_json:
        show.print_json(deployment.model_dump(mode="json"))
        return
    show.table(
        [
            {"role": role, "version": ref, "what": deployment.versions[ref].words}
            for role, ref in deployment.roles.items()
        ],
        title=f"{len(deployment.universe.symbols)} symbols are served",
        as_json=False,
    )
    show.say(f"Wrote {out}; serve it with: tradewind serve --deployment {out}")
