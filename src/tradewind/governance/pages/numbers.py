"""Numbers as a reader sees them; a value that is not known is a dash, never a zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

DASH = "–"


def known(value: Any) -> bool:
    """Return whether ``value`` is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(value: Any, digits: int = 3) -> str:
    """Return ``value`` with ``digits`` decimals and thousands separated."""
    return f"{value:,.{digits}f}" if known(value) else DASH


def count(value: Any) -> str:
    """Return a whole number with thousands separated."""
    return f"{value:,.0f}" if known(value) else DASH


def counted(n: int, noun: str) -> str:
    """Return ``n`` with its noun: "1 model", "2 models"."""
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def percent(value: Any, digits: int = 1) -> str:
    """Return a fraction as per cent."""
    return f"{100 * value:,.{digits}f} %" if known(value) else DASH


def percent_range(bounds: Sequence[Any] | None, digits: int = 1) -> str:
    """Return the two bounds of an interval of a fraction as per cent."""
    if bounds is None or len(bounds) != 2 or not all(map(known, bounds)):
        return DASH
    return f"{100 * bounds[0]:.{digits}f} to {100 * bounds[1]:.{digits}f} %"


def chance(p: Any) -> str:
    """Return a p value; below 0.001 no further digit says anything."""
    return "< 0.001" if known(p) and p < 0.001 else number(p)


def text(value: Any) -> str:
    """Return any plain value as text: a dash for what is absent, lists joined by commas."""
    if value is None or value == "":
        return DASH
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value)) or DASH
    return str(value)


def day(value: Any) -> str:
    """Return the date of ISO text, a date or a datetime, as YYYY-MM-DD."""
    if value in (None, ""):
        return DASH
    return value.isoformat()[:10] if isinstance(value, date | datetime) else str(value)[:10]


def moment(value: Any) -> str:
    """Return ISO text or a datetime as YYYY-MM-DD HH:MM UTC."""
    if value in (None, ""):
        return DASH
    return instant(value).strftime("%Y-%m-%d %H:%M UTC")


def instant(value: Any) -> datetime:
    """Return ISO text or a datetime as an aware UTC datetime; text without a zone counts as UTC.

    Raises
    ------
    ValueError : the text is not an ISO moment.
    """
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
