"""Feeds that fall silent, and bars that do not come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tradewind.core import Severity
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.quality.settings import FeedSettings
from tradewind.monitoring.slices import Slice

FORGOTTEN = np.timedelta64(365, "D")
"""Time after which a symbol that is not expected any more, and does not come, is forgotten."""


class FeedWatcher:
    """Counts, feed by feed, which of the expected bars came.

    A symbol belongs to the feed that brought its latest bar. Kinds: ``feed_silent`` (none of a feed's expected bars
    came), ``bars_missing`` (a share of a feed, or one symbol for several sessions).
    """

    name = "feeds"

    def __init__(self, settings: FeedSettings | None = None) -> None:
        self.settings = settings or FeedSettings()
        self._feed: dict[str, str] = {}
        self._missed: dict[str, int] = {}
        self._seen: dict[str, np.datetime64] = {}
        self._share: dict[str, float] = {}

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in which bars came and return what is missing."""
        came = set(one.symbol.tolist())
        for symbol, feed in zip(one.symbol.tolist(), one.feed.tolist(), strict=True):
            self._feed[symbol] = feed
            self._missed.pop(symbol, None)
        for symbol in one.expected:
            if symbol not in came:
                self._missed[symbol] = self._missed.get(symbol, 0) + 1
        self._seen.update(dict.fromkeys({*one.expected, *came}, one.time))
        for symbol in [symbol for symbol, time in self._seen.items() if one.time - time > FORGOTTEN]:
            del self._seen[symbol]
            self._missed.pop(symbol, None)
            self._feed.pop(symbol, None)
        found: list[Finding] = []
        for feed, symbols in sorted(self._expected(one).items()):
            absent = sorted(symbols - came)
            self._share[feed] = len(absent) / len(symbols)
            found.extend(self._of_feed(one, feed, len(symbols), absent))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return the share of each feed's expected bars that were missing in the latest slice."""
        return {"missing_share": {feed or "all": share for feed, share in sorted(self._share.items())}}

    def _expected(self, one: Slice) -> dict[str, set[str]]:
        limit = self.settings.forget_sessions
        expected: dict[str, set[str]] = {}
        for symbol in one.expected:
            if self._missed.get(symbol, 0) <= limit and symbol in self._feed:
                expected.setdefault(self._feed[symbol], set()).add(symbol)
        return expected

    def _of_feed(self, one: Slice, feed: str, expected: int, absent: list[str]) -> Iterator[Finding]:
        share = len(absent) / expected
        name = f"feed {feed}" if feed else "the only feed"
        subject = {"feed": feed or "all"}
        if expected >= self.settings.least_symbols and share == 1.0:
            words = f"{name} brought none of the {expected} bars that were expected"
            yield _finding(one, "feed_silent", Severity.CRITICAL, words, subject, (share, expected, absent))
        elif expected >= self.settings.least_symbols and share >= self.settings.missing_share:
            words = f"{name} brought {expected - len(absent)} of the {expected} bars that were expected"
            yield _finding(one, "bars_missing", Severity.ERROR, words, subject, (share, expected, absent))
        else:
            for symbol in absent:
                missed = self._missed[symbol]
                if missed >= self.settings.absent_sessions:
                    words = f"{symbol} has had no bar for {missed} sessions"
                    about = {"symbol": symbol, **({"feed": feed} if feed else {})}
                    yield _finding(one, "bars_missing", Severity.WARNING, words, about, (share, expected, [symbol]))


def _finding(
    one: Slice,
    kind: str,
    severity: Severity,
    message: str,
    subject: Mapping[str, str],
    seen: tuple[float, int, list[str]],
) -> Finding:
    share, expected, absent = seen
    return Finding(
        kind=kind,
        area=Area.DATA_QUALITY,
        severity=severity,
        message=message,
        time=bar_time(one),
        known_at=one.known_at,
        subject=subject,
        statistic=share,
        threshold=0.0,
        evidence={"expected": expected, "missing": len(absent), "symbols": absent[:20]},
    )
