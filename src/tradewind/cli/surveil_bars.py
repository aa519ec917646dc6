"""`tradewind surveil bars`: a model's bars, set on labelled markets of one's own venue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Linked, Model

if TYPE_CHECKING:
    from tradewind.surveillance.learning.venue_bars import VenueBars

BARS = """[bold]Examples[/bold]

A folder a day, each with its events and what is known to have been done there (scheme, symbol, accounts, start, end):

  tradewind surveil bars history/2026-03-* --out out/ours

  tradewind surveil run --events events.parquet --model out/ours --out out/run

Days whose cases are closed, with what was decided of them:

  tradewind surveil case feedback --out labels.parquet

  tradewind surveil bars history/2026-* --labels labels.parquet --out out/ours

Nine alerts in ten true will do, and the days are those of an exchange:

  tradewind surveil bars history/* --precision 0.9 --sessions XPAR --jobs 4 --out out/ours

Accounts known to have one owner are watched as one, as `run` does with the same file:

  tradewind surveil bars history/* --linked owners.txt --out out/ours

A missed episode of layering costs as much as two false alerts (costs.toml: missed_cost.layering = 2.0):

  tradewind surveil bars history/* --settings costs.toml --out out/ours
"""


def register(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("bars", epilog=BARS)(bars)


def bars(
    markets: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders of events, truth.parquet or .csv and, where there is any, news."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the model with its new bars.")],
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="What closed cases say (`surveil case feedback --out`), for all folders."
        ),
    ] = None,
    model: Model = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision", metavar="SHARE", min=0.5, max=0.999, help="Least share of alerts that are true (0.96)."
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option("--confidence", metavar="SHARE", min=0.5, max=0.99, help="How sure that must be (0.6)."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="TOML", help="Settings of learning: what a missed episode costs, and more."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="NAME=COLUMN,...", help="Columns of the events under other names."),
    ] = None,
    sessions: Annotated[
        str, typer.Option("--sessions", metavar="NAME", help="When the market is open: auto, a calendar, or hours.")
    ] = "auto",
    linked: Linked = None,
    jobs: options.Jobs = 1,
    as_json: options.Json = False,
) -> None:
    """Set a model's bars on markets of your own whose manipulation is known; tell what such bars are worth there.

    A market in which nothing was done has a truth without rows: it says what is false. With --labels the truth is what
    was decided of alerts: what no alert told of counts as honest, and what was inconclusive counts neither way.

    Each scheme of which ten or more episodes are known gets a bar of its own; the bars of others stay, or rise. What
    they are worth is measured on markets left out in turn. Candidates are kept under DIR/candidates: a run that was
    stopped goes on where it was.
    """
    from dataclasses import replace

    from tradewind.cli import show
    from tradewind.cli.surveilling import chosen_columns, chosen_model, sessions_of
    from tradewind.surveillance.events import ReadOptions
    from tradewind.surveillance.hands import read_linked
    from tradewind.surveillance.learning import LearningSettings
    from tradewind.surveillance.live.venue_bars import LabelledFolder, bars_from_folders

    how = LearningSettings() if settings is None else LearningSettings.from_toml(settings)
    asked = {"precision": precision, "confidence": confidence}
    reading = ReadOptions(columns=chosen_columns(columns))
    found = [LabelledFolder.of(path, reading, labels) for path in markets]
    groups = () if linked is None else read_linked(linked)
    folders = [replace(folder, sessions=sessions_of(sessions, folder.events), linked=groups) for folder in found]
    with show.LiveProgress() as progress:
        made = bars_from_folders(
            chosen_model(model),
            folders,
            out,
            how.model_copy(update={name: value for name, value in asked.items() if value is not None}),
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        show.print_json(made.to_dict() | {"out": str(out)})
        return
    told(made, out)


def told(made: VenueBars, out: Path) -> None:
    """Print the bars and what they are worth."""
    from tradewind.cli import show
    from tradewind.surveillance.evaluation import evaluation_table

    rows = [
        {
            "scheme": scheme.value,
            "episodes": bar.episodes,
            "before": round(bar.before, 4),
            "after": "none" if bar.how == "silent" else round(bar.after, 4),
            "how": bar.how,
        }
        for scheme, bar in made.bars.items()
    ]
    show.table(rows, title="Bars", as_json=False)
    show.say("At the bars before:")
    show.say(evaluation_table(made.before))
    if made.after is None:
        show.warn("one market alone: bars cannot be measured on another; give more folders")
    else:
        show.say("At bars set on the other markets, each market left out in turn:")
        show.say(evaluation_table(made.after))
    for scheme, bar in made.bars.items():
        if bar.how == "silent":
            show.warn(f"{scheme.value} is silent: no bar is precise enough here; give more episodes or ask for less")
    show.say(f"Wrote {out}; use it with --model {out}")
