"""Taking a promotion back by itself: what is watched, the sequential test, and the order that is given once."""

from tradewind.monitoring.retraining.rollback.detector import Detector, GuardReference, Level
from tradewind.monitoring.retraining.rollback.guard import Guarded, Rollback, RollbackGuard
from tradewind.monitoring.retraining.rollback.settings import GuardSettings

__all__ = ["Detector", "GuardReference", "GuardSettings", "Guarded", "Level", "Rollback", "RollbackGuard"]
