"""Dataset, folds, evaluation and report put together: what `evaluate` and `demo` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tradewind.cli import options, show
from tradewind.cli.inputs import Market, dataset_of
from tradewind.cli.tracked import log_evaluation, log_inputs, tracker_of
from tradewind.core import OutputError, Panel, UsageError
from tradewind.core.arrays import TimeArray
from tradewind.core.files import atomic_path
from tradewind.evaluation import (
    BacktestSettings,
    Evaluation,
    EvaluationSettings,
    evaluate_outcomes,
    with_parity_measured,
    write_json,
    write_report,
)
from tradewind.features import LabelSettings, make_labels
from tradewind.models import MODELS
from tradewind.training import (
    ENSEMBLE,
    CurvePoint,
    Engine,
    FairPoint,
    Job,
    LocalEngine,
    RunResult,
    TrainingSettings,
    WalkForwardSettings,
    fairness_curve,
    forecast_frame,
    forecasts_of_all,
    learning_curve,
    run_folds,
)
from tradewind.training.fairness import GroupBy, group_names
from tradewind.training.group_shift import Equalise
from tradewind.training.tracking import OFF
from tradewind.validation import Split, WalkForward, holdout


@dataclass(frozen=True, kw_only=True)
class Span:
    """Which days are learned from and which are forecast."""

    test_start: date
    test_end: date | None = None
    train_end: date | None = None
    walk_forward: bool = False
    train_months: int | None = None
    test_months: int = 1
    expanding: bool = False
    embargo_days: int = 0

    def check(self) -> None:
        """Refuse dates that contradict each other."""
        if self.test_end and self.test_end < self.test_start:
            raise UsageError("--test-end lies before --test-start", fix="swap them")
        if not self.walk_forward and self.train_end is None:
            raise UsageError("--train-end is missing", fix="give --train-end, or --walk-forward to refit every month")
        if self.train_end and self.train_end > self.test_start:
            raise UsageError("--train-end lies after --test-start", fix="end training before the first forecast")
        if self.expanding and not self.walk_forward:
            raise UsageError("--expanding has no meaning without --walk-forward", fix="add --walk-forward")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One evaluation: data, settings, span, and where the results go."""

    market: Market
    settings: TrainingSettings
    span: Span
    out: Path
    cost_bp: float = 5.0
    trials: int = 1
    source: str = ""
    notes: tuple[str, ...] = ()
    parity_by: GroupBy | None = None
    """Groups among which parity is measured; None leaves it out."""
    parity_curve: bool = False
    engine: Engine = field(default_factory=LocalEngine)
    """Where folds run."""
    track: str | None = OFF
    """Where the run is recorded, as ``--track`` says it; None is the default store."""


def training_settings(
    file: Path | None, *, models: str | None, seed: int | None, label: LabelSettings | None = None
) -> TrainingSettings:
    """Return the settings in ``file`` (defaults without), with what the flags say in their place."""
    base = TrainingSettings.from_toml(file) if file else TrainingSettings()
    chosen = options.names(models, "--models") if models is not None else base.models
    for name in chosen:
        if name not in MODELS:
            raise UsageError(f"there is no model {name!r}", fix=f"choose from {', '.join(MODELS)}")
    if len(set(chosen)) != len(chosen):
        raise UsageError("--models names a model twice", fix="name each model once")
    changes = {"models": chosen, "seed": base.seed if seed is None else seed, "label": label or base.label}
    return base.model_copy(update=changes)


def with_fairness(
    settings: TrainingSettings,
    *,
    parity: float | None,
    by: GroupBy | None,
    reweight: bool,
    equalise: Equalise | None = None,
) -> TrainingSettings:
    """Return ``settings`` with what the fairness flags say; a flag that was not given changes nothing."""
    given = {"parity": parity, "by": by, "reweight": reweight or None, "equalise": equalise}
    changes = {name: value for name, value in given.items() if value is not None}
    return settings.model_copy(update={"fairness": settings.fairness.model_copy(update=changes)})


def splits_of(experiment: Experiment, panel: Panel, start: TimeArray, end: TimeArray) -> list[Split]:
    """Return the folds of the experiment; UsageError where the prices do not reach the span."""
    span = experiment.span
    if span.walk_forward:
        walk = experiment.settings.walk_forward
        splitter = WalkForward(
            start,
            end,
            train_months=walk.train_months,
            test_months=walk.test_months,
            expanding=walk.expanding,
            embargo=timedelta(days=walk.embargo_days),
            first_test=span.test_start,
            last_test=span.test_end,
        )
        return list(splitter.folds())
    assert span.train_end is not None  # Span.check saw to it
    train_start = None
    if span.train_months:
        month = np.datetime64(span.train_end, "M") - np.timedelta64(span.train_months, "M")
        train_start = month + (np.datetime64(span.train_end, "D") - np.datetime64(span.train_end, "M"))
    test_end = span.test_end or str(panel.times[-1])[:10]
    return [
        holdout(
            start, end, train_end=span.train_end, test_start=span.test_start, test_end=test_end, train_start=train_start
        )
    ]


