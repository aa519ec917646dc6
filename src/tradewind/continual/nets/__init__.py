"""Learners that are one net: what differs is what they keep of the past and how they use it."""

from tradewind.continual.nets.bounds import FineTuning, FreshNet, Joint
from tradewind.continual.nets.episodic import Episodic
from tradewind.continual.nets.ewc import EWC
from tradewind.continual.nets.external import ExternalMemory
from tradewind.continual.nets.rehearsal import Rehearsal
from tradewind.continual.nets.settings import (
    EpisodicSettings,
    EWCSettings,
    ExternalMemorySettings,
    NetSettings,
    RehearsalSettings,
)

__all__ = [
    "EWC",
    "EWCSettings",
    "Episodic",
    "EpisodicSettings",
    "ExternalMemory",
    "ExternalMemorySettings",
    "FineTuning",
    "FreshNet",
    "Joint",
    "NetSettings",
    "Rehearsal",
    "RehearsalSettings",
]
