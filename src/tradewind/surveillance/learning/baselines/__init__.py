"""What our alerts are measured against: rules alone, and outlier detectors over activity windows."""

from tradewind.surveillance.learning.baselines.activity import ACTIVITY_NAMES, Windows, activity
from tradewind.surveillance.learning.baselines.anomalies import (
    DETECTORS,
    AnomalyResult,
    WindowedMarket,
    best_anomaly,
    run_anomalies,
)
from tradewind.surveillance.learning.baselines.comparison import (
    Compared,
    Comparison,
    compare,
    model_scores,
    rule_scores,
)

__all__ = [
    "ACTIVITY_NAMES",
    "DETECTORS",
    "AnomalyResult",
    "Compared",
    "Comparison",
    "WindowedMarket",
    "Windows",
    "activity",
    "best_anomaly",
    "compare",
    "model_scores",
    "rule_scores",
    "run_anomalies",
]
