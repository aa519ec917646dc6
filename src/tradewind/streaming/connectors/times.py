"""From a vendor's way of writing times to microseconds UTC, and from a bar's stamp to when it could be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tradewind.core.arrays import as_time
from tradewind.data.calendar import session_closes
from tradewind.streaming.connectors.settings import TimeSettings

_PER_SECOND = 1_000_000
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_DAY = 86_400 * _PER_SECOND
_EARLIEST = -5_364_662_400 * _PER_SECOND
"""1800: before any bar, and what a wrong unit often gives."""


def parse_time(value: Any, settings: TimeSettings) -> int:
    """Return microseconds since 1970 UTC of ``value``, rounded down.

    Raises
    ------
    ValueError : it is not a time in the format of ``settings``.
    """
    kind = settings.format
    micros = _from_count(value, kind) if kind in _UNITS or kind == "ns" else _from_text(value, kind, settings.zone)
    if micros < _EARLIEST:
        raise ValueError(f"{value!r} lies before 1800: is the unit {kind!r} right?")
    return micros


def bar_times(stamp: int, settings: TimeSettings) -> tuple[int, int]:
    """Return (time, known_at) of a bar with the vendor's ``stamp``, both microseconds UTC.

    A daily bar's time is the midnight of its session's date and it is known at the session's close; an intraday bar's
    time is its end, and it is known then.
    """
    if settings.bar == "day":
        midnight = _session(stamp, settings.zone)
        return midnight, _close(midnight, settings.calendar)
    end = stamp + round(settings.bar * _PER_SECOND) if settings.stamp == "start" else stamp
    return end, end


def write_time(micros: int, form: str) -> str:
    """Return ``micros`` as ``iso``, or counted in ``s``, ``ms``, ``us`` or ``ns``."""
    if form == "iso":
        return datetime.fromtimestamp(micros / _PER_SECOND, UTC).isoformat().replace("+00:00", "Z")
    if form == "ns":
        return str(micros * 1000)
    return str(micros // _UNITS[form])


def _from_count(value: Any, kind: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is not a number of {kind}")
    try:
        whole = int(value) if not isinstance(value, float) else None
    except ValueError:
        whole = None
    number = whole if whole is not None else float(value)
    if isinstance(number, float) and not np.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number of {kind}")
    micros = number // 1000 if kind == "ns" else number * _UNITS[kind]
    if abs(micros) > 2**62:
        raise ValueError(f"{value!r} {kind} is no time: is the unit right?")
    return int(micros)


def _from_text(value: Any, kind: str, zone: str) -> int:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not a text that holds a time")
    parse: Callable[[str], datetime]
    if kind == "iso":
        parse = datetime.fromisoformat
    elif kind == "rfc2822":
        parse = parsedate_to_datetime
    else:

        def parse(text: str) -> datetime:
            return datetime.strptime(text, kind)

    try:
        moment = parse(value.strip())
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{value!r} is not a time in the format {kind!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _PER_SECOND + since.microseconds


def _session(stamp: int, zone: str) -> int:
    """Midnight of the date that ``stamp`` has in the exchange's zone."""
    day = datetime.fromtimestamp(stamp // _PER_SECOND, ZoneInfo(zone)).date()
    return (day - datetime(1970, 1, 1, tzinfo=UTC).date()).days * _DAY


@lru_cache(maxsize=4096)
def _close(midnight: int, calendar: str | None) -> int:
    day = np.array([midnight], dtype="datetime64[us]")
    return int(as_time(session_closes(day, calendar)[0]).astype(np.int64))
