"""`tradewind diagnose`: what is wrong with a model, since when, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.cli.diagnosing import Asked
    from tradewind.monitoring.diagnosis import Diagnosis, Evidence

EPILOG = """[bold]Examples[/bold]

What a running monitor has kept:

  tradewind diagnose --model equity-daily --journal .tradewind/monitor/journal --from 2024-03-01 --to 2024-04-12 --out out/diagnosis

What a model would have seen in files:

  tradewind diagnose --model models/first --prices prices.parquet --news news.parquet --universe universe.csv --from 2024-03-01 --to 2024-04-12

  tradewind diagnose --model equity-daily@champion --prices prices.parquet --from 2024-03-01 --to 2024-04-12 --json

[bold]Exit code[/bold] 0: no fault is the most probable. 1: a cause is. 2: the input is at fault.
"""  # noqa: E501 - a command must stay on one line to be copied
SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("diagnose", epilog=EPILOG)(diagnose)


def diagnose(
    begin: Annotated[str, typer.Option("--from", metavar="DATE", help="First day in question.")],
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day in question; nothing later is looked at.")],
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="FOLDER|NAME", help="The model: its folder, or NAME@champion or NAME/3."),
    ] = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", metavar="DIR", help="Slices and findings that a monitor kept.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="Bars, in place of a journal; needs --model.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    reference: Annotated[
        int, typer.Option("--reference", min=20, help="Slices before --from that tell what is usual.")
    ] = 150,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Settings of the watchers, with --prices.")
    ] = None,
    registry: Annotated[
        str | None, typer.Option("--registry", metavar="PLACE", help="The registry that knows NAME.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write diagnosis.html and diagnosis.json.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Follow the play-book: data, regime, drift, infrastructure; rank the causes, and say what to do."""
    from tradewind.cli import show
    from tradewind.cli.diagnosing import FROM_FILES, Asked, from_journal
    from tradewind.core import UsageError
    from tradewind.monitoring.diagnosis import CauseKind
    from tradewind.monitoring.diagnosis import diagnose as find

    asked = Asked(begin=options.day(begin, "--from"), end=options.day(end, "--to"), reference=reference)
    if (journal is None) == (prices is None):
        raise UsageError("give --journal or --prices, and not both", fix="see `tradewind diagnose --help`")
    if journal is not None:
        if news is not None or universe is not None or settings is not None:
            raise UsageError(
                "--news, --universe and --settings have no meaning with --journal",
                fix="leave them out: the journal holds what was seen",
            )
        evidence = from_journal(journal, asked, model)
    else:
        assert prices is not None
        evidence = _of_files(model, (prices, news, universe), asked, settings, registry)
    found = find(evidence)
    if out is not None:
        found.write(out)
    if as_json:
        show.print_json(found.to_dict())
    else:
        if prices is not None:
            show.note(FROM_FILES)
        _show(found)
        if out is not None:
            show.say(f"Wrote {out / 'diagnosis.html'} and {out / 'diagnosis.json'}")
    if found.top.kind is not CauseKind.NO_FAULT:
        raise typer.Exit(1)


def _of_files(
    model: str | None,
    files: tuple[Path, Path | None, Path | None],
    asked: Asked,
    settings: Path | None,
    registry: str | None,
) -> Evidence:
    from tradewind.cli.diagnosing import from_files
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.watching import monitor_settings
    from tradewind.core import UsageError

    if model is None:
        raise UsageError("--prices needs --model", fix="name the model whose forecasts are in question")
    given = InputFiles(prices=files[0], news=files[1], universe=files[2])
    return from_files(model, given, asked, monitor_settings(settings), registry)


def _show(found: Diagnosis) -> None:
    from tradewind.cli import show

    show.say(found.headline)
    for item in found.top.items:
        show.say(f"  {item.text}")
    if found.top.action.command:
        show.say(f"  begin with: {found.top.action.command}")
    rows = [
        {
            "cause": one.kind.words,
            "subject": one.about if one.since else "-",
            "belief": f"{one.score:.1%}",
            "since": f"{one.since:%Y-%m-%d}" if one.since else "-",
        }
        for one in found.causes[:SHOWN]
    ]
    show.table(rows, title="Causes", as_json=False)
    steps = [{"step": one.name, "is": one.verdict.value, "looked at": "; ".join(one.lines)} for one in found.steps[:-1]]
    show.table(steps, title="Play-book", as_json=False)
    where = [
        {
            "forecasts with": " and ".join(one.conditions),
            "number": one.n,
            "wrong": f"{one.error:.1%}",
            "others": f"{one.rest:.1%}",
            "p": f"{one.p_value:.2g}",
        }
        for one in found.error_slices
    ]
    if where:
        show.table(where, title="Where the error is", as_json=False)
