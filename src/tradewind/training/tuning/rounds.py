"""Several searches side by side: a batch of each, split by split, on whatever engine there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optuna.trial import FrozenTrial, TrialState

from tradewind.core import Progress
from tradewind.training.settings import TrainingSettings
from tradewind.training.tuning.forecasts import ForecastStore
from tradewind.training.tuning.space import Value
from tradewind.training.tuning.study import Study
from tradewind.training.tuning.work import Done, Task, Work

if TYPE_CHECKING:
    from tradewind.training.engine import Engine

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Search:
    """One search: its study, and what parameters mean.

    ``given`` : complete settings of the first trials. ``settings_of`` : those that parameters of a later trial mean; a
    ValueError fails the trial. ``model`` : the member that is fitted alone, "" for whole ensembles. ``shown`` : values
    of the parameters as people read them.
    """

    study: Study
    given: tuple[TrainingSettings, ...]
    settings_of: Callable[[Mapping[str, Value]], TrainingSettings]
    model: str = ""
    shown: Callable[[Mapping[str, Value]], Mapping[str, Value]] = dict

    def settings(self, trial: FrozenTrial) -> TrainingSettings:
        """Return the complete settings of ``trial``."""
        if trial.number < len(self.given):
            return self.given[trial.number]
        return self.settings_of(self.study.params(trial))

    def params(self, trial: FrozenTrial) -> Mapping[str, Value]:
        """Return the parameters of ``trial`` as people read them."""
        params = self.study.params(trial)
        return params if trial.number < len(self.given) else self.shown(params)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rounds:
    """What all searches of a stage share.

    ``stop_at`` : moment of :func:`time.monotonic` after which no new batch begins, but the first.
    """

    stage: str
    work: Work
    engine: Engine
    batch: int
    progress: Progress
    tell: Tell
    store: ForecastStore | None = None
    stop_at: float = float("inf")
    began: float = field(default_factory=time.monotonic)

    def run(self, searches: Sequence[Search]) -> None:
        """Run every search to its end, or until the time is up."""
        total = sum(search.study.size for search in searches)
        done = self._finished(searches)
        at_start = done
        self.progress.update(self.stage, done, total)
        first = 0
        while first < max((search.study.size for search in searches), default=0):
            if first and time.monotonic() > self.stop_at:
                self.tell(f"{self.stage}: the time is up, {done} of {total} trials were made")
                return
            self._batch(searches, first)
            first += self.batch
            done = self._finished(searches)
            self.progress.update(self.stage, done, total)
            self.tell(self._news(searches, done, total, at_start))
        self.progress.update(self.stage, total, total)

    def _batch(self, searches: Sequence[Search], first: int) -> None:
        asked: list[tuple[Search, FrozenTrial, TrainingSettings]] = []
        for search in searches:
            for trial in search.study.ask(first, min(first + self.batch, search.study.size)):
                try:
                    settings = search.settings(trial)
                except ValueError as error:  # parameters that the model's settings refuse
                    search.study.fail(trial, " ".join(str(error).split()))
                    continue
                asked.append((search, trial, settings))
        depth = max((len(search.study.segments) for search in searches), default=0)
        for level in range(depth):
            asked = self._level(asked, level)
        if self.store is not None:
            for search in searches:
                self.store.tidy(search.study)

    def _level(
        self, asked: Sequence[tuple[Search, FrozenTrial, TrainingSettings]], level: int
    ) -> list[tuple[Search, FrozenTrial, TrainingSettings]]:
        """Evaluate the trials on the splits of segment ``level``; return those that go on."""
        places, tasks = [], []
        for place, (search, trial, settings) in enumerate(asked):
            for split in search.study.segments[level]:
                if not search.study.scored(trial, split):
                    places.append(place)
                    tasks.append(Task(settings=settings, split=split, model=search.model))
        found: dict[int, list[tuple[int, Done]]] = {}
        for place, task, done in zip(places, tasks, self.engine.map(self.work, tasks), strict=True):
            found.setdefault(place, []).append((task.split, done))
        going = []
        for place, (search, trial, settings) in enumerate(asked):
            segment = search.study.segments[level]
            if self._keep(search, trial, found.get(place, [])):
                search.study.judge(trial, segment)
                if search.study.trials()[trial.number].state == TrialState.RUNNING:
                    going.append((search, trial, settings))
        return going

    def _keep(self, search: Search, trial: FrozenTrial, parts: Sequence[tuple[int, Done]]) -> bool:
        """Keep what was found for ``trial``; False where it failed."""
        failed = [done.reason for _, done in parts if done.reason]
        if failed:
            search.study.fail(trial, failed[0])
            return False
        for split, done in parts:
            if self.store is not None:  # before its score, so that a cut between the two does the split again
                self.store.save(search.study, trial, split, done)
            search.study.record(trial, split, done.scores, done.seconds)
        return True

    def _finished(self, searches: Sequence[Search]) -> int:
        return sum(trial.state != TrialState.RUNNING for search in searches for trial in search.study.trials())

    def _news(self, searches: Sequence[Search], done: int, total: int, at_start: int) -> str:
        parts = []
        for search in searches:
            trials = search.study.trials()
            values = [trial.value for trial in trials if trial.state == TrialState.COMPLETE and trial.value is not None]
            name = search.model or "ensemble"
            if values and trials[0].state == TrialState.COMPLETE:
                parts.append(f"{name} {max(values):.4f} (default {trials[0].value:.4f})")
            elif values:
                parts.append(f"{name} {max(values):.4f}")
        spent = time.monotonic() - self.began
        left = spent / max(done - at_start, 1) * (total - done)
        best = ", ".join(parts) or "none"
        return f"{self.stage}: {done} of {total} trials, about {left:.0f} s left; best so far: {best}"
