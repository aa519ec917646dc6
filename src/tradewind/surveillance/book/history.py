"""The book over time, for pictures: replayed from stored events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.book.detect import detect_style
from tradewind.surveillance.book.replay import BookReplay
from tradewind.surveillance.book.style import TradeStyle
from tradewind.surveillance.events.table import EventTable


@dataclass(frozen=True, kw_only=True)
class DepthSeries:
    """Depth of one symbol over time: the best levels of both sides, best first, 0 where a side has fewer.

    Attributes
    ----------
    time : (t,) nanoseconds; each entry shows the book after all events up to it.
    bid, bid_size, ask, ask_size : (t, levels) prices and shares.
    """

    time: IntArray
    bid: IntArray
    bid_size: IntArray
    ask: IntArray
    ask_size: IntArray


@dataclass(frozen=True, kw_only=True)
class Window:
    """Moments from ``start`` to ``end``, every ``step`` nanoseconds, both ends included where they fall on a step."""

    start: int
    end: int
    step: int

    def times(self) -> IntArray:
        """Return the moments.

        Raises
        ------
        UsageError : ``step`` is not above 0 or ``end`` lies before ``start``.
        """
        if self.step <= 0 or self.end < self.start:
            raise UsageError("a window of moments needs a step above 0 and an end not before its start", field="step")
        return np.arange(self.start, self.end + 1, self.step, dtype=np.int64)


def depth_series(
    events: EventTable, symbol: int, window: Window, *, levels: int = 10, style: TradeStyle | None = None
) -> DepthSeries:
    """Return the depth of ``symbol`` (by code) at the moments of ``window``.

    ``events`` must reach back to where the orders were entered; those of other symbols are left out.
    """
    own = events.take((events.symbol == symbol) & (events.time <= window.end))
    replay = BookReplay(own.symbols, own.accounts, style=detect_style(events) if style is None else style)
    times = window.times()
    ends = np.searchsorted(own.time, times, side="right")
    sides = np.zeros((4, len(times), levels), dtype=np.int64)
    done = 0
    for moment, end in enumerate(ends):
        if end > done:
            replay.update(own.take(slice(done, end)))
            done = int(end)
        shot = replay.snapshot(symbol, levels)
        for side, values in zip(sides, (shot.bid, shot.bid_size, shot.ask, shot.ask_size), strict=True):
            side[moment, : len(values)] = values
    return DepthSeries(time=times, bid=sides[0], bid_size=sides[1], ask=sides[2], ask_size=sides[3])
