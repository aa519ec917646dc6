"""`tradewind predict`: forecasts by a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit, Registry

EPILOG = """[bold]Examples[/bold]

The next move of every symbol, seen from its last bar:

  tradewind predict --model models/first --prices prices.parquet

The model that is in service under a registered name:

  tradewind predict --model equity-daily@champion --prices prices.parquet

Every day since a date, into a file:

  tradewind predict --model models/first --prices prices.parquet --start 2015-10-01 --out forecasts.parquet
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("predict", epilog=EPILOG)(predict)


def predict(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="NAME@champion, NAME@challenger or NAME/VERSION of the registry, or a folder of `tradewind train`.",
        ),
    ],
    prices: options.Prices,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Forecast every day from here on; else the last bar.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Table to write (Parquet or CSV).")] = None,
    quarantine: options.Quarantine = None,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Forecast the next move with a saved model.

    Every forecast is written into the audit log, with its inputs, before it is shown.

    A registered model is used only where it is approved; what is in service under its name may be an override or a
    fallback. A plain folder is for research, and the output says so.

    Days the model was trained on are refused: a forecast of them would be in sample.
    """
    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.audited import answering, audit_log, record_predictions
    from tradewind.cli.inputs import InputFiles, dataset_of, read_market
    from tradewind.cli.resolve import resolve_model
    from tradewind.core import UsageError
    from tradewind.core.arrays import as_time
    from tradewind.data.tables import save_table
    from tradewind.features import row_slices
    from tradewind.training import ENSEMBLE, TrainedModel, forecast_frame, to_outcomes

    found = resolve_model(model, registry=registry)
    show.note(f"Model: {found.words}")
    trained = TrainedModel.load(found.folder)
    since = options.day(start, "--start") if start else None
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    panel = market.panel
    trained_until = as_time(trained.record["trained_until"])
    if since is not None and as_time(since) < trained_until:
        raise UsageError(
            f"--start {since} lies before {str(trained_until)[:10]}, the last day the model learned from",
            fix="start later, or train with an earlier --train-end",
        )
    if since is not None:
        rows = np.flatnonzero(panel.time >= as_time(since))
    else:
        last = (panel.offsets[1:] - 1).astype(np.int64)
        rows = last[panel.time[last] >= trained_until]
    if not len(rows):
        raise UsageError(
            f"there is no bar from {since or str(trained_until)[:10]} on", fix="give prices that reach further"
        )
    data = dataset_of(market, trained.settings)
    served = found.baseline or ENSEMBLE
    forecast = trained.forecast(data, rows, market.news)[served]
    with audit_log(audit) as log:
        if log is not None:
            record_predictions(log, answering(found), trained, data, forecast, news=market.news)
    frame = forecast_frame(to_outcomes(served, forecast, data, row_slices(panel))).drop("label")
    if out is not None:
        save_table(frame, out)
        show.note(f"Wrote {len(frame)} forecasts to {out}")
    if as_json or out is None:
        show.table(frame.with_columns(frame["date"].dt.date()).to_dicts(), title="Forecasts", as_json=as_json)
