"""The leakage audit: one detector a file."""

from tradewind.validation.leakage.audit import audit_leakage
from tradewind.validation.leakage.finding import Finding, LeakageReport
from tradewind.validation.leakage.multiple_testing import adjust
from tradewind.validation.leakage.settings import AuditColumns, AuditSettings

__all__ = ["AuditColumns", "AuditSettings", "Finding", "LeakageReport", "adjust", "audit_leakage"]
