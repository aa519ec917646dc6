"""Governance reports: inventory, quarterly performance, incidents, validation, compliance."""

from tradewind.governance.reports.checks import Check, ComplianceFacts, LogFacts, ServedModel, Status, compliance_checks
from tradewind.governance.reports.compliance import compliance
from tradewind.governance.reports.entry import ModelEntry
from tradewind.governance.reports.incident import incident_report
from tradewind.governance.reports.incident_file import (
    Incident,
    new_incident,
    read_incident,
    read_incidents,
    save_incident,
)
from tradewind.governance.reports.inventory import inventory
from tradewind.governance.reports.joining import card_sources, entries_of, entry_of, log_facts, log_rows, rows_numbered
from tradewind.governance.reports.policy import Policy
from tradewind.governance.reports.quarter import LoggedForecasts, Quarter, logged_forecasts
from tradewind.governance.reports.quarterly import QuarterInput, quarterly
from tradewind.governance.reports.report import Report
from tradewind.governance.reports.validation import ValidationInput, validation
from tradewind.governance.reports.validation_file import ValidationNotes, new_validation, read_validation

__all__ = [
    "Check",
    "ComplianceFacts",
    "Incident",
    "LogFacts",
    "LoggedForecasts",
    "ModelEntry",
    "Policy",
    "Quarter",
    "QuarterInput",
    "Report",
    "ServedModel",
    "Status",
    "ValidationInput",
    "ValidationNotes",
    "card_sources",
    "compliance",
    "compliance_checks",
    "entries_of",
    "entry_of",
    "incident_report",
    "inventory",
    "log_facts",
    "log_rows",
    "logged_forecasts",
    "new_incident",
    "new_validation",
    "quarterly",
    "read_incident",
    "read_incidents",
    "read_validation",
    "rows_numbered",
    "save_incident",
    "validation",
]
