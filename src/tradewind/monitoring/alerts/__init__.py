"""Alerts: from findings to few notifications, each told once, none lost."""

from tradewind.monitoring.alerts.courier import Courier, Delivered
from tradewind.monitoring.alerts.manager import AlertManager, trial_notification
from tradewind.monitoring.alerts.outbox import Outbox
from tradewind.monitoring.alerts.people import SilenceOrder, acknowledge, resolve, silence, unsilence
from tradewind.monitoring.alerts.records import Alert, Incident, Notification, Silence
from tradewind.monitoring.alerts.rules import GroupingRule, InhibitionRule
from tradewind.monitoring.alerts.runbook import RUNBOOK, runbook
from tradewind.monitoring.alerts.settings import AlertSettings, Receiver, Step
from tradewind.monitoring.alerts.shown import (
    incident_details,
    incident_rows,
    outbox_rows,
    silence_rows,
    try_receivers,
)
from tradewind.monitoring.alerts.state import AlertState, MemoryAlertStore, StateStore
from tradewind.monitoring.alerts.store import AlertStore

__all__ = [
    "RUNBOOK",
    "Alert",
    "AlertManager",
    "AlertSettings",
    "AlertState",
    "AlertStore",
    "Courier",
    "Delivered",
    "GroupingRule",
    "Incident",
    "InhibitionRule",
    "MemoryAlertStore",
    "Notification",
    "Outbox",
    "Receiver",
    "Silence",
    "SilenceOrder",
    "StateStore",
    "Step",
    "acknowledge",
    "incident_details",
    "incident_rows",
    "outbox_rows",
    "resolve",
    "runbook",
    "silence",
    "silence_rows",
    "trial_notification",
    "try_receivers",
    "unsilence",
]
