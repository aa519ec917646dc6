"""`tradewind evaluate`: forecasts of a test span, and what they were worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Fit once, forecast three months:

  tradewind evaluate --prices prices.parquet --train-end 2015-08-01 --test-start 2015-10-01 --test-end 2015-12-31 --out out/q4

With news and labels that leave small moves out:

  tradewind evaluate --prices prices.parquet --news news.parquet --universe universe.csv --train-end 2015-08-01 --test-start 2015-10-01 --test-end 2015-12-31 --label updown --up 0.0055 --down -0.005 --out out/q4

Refit every month from a date on:

  tradewind evaluate --prices prices.parquet --test-start 2015-01-01 --walk-forward --out out/wf

The same, two folds at once on Ray:

  tradewind evaluate --prices prices.parquet --test-start 2015-01-01 --walk-forward --engine ray --jobs 2 --out out/wf
"""  # noqa: E501 - a command must stay on one line to be copied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("evaluate", epilog=EPILOG)(evaluate)


def evaluate(
    prices: options.Prices,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the results.")],
    test_start: Annotated[str, typer.Option("--test-start", metavar="DATE", help="First day to forecast at.")],
    train_end: Annotated[
        str | None,
        typer.Option(
            "--train-end",
            metavar="DATE",
            help="Fit on bars whose label is known by this day (--walk-forward sets its own).",
        ),
    ] = None,
    test_end: Annotated[
        str | None, typer.Option("--test-end", metavar="DATE", help="Last day to forecast at; the last bar if absent.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    label: options.Label = None,
    up: options.Up = None,
    down: options.Down = None,
    models: options.Models = None,
    walk_forward: Annotated[
        bool, typer.Option("--walk-forward", help="Refit over rolling folds from --test-start on.")
    ] = False,
    train_months: Annotated[
        int | None,
        typer.Option("--train-months", min=1, help="Months of training (12 with --walk-forward, else all there are)."),
    ] = None,
    test_months: Annotated[int, typer.Option("--test-months", min=1, help="Months between refits.")] = 1,
    expanding: Annotated[
        bool, typer.Option("--expanding", help="With --walk-forward: train on everything before each fold.")
    ] = False,
    embargo_days: Annotated[int, typer.Option("--embargo-days", min=0, help="Days left out before each test.")] = 0,
    cost_bp: Annotated[float, typer.Option("--cost-bp", min=0, help="Cost per unit of turnover, basis points.")] = 5.0,
    trials: Annotated[
        int,
        typer.Option("--trials", min=1, help="How many variants you tried; results are corrected for it."),
    ] = 1,
    parity: Annotated[
        float | None, typer.Option("--parity", min=0, help="Strength of the penalty on unequal forecasts of groups.")
    ] = None,
    parity_by: Annotated[
        Literal["sector", "size_bucket", "both"] | None,
        typer.Option("--parity-by", help="The groups (sector); parity among them is then reported."),
    ] = None,
    reweight: Annotated[
        bool, typer.Option("--reweight", help="Let every group, and its rises and falls, count the same in training.")
    ] = False,
    equalise: Annotated[
        Literal["parity", "opportunity"] | None,
        typer.Option("--equalise", help="Shift each group's finished forecasts: equal shares of rises, or of hits."),
    ] = None,
    parity_curve: Annotated[
        bool, typer.Option("--parity-curve", help="Refit XGBoost at ten settings: what does parity cost?")
    ] = False,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Training settings; flags win over it.")
    ] = None,
    engine: options.Engine = "local",
    jobs: options.Jobs = 1,
    track: options.Track = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Forecast a test span from what was known at each day's close, and measure the forecasts honestly.

    Writes predictions.parquet, metrics.json and report.html into --out. Everything is fitted on labels known before
    the forecast day: selection of features, members, weights, calibration, intervals.
    """
    from tradewind.cli import show
    from tradewind.cli.experiment import Experiment, Span, run_experiment, training_settings, with_fairness
    from tradewind.cli.inputs import InputFiles, label_settings, read_market
    from tradewind.training import make_engine

    span = Span(
        train_end=options.day(train_end, "--train-end") if train_end else None,
        test_start=options.day(test_start, "--test-start"),
        test_end=options.day(test_end, "--test-end") if test_end else None,
        walk_forward=walk_forward,
        train_months=train_months,
        test_months=test_months,
        expanding=expanding,
        embargo_days=embargo_days,
    )
    span.check()
    if jobs > 1 and not walk_forward:
        show.note("--jobs has no effect without --walk-forward: there is one fold to fit")
    chosen = training_settings(settings, models=models, seed=seed, label=label_settings(label, up, down))
    chosen = with_fairness(chosen, parity=parity, by=parity_by, reweight=reweight, equalise=equalise)
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    run_experiment(
        Experiment(
            market=market,
            settings=chosen,
            span=span,
            out=out,
            cost_bp=cost_bp,
            trials=trials,
            source=str(prices),
            parity_by=chosen.fairness.by if parity_by or parity_curve or chosen.fairness.on else None,
            parity_curve=parity_curve,
            engine=make_engine(engine, jobs),
            track=track,
        ),
        as_json=as_json,
    )
