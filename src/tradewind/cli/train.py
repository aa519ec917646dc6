"""`tradewind train`: fit the ensemble and keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind train --prices prices.parquet --out models/first

  tradewind train --prices prices.parquet --train-end 2015-08-01 --models xgboost,random_forest --out models/trees
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("train", epilog=EPILOG)(train)


def train(
    prices: options.Prices,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the model.")],
    train_end: Annotated[
        str | None, typer.Option("--train-end", metavar="DATE", help="Use labels known by this day; all if absent.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    label: options.Label = None,
    up: options.Up = None,
    down: options.Down = None,
    models: options.Models = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Training settings; flags win over it.")
    ] = None,
    track: options.Track = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Fit the ensemble on every label known by --train-end and save it, with what explanations compare with.

    It says nothing of skill: measure that with `tradewind evaluate`.
    """
    import time

    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.experiment import training_settings
    from tradewind.cli.inputs import InputFiles, dataset_of, label_settings, read_market
    from tradewind.cli.tracked import log_inputs, log_model, tracker_of
    from tradewind.core import UsageError
    from tradewind.explain.shapley.explainer import FOLDER as EXPLAINER
    from tradewind.explain.shapley.explainer import Explainer
    from tradewind.registry import Making, save_model
    from tradewind.training import fit_model

    chosen = training_settings(settings, models=models, seed=seed, label=label_settings(label, up, down))
    end = options.day(train_end, "--train-end") if train_end else None
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    data = dataset_of(market, chosen)
    known = data.labels.known_by(str(end)) if end else ~np.isnat(data.labels.end)
    rows = np.flatnonzero(known)
    with tracker_of(track).run("train", dataset=str(prices)) as log:
        log_inputs(log, market, chosen)
        began = time.perf_counter()
        with show.LiveProgress() as progress:
            model = fit_model(data, rows, chosen, news=market.news, progress=progress)
        making = Making(
            data=data,
            rows=rows,
            news=market.news,
            inputs={"prices": prices, "news": news, "universe": universe, "fear": fear},
            train_end=str(end) if end else None,
            fit_seconds=time.perf_counter() - began,
            left_out=quarantine is not None,
        )
        model = save_model(model, out, making)
        try:
            Explainer.of(model, data, market.news, rows=rows, seed=chosen.seed).save(out / EXPLAINER)
        except UsageError as error:  # a rule among the members: the model forecasts all the same
            show.warn(f"the model was saved without an explainer: {error}")
        log_model(log, model, out)
    if as_json:
        show.print_json({"out": str(out), **model.record})
        return
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in model.ensemble.weights.items())
    show.say(f"Fitted on {len(rows)} bars, {len(model.record['features'])} columns; weights: {weights}")
    show.say(f"Wrote {out}. It was not tested: `tradewind evaluate` measures skill out of sample.")
