"""The twelve incidents that can be planted into a replay."""

from tradewind.monitoring.replay.incidents.bars import FeedStops, StaleSymbol, UnadjustedSplit, UnitChange
from tradewind.monitoring.replay.incidents.incident import Incident, IncidentKind, Stage, Truth
from tradewind.monitoring.replay.incidents.market import (
    CorrelationBreak,
    GradualDrift,
    SectorRotation,
    VolatilityShock,
)
from tradewind.monitoring.replay.incidents.news import AdversarialNews
from tradewind.monitoring.replay.incidents.operations import LabelDelay, SlowDependency, WrongModelVersion

INCIDENTS: dict[IncidentKind, Incident] = {
    one.kind: one
    for one in (
        FeedStops(),
        UnitChange(),
        UnadjustedSplit(),
        StaleSymbol(),
        SectorRotation(),
        VolatilityShock(),
        CorrelationBreak(),
        LabelDelay(),
        WrongModelVersion(),
        SlowDependency(),
        GradualDrift(),
        AdversarialNews(),
    )
}

__all__ = ["INCIDENTS", "Incident", "IncidentKind", "Stage", "Truth"]
