"""Checks, cleaning, reconciliation of sources and the quality report; all point in time."""

from tradewind.quality.batch import check_panel
from tradewind.quality.closures import FilledPanel, fill_closures, forward_fill
from tradewind.quality.decay import decay_sentiment
from tradewind.quality.impute import Imputed, Imputer
from tradewind.quality.interpolate import Interpolated, causal_fill, interpolate_gaps
from tradewind.quality.occasions import OccasionSettings, count_news, mark_occasions
from tradewind.quality.outliers import Outliers, mark_outliers
from tradewind.quality.reconcile import ReconcileSettings, ReconciliationReport, SymbolMatch, reconcile
from tradewind.quality.report import QualityReport, SymbolQuality
from tradewind.quality.settings import QualitySettings
from tradewind.quality.stream import Bar, StreamChecker
from tradewind.quality.trial import EVENTS_OF_FAULT, TrialLine, is_found, run_trial
from tradewind.quality.winsorise import Winsoriser

__all__ = [
    "EVENTS_OF_FAULT",
    "Bar",
    "FilledPanel",
    "Imputed",
    "Imputer",
    "Interpolated",
    "OccasionSettings",
    "Outliers",
    "QualityReport",
    "QualitySettings",
    "ReconcileSettings",
    "ReconciliationReport",
    "StreamChecker",
    "SymbolMatch",
    "SymbolQuality",
    "TrialLine",
    "Winsoriser",
    "causal_fill",
    "check_panel",
    "count_news",
    "decay_sentiment",
    "fill_closures",
    "forward_fill",
    "interpolate_gaps",
    "is_found",
    "mark_occasions",
    "mark_outliers",
    "reconcile",
    "run_trial",
]
