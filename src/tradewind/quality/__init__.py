"""Checks, cleaning, reconciliation of sources and the quality report; all point in time."""

from tradewind.quality.batch import check_panel
from tradewind.quality.impute import Imputed, Imputer
from tradewind.quality.outliers import Outliers, mark_outliers
from tradewind.quality.report import QualityReport, SymbolQuality
from tradewind.quality.settings import QualitySettings
from tradewind.quality.stream import Bar, StreamChecker
from tradewind.quality.winsorise import Winsoriser

__all__ = [
    "Bar",
    "Imputed",
    "Imputer",
    "Outliers",
    "QualityReport",
    "QualitySettings",
    "StreamChecker",
    "SymbolQuality",
    "Winsoriser",
    "check_panel",
    "mark_outliers",
]
