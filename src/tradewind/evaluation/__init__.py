"""Metrics, significance, backtest, risk, slices and the report."""

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

__all__ = [
    "BootstrapSettings",
    "ForecastMetrics",
    "Interval",
    "MetricsSettings",
    "SignificanceSettings",
    "TestResult",
    "Verdict",
    "accuracy_interval",
    "compare_with_baseline",
    "deflated_sharpe",
    "diebold_mariano",
    "forecast_metrics",
    "pesaran_timmermann",
    "probabilistic_sharpe",
    "skill_verdict",
    "wilson_interval",
]
