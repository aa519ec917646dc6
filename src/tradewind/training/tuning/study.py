"""One search kept in Optuna's storage: it asks for parameters, is told scores, and goes on where it was cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.pruners import HyperbandPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event

from tradewind.core import UsageError
from tradewind.core.ids import content_id
from tradewind.core.sqlite import write_ahead
from tradewind.training.tuning.settings import TuningSettings
from tradewind.training.tuning.space import Space, Value

SCORES, SECONDS, REASON = "scores_", "seconds", "reason"
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class _Given(BaseSampler):
    """Proposes what it was given: one trial of a grid, or settings that were there before the search."""

    def __init__(self, params: Mapping[str, Value]) -> None:
        self._params = params

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: parameters are given one by one."""
        del study, trial
        return {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing, for nothing was asked for."""
        del study, trial, search_space
        return {}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Value:
        """Return the value that was given for ``param_name``."""
        del study, trial, param_distribution
        return self._params[param_name]


def open_storage(path: Path) -> RDBStorage:
    """Return the storage in the SQLite file ``path``, made where it is not there yet."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    storage = RDBStorage(f"sqlite:///{path}")

    @event.listens_for(storage.engine, "connect")
    def _write_ahead(connection: Any, _: object) -> None:
        write_ahead(connection)  # a commit need not wait for the disk, and a cut damages nothing
        connection.execute("PRAGMA synchronous=NORMAL")

    storage.engine.dispose()  # connections made before the listener are not kept
    return storage


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one search tries.

    Attributes
    ----------
    name : of the study, unique in the storage.
    fixed : parameters of the first trials, in order, the default's first; those they do not name lie in the middle.
    trials : number of trials in all.
    first_split : number of the first split it is judged on.
    prunes : may give up trials early.
    """

    name: str
    space: Space
    fixed: tuple[Mapping[str, Value], ...]
    trials: int
    seed: int
    first_split: int = 0
    prunes: bool = True


class Study:
    """Asks and tells in a way that depends on trial numbers alone: the sampler is seeded anew for each trial."""

    def __init__(self, storage: RDBStorage, plan: Plan, settings: TuningSettings, origin: Mapping[str, str]) -> None:
        self.plan = plan
        self._settings = settings
        self._study = optuna.create_study(
            storage=storage, study_name=plan.name, direction="maximize", load_if_exists=True
        )
        self._storage = storage
        self._check_origin(origin)
        size = settings.splits - plan.first_split
        self._pruner = (
            HyperbandPruner(
                min_resource=min(settings.min_splits, size), max_resource=size, reduction_factor=settings.reduction
            )
            if settings.pruner == "hyperband" and plan.prunes and size > 1
            else None
        )
        self._grid = self._grid_of() if settings.sampler == "grid" else []
        self.size = min(plan.trials, len(plan.fixed) + len(self._grid)) if settings.sampler == "grid" else plan.trials
        if not plan.space:
            self.size = min(self.size, len(plan.fixed))

    def _check_origin(self, origin: Mapping[str, str]) -> None:
        found = self._study.user_attrs.get("origin")
        if found is None:
            self._study.set_user_attr("origin", dict(origin))
            return
        changed = [name for name, value in origin.items() if found.get(name) != value]
        if changed:
            raise UsageError(
                f"the search kept there was made with other {' and '.join(changed)}",
                fix="give another --out to begin a new search, or the same data, settings and version to go on",
            )

    def _grid_of(self) -> list[dict[str, Value]]:
        """Return every combination of the grid that is not a fixed trial, shuffled."""
        spans = [span.grid(self._settings.grid_points) for span in self.plan.space.values()]
        total = int(np.prod([len(span) for span in spans]))
        order = np.random.default_rng(self.plan.seed).permutation(total)[: self.plan.trials + len(self.plan.fixed)]
        sizes = [len(span) for span in spans]
        places = zip(*(index.tolist() for index in np.unravel_index(order, sizes)), strict=True)
        cells = [
            dict(zip(self.plan.space, (span[i] for span, i in zip(spans, place, strict=True)), strict=True))
            for place in places
        ]
        return [cell for cell in cells if cell not in self.plan.fixed]

    def trials(self) -> list[FrozenTrial]:
        """Return every trial there is, in order of number."""
        return list(self._study.get_trials(deepcopy=False)[: self.size])

    def ask(self, first: int, last: int) -> list[FrozenTrial]:
        """Return trials ``first`` to ``last`` (not included) that are not finished; those not there yet are made."""
        for number in range(first, last):
            there = self._study.get_trials(deepcopy=False)
            if number < len(there) and there[number].state in FINISHED:
                continue
            self._study.sampler = self._sampler(number)
            trial = (
                optuna.trial.Trial(self._study, there[number]._trial_id) if number < len(there) else self._study.ask()
            )
            for name, span in self.plan.space.items():
                span.suggest(trial, name)
        return [trial for trial in self.trials()[first:last] if trial.state not in FINISHED]

    def _sampler(self, number: int) -> BaseSampler:
        seed = int(content_id(self.plan.seed, self.plan.name, number), 16) % 2**32
        fixed: dict[str, Value] | None = None
        if number < len(self.plan.fixed):
            given = self.plan.fixed[number]
            fixed = {
                name: span.nearest(given[name]) if name in given else span.grid(3)[1]
                for name, span in self.plan.space.items()
            }
        elif self._settings.sampler == "grid":
            fixed = self._grid[number - len(self.plan.fixed)]
        if fixed is not None:
            return _Given(fixed)
        if self._settings.sampler == "tpe":
            return TPESampler(seed=seed, n_startup_trials=self._settings.startup, multivariate=True)
        return RandomSampler(seed=seed)

    def params(self, trial: FrozenTrial) -> dict[str, Value]:
        """Return the parameters of ``trial``; those of a fixed trial as they were given, in range or not."""
        if trial.number < len(self.plan.fixed):
            return dict(self.plan.fixed[trial.number])
        return dict(trial.params)

    @property
    def segments(self) -> list[range]:
        """Splits between two moments at which a trial may be given up."""
        first, last = self.plan.first_split, self._settings.splits
        if self._pruner is None:
            return [range(first, last)]
        cuts, reach = [first], min(self._settings.min_splits, last - first)
        while first + reach < last:
            cuts.append(first + reach)
            reach *= self._settings.reduction
        return [range(low, high) for low, high in zip(cuts, [*cuts[1:], last], strict=True)]

    def record(self, trial: FrozenTrial, split: int, scores: Sequence[float], seconds: float) -> None:
        """Keep the scores by period of ``trial`` on ``split``."""
        attrs = self._storage.get_trial_user_attrs(trial._trial_id)
        self._set(trial, SECONDS, attrs.get(SECONDS, 0.0) + seconds)
        self._set(trial, f"{SCORES}{split}", [None if np.isnan(score) else score for score in scores])

    def scored(self, trial: FrozenTrial, split: int) -> bool:
        """Whether the scores of ``trial`` on ``split`` are kept already."""
        return f"{SCORES}{split}" in self._storage.get_trial_user_attrs(trial._trial_id)

    def judge(self, trial: FrozenTrial, done: range) -> None:
        """Report the score of ``trial`` after the splits up to the end of ``done``; it may be given up, or finished."""
        table = scores_of(self._storage.get_trial(trial._trial_id))
        value = mean_score([table[split] for split in range(self.plan.first_split, done.stop)])
        if np.isnan(value):
            self.fail(trial, "no period of its splits could be judged")
            return
        step = done.stop - self.plan.first_split
        self._storage.set_trial_intermediate_value(trial._trial_id, step, value)
        if done.stop == self._settings.splits:
            self._study.tell(trial.number, value)
            return
        pruned = self._pruner is not None and self._pruner.prune(self._study, self._storage.get_trial(trial._trial_id))
        if pruned and trial.number >= len(self.plan.fixed):
            self._set(trial, REASON, f"not among the best after {step} splits")
            self._study.tell(trial.number, state=TrialState.PRUNED)

    def fail(self, trial: FrozenTrial, reason: str) -> None:
        """Record that ``trial`` failed and why."""
        self._set(trial, REASON, reason)
        self._study.tell(trial.number, state=TrialState.FAIL)

    def _set(self, trial: FrozenTrial, name: str, value: Any) -> None:
        self._storage.set_trial_user_attr(trial._trial_id, name, value)


def scores_of(trial: FrozenTrial) -> dict[int, tuple[float, ...]]:
    """Return the scores by period of each split that ``trial`` was judged on."""
    found = {}
    for name, values in trial.user_attrs.items():
        if name.startswith(SCORES):
            found[int(name.removeprefix(SCORES))] = tuple(np.nan if v is None else float(v) for v in values)
    return dict(sorted(found.items()))


def mean_score(parts: Sequence[Sequence[float]]) -> float:
    """Return the mean over all periods that could be judged, NaN where there is none."""
    values = np.array([value for part in parts for value in part])
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
