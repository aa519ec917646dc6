"""The audit log: append-only, hash-chained, signed; on SQLite or PostgreSQL."""

from tradewind.governance.audit.chain import Receipt
from tradewind.governance.audit.export import check_export
from tradewind.governance.audit.faults import Finding, Verification
from tradewind.governance.audit.keys import KeyRing
from tradewind.governance.audit.log import AuditLog
from tradewind.governance.audit.prediction import PredictionFields, prediction_body
from tradewind.governance.audit.query import Entry, Filter
from tradewind.governance.audit.settings import AuditSettings
from tradewind.governance.audit.where import AuditPlace, place_of

__all__ = [
    "AuditLog",
    "AuditPlace",
    "AuditSettings",
    "Entry",
    "Filter",
    "Finding",
    "KeyRing",
    "PredictionFields",
    "Receipt",
    "Verification",
    "check_export",
    "place_of",
    "prediction_body",
]
