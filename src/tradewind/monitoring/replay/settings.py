"""How replays are run and scored."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from tradewind.core import Settings
from tradewind.monitoring.replay.incidents import IncidentKind

TELLING: Mapping[IncidentKind, frozenset[str]] = MappingProxyType(
    {
        IncidentKind.FEED_STOPS: frozenset({"feed_silent", "bars_missing"}),
        IncidentKind.UNIT_CHANGE: frozenset({"unit_change"}),
        IncidentKind.UNADJUSTED_SPLIT: frozenset({"unadjusted_split"}),
        IncidentKind.STALE_SYMBOL: frozenset({"stale_symbol"}),
        IncidentKind.SECTOR_ROTATION: frozenset({"sector_rotation", "sector_drift", "accuracy_drop"}),
        IncidentKind.VOLATILITY_SHOCK: frozenset({"volatility_shift", "regime_change", "multivariate_drift"}),
        IncidentKind.CORRELATION_BREAK: frozenset({"correlation_break", "correlation_shift"}),
        IncidentKind.LABEL_DELAY: frozenset({"labels_overdue"}),
        IncidentKind.WRONG_MODEL_VERSION: frozenset({"wrong_version", "answers_differ"}),
        IncidentKind.SLOW_DEPENDENCY: frozenset({"slow_dependency", "latency"}),
        IncidentKind.GRADUAL_DRIFT: frozenset({"accuracy_drop", "ic_drop", "calibration_drift", "feature_drift"}),
        IncidentKind.ADVERSARIAL_NEWS: frozenset({"suspicious_news"}),
    }
)
"""Kinds of alert that tell of each kind of incident; another alarm in its time does not count as its detection."""


class ReplaySettings(Settings):
    """How incidents are planted, and when the diagnosis is asked.

    Attributes
    ----------
    quiet : sessions of the replay before the first possible incident. ``least_room`` : sessions left after its first.
    after : sessions after an incident's end in which an alarm is still its own.
    wait : sessions from the alarm to the diagnosis. ``period`` : sessions that the diagnosis is asked about, up to
        then. ``reference`` : sessions before those that it is given; ``least_reference`` : at least.
    """

    quiet: int = Field(default=40, ge=0)
    least_room: int = Field(default=105, ge=20)
    after: int = Field(default=10, ge=0)
    wait: int = Field(default=5, ge=0)
    period: int = Field(default=30, ge=5)
    reference: int = Field(default=150, ge=20)
    least_reference: int = Field(default=60, ge=20)
