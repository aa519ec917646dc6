"""Checks, cleaning, reconciliation of sources and the quality report; all point in time."""

from tradewind.quality.impute import Imputed, Imputer
from tradewind.quality.winsorise import Winsoriser

__all__ = [
    "Imputed",
    "Imputer",
    "Winsoriser",
]
