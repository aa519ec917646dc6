"""Schemes of owners: trades without a change of owner, and accounts under one hand."""

from tradewind.surveillance.detectors.owners.together import CoordinationDetector
from tradewind.surveillance.detectors.owners.wash import WashDetector

__all__ = ["CoordinationDetector", "WashDetector"]
