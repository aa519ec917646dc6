"""What a portfolio's return is made of: sectors, factors, selection and timing, costs."""

from tradewind.evaluation.attribution.brinson import (
    DailyEffects,
    PeriodEffects,
    SectorEffect,
    daily_effects,
    linked,
)
from tradewind.evaluation.attribution.factors import (
    FactorAttribution,
    FactorLine,
    FactorReturns,
    attribute_factors,
    factor_returns,
)
from tradewind.evaluation.attribution.linking import linking_factors
from tradewind.evaluation.attribution.page import render_page, write_page
from tradewind.evaluation.attribution.performance import Performance, SymbolLine, attribute_performance
from tradewind.evaluation.attribution.regression import Fit, least_squares
from tradewind.evaluation.attribution.settings import PerformanceSettings
from tradewind.evaluation.attribution.timing import Timing, TimingTest, split_timing

__all__ = [
    "DailyEffects",
    "FactorAttribution",
    "FactorLine",
    "FactorReturns",
    "Fit",
    "Performance",
    "PerformanceSettings",
    "PeriodEffects",
    "SectorEffect",
    "SymbolLine",
    "Timing",
    "TimingTest",
    "attribute_factors",
    "attribute_performance",
    "daily_effects",
    "factor_returns",
    "least_squares",
    "linked",
    "linking_factors",
    "render_page",
    "split_timing",
    "write_page",
]
