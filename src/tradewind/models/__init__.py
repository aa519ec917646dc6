"""Forecasters behind one protocol: trees, sequence nets, ensembles, calibration, intervals."""

from tradewind.models.baselines import AlwaysUp, BaselineSettings, LastDirection, Momentum, Reversal
from tradewind.models.logistic import LogisticForecaster, LogisticSettings
from tradewind.models.lstm import LSTMForecaster, LSTMSettings
from tradewind.models.protocol import Forecaster
from tradewind.models.random_forest import RandomForestForecaster, RandomForestSettings
from tradewind.models.registry import MODELS, load_model, make_model
from tradewind.models.xgb import XGBoostForecaster, XGBoostSettings

__all__ = [
    "MODELS",
    "AlwaysUp",
    "BaselineSettings",
    "Forecaster",
    "LSTMForecaster",
    "LSTMSettings",
    "LastDirection",
    "LogisticForecaster",
    "LogisticSettings",
    "Momentum",
    "RandomForestForecaster",
    "RandomForestSettings",
    "Reversal",
    "XGBoostForecaster",
    "XGBoostSettings",
    "load_model",
    "make_model",
]
