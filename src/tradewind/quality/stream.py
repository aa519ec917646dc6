"""The same checks on one arriving bar."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from tradewind.core import Event, Severity
from tradewind.core.arrays import TimeArray, as_time
from tradewind.core.panel import PRICE_FIELDS
from tradewind.quality.bars import Bars
from tradewind.quality.checks import BAR_CHECKS, to_events
from tradewind.quality.sessions import sessions_around
from tradewind.quality.settings import QualitySettings


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar as it arrives; a missing field is NaN. ``known_at`` defaults to 21:00 UTC of the bar's date."""

    symbol: str
    time: np.datetime64
    open: float
    high: float
    low: float
    close: float
    adj_close: float
    volume: float
    known_at: np.datetime64 | None = None


class StreamChecker:
    """Checks bars as they arrive, with a bounded memory per symbol.

    Every bar check of the batch runs on the last ``settings.memory`` bars of the symbol, and the findings that could
    be known with the newest bar come back: over a history, bar by bar, they equal those of ``check_panel`` apart from
    the checks that compare symbols (``missing_session``, ``date_shift``, ``missing_bar`` without a calendar).

    Adjusted closes must be in one adjustment within the memory: when a vendor rescales the past, :meth:`forget`.
    """

    def __init__(self, settings: QualitySettings | None = None, *, calendar: str | None = "XNYS") -> None:
        self.settings = settings or QualitySettings()
        self.calendar = calendar
        self._bars: dict[str, deque[Bar]] = {}

    def check(self, bar: Bar) -> list[Event]:
        """Take in ``bar`` and return what is now known of it and of those before it.

        A bar older than the newest of its symbol is reported as ``out_of_order`` and not taken in.
        """
        bar = replace(bar, time=as_time(bar.time), known_at=_known_at(bar))
        kept = self._bars.setdefault(bar.symbol, deque(maxlen=self.settings.memory))
        if kept and bar.time < kept[-1].time:
            return [self._late(bar, kept[-1])]
        kept.append(bar)
        bars = self._table(kept)
        symbols = np.full(len(kept), bar.symbol)
        last = len(kept) - 1
        return [
            event
            for check in BAR_CHECKS
            for known, event in to_events(check, check.find(bars, self.settings), bars, symbols)
            if known == last
        ]

    def forget(self, symbol: str) -> None:
        """Drop what is remembered of ``symbol``."""
        self._bars.pop(symbol, None)

    def _late(self, bar: Bar, newest: Bar) -> Event:
        return Event(
            kind="out_of_order",
            severity=Severity.ERROR,
            message=f"the bar is older than the newest one, of {newest.time}; it is not taken in",
            symbol=bar.symbol,
            event_time=_moment(bar.time),
            known_at=_moment(_known_at(bar)),
            field="time",
            evidence={"newest": str(newest.time)},
        )

    def _table(self, kept: deque[Bar]) -> Bars:
        time: TimeArray = np.array([bar.time for bar in kept], dtype="datetime64[us]")
        return Bars(
            first=np.zeros(len(kept), dtype=np.int64),
            time=time,
            known_at=np.array([bar.known_at for bar in kept], dtype="datetime64[us]"),
            sessions=self._sessions(time),
            **{name: np.array([getattr(bar, name) for bar in kept], dtype=np.float64) for name in PRICE_FIELDS},
        )

    def _sessions(self, time: TimeArray) -> TimeArray | None:
        return None if self.calendar is None else sessions_around(time[0], time[-1], self.calendar)


def _moment(time: np.datetime64) -> datetime:
    moment: Any = as_time(time).item()
    assert isinstance(moment, datetime)
    return moment


def _known_at(bar: Bar) -> np.datetime64:
    if bar.known_at is not None:
        return as_time(bar.known_at)
    day = as_time(bar.time).astype("datetime64[D]")
    return as_time(day + np.timedelta64(21, "h"))
