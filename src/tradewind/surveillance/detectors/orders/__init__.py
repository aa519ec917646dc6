"""Detectors of schemes that are played with orders: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.detectors.orders.pretence import PretenceTracker
from tradewind.surveillance.detectors.orders.pretended import LayeringDetector, SpoofingDetector
from tradewind.surveillance.detectors.orders.stuffing import StuffingDetector

__all__ = ["LayeringDetector", "PretenceTracker", "SpoofingDetector", "StuffingDetector"]
