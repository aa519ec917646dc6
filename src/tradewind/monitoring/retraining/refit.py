"""Makes the challenger that a plan describes, from labels known before its trial and nothing later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradewind.core import NoProgress, Progress, UsageError
from tradewind.core.arrays import IntArray, as_time
from tradewind.models import make_model
from tradewind.monitoring.retraining.plan import Plan, PlanSettings
from tradewind.monitoring.retraining.trial import Materials, TrialWindow
from tradewind.training import TrainedModel, fit_model
from tradewind.training.model import only_labels
from tradewind.training.record import code_record, data_record
from tradewind.validation.times import add_months


@dataclass(frozen=True, kw_only=True, eq=False)
class Challenger:
    """A challenger with the rows it learned from."""

    model: TrainedModel
    rows: IntArray


def make_challenger(
    champion: TrainedModel,
    plan: Plan,
    on: Materials,
    window: TrialWindow,
    settings: PlanSettings | None = None,
    progress: Progress | None = None,
) -> Challenger:
    """Fit the challenger of ``plan`` on labels known by ``window.train_end``.

    Raises
    ------
    UsageError : too few days are left for an update. InputError : too few labelled rows to fit on.
    """
    watcher = progress or NoProgress()
    rows = training_rows(plan, on, window)
    if plan.kind == "full":
        return Challenger(model=fit_model(on.data, rows, champion.settings, news=on.news, progress=watcher), rows=rows)
    return _updated(champion, plan, on, rows, settings or PlanSettings(), watcher)


def training_rows(plan: Plan, on: Materials, window: TrialWindow) -> IntArray:
    """Return the rows that may be learned from: labels known by ``train_end``, of the plan's span."""
    labels = on.data.labels
    mask = labels.known_by(window.train_end)
    if plan.window == "moving":
        mask &= labels.start >= add_months(window.train_end, -plan.months)
    return np.flatnonzero(mask).astype(np.int64)


def _updated(
    champion: TrainedModel, plan: Plan, on: Materials, rows: IntArray, s: PlanSettings, progress: Progress
) -> Challenger:
    """Keep preparation and members, fit ``plan.refit`` anew, and join all by rows that none of them has seen.

    A member that is fitted anew learns twice, as in a full fit: on the rows before the recent ones, to be judged on
    those, then on all. One that is kept is judged on what came after the champion's own training.
    """
    labels = on.data.labels
    end = labels.end[rows].max()
    known_until = as_time(champion.record["trained_until"])
    begin = max(add_months(end, -s.recent_months), known_until)
    recent = rows[labels.start[rows] >= begin]
    days = len(np.unique(labels.start[recent]))
    if days < s.recent_days:
        raise UsageError(
            f"only {days} days since the champion's training can be learned from, {s.recent_days} are needed",
            field="kind",
            fix="ask for a full retraining, or wait",
        )
    hidden = only_labels(on.data, rows)
    prepared = champion.prepare(hidden, on.news)
    before = rows[labels.end[rows] <= labels.start[recent].min()]
    judged, final = {}, {}
    for done, name in enumerate(plan.refit):
        progress.update("members", done, len(plan.refit))
        maker = make_model(name, seed=champion.settings.seed, settings=champion.settings.members)
        judged[name] = maker.fit(only_labels(prepared, before), before)
        final[name] = maker.fresh().fit(prepared, rows)
    progress.update("members", len(plan.refit), len(plan.refit))
    joined = champion.ensemble.rejoined(prepared, recent, judged)
    ensemble = joined.with_members(final)
    record = {
        **champion.record,
        "data": data_record(on.data.panel, on.news),
        "code": code_record(),
        "train_rows": len(rows) if plan.refit else len(recent),
        "trained_until": str(end),
        "weights": ensemble.weights,
        "updated": {"refit": list(plan.refit), "joined_on_days": days, "joined_from": str(begin)},
    }
    record.pop("making", None)
    return Challenger(model=replace(champion, ensemble=ensemble, record=record), rows=rows if plan.refit else recent)
