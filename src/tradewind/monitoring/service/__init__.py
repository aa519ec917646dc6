"""How what serves is doing, and whether it serves what it should."""

from tradewind.monitoring.service.settings import ServiceSettings
from tradewind.monitoring.service.version import Recompute, VersionSettings, VersionWatcher
from tradewind.monitoring.service.watcher import ServiceWatcher

__all__ = ["Recompute", "ServiceSettings", "ServiceWatcher", "VersionSettings", "VersionWatcher"]
