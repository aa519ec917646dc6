"""`tradewind tune`: search for better settings inside the training window."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Tune the default ensemble on what was known by the end of May, and measure it on the months after:

  tradewind tune --prices prices.parquet --train-end 2015-05-29 --out out/search --jobs 4

  tradewind evaluate --prices prices.parquet --settings out/search/tuned.toml --train-end 2015-05-29 --test-start 2015-06-01 --out out/tuned

A quick random search of two members, without refitting whole ensembles:

  tradewind tune --prices prices.parquet --train-end 2015-05-29 --models xgboost,random_forest --sampler random --trials 12 --joint-trials 0 --out out/quick

A search that was cut goes on where it stopped when it is started again with the same flags.
"""  # noqa: E501 - a command must stay on one line to be copied


class Sampler(StrEnum):
    """Who proposes trials."""

    TPE = "tpe"
    GRID = "grid"
    RANDOM = "random"


class Pruner(StrEnum):
    """Who gives trials up early."""

    HYPERBAND = "hyperband"
    NONE = "none"


class Objective(StrEnum):
    """What a score is."""

    AUTO = "auto"
    IC = "ic"
    AUC = "auc"
    ACCURACY = "accuracy"
    LOG_LOSS = "log_loss"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("tune", epilog=EPILOG)(tune)


def tune(
    prices: options.Prices,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the search; one that was cut goes on.")],
    train_end: Annotated[
        str, typer.Option("--train-end", metavar="DATE", help="Use labels known by this day, and nothing later.")
    ],
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    label: options.Label = None,
    up: options.Up = None,
    down: options.Down = None,
    models: options.Models = None,
    sampler: Annotated[Sampler, typer.Option("--sampler", help="Who proposes trials.")] = Sampler.TPE,
    pruner: Annotated[Pruner, typer.Option("--pruner", help="Who gives poor trials up early.")] = Pruner.HYPERBAND,
    trials: Annotated[int, typer.Option("--trials", min=1, help="Trials of each member, its default first.")] = 20,
    ensemble_trials: Annotated[
        int, typer.Option("--ensemble-trials", min=0, help="Trials of weights, method and subset (no refits).")
    ] = 30,
    joint_trials: Annotated[
        int, typer.Option("--joint-trials", min=0, help="Trials of whole ensembles around the winners; 0: none.")
    ] = 6,
    splits: Annotated[int, typer.Option("--splits", min=2, help="Time-ordered splits of the window.")] = 5,
    periods: Annotated[int, typer.Option("--periods", min=1, help="Periods each split is judged in.")] = 4,
    margin: Annotated[
        float, typer.Option("--margin", min=0, help="Standard errors by which the default must be beaten.")
    ] = 1.0,
    objective: Annotated[
        Objective, typer.Option("--objective", help="Score; auto: IC with ten symbols or more, else AUC.")
    ] = Objective.AUTO,
    engine: options.Engine = "local",
    jobs: options.Jobs = 1,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=1, help="Seconds after which no new batch of trials begins.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Training settings; flags win over it.")
    ] = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    track: options.Track = None,
    as_json: options.Json = False,
) -> None:
    """Search for better settings of members and ensemble, on days before --train-end alone.

    Writes tuned.toml (for `tradewind evaluate --settings`), trials.parquet, search.html and study.db into --out. The
    default is kept unless something beats it by more than chance; the number of trials goes with the settings.
    """
    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.experiment import prepare_folder, training_settings
    from tradewind.cli.inputs import InputFiles, dataset_of, label_settings, read_market
    from tradewind.cli.tracked import log_inputs, log_search, tracker_of
    from tradewind.training import Job
    from tradewind.training.engine import make_engine
    from tradewind.training.tuning import TuningSettings, write_search
    from tradewind.training.tuning import tune as search

    end = options.day(train_end, "--train-end")
    chosen = training_settings(settings, models=models, seed=seed, label=label_settings(label, up, down))
    tuning = TuningSettings(
        sampler=sampler.value,
        pruner=pruner.value,
        trials=trials,
        ensemble_trials=ensemble_trials,
        joint_trials=joint_trials,
        splits=splits,
        periods=periods,
        objective=objective.value,
        margin=margin,
        timeout=timeout,
    )
    prepare_folder(out)
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    with tracker_of(track).run("tune", dataset=str(prices)) as log:
        log_inputs(log, market, chosen)
        data = dataset_of(market, chosen)
        rows = np.flatnonzero(data.labels.known_by(str(end)))
        with show.LiveProgress() as progress:
            job = Job(data=data, settings=chosen, news=market.news, progress=progress)
            result = search(job, rows, tuning, make_engine(engine, jobs), out, show.note)
        write_search(result, out)
        log_search(log, result, out)
    if as_json:
        show.print_json(result.to_dict())
        return
    title = f"Search on {result.first} to {result.last}: {result.measure} over periods, higher is better"
    show.table([stage.to_dict() for stage in result.stages], title=title, as_json=False)
    show.say(result.words)
    show.say(f"Wrote {out / 'tuned.toml'}, {out / 'trials.parquet'} and {out / 'search.html'}")
