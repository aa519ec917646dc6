"""Forecasts of held-out blocks by the default and by the best trial of each member, kept for the next stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from tradewind.core import Forecast
from tradewind.core.arrays import IntArray
from tradewind.core.files import atomic_path
from tradewind.training.tuning.study import Study
from tradewind.training.tuning.work import Done


class ForecastStore:
    """A folder of small files, one for a trial and split."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, study: Study, trial: FrozenTrial, split: int, done: Done) -> None:
        """Keep the forecasts in ``done``."""
        assert done.probability is not None
        assert done.expected_return is not None
        with atomic_path(self._path(study, trial.number, split)) as draft:
            np.save(draft, np.stack([done.probability, done.expected_return]), allow_pickle=False)

    def load(self, study: Study, number: int, split: int, rows: IntArray) -> Forecast:
        """Return the forecasts of ``rows``, the block of ``split``, by trial ``number``."""
        probability, expected = np.load(self._path(study, number, split), allow_pickle=False)
        return Forecast.point(rows, probability, expected)

    def tidy(self, study: Study) -> None:
        """Remove the forecasts that no later stage can need: all but the default's and those of the best so far."""
        complete = [trial for trial in study.trials() if trial.state == TrialState.COMPLETE]
        kept = {0} | {max(complete, key=lambda t: (t.value or 0.0, -t.number)).number for _ in complete[:1]}
        running = {trial.number for trial in study.trials() if trial.state == TrialState.RUNNING}
        for path in self.folder.glob(f"{study.plan.name}_*_*.npy"):
            if int(path.stem.split("_")[-2]) not in kept | running:
                path.unlink()

    def _path(self, study: Study, number: int, split: int) -> Path:
        return self.folder / f"{study.plan.name}_{number}_{split}.npy"
