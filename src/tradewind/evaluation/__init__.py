"""Metrics, significance, backtest, risk, slices and the report."""

from tradewind.evaluation.backtest import Backtest, BacktestSettings, backtest
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval
from tradewind.evaluation.diebold_mariano import compare_with_baseline, diebold_mariano
from tradewind.evaluation.forecast_metrics import ForecastMetrics, MetricsSettings, forecast_metrics
from tradewind.evaluation.pesaran_timmermann import TestResult, pesaran_timmermann
from tradewind.evaluation.sharpe_inference import deflated_sharpe, probabilistic_sharpe
from tradewind.evaluation.significance import (
    SignificanceSettings,
    Verdict,
    accuracy_interval,
    skill_verdict,
    wilson_interval,
)
from tradewind.evaluation.trading_metrics import TradingStats, trading_stats

__all__ = [
    "Backtest",
    "BacktestSettings",
    "BootstrapSettings",
    "ForecastMetrics",
    "Interval",
    "MetricsSettings",
    "SignificanceSettings",
    "TestResult",
    "TradingStats",
    "Verdict",
    "accuracy_interval",
    "backtest",
    "compare_with_baseline",
    "deflated_sharpe",
    "diebold_mariano",
    "forecast_metrics",
    "pesaran_timmermann",
    "probabilistic_sharpe",
    "skill_verdict",
    "trading_stats",
    "wilson_interval",
]
