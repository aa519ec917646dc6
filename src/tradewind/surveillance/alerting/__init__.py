"""From scored candidates to alerts: thresholds, merging, arbitration between schemes, tiers, files."""

from tradewind.surveillance.alerting.book import AlertBook, latest
from tradewind.surveillance.alerting.files import ALERTS_FILE, alerts_table, read_alerts, write_alerts
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.alerting.settings import FAMILIES, AlertSettings
from tradewind.surveillance.alerting.tiers import SEVERITY, tier

__all__ = [
    "ALERTS_FILE",
    "FAMILIES",
    "SEVERITY",
    "AlertBook",
    "AlertSettings",
    "Scored",
    "alerts_table",
    "latest",
    "read_alerts",
    "tier",
    "write_alerts",
]
