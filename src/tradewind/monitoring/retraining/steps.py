"""The steps of a retraining up to its trial: check the data, train, register, try."""

from __future__ import annotations

import time

import numpy as np

from tradewind.core import InputError, UsageError
from tradewind.core.plain import finite
from tradewind.evaluation import EvaluationSettings, evaluate_outcomes
from tradewind.explain.shapley.explainer import FOLDER as EXPLAINER
from tradewind.explain.shapley.explainer import Explainer
from tradewind.features import row_slices
from tradewind.monitoring.retraining.policy import GRAVE
from tradewind.monitoring.retraining.refit import make_challenger, training_rows
from tradewind.monitoring.retraining.runs import Stand, Step
from tradewind.monitoring.retraining.trial import TrialResult, TrialWindow, trial
from tradewind.monitoring.retraining.work import Work
from tradewind.quality import check_panel
from tradewind.registry import Making, Stage, files_sha256, folder_files, make_record, save_model
from tradewind.registry.making import metrics_of
from tradewind.training import ENSEMBLE, FoldRecord, TrainedModel, to_outcomes


def check_data(work: Work) -> Step:
    """Look at the bars to be learned from and tried on; refuse where too many have a grave fault."""
    s, champion = work.office.settings, work.champion()
    try:
        window = work.window(champion)
        rows = training_rows(work.plan, work.on, window)
    except UsageError as error:
        return work.step(Stand.refused, "retrainer", f"there is not enough to go by: {error.problem}")
    labels, panel = work.on.data.labels, work.on.data.panel
    if not len(rows):
        return work.step(Stand.refused, "retrainer", "no label is known before the trial")
    first = labels.start[rows].min()
    used = panel.select((panel.time >= first) & (panel.time <= window.end))
    report = check_panel(used, calendar=s.calendar)
    grave = [event for event in report.events if event.severity in GRAVE]
    share = len({(event.symbol, event.event_time) for event in grave}) / max(len(used), 1)
    kinds = {kind: sum(e.kind == kind for e in grave) for kind in sorted({e.kind for e in grave})}
    facts = {
        "bars": len(used), "grave": len(grave), "share": share, "score": report.score, "panel": panel.id,
        "kinds": kinds,
    }  # fmt: skip
    if share > s.bad_bars:
        words = (
            f"{100 * share:.2f} % of {len(used)} bars have a grave fault ({', '.join(kinds)}), "
            f"{100 * s.bad_bars:g} % may: retraining would learn the faults"
        )
        return work.step(Stand.refused, "retrainer", words, **facts)
    return work.step(
        Stand.checked, "retrainer", f"{len(used)} bars, {100 * share:.2f} % of them with a grave fault", **facts
    )


def train(work: Work) -> Step:
    """Make the challenger and keep it beside the run."""
    settings, began = work.office.settings, time.perf_counter()
    champion = work.champion()
    window = work.window(champion)
    try:
        made = make_challenger(champion, work.plan, work.on, window, settings.plan, work.progress)
    except UsageError as error:  # it would be the same at every attempt: end the run, so that another may be asked for
        words = f"it cannot be made as planned: {error.problem}; {error.fix or 'ask for another kind'}"
        return work.step(Stand.refused, "retrainer", words)
    making = Making(
        data=work.on.data,
        rows=made.rows,
        news=work.on.news,
        inputs=dict(work.on.inputs),
        train_end=str(window.train_end.astype("datetime64[D]")),
        fit_seconds=time.perf_counter() - began,
    )
    folder = work.challenger_folder
    model = save_model(made.model, folder, making)
    explained = ""
    if settings.explainer:
        try:
            seed = model.settings.seed
            Explainer.of(model, work.on.data, work.on.news, rows=made.rows, seed=seed).save(folder / EXPLAINER)
        except UsageError as error:  # a rule among the members: the model forecasts all the same
            explained = f"; without an explainer: {error.problem}"
    until = str(model.record["trained_until"])[:10]
    return work.step(
        Stand.trained,
        work.office.staff.author.name,
        f"{work.plan.kind} on {len(made.rows)} bars, labels known by {until}{explained}",
        rows=len(made.rows), trained_until=until, weights=model.ensemble.weights,
        model_sha256=files_sha256(folder_files(folder)), seconds=round(time.perf_counter() - began, 1),
    )  # fmt: skip


