"""Forecasters behind one protocol: trees, sequence nets, ensembles, calibration, intervals."""

from tradewind.models.baselines import AlwaysUp, BaselineSettings, LastDirection, Momentum, Reversal
from tradewind.models.calibration import CalibrationSettings, Calibrator
from tradewind.models.combine import Combiner, CombinerSettings
from tradewind.models.conformal import ConformalInterval, ConformalSettings
from tradewind.models.ensemble import Ensemble, EnsembleSettings, OutOfFold
from tradewind.models.logistic import LogisticForecaster, LogisticSettings
from tradewind.models.nets.graph import GraphForecaster, GraphSettings
from tradewind.models.nets.lstm import LSTMForecaster, LSTMSettings
from tradewind.models.protocol import Forecaster
from tradewind.models.registry import MODELS, ModelSettings, load_model, make_model
from tradewind.models.trees.cat import CatBoostForecaster, CatBoostSettings
from tradewind.models.trees.lgbm import LightGBMForecaster, LightGBMSettings
from tradewind.models.trees.random_forest import RandomForestForecaster, RandomForestSettings
from tradewind.models.trees.xgb import XGBoostForecaster, XGBoostSettings

__all__ = [
    "MODELS",
    "AlwaysUp",
    "BaselineSettings",
    "CalibrationSettings",
    "Calibrator",
    "CatBoostForecaster",
    "CatBoostSettings",
    "Combiner",
    "CombinerSettings",
    "ConformalInterval",
    "ConformalSettings",
    "Ensemble",
    "EnsembleSettings",
    "Forecaster",
    "GraphForecaster",
    "GraphSettings",
    "LSTMForecaster",
    "LSTMSettings",
    "LastDirection",
    "LightGBMForecaster",
    "LightGBMSettings",
    "LogisticForecaster",
    "LogisticSettings",
    "ModelSettings",
    "Momentum",
    "OutOfFold",
    "RandomForestForecaster",
    "RandomForestSettings",
    "Reversal",
    "XGBoostForecaster",
    "XGBoostSettings",
    "load_model",
    "make_model",
]
