"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np

from tradewind.core import Event, Severity
from tradewind.core.arrays import AnyArray, IntArray, TimeArray
from tradewind.quality.bars import Bars
from tradewind.quality.settings import QualitySettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """Findings of one check, one entry per finding.

    Attributes
    ----------
    rows : (k,) the bar at fault.
    known : (k,) the bar with which the fault could be known; None where it is the bar at fault.
    field : the column at fault, one for all or (k,) one each.
    evidence : numbers that show the fault, (k,) each; they also fill the message.
    when : (k,) event times where they are not those of ``rows`` (a bar that is not there has no row).
    """

    rows: IntArray
    known: IntArray | None = None
    field: str | AnyArray | None = None
    evidence: dict[str, AnyArray] = dataclass_field(default_factory=dict)
    when: TimeArray | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: what it is called, how bad a finding is, what it says, and how it finds.

    ``find`` looks at nothing after the bar that ``Found.known`` names and at no more than ``QualitySettings.memory``
    bars up to it; so the same function serves a history and an arriving bar.
    """

    kind: str
    severity: Severity
    message: str
    find: Callable[[Bars, QualitySettings], Found]


def to_events(check: Check, found: Found, bars: Bars, symbols: AnyArray) -> list[tuple[int, Event]]:
    """Return ``(row at which it is known, event)`` per finding; ``symbols`` (n,) names the symbol of each row."""
    known = found.rows if found.known is None else found.known
    when = bars.time[found.rows] if found.when is None else found.when
    events: list[tuple[int, Event]] = []
    for i in range(len(found.rows)):
        evidence = {name: _plain(values[i]) for name, values in found.evidence.items()}
        column = found.field if found.field is None or isinstance(found.field, str) else str(found.field[i])
        event = Event(
            kind=check.kind,
            severity=check.severity,
            message=check.message.format(field=column, **evidence),
            symbol=str(symbols[found.rows[i]]),
            event_time=when[i].astype("datetime64[us]").item(),
            known_at=bars.known_at[known[i]].astype("datetime64[us]").item(),
            field=column,
            evidence=evidence,
        )
        events.append((int(known[i]), event))
    return events


def _plain(value: Any) -> Any:
    """Return a JSON-ready value; floats are cut to six digits, which is all that a reader needs."""
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.floating | float):
        return float(f"{float(value):.6g}")
    return value.item() if isinstance(value, np.generic) else value
