"""What the steps of a retraining share: the run, the registry, the keys, the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import NoProgress, Progress
from tradewind.core.clock import Clock
from tradewind.monitoring.retraining.plan import Plan
from tradewind.monitoring.retraining.runs import RetrainingRun, RunStore, Stand, Step
from tradewind.monitoring.retraining.settings import RetrainingSettings
from tradewind.monitoring.retraining.staff import Staff
from tradewind.monitoring.retraining.trial import Materials, TrialWindow
from tradewind.registry import ModelRegistry, Stage
from tradewind.training import TrainedModel

Tell = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Office:
    """Where a retrainer works: registry, runs, keys, rules, clock, and who is told of each step before it counts."""

    registry: ModelRegistry
    store: RunStore
    staff: Staff
    settings: RetrainingSettings
    clock: Clock
    tell: Tell


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """One step's work: the office, the run as it stands, and the data."""

    office: Office
    run: RetrainingRun
    on: Materials
    progress: Progress = field(default_factory=NoProgress)

    @property
    def challenger_folder(self) -> Path:
        """Where the challenger lies until it is in the registry."""
        return self.office.store.folder(self.run) / "model"

    @property
    def plan(self) -> Plan:
        """The plan of the run."""
        return Plan.from_dict(self.run.facts(Stand.planned)["plan"])

    @property
    def stage(self) -> Stage:
        """Where the challenger stands in the registry."""
        return self.office.registry.stage(self.run.model, self.version)

    @property
    def version(self) -> int:
        """The challenger's version."""
        found = self.run.version
        assert found is not None
        return found

    def champion(self) -> TrainedModel:
        """Return the model that was champion when the run began, files verified."""
        return TrainedModel.load(self.office.registry.model_folder(self.run.model, self.run.champion))

    def window(self, champion: TrainedModel) -> TrialWindow:
        """Return the months of the trial; the same whenever it is asked for."""
        trained = champion.record["trained_until"]
        as_of = np.datetime64(self.run.as_of, "us")
        return TrialWindow.of(self.on.data.labels, trained, self.office.settings.trial, as_of)

    def step(self, stand: Stand, by: str, words: str, **facts: Any) -> Step:
        """Return a step made now."""
        return Step(stand=stand, at=self.office.clock.now().isoformat(), by=by, words=words, facts=facts)
