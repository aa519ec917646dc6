"""Fits the pipeline on folds and keeps the record of it."""

from tradewind.training.dataset import build_dataset, feature_table
from tradewind.training.engine import Engine, LocalEngine, RayEngine, make_engine
from tradewind.training.fairness import FairnessSettings, with_parity
from tradewind.training.learning import CurvePoint, learning_curve
from tradewind.training.model import ENSEMBLE, TrainedModel, fit_model
from tradewind.training.outcomes import forecast_frame, forecasts_of_all, join_outcomes, read_forecasts, to_outcomes
from tradewind.training.preprocess import Preprocessor
from tradewind.training.record import FoldRecord
from tradewind.training.run import Job, RunResult, run_fold, run_folds
from tradewind.training.settings import BASELINES, DEFAULT_MODELS, TrainingSettings, TuningRecord, WalkForwardSettings
from tradewind.training.text import TextSettings, embedder_of, scorer_of
from tradewind.training.tradeoff import FairPoint, fairness_curve

__all__ = [
    "BASELINES",
    "DEFAULT_MODELS",
    "ENSEMBLE",
    "CurvePoint",
    "Engine",
    "FairPoint",
    "FairnessSettings",
    "FoldRecord",
    "Job",
    "LocalEngine",
    "Preprocessor",
    "RayEngine",
    "RunResult",
    "TextSettings",
    "TrainedModel",
    "TrainingSettings",
    "TuningRecord",
    "WalkForwardSettings",
    "build_dataset",
    "embedder_of",
    "fairness_curve",
    "feature_table",
    "fit_model",
    "forecast_frame",
    "forecasts_of_all",
    "join_outcomes",
    "learning_curve",
    "make_engine",
    "read_forecasts",
    "run_fold",
    "run_folds",
    "scorer_of",
    "to_outcomes",
    "with_parity",
]
