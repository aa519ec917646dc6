"""Order data as an engineer would write them to compare detectors on: scripts among honest look-alikes."""

from tradewind.surveillance.elsewhere.benchset.markets import simulate

__all__ = ["simulate"]
