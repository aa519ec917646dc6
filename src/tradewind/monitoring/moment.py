"""The time of a slice as findings give it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tradewind.core.arrays import as_time
from tradewind.monitoring.slices import Slice


def bar_time(one: Slice) -> datetime:
    """Return the time of the slice's bars, UTC, aware."""
    value: Any = as_time(one.time).item()
    moment: datetime = value.replace(tzinfo=UTC)
    return moment
