"""What no market can do: a record that says so is not a record.

Only the impossible is refused here. What is merely odd (a close outside its day's range, a crossed quote, a spike) is
for the quality checks, which see the bars before it. Comparisons with NaN are false, so a missing field passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from tradewind.streaming.records import Bar, MarketAlert, NewsItem, OrderEvent, Prediction, Quote, Trade

Check = Callable[[Any, int], str | None]
"""(record, when the log took it in microseconds UTC) -> what is impossible, or None."""

EARLIEST = -2_208_988_800_000_000
"""1900-01-01: nothing older is traded electronically, so an older time is a unit gone wrong."""
AHEAD = 366 * 86_400_000_000
"""A time further than this after the log took the record is a unit gone wrong (nanoseconds, say), not a forecast."""


def _time_problem(time: int, written_at: int, name: str = "time") -> str | None:
    if time < EARLIEST:
        return f"{name} {time} lies before 1900"
    if time > written_at + AHEAD:
        return f"{name} {time} lies more than a year after the message was written"
    return None


def bar_problem(bar: Bar, written_at: int) -> str | None:
    """Say what is impossible about a bar: a price not above 0, a high below the low, a volume below 0, its times."""
    if not (
        0.0 < bar.close < inf
        and not bar.high < bar.low
        and not bar.open <= 0.0
        and not bar.low <= 0.0
        and not bar.high <= 0.0
        and not bar.adj_close <= 0.0
        and not bar.volume < 0.0
    ):
        return (
            f"impossible bar: open {bar.open}, high {bar.high}, low {bar.low}, close {bar.close}, "
            f"adj_close {bar.adj_close}, volume {bar.volume}"
        )
    if not bar.symbol:
        return "symbol is empty"
    if EARLIEST <= bar.time <= bar.known_at <= written_at + AHEAD:
        return None
    if bar.known_at < bar.time:
        return f"known_at {bar.known_at} lies before time {bar.time}"
    return _time_problem(bar.time, written_at) or _time_problem(bar.known_at, written_at, "known_at")


def quote_problem(quote: Quote, written_at: int) -> str | None:
    """Say what is impossible about a quote: a price or size below 0."""
    if not (0.0 <= quote.bid < inf and 0.0 <= quote.ask < inf and quote.bid_size >= 0.0 and quote.ask_size >= 0.0):
        return f"impossible quote: {quote.bid_size} at {quote.bid}, {quote.ask_size} at {quote.ask}"
    return _time_problem(quote.time, written_at) if quote.symbol else "symbol is empty"


def trade_problem(trade: Trade, written_at: int) -> str | None:
    """Say what is impossible about a trade: a price not above 0, a size below 0."""
    if not (0.0 < trade.price < inf and trade.size >= 0.0):
        return f"impossible trade: {trade.size} at {trade.price}"
    return _time_problem(trade.time, written_at) if trade.symbol else "symbol is empty"


def order_problem(event: OrderEvent, written_at: int) -> str | None:
    """Say what is impossible about an event of an order: a price or size below 0, an execution at no price."""
    if not (0.0 <= event.price < inf and event.size >= 0):
        return f"impossible order event: {event.size} at {event.price}"
    if event.kind in ("trade", "hidden") and not (event.price > 0.0 and event.size > 0):
        return f"impossible execution: {event.size} at {event.price}"
    return _time_problem(event.timestamp_ns // 1_000, written_at, "timestamp_ns") if event.symbol else "symbol is empty"


def news_problem(item: NewsItem, written_at: int) -> str | None:
    """Say what is impossible about a news item: no symbol, a time out of range."""
    return _time_problem(item.published_at, written_at, "published_at") if item.symbol else "symbol is empty"


def prediction_problem(prediction: Prediction, written_at: int) -> str | None:
    """Say what is impossible about a prediction: a probability outside [0, 1], bounds the wrong way round."""
    if not 0.0 <= prediction.probability <= 1.0:
        return f"probability {prediction.probability} is outside [0, 1]"
    if not -inf < prediction.expected_return < inf:
        return f"expected_return is {prediction.expected_return}"
    if prediction.lower > prediction.upper:
        return f"lower {prediction.lower} is above upper {prediction.upper}"
    return _time_problem(prediction.time, written_at) if prediction.symbol else "symbol is empty"


def alert_problem(alert: MarketAlert, written_at: int) -> str | None:
    """Say what is impossible about an alert: no id, a score outside [0, 1], an end before its start."""
    if not (alert.id and alert.symbol):
        return "id or symbol is empty"
    if not 0.0 <= alert.score <= 1.0:
        return f"score {alert.score} is outside [0, 1]"
    if alert.end_ns < alert.start_ns:
        return f"end_ns {alert.end_ns} lies before start_ns {alert.start_ns}"
    return _time_problem(alert.known_at_ns // 1_000, written_at, "known_at_ns")


CHECKS: Mapping[type, Check] = {
    Bar: bar_problem,
    Quote: quote_problem,
    Trade: trade_problem,
    OrderEvent: order_problem,
    NewsItem: news_problem,
    Prediction: prediction_problem,
    MarketAlert: alert_problem,
}
"""The check of each kind of record."""