def register(work: Work) -> Step:
    """Bring the challenger into the registry as a draft; where a killed run has done so, it is not done twice."""
    office, run, author = work.office, work.run, work.office.staff.author
    before = office.registry.record(run.model, run.champion)
    plan = work.plan
    limits = list(before.limitations)
    updated = f"Updated from version {run.champion}, not fitted anew: it cannot be rebuilt from this record alone."
    limits = [one for one in limits if not one.startswith("Updated from version ")]
    record = make_record(
        work.challenger_folder,
        name=run.model,
        author=author.name,
        use_case=before.use_case,
        purpose=before.purpose,
        limitations=[*limits, updated] if plan.kind == "incremental" else limits,
    )
    for version in reversed(office.registry.versions(run.model)):
        if version > run.champion and office.registry.record(run.model, version).model_sha256 == record.model_sha256:
            return work.step(Stand.registered, author.name, f"version {version} holds it already", version=version)
    why = "; ".join(one.reason for one in run.fired)
    version = office.registry.register(
        work.challenger_folder, record, author, f"retraining {run.id}: {why}; {plan.reason}"
    )
    return work.step(Stand.registered, author.name, f"version {version}, a draft", version=version)


def try_out(work: Work) -> Step:
    """Hold the trial, and keep what it showed in the draft's record."""
    office, run, author = work.office, work.run, work.office.staff.author
    champion = work.champion()
    window = work.window(champion)
    challenger = TrainedModel.load(office.registry.model_folder(run.model, work.version))
    tried = office.store.tried(run.model, office.clock.now()) + 1
    work.progress.update("trial", 0, 2)
    result = trial(champion, challenger, work.on, window, office.settings.trial, tried=tried)
    work.progress.update("trial", 1, 2)
    if work.stage is Stage.draft:
        content = measured(work, challenger, window, result)
        metrics, folds = metrics_of(content, challenger.settings.model_dump(mode="json"))
        office.registry.amend(
            run.model,
            work.version,
            author,
            f"trial of retraining {run.id}: {result.words}",
            metrics=metrics,
            folds=folds,
        )
    work.progress.update("trial", 2, 2)
    if not result.passed:
        return work.step(Stand.trialled, author.name, f"lost: {result.words}", trial=result.to_dict())
    return work.step(Stand.trialled, author.name, f"won: {result.words}", trial=result.to_dict())


def measured(work: Work, challenger: TrainedModel, window: TrialWindow, result: TrialResult) -> dict[str, object]:
    """Return the content of metrics.json of the challenger in its trial, with the trial itself under ``trial``."""
    data = work.on.data
    rows = window.rows(data.labels)
    found = challenger.forecast(data, rows, work.on.news)
    slices = row_slices(data.panel)
    outcomes = {name: to_outcomes(name, one, data, slices) for name, one in found.items()}
    baselines = [name for name in challenger.settings.baselines if name in outcomes]
    settings = EvaluationSettings(trials=result.judgement.tried)
    content = evaluate_outcomes(outcomes, primary=ENSEMBLE, baselines=baselines, settings=settings).to_dict()
    first = str(data.labels.start[training_rows(work.plan, work.on, window)].min())[:10]
    fold = FoldRecord(
        train_start=first, train_end=result.train_end, test_start=result.start, test_end=result.end,
        train_rows=int(challenger.record["train_rows"]), test_rows=len(rows),
        features=challenger.preprocessor.names, weights=challenger.ensemble.weights, seconds=0.0,
    )  # fmt: skip
    context = {
        "settings": challenger.settings.model_dump(mode="json"),
        "span": {"train_end": result.train_end, "test_start": result.start, "test_end": result.end},
        "folds": [fold.to_dict()],
        "data": data.panel.id,
        "source": ", ".join(str(path) for path in work.on.inputs.values() if path is not None),
    }
    plain: dict[str, object] = finite({**content, "trial": result.to_dict(), "context": context})
    return plain


def examine(work: Work) -> str:
    """Hold the trial again from the registry's own files, as a validator does; return what was found, in words.

    Raises
    ------
    InputError : it shows something else than the record says.
    """
    office, run = work.office, work.run
    champion = work.champion()
    challenger = TrainedModel.load(office.registry.model_folder(run.model, work.version))
    told = TrialResult.from_dict(run.facts(Stand.trialled)["trial"])
    again = trial(
        champion, challenger, work.on, work.window(champion), office.settings.trial, tried=told.judgement.tried
    )
    held, found = ((one.judgement.gain, one.judgement.p_value) for one in (told, again))
    if not np.allclose(held, found, rtol=0, atol=1e-6, equal_nan=True) or not again.passed:
        raise InputError(
            f"the trial of {run.model}/{work.version}, held again, shows {again.words}; the record says {told.words}",
            fix="find out what changed: data, code or model",
        )
    return f"held the trial again from the registry's files: {again.words}"