def run_experiment(experiment: Experiment, *, as_json: bool) -> TrainingSettings:
    """Run the experiment, write its three files and print its table; return the settings, its folds' among them."""
    prepare_folder(experiment.out)
    span = experiment.span
    if span.walk_forward and span.train_end:
        show.note("--train-end is not used with --walk-forward: each fold learns from the months before its own test")
    settings = experiment.settings.model_copy(
        update={
            "walk_forward": WalkForwardSettings(
                train_months=span.train_months or 12,
                test_months=span.test_months,
                expanding=span.expanding,
                embargo_days=span.embargo_days,
            )
        }
    )
    experiment = replace(experiment, settings=settings)
    if experiment.parity_by:
        group_names(experiment.market.panel, experiment.parity_by)  # no groups: say so before hours of fitting
    labels = make_labels(experiment.market.panel, settings.label)
    splits = splits_of(experiment, experiment.market.panel, labels.start, labels.end)
    with tracker_of(experiment.track).run("evaluate", dataset=experiment.source) as log:
        log_inputs(log, experiment.market, settings)
        log.facts("span", span.__dict__)
        result, evaluation = _run(experiment, splits, as_json=as_json)
        log_evaluation(log, result, evaluation, experiment.out)
    return settings


def _run(experiment: Experiment, splits: Sequence[Split], *, as_json: bool) -> tuple[RunResult, Evaluation]:
    data = dataset_of(experiment.market, experiment.settings)
    with show.LiveProgress() as progress:
        job = Job(
            data=data,
            settings=experiment.settings,
            news=experiment.market.news,
            checkpoint=experiment.out / "folds" if experiment.span.walk_forward else None,
            progress=progress,
        )
        result = run_folds(job, splits, engine=experiment.engine)
        curve = learning_curve(job, splits[-1])
        by = experiment.settings.fairness.by
        fair = fairness_curve(job, splits[-1], by=by) if experiment.parity_curve else ()
    return result, finish(experiment, result, curve, fair=fair, as_json=as_json)


def finish(
    experiment: Experiment,
    result: RunResult,
    curve: Sequence[CurvePoint],
    *,
    fair: Sequence[FairPoint] = (),
    as_json: bool,
) -> Evaluation:
    """Measure the outcomes, write predictions, metrics and report, print the table and return the evaluation."""
    out = experiment.out
    trials = max(experiment.trials, experiment.settings.tuning.trials)  # variants that a search tried count too
    settings = EvaluationSettings(
        backtest=BacktestSettings(cost_bp=experiment.cost_bp), trials=trials, seed=experiment.settings.seed
    )
    evaluation = evaluate_outcomes(
        result.test,
        primary=ENSEMBLE,
        baselines=[name for name in experiment.settings.baselines if name in result.test],
        settings=settings,
        train=result.train,
        learning_curve=curve,
    )
    if experiment.parity_by:
        evaluation = with_parity_measured(evaluation, result.test, experiment.parity_by, fair)
    predictions = forecast_frame(result.test[ENSEMBLE])
    with atomic_path(out / "predictions.parquet") as draft:
        predictions.write_parquet(draft)
    with atomic_path(out / "models.parquet") as draft:
        forecasts_of_all(result.test).write_parquet(draft)
    notes = [*experiment.notes, *standing_notes(experiment.market.panel)]
    context = {
        "settings": experiment.settings.model_dump(mode="json"),
        "span": {key: str(value) for key, value in experiment.span.__dict__.items()},
        "folds": [fold.to_dict() for fold in result.folds],
        "data": experiment.market.panel.id,
        "source": experiment.source,
    }
    write_json(evaluation, out / "metrics.json", context=context)
    write_report(
        evaluation,
        result.test,
        out / "report.html",
        title="Tradewind: forecasts out of sample",
        notes=notes,
        settings=context,
    )
    if as_json:
        show.print_json({**evaluation.to_dict(), "report": str(out / "report.html")})
        return evaluation
    show.table(evaluation.table(), title="Out of sample: the ensemble, its members and the baselines", as_json=False)
    show.say(evaluation.verdict.words)
    for found in (evaluation.parity, evaluation.parity_curve):
        if found:
            show.say(f"Parity: {found.words}")
    for text in notes:
        show.say(f"Note: {text}")
    show.say(f"Wrote {out / 'predictions.parquet'}, {out / 'metrics.json'} and {out / 'report.html'}")
    return evaluation


def standing_notes(panel: Panel) -> list[str]:
    """Return what a reader of any result on ``panel`` must know."""
    last = panel.time[panel.offsets[1:] - 1]
    if panel.n_symbols > 1 and (last >= panel.times[-1] - np.timedelta64(7, "D")).all():
        return [
            "Survivorship: every symbol lives to the last day of these data, so symbols that failed or were removed "
            "may be absent; returns of long portfolios are then too high."
        ]
    return []


def prepare_folder(folder: Path) -> None:
    """Make ``folder`` and try to write into it, so that a long run does not end at a closed door."""
    if folder.exists() and not folder.is_dir():
        raise OutputError("is a file, not a folder", file=folder, fix="give --out a folder")
    with atomic_path(folder / ".writable"):
        pass
    (folder / ".writable").unlink()
