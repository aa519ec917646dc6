"""Detectors: each reads the tape and names candidates of one scheme; views describe a candidate from other sides."""

from tradewind.surveillance.detectors.protocol import Candidate, Detector, View

__all__ = ["Candidate", "Detector", "View"]
