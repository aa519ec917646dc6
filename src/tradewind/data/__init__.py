"""Prices, news and the universe: readers, schemas, calendars, corporate actions, bundled data, simulator."""

from tradewind.data.bars import MIN_BARS, bars_frame, read_prices, with_fear, write_prices
from tradewind.data.bundled import demo_files, load_demo
from tradewind.data.calendar import DEFAULT_CALENDAR, session_closes, sessions
from tradewind.data.corporate_actions import (
    CorporateAction,
    Dividend,
    Split,
    adjust_panel,
    adjusted_close,
    split_adjusted,
    split_factor,
)
from tradewind.data.fear import FearIndex, read_fear
from tradewind.data.news import check_news_covers, read_news, write_news
from tradewind.data.simulator import (
    Fault,
    FaultKind,
    FaultyPanel,
    MarketKind,
    MarketSettings,
    MarketShock,
    Regime,
    SimulatedMarket,
    inject_faults,
    inject_panel_faults,
    simulate,
)
from tradewind.data.sources import BarSource, FileSource, YFinanceSource, normalise_yfinance
from tradewind.data.universe import Universe, read_universe, write_universe

__all__ = [
    "DEFAULT_CALENDAR",
    "MIN_BARS",
    "BarSource",
    "CorporateAction",
    "Dividend",
    "Fault",
    "FaultKind",
    "FaultyPanel",
    "FearIndex",
    "FileSource",
    "MarketKind",
    "MarketSettings",
    "MarketShock",
    "Regime",
    "SimulatedMarket",
    "Split",
    "Universe",
    "YFinanceSource",
    "adjust_panel",
    "adjusted_close",
    "bars_frame",
    "check_news_covers",
    "demo_files",
    "inject_faults",
    "inject_panel_faults",
    "load_demo",
    "normalise_yfinance",
    "read_fear",
    "read_news",
    "read_prices",
    "read_universe",
    "session_closes",
    "sessions",
    "simulate",
    "split_adjusted",
    "split_factor",
    "with_fear",
    "write_news",
    "write_prices",
    "write_universe",
]
