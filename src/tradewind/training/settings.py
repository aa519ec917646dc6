"""Everything that decides what a trained model is, in one frozen object with an id."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.features import LabelSettings, SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.training.fairness import FairnessSettings
from tradewind.training.text import TextSettings

DEFAULT_MODELS = ("lstm", "random_forest", "xgboost")
BASELINES = ("always_up", "last_direction", "momentum", "reversal", "logistic")


class PreprocessSettings(Settings):
    """How feature columns are prepared; every statistic is fitted on training rows alone."""

    winsor_lower: float = Field(default=0.005, ge=0.0, lt=0.5)
    winsor_upper: float = Field(default=0.995, gt=0.5, le=1.0)
    flag_share: float = Field(default=0.01, ge=0.0, le=1.0)
    """A missing-value flag column is added where at least this share of the training rows is imputed."""


class WalkForwardSettings(Settings):
    """Folds of the walk-forward run: months of training, months forecast, and the embargo between them."""

    train_months: int = Field(default=12, ge=1)
    test_months: int = Field(default=1, ge=1)
    expanding: bool = False
    embargo_days: int = Field(default=0, ge=0)


class TuningRecord(Settings):
    """How settings were found: the number of variants that were tried for them, and the id of the search."""

    trials: int = Field(default=0, ge=0)
    study: str = ""


class TrainingSettings(Settings):
    """One trained ensemble: labels, features, preparation, members, and the seed of everything random."""

    models: tuple[str, ...] = DEFAULT_MODELS
    baselines: tuple[str, ...] = BASELINES
    label: LabelSettings = LabelSettings()
    preprocess: PreprocessSettings = PreprocessSettings()
    selection: SelectionSettings = SelectionSettings()
    ensemble: EnsembleSettings = EnsembleSettings()
    members: ModelSettings = ModelSettings()
    walk_forward: WalkForwardSettings = WalkForwardSettings()
    text: TextSettings = TextSettings()
    adaptive_interval: bool = True
    """Move the interval's miss rate as labels become known, so that coverage holds when volatility changes."""
    min_rows: int = Field(default=200, ge=20)
    """Fewest labelled rows to fit on."""
    seed: int = 7
    tuning: TuningRecord = TuningRecord()
    fairness: FairnessSettings = FairnessSettings()

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if not self.models:
            raise ValueError("models must name at least one model")
        if len(set(self.models)) != len(self.models):
            raise ValueError("models names a model twice")
        return self
