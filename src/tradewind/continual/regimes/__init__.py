"""Regimes of the market, known at the time: hidden Markov model, volatility and trend levels, change points."""

from tradewind.continual.regimes.changes import AdaptiveWindow, ChangeSettings, OnlineChange, retrospective_changes
from tradewind.continual.regimes.context import RegimeContext, RegimeFilter, entropy
from tradewind.continual.regimes.em import Parameters
from tradewind.continual.regimes.levels import (
    TREND_REGIMES,
    TrendRegime,
    VolatilityRegime,
    trend_regimes,
    volatility_regimes,
)
from tradewind.continual.regimes.model import RegimeModel
from tradewind.continual.regimes.observations import (
    OBSERVED,
    MarketDay,
    MarketObservations,
    MarketReader,
    ObservationSettings,
    market_observations,
)
from tradewind.continual.regimes.settings import RegimeSettings

__all__ = [
    "OBSERVED",
    "TREND_REGIMES",
    "AdaptiveWindow",
    "ChangeSettings",
    "MarketDay",
    "MarketObservations",
    "MarketReader",
    "ObservationSettings",
    "OnlineChange",
    "Parameters",
    "RegimeContext",
    "RegimeFilter",
    "RegimeModel",
    "RegimeSettings",
    "TrendRegime",
    "VolatilityRegime",
    "entropy",
    "market_observations",
    "retrospective_changes",
    "trend_regimes",
    "volatility_regimes",
]
