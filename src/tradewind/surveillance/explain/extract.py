"""What is kept of a market to explain one alert: the accounts' own rows whole, the market around them in outline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.book import DepthSeries, Tape
from tradewind.surveillance.events.table import PRICE_UNIT

SECOND = 1_000_000_000
LEAD = 30 * SECOND
"""Least time shown before and after an alert."""
MOST_LEAD = 3_600 * SECOND


@dataclass(frozen=True, kw_only=True)
class Span:
    """The time shown: from ``start`` to ``end``, nanoseconds."""

    start: int
    end: int

    @classmethod
    def around(cls, alert: Alert) -> Span:
        """Return the alert's time with half of its length before and after, at least 30 seconds, at most an hour."""
        lead = min(max((alert.end - alert.start) // 2, LEAD), MOST_LEAD)
        return cls(start=alert.start - lead, end=alert.end + lead)

    def bins(self, count: int) -> IntArray:
        """Return the ``count + 1`` edges of equal parts."""
        return np.linspace(self.start, self.end, count + 1).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """The symbol's market over the span, whoever acted.

    Attributes
    ----------
    time, bid, ask : (n,) best prices whenever they changed, thinned to a few thousand; 0 where a side is empty.
    trade_time, trade_price, trade_size, trade_side : (m,) all executions; the side is the arriving order's.
    trade_buyer, trade_seller : (m,) codes of accounts; -1 unknown.
    edges, messages : (k + 1,) and (k,): orders entered and taken back in equal parts of the span.
    news : (j,) times of news about the symbol.
    typical_order : median shares of an order entered; ``typical_spread`` : median of ask less bid, price units. 0 where
        there is none.
    rows : events of the symbol within the alert's own time; ``entered`` orders and ``volume`` traded then.
    """

    time: IntArray
    bid: IntArray
    ask: IntArray
    trade_time: IntArray
    trade_price: IntArray
    trade_size: IntArray
    trade_side: IntArray
    trade_buyer: IntArray
    trade_seller: IntArray
    edges: IntArray
    messages: IntArray
    news: IntArray
    typical_order: float
    typical_spread: float
    rows: int
    entered: int
    volume: int

    @property
    def mid(self) -> FloatArray:
        """Return (n,) the mean of the best prices, or the one there is, in dollars; NaN where both sides are empty."""
        both = (self.bid > 0) & (self.ask > 0)
        total = (self.bid + self.ask).astype(float)
        total[both] /= 2
        total[total <= 0] = np.nan
        return total / PRICE_UNIT

    def mid_at(self, time: int) -> float:
        """Return the mid just before ``time`` in dollars; the last trade's price where no book is known; else NaN."""
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        middle = self.mid
        while place >= 0 and np.isnan(middle[place]):
            place -= 1
        if place >= 0:
            return float(middle[place])
        last = int(np.searchsorted(self.trade_time, time, side="right")) - 1
        return float(self.trade_price[last]) / PRICE_UNIT if last >= 0 else float("nan")

    def last_price(self, start: int, end: int) -> float:
        """Return the price in dollars of the last execution from ``start`` to ``end``; NaN where there is none."""
        place = int(np.searchsorted(self.trade_time, end, side="right")) - 1
        known = place >= 0 and self.trade_time[place] >= start
        return float(self.trade_price[place]) / PRICE_UNIT if known else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class Extract:
    """One alert with the rows that explain it.

    Attributes
    ----------
    accounts : codes of the alert's accounts; an account no event names is absent.
    tape : rows of the symbol within the span that name one of them, on either side of an execution.
    outline, depth : the market around them; depth at regular moments of the span.
    problems : what was wrong with the events, by code, over the whole source.
    """

    alert: Alert
    span: Span
    accounts: IntArray
    tape: Tape
    outline: Outline
    depth: DepthSeries
    problems: dict[str, int]

    def name(self, code: int) -> str:
        """Return an account's name; ``unknown`` for nobody."""
        return self.tape.accounts[code] or "unknown"


def dollars(price: int | float) -> float:
    """Return a price in dollars."""
    return float(price) / PRICE_UNIT


def clock(time: int, digits: int = 3) -> str:
    """Return a time of day, UTC, to ``digits`` decimals of a second (at most 9), cut and never rounded up."""
    seconds, rest = divmod(int(time), SECOND)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%H:%M:%S}" + (f".{rest:09d}"[: digits + 1] if digits else "")


def date_and_time(time: int) -> str:
    """Return a date and time, UTC, to the millisecond."""
    return f"{datetime.fromtimestamp(int(time) // SECOND, UTC):%Y-%m-%d} {clock(time)}"


def lasted(nanoseconds: float) -> str:
    """Return a length of time as a reader says it."""
    seconds = nanoseconds / SECOND
    if seconds < 1e-3:
        return f"{nanoseconds / 1e3:.3g} µs"
    if seconds < 1:
        return f"{nanoseconds / 1e6:.3g} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7_200:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"


def shares(count: float) -> str:
    """Return a number of shares with separators."""
    return f"{count:,.0f}"


def price(units: int | float) -> str:
    """Return a price in dollars with as many decimals as it needs, two at least."""
    text = f"{dollars(units):,.4f}"
    return text.rstrip("0") if not text.endswith("00") else text[:-2]
