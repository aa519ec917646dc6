"""Prices, news and the universe: readers, schemas, calendars, corporate actions, bundled data, simulator."""

from tradewind.data.bars import MIN_BARS, bars_frame, read_prices, write_prices
from tradewind.data.bundled import load_demo
from tradewind.data.calendar import session_closes, sessions
from tradewind.data.fear import FearIndex, read_fear
from tradewind.data.news import check_news_covers, read_news, write_news
from tradewind.data.universe import Universe, read_universe, write_universe

__all__ = [
    "MIN_BARS",
    "FearIndex",
    "Universe",
    "bars_frame",
    "check_news_covers",
    "load_demo",
    "read_fear",
    "read_news",
    "read_prices",
    "read_universe",
    "session_closes",
    "sessions",
    "write_news",
    "write_prices",
    "write_universe",
]
