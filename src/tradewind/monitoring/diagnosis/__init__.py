"""What is wrong, and why: causes ranked by evidence, where the error is, and what to do."""

from tradewind.monitoring.diagnosis.causes import (
    Action,
    Cause,
    CauseKind,
    ErrorSlice,
    FeatureShift,
    Item,
    Step,
    Verdict,
)
from tradewind.monitoring.diagnosis.diagnosis import Diagnosis, diagnose
from tradewind.monitoring.diagnosis.evidence import LEAST_REFERENCE, Evidence
from tradewind.monitoring.diagnosis.settings import DiagnosisSettings

__all__ = [
    "LEAST_REFERENCE",
    "Action",
    "Cause",
    "CauseKind",
    "Diagnosis",
    "DiagnosisSettings",
    "ErrorSlice",
    "Evidence",
    "FeatureShift",
    "Item",
    "Step",
    "Verdict",
    "diagnose",
]
