"""Detectors of schemes that work through the price: pumps, marked closes, ignited momentum, front running."""

from tradewind.surveillance.detectors.prices.close import CloseDetector
from tradewind.surveillance.detectors.prices.feed import SwingFeed
from tradewind.surveillance.detectors.prices.front_running import FrontRunningDetector
from tradewind.surveillance.detectors.prices.ignition import IgnitionDetector
from tradewind.surveillance.detectors.prices.pump import PumpDetector

__all__ = ["CloseDetector", "FrontRunningDetector", "IgnitionDetector", "PumpDetector", "SwingFeed"]
