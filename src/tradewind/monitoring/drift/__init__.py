"""Data drift: has what the model is given changed more than it changes anyway?"""

from tradewind.monitoring.drift.calibration import Calibration
from tradewind.monitoring.drift.reference import DriftReference
from tradewind.monitoring.drift.report import drift_report
from tradewind.monitoring.drift.result import DriftReport, FeatureDrift, GroupDrift, JointDrift
from tradewind.monitoring.drift.settings import DriftSettings
from tradewind.monitoring.drift.watcher import DriftWatcher

__all__ = [
    "Calibration",
    "DriftReference",
    "DriftReport",
    "DriftSettings",
    "DriftWatcher",
    "FeatureDrift",
    "GroupDrift",
    "JointDrift",
    "drift_report",
]
