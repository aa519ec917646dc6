"""Learning to tell episodes from look-alikes: collecting, folds, models, calibration, bars."""

from tradewind.surveillance.learning.bars import set_bars
from tradewind.surveillance.learning.collect import collect
from tradewind.surveillance.learning.context import ContextView
from tradewind.surveillance.learning.described import CandidateSource, Described, LabelledMarket
from tradewind.surveillance.learning.floors import rule_floors
from tradewind.surveillance.learning.folds import Fold, check_fold, entity_folds, make_folds, market_folds
from tradewind.surveillance.learning.imbalance import Balancing, balanced
from tradewind.surveillance.learning.judging import judge
from tradewind.surveillance.learning.model import SurveillanceModel, bundled_folder, bundled_model
from tradewind.surveillance.learning.scheme_model import FittedScheme, SchemeModel, fit_scheme
from tradewind.surveillance.learning.settings import LearningSettings, SchemeModelSettings
from tradewind.surveillance.learning.table import CandidateTable, MarketRecord, SchemeTable, joined
from tradewind.surveillance.learning.threshold import Threshold, threshold_for_cost, threshold_for_precision
from tradewind.surveillance.learning.training import Trained, train_on, train_surveillance

__all__ = [
    "Balancing",
    "CandidateSource",
    "CandidateTable",
    "ContextView",
    "Described",
    "FittedScheme",
    "Fold",
    "LabelledMarket",
    "LearningSettings",
    "MarketRecord",
    "SchemeModel",
    "SchemeModelSettings",
    "SchemeTable",
    "SurveillanceModel",
    "Threshold",
    "Trained",
    "balanced",
    "bundled_folder",
    "bundled_model",
    "check_fold",
    "collect",
    "entity_folds",
    "fit_scheme",
    "joined",
    "judge",
    "make_folds",
    "market_folds",
    "rule_floors",
    "set_bars",
    "threshold_for_cost",
    "threshold_for_precision",
    "train_on",
    "train_surveillance",
]
