"""The public names of the package are pinned: taking one away is a decision."""

from __future__ import annotations

import tradewind.data

NAMES = [
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


def test_public_names() -> None:
    assert tradewind.data.__all__ == NAMES
    assert all(hasattr(tradewind.data, name) for name in NAMES)
