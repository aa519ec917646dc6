"""Changes of the market itself, told as findings."""

from tradewind.monitoring.regime.naming import SliceRegime
from tradewind.monitoring.regime.settings import RegimeWatcherSettings
from tradewind.monitoring.regime.watcher import RegimeWatcher

__all__ = ["RegimeWatcher", "RegimeWatcherSettings", "SliceRegime"]
