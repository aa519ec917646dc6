"""Forecasters behind one protocol: trees, sequence nets, ensembles, calibration, intervals."""

from tradewind.models.baselines import AlwaysUp, BaselineSettings, LastDirection, Momentum, Reversal
from tradewind.models.calibration import CalibrationSettings, Calibrator
from tradewind.models.combine import Combiner, CombinerSettings
from tradewind.models.conformal import ConformalInterval, ConformalSettings
from tradewind.models.ensemble import Ensemble, EnsembleSettings, OutOfFold
from tradewind.models.logistic import LogisticForecaster, LogisticSettings
from tradewind.models.nets.attention import AttentionReader
from tradewind.models.nets.cnn import CNNForecaster, CNNSettings
from tradewind.models.nets.graph import GraphForecaster, GraphSettings
from tradewind.models.nets.gru import GRUForecaster, GRUSettings
from tradewind.models.nets.hybrid import HybridForecaster, HybridSettings
from tradewind.models.nets.lstm import LSTMForecaster, LSTMSettings
from tradewind.models.nets.tcn import TCNForecaster, TCNSettings
from tradewind.models.nets.transformer import TransformerForecaster, TransformerSettings
from tradewind.models.protocol import Forecaster
from tradewind.models.registry import MODELS, ModelSettings, load_model, make_model
from tradewind.models.trees.cat import CatBoostForecaster, CatBoostSettings
from tradewind.models.trees.lgbm import LightGBMForecaster, LightGBMSettings
from tradewind.models.trees.random_forest import RandomForestForecaster, RandomForestSettings
from tradewind.models.trees.table import TreeModel, TreeTable
from tradewind.models.trees.xgb import XGBoostForecaster, XGBoostSettings

__all__ = [
    "MODELS",
    "AlwaysUp",
    "AttentionReader",
    "BaselineSettings",
    "CNNForecaster",
    "CNNSettings",
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
    "GRUForecaster",
    "GRUSettings",
    "GraphForecaster",
    "GraphSettings",
    "HybridForecaster",
    "HybridSettings",
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
    "TCNForecaster",
    "TCNSettings",
    "TransformerForecaster",
    "TransformerSettings",
    "TreeModel",
    "TreeTable",
    "XGBoostForecaster",
    "XGBoostSettings",
    "load_model",
    "make_model",
]
