"""Metrics, significance, backtest, risk, slices and the report."""

from tradewind.evaluation.backtest import Backtest, backtest, trade
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval
from tradewind.evaluation.deflation import Deflated, Deflation, deflate
from tradewind.evaluation.diebold_mariano import compare_with_baseline, diebold_mariano
from tradewind.evaluation.evaluation import (
    Evaluation,
    EvaluationSettings,
    ModelEvaluation,
    evaluate_outcomes,
)
from tradewind.evaluation.fairness import with_parity_measured
from tradewind.evaluation.forecast_metrics import ForecastMetrics, MetricsSettings, forecast_metrics
from tradewind.evaluation.metrics_file import write_json
from tradewind.evaluation.overfit import LearningCurve, Overfit, OverfitSettings, learning_curve_record, train_test_gap
from tradewind.evaluation.paired import PairedAccuracy, paired_accuracy
from tradewind.evaluation.parity import Parity, ParityCurve, group_parity, parity_curve_record
from tradewind.evaluation.pesaran_timmermann import TestResult, pesaran_timmermann
from tradewind.evaluation.positions import BacktestSettings
from tradewind.evaluation.report import draw_plots, render_report, write_report
from tradewind.evaluation.risk import Risk, RiskSettings, measure_risk
from tradewind.evaluation.sharpe_inference import deflated_sharpe, probabilistic_sharpe
from tradewind.evaluation.significance import (
    SignificanceSettings,
    Verdict,
    accuracy_interval,
    skill_verdict,
    wilson_interval,
)
from tradewind.evaluation.slices import SliceRow, SliceSettings, slice_table
from tradewind.evaluation.stress import Stress, StressSettings, stress_test
from tradewind.evaluation.trading_metrics import TradingStats, trading_stats
from tradewind.evaluation.trading_tables import TradingTables

__all__ = [
    "Backtest",
    "BacktestSettings",
    "BootstrapSettings",
    "Deflated",
    "Deflation",
    "Evaluation",
    "EvaluationSettings",
    "ForecastMetrics",
    "Interval",
    "LearningCurve",
    "MetricsSettings",
    "ModelEvaluation",
    "Overfit",
    "OverfitSettings",
    "PairedAccuracy",
    "Parity",
    "ParityCurve",
    "Risk",
    "RiskSettings",
    "SignificanceSettings",
    "SliceRow",
    "SliceSettings",
    "Stress",
    "StressSettings",
    "TestResult",
    "TradingStats",
    "TradingTables",
    "Verdict",
    "accuracy_interval",
    "backtest",
    "compare_with_baseline",
    "deflate",
    "deflated_sharpe",
    "diebold_mariano",
    "draw_plots",
    "evaluate_outcomes",
    "forecast_metrics",
    "group_parity",
    "learning_curve_record",
    "measure_risk",
    "paired_accuracy",
    "parity_curve_record",
    "pesaran_timmermann",
    "probabilistic_sharpe",
    "render_report",
    "skill_verdict",
    "slice_table",
    "stress_test",
    "trade",
    "trading_stats",
    "train_test_gap",
    "wilson_interval",
    "with_parity_measured",
    "write_json",
    "write_report",
]
