"""`tradewind distill`: a student that can be read, and where it disagrees with its teacher."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Train a teacher, distil it, measure on three months:

  tradewind distill --prices prices.parquet --train-end 2015-08-01 --test-start 2015-08-03 --test-end 2015-10-30 --out out/student

A saved teacher, shape functions only:

  tradewind distill --prices prices.parquet --model models/first --test-start 2015-08-03 --test-end 2015-10-30 --kind gam --out out/student
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("distill", epilog=EPILOG)(distill)


def distill(
    prices: options.Prices,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")],
    test_start: Annotated[str, typer.Option("--test-start", metavar="DATE", help="First day of the comparison.")],
    test_end: Annotated[
        str | None,
        typer.Option("--test-end", metavar="DATE", help="Last day of the comparison; the last bar if absent."),
    ] = None,
    train_end: Annotated[
        str | None,
        typer.Option(
            "--train-end",
            metavar="DATE",
            help="Teacher and student learn by this day; with --model the day the teacher learned until if absent.",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="A teacher that `tradewind train` wrote; else one is trained."),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="gam, linear, forest, or auto for the best.")
    ] = "auto",
    features: Annotated[int, typer.Option("--features", min=1, help="Most features the student may read.")] = 20,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    label: options.Label = None,
    up: options.Up = None,
    down: options.Down = None,
    models: options.Models = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Training settings of a new teacher; flags win.")
    ] = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Distil the ensemble into a student that can be read, and flag the predictions on which they disagree.

    Writes student/ (JSON), agreement.parquet, review.parquet, distillation.json and distillation.html into --out. The
    student is taught and chosen inside the training window; the test days only measure it.
    """
    from tradewind.cli.distillation import Request, run_distillation
    from tradewind.cli.experiment import training_settings
    from tradewind.cli.inputs import InputFiles, label_settings
    from tradewind.core import UsageError

    if kind not in {"auto", "gam", "linear", "forest"}:
        raise UsageError(f"--kind {kind!r} is not known", fix="use gam, linear, forest or auto")
    if model is None and train_end is None:
        raise UsageError("--train-end is missing", fix="give --train-end, or a trained teacher with --model")
    if model is not None and (settings or models or label or up is not None or down is not None):
        raise UsageError(
            "--model was trained already: --settings, --models and --label have no meaning", fix="leave them out"
        )
    request = Request(
        files=InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine),
        train_end=options.day(train_end, "--train-end") if train_end else None,
        test_start=options.day(test_start, "--test-start"),
        test_end=options.day(test_end, "--test-end") if test_end else None,
        model=model,
        settings=training_settings(settings, models=models, seed=seed, label=label_settings(label, up, down)),
        kind=kind,
        features=features,
        out=out,
    )
    run_distillation(request, as_json=as_json)
