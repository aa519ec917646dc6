"""The quality checks of history, on the bars of each slice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np

from tradewind.core import Event, Severity
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray, as_time
from tradewind.core.panel import PRICE_FIELDS
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import Slice
from tradewind.quality.bars import Bars
from tradewind.quality.checks import BAR_CHECKS, to_events
from tradewind.quality.settings import QualitySettings

KINDS: Mapping[str, str] = {
    "price_unit_change": "unit_change",
    "volume_unit_change": "unit_change",
    "unadjusted_split": "unadjusted_split",
    "stale_price": "stale_symbol",
}
"""Findings that have a run-book section of their own; every other fault of a bar is a ``bad_bar``."""

PASSED_OVER = frozenset({"large_move", "volume_spike", "outlier_iqr", "outlier_deviation", "missing_bar", "closed_day"})
"""Not faults by themselves, or told of by the feed."""

FORGOTTEN = np.timedelta64(365, "D")
"""Time without a bar after which a symbol that is not expected any more is forgotten."""

TOGETHER = 3
"""Symbols of one feed with the same fault at one time that make it a fault of the feed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Kept:
    """The latest bars of one symbol, oldest first; ``values`` (6,) each, in the order of ``PRICE_FIELDS``."""

    time: deque[np.datetime64]
    known: deque[np.datetime64]
    values: deque[FloatArray]


class BarWatcher:
    """Runs every bar check of :mod:`tradewind.quality` on the latest bars of each symbol of a slice.

    What it tells is what :class:`~tradewind.quality.StreamChecker` says of the same bars, one finding a symbol and
    kind; where three symbols of one feed have the same fault at one time, one finding that names the feed.
    """

    name = "bars"

    def __init__(self, settings: QualitySettings | None = None) -> None:
        self.settings = settings or QualitySettings()
        self._kept: dict[str, _Kept] = {}
        self._told = 0

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in the slice's bars and return the faults that are known with them."""
        if not len(one):
            return []
        self._take(one)
        feeds = dict(zip(one.symbol.tolist(), one.feed.tolist(), strict=True))
        by_kind: dict[tuple[str, str], list[Event]] = {}
        for event in self._events(one):
            kind = KINDS.get(event.kind, "bad_bar")
            by_kind.setdefault((kind, feeds[str(event.symbol)]), []).append(event)
        found = [
            finding for (kind, feed), events in sorted(by_kind.items()) for finding in _told(kind, feed, events, one)
        ]
        self._told += len(found)
        return found

    def state(self) -> Mapping[str, Any]:
        """Return how many symbols are remembered and how many faults were told."""
        return {"symbols": len(self._kept), "findings": self._told}

    def _take(self, one: Slice) -> None:
        columns = np.stack([getattr(one.bars, name) for name in PRICE_FIELDS], axis=1)
        known = as_time(np.datetime64(one.known_at.astimezone(UTC).replace(tzinfo=None)))
        for symbol, values in zip(one.symbol.tolist(), columns, strict=True):
            kept = self._kept.get(symbol)
            if kept is None:
                size = self.settings.memory
                kept = _Kept(time=deque(maxlen=size), known=deque(maxlen=size), values=deque(maxlen=size))
                self._kept[symbol] = kept
            kept.time.append(one.time)
            kept.known.append(known)
            kept.values.append(values)
        there = set(one.expected)
        left = [s for s, kept in self._kept.items() if s not in there and one.time - kept.time[-1] > FORGOTTEN]
        for symbol in left:
            del self._kept[symbol]

    def _events(self, one: Slice) -> Iterator[Event]:
        symbols = one.symbol.tolist()
        kept = [self._kept[symbol] for symbol in symbols]
        counts = np.array([len(part.time) for part in kept])
        ends = np.cumsum(counts)
        table = np.concatenate([np.array(part.values) for part in kept])
        time: TimeArray = np.concatenate([np.array(part.time, dtype="datetime64[us]") for part in kept])
        known: TimeArray = np.concatenate([np.array(part.known, dtype="datetime64[us]") for part in kept])
        bars = Bars(
            first=np.repeat(ends - counts, counts),
            time=time,
            known_at=known,
            **{name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(PRICE_FIELDS)},
        )
        names: AnyArray = np.repeat(np.array(symbols), counts)
        newest = set((ends - 1).tolist())
        for check in BAR_CHECKS:
            if check.kind not in PASSED_OVER:
                for row, event in to_events(check, check.find(bars, self.settings), bars, names):
                    if row in newest:
                        yield event


def _told(kind: str, feed: str, events: list[Event], one: Slice) -> Iterator[Finding]:
    """Yield one finding for the feed where many of its symbols have the fault, else one a symbol."""
    symbols = sorted({str(event.symbol) for event in events})
    if len(symbols) >= TOGETHER:
        shown = ", ".join(symbols[:5]) + (" ..." if len(symbols) > 5 else "")
        where = f"feed {feed or 'of all bars'}"
        yield _finding(
            kind, f"{where}: {len(symbols)} symbols at once ({shown}): {events[0].message}", events, one, feed
        )
        return
    for symbol in symbols:
        own = [event for event in events if event.symbol == symbol]
        yield _finding(kind, f"{symbol}: {own[0].message}", own, one, feed, symbol)


def _finding(kind: str, message: str, events: list[Event], one: Slice, feed: str, symbol: str = "") -> Finding:
    subject = {"symbol": symbol} if symbol else {}
    if feed:
        subject["feed"] = feed
    worst = max((event.severity for event in events), key=list(Severity).index)
    return Finding(
        kind=kind,
        area=Area.DATA_QUALITY,
        severity=Severity.WARNING if kind == "bad_bar" and worst is not Severity.CRITICAL else Severity.ERROR,
        message=message,
        time=bar_time(one),
        known_at=one.known_at,
        subject=subject,
        statistic=float(len({event.symbol for event in events})),
        threshold=1.0,
        evidence={
            "checks": sorted({event.kind for event in events}),
            "symbols": sorted({str(event.symbol) for event in events})[:20],
            "first": dict(events[0].evidence),
        },
    )
