"""Times as findings and slices give them: aware, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from tradewind.core.arrays import as_time
from tradewind.monitoring.slices import Slice


def aware(moment: np.datetime64) -> datetime:
    """Return ``moment`` (UTC) as an aware datetime."""
    value: Any = as_time(moment).item()
    found: datetime = value.replace(tzinfo=UTC)
    return found


def bar_time(one: Slice) -> datetime:
    """Return the time of the slice's bars, UTC, aware."""
    return aware(one.time)
