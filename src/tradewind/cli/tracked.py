"""What `evaluate`, `train` and `tune` tell the record of runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tradewind.cli import show
from tradewind.cli.inputs import Market
from tradewind.core import Outcomes
from tradewind.evaluation import Evaluation, draw_plots, forecast_metrics
from tradewind.registry import MODEL, files_sha256, folder_files
from tradewind.training import ENSEMBLE, FoldRecord, RunResult, TrainedModel, TrainingSettings
from tradewind.training.record import code_record, data_record
from tradewind.training.tracking import RunLog, Tracker, place_of
from tradewind.training.tuning import TuningResult


def tracker_of(flag: str | None) -> Tracker:
    """Return the tracker that ``--track`` or the environment asks for; it speaks on standard error."""
    return Tracker(place_of(flag), show.warn, show.note)


def log_inputs(log: RunLog, market: Market, settings: TrainingSettings) -> None:
    """Keep what decides the result: settings with their seed, hashes of the data, versions and hash of the code."""
    log.facts("settings", {**settings.model_dump(mode="json"), "id": settings.id})
    log.facts("data", data_record(market.panel, market.news))
    log.facts("code", code_record())


def log_evaluation(log: RunLog, result: RunResult, evaluation: Evaluation, out: Path) -> None:
    """Keep the metrics of every fold and of the whole, the three files and the plots, and a verdict of no skill."""
    for step, fold in enumerate(result.folds):
        inside = _span(result.test[ENSEMBLE], fold)
        found = forecast_metrics(inside).to_dict()
        figures = {"train_rows": fold.train_rows, "test_rows": fold.test_rows, "seconds": fold.seconds}
        log.metrics({**{name: found[name] for name in _MAIN}, **figures}, prefix="fold.", step=step)
    main = evaluation.main
    log.metrics({name: getattr(main.metrics, name) for name in _MAIN})
    log.metrics({"accuracy_lower": main.accuracy.lower, "accuracy_upper": main.accuracy.upper})
    log.metrics({"p_value": evaluation.verdict.judged_p, "sharpe": main.portfolio.stats.sharpe})
    for name, model in evaluation.models.items():
        log.metrics({key: getattr(model.metrics, key) for key in _MAIN}, prefix=f"models.{name}.")
    log.attach(out / "report.html", out / "metrics.json", out / "predictions.parquet")
    log.attach_texts("plots", lambda: draw_plots(evaluation, result.test))
    if not evaluation.verdict.skill:
        log.no_skill(evaluation.verdict.words)


def log_model(log: RunLog, model: TrainedModel, out: Path) -> None:
    """Keep a trained model's folder and the weights of its members."""
    log.metrics({"train_rows": model.record["train_rows"], "weights": model.ensemble.weights})
    log.facts("record", {"features": model.record["features"], "trained_until": model.record["trained_until"]})
    log.tags[MODEL] = files_sha256(folder_files(out))  # by which the registry finds the run of a model
    log.attach_folder("model", out)


def log_search(log: RunLog, result: TuningResult, out: Path) -> None:
    """Keep a search's stages, its settings, and the table of every trial with why it was given up or failed."""
    stages = [stage.to_dict() for stage in result.stages]
    figures = ("trials", "pruned", "failed", "default", "score", "gain", "std_error")
    for step, stage in enumerate(stages):
        log.metrics({name: stage[name] for name in figures}, prefix="stage.", step=step)
    log.metrics({"trials": result.settings.tuning.trials})
    log.facts("search", {"measure": result.measure, "first": result.first, "last": result.last})
    log.facts("search.chosen", {f"{stage['stage']}.{stage['model']}": stage["chosen"] for stage in stages})
    log.attach(out / "tuned.toml", out / "trials.parquet", out / "search.html")


_MAIN = ("accuracy", "mcc", "brier", "ic", "rank_ic", "n")


def _span(outcomes: Outcomes, fold: FoldRecord) -> Outcomes:
    day = outcomes.time.astype("datetime64[D]")
    return outcomes.select((day >= np.datetime64(fold.test_start)) & (day <= np.datetime64(fold.test_end)))
