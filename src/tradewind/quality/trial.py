"""A trial of the checks: which planted faults they find, and what they say of clean data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tradewind.core import Event
from tradewind.quality.report import QualityReport

EVENTS_OF_FAULT: Mapping[str, frozenset[str]] = {
    "stale_price": frozenset({"stale_price"}),
    "zero_volume": frozenset({"zero_volume"}),
    "high_below_low": frozenset({"high_below_low"}),
    "duplicate_bar": frozenset({"duplicate_bar"}),
    "time_zone_slip": frozenset({"closed_day", "time_zone_slip", "date_shift"}),
    "unadjusted_split": frozenset({"unadjusted_split"}),
    "price_spike": frozenset({"price_spike"}),
    "missing_field": frozenset({"missing_field"}),
    "missing_bar": frozenset({"missing_bar", "missing_session"}),
    "negative_or_zero_price": frozenset({"non_positive_price"}),
    "close_outside_range": frozenset({"close_outside_range"}),
    "unit_change": frozenset({"price_unit_change", "volume_unit_change"}),
    "volume_spike": frozenset({"volume_spike"}),
    "adj_close_inconsistent": frozenset({"adjustment_jump"}),
}
"""The event kinds that name each kind of planted fault; any other event at its place does not count as found."""


class PlantedFault(Protocol):
    """What a trial must know of a planted fault."""

    @property
    def kind(self) -> str:
        """Name of the kind."""
        ...

    @property
    def symbol(self) -> str:
        """Symbol at fault."""
        ...

    @property
    def time(self) -> datetime:
        """First session at fault."""
        ...

    @property
    def end(self) -> datetime:
        """Last session at fault."""
        ...


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """One kind of fault: how many were planted and found, and how many events of its kinds a clean panel raised."""

    kind: str
    planted: int
    found: int
    false_alarms: int


def is_found(fault: PlantedFault, events: Iterable[Event]) -> bool:
    """Return whether an event of a fitting kind lies on the fault's sessions, or the day before or after them."""
    kinds, day = EVENTS_OF_FAULT[str(fault.kind)], timedelta(days=1)
    return any(
        event.kind in kinds
        and event.symbol == fault.symbol
        and event.event_time is not None
        and fault.time - day <= event.event_time <= fault.end + day
        for event in events
    )


def run_trial(faults: Iterable[PlantedFault], faulty: QualityReport, clean: QualityReport) -> list[TrialLine]:
    """Compare planted ``faults`` with the report of the faulty panel; ``clean`` is the report before planting."""
    by_kind: dict[str, list[PlantedFault]] = {}
    for fault in faults:
        by_kind.setdefault(str(fault.kind), []).append(fault)
    return [
        TrialLine(
            kind=kind,
            planted=len(group),
            found=sum(is_found(fault, faulty.events) for fault in group),
            false_alarms=sum(event.kind in EVENTS_OF_FAULT[kind] for event in clean.events),
        )
        for kind, group in sorted(by_kind.items())
    ]
