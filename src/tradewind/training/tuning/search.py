"""Tune an ensemble inside a training window, in three stages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from tradewind.core import Dataset, InputError, Progress
from tradewind.core.arrays import IntArray
from tradewind.core.ids import array_id, content_id
from tradewind.training.record import news_id, source_id
from tradewind.training.run import Job
from tradewind.training.settings import TrainingSettings, TuningRecord
from tradewind.training.tuning.around import Around
from tradewind.training.tuning.choice import State, Trial, choose
from tradewind.training.tuning.forecasts import ForecastStore
from tradewind.training.tuning.objective import Measure, choose_measure
from tradewind.training.tuning.result import STUDY, StageResult, TuningResult
from tradewind.training.tuning.rounds import Rounds, Search, Tell
from tradewind.training.tuning.settings import TuningSettings
from tradewind.training.tuning.space import Value
from tradewind.training.tuning.space_ensemble import ensemble_of, ensemble_space, params_of
from tradewind.training.tuning.space_models import model_params, space_of, with_params
from tradewind.training.tuning.splits import Preparation, PreparedSplit, cut_splits, training_part
from tradewind.training.tuning.study import REASON, SECONDS, Plan, Study, open_storage, scores_of
from tradewind.training.tuning.work import CombineWork, FitWork

if TYPE_CHECKING:
    from tradewind.training.engine import Engine

_STATES: Mapping[TrialState, State] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


def tune(
    job: Job,
    rows: IntArray,
    settings: TuningSettings,
    engine: Engine,
    storage: Path,
    tell: Tell | None = None,
) -> TuningResult:
    """Search for better settings of ``job`` on ``rows`` of its data (raw features) and return the best found.

    Nothing but ``rows`` is looked at: the data end with the last label of ``rows``, other labels are hidden, and each
    split prepares its columns inside its own training part.

    Parameters
    ----------
    storage : folder that keeps the search; one that was cut goes on there and ends as it would have without the cut.
    tell : is given a line on how the search stands after each batch.

    Raises
    ------
    InputError : too few rows, or every trial of a member failed.
    UsageError : the window is too short for the splits, or ``storage`` keeps a search with other data, settings or
        code.
    """
    base = job.settings
    settings = settings.model_copy(update={"embargo": max(settings.embargo, base.ensemble.embargo)})
    data, rows = training_part(job, rows)
    pairs = cut_splits(data, rows, settings)
    database = open_storage(storage / STUDY)
    try:
        desk = _Desk(
            base=base,
            settings=settings,
            engine=engine,
            storage=database,
            store=ForecastStore(storage / "forecasts"),
            origin=_origin(data, rows, job, settings),
            progress=job.progress,
            tell=tell or (lambda _: None),
            stop_at=time.monotonic() + settings.timeout if settings.timeout else float("inf"),
        )
        members = desk.member_searches()
        desk.progress.update("preparing splits", 0, len(pairs))
        preparation = Preparation(data=data, news=job.news, settings=base, periods=settings.periods)
        splits = tuple(engine.map(preparation, pairs))
        desk.progress.update("preparing splits", len(pairs), len(pairs))
        measure = choose_measure(settings.objective, data, rows)
        stages, chosen = desk.run(members, splits, measure)
        count = sum(len(database.get_all_trials(one._study_id, deepcopy=False)) for one in database.get_all_studies())
    finally:
        database.remove_session()
        database.engine.dispose()
    record = TuningRecord(trials=base.tuning.trials + count, study=content_id(desk.origin))
    time_ = data.panel.time
    return TuningResult(
        settings=chosen.model_copy(update={"tuning": record}),
        stages=tuple(stages),
        measure=measure,
        margin=settings.margin,
        first=_day(time_[pairs[0][1]].min()),
        last=_day(data.labels.end[rows].max()),
    )


def _origin(data: Dataset, rows: IntArray, job: Job, settings: TuningSettings) -> dict[str, str]:
    labels = data.labels
    seen = array_id([data.features, labels.direction, labels.forward_return, rows])
    return {
        "data": content_id(data.panel.id, news_id(job.news), list(data.names), seen),
        "settings": content_id(job.settings.id, settings.fingerprint()),
        "code": source_id(),
    }


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Desk:
    """What the stages of one search share."""

    base: TrainingSettings
    settings: TuningSettings
    engine: Engine
    storage: RDBStorage
    store: ForecastStore
    origin: Mapping[str, str]
    progress: Progress
    tell: Tell
    stop_at: float

    def run(
        self, members: Sequence[Search], splits: tuple[PreparedSplit, ...], measure: Measure
    ) -> tuple[list[StageResult], TrainingSettings]:
        """Run the stages; return their results and the settings taken in the end."""
        fits = FitWork(splits=splits, measure=measure)
        lean = tuple(replace(split, raw=None) for split in splits)  # less to send to other processes
        rounds = Rounds(
            stage="tuning members",
            work=FitWork(splits=lean, measure=measure),
            engine=self.engine,
            batch=self.settings.batch,
            progress=self.progress,
            tell=self.tell,
            store=self.store,
            stop_at=self.stop_at,
        )
        rounds.run(members)
        stages = [self._settle("members", search) for search in members]
        found = self.base
        for search, stage in zip(members, stages, strict=True):
            own = search.settings(search.study.trials()[stage.chosen.number]).members
            update = {search.model: getattr(own, search.model)} if hasattr(own, search.model) else {}
            found = found.model_copy(update={"members": found.members.model_copy(update=update)})
        if self.settings.ensemble_trials:
            chosen = [stage.chosen.number for stage in stages]
            held = tuple(
                {
                    search.model: self.store.load(search.study, number, k, split.block)
                    for search, number in zip(members, chosen, strict=True)
                }
                for k, split in enumerate(splits)
            )
            weights = self._weights_search(found)
            work = CombineWork(splits=lean, held=held, measure=measure)
            replace(rounds, stage="tuning weights", work=work, store=None, began=time.monotonic()).run([weights])
            stages.append(self._settle("weights", weights))
            found = weights.settings(weights.study.trials()[stages[-1].chosen.number])
        if self.settings.joint_trials:
            joint = self._joint_search(found)
            replace(rounds, stage="tuning jointly", work=fits, store=None, began=time.monotonic()).run([joint])
            stages.append(self._settle("joint", joint, fixed=len(joint.given)))
            found = joint.settings(joint.study.trials()[stages[-1].chosen.number])
        return stages, found

    def _study(self, plan: Plan) -> Study:
        return Study(self.storage, plan, self.settings, self.origin)

    def member_searches(self) -> list[Search]:
        """Return the search of each member, its default settings first."""
        return [self._member_search(model) for model in self.base.models]

    def _member_search(self, model: str) -> Search:
        base = self.base

        def settings_of(params: Mapping[str, Value]) -> TrainingSettings:
            return base.model_copy(update={"members": with_params(base.members, model, params)})

        space = space_of(model, base.members)
        default = model_params(model, base.members)
        plan = Plan(name=f"member-{model}", space=space, fixed=(default,), trials=self.settings.trials, seed=base.seed)
        return Search(study=self._study(plan), given=(base,), settings_of=settings_of, model=model)

    def _weights_search(self, found: TrainingSettings) -> Search:
        def settings_of(params: Mapping[str, Value]) -> TrainingSettings:
            joined, kept = ensemble_of(params, found.ensemble, found.models)
            return found.model_copy(update={"ensemble": joined, "models": kept})

        plan = Plan(
            name=f"weights-{found.id}",
            space=ensemble_space(found.models),
            fixed=(params_of(found.ensemble, found.models),),
            trials=self.settings.ensemble_trials,
            seed=self.base.seed,
            first_split=1,
            prunes=False,
        )
        return Search(study=self._study(plan), given=(found,), settings_of=settings_of)

    def _joint_search(self, found: TrainingSettings) -> Search:
        around = Around(found, self.settings.reach)
        given = (self.base,) if found == self.base else (self.base, found)
        names: tuple[Mapping[str, Value], ...] = ({"start": "default"}, {"start": "winners"})
        plan = Plan(
            name=f"joint-{found.id}",
            space=around.space,
            fixed=names[: len(given)],
            trials=max(self.settings.joint_trials, len(given)),
            seed=self.base.seed,
        )
        return Search(study=self._study(plan), given=given, settings_of=around.settings, shown=around.values)

    def _settle(self, stage: str, search: Search, fixed: int = 1) -> StageResult:
        """Return what the search came to; InputError where no trial was completed."""
        name = search.model or "ensemble"
        trials = tuple(_trial(stage, name, search, one) for one in search.study.trials())
        chosen, best = choose(trials, self.settings.margin, fixed)
        if chosen is None:
            first = next((trial.reason for trial in trials if trial.reason), "unknown")
            raise InputError(
                f"every trial of {name} failed, the first with: {first}",
                fix=f"mend that, or leave {name} out of --models",
            )
        return StageResult(stage=stage, model=name, trials=trials, chosen=chosen, best=best)


def _trial(stage: str, model: str, search: Search, one: FrozenTrial) -> Trial:
    scores = scores_of(one)
    return Trial(
        stage=stage,
        model=model,
        number=one.number,
        params=search.params(one),
        splits=tuple(scores.values()),
        state=_STATES.get(one.state, "unfinished"),
        reason=str(one.user_attrs.get(REASON, "")),
        seconds=float(one.user_attrs.get(SECONDS, 0.0)),
    )
