"""Real prices that come with the package: six US stocks, daily, 2013 to 2023 (see ``LICENCE.md`` beside this file)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tradewind.core import Panel
from tradewind.data.bars import read_prices
from tradewind.data.universe import read_universe


def load_demo() -> Panel:
    """Return the bundled daily bars of AAPL, AMZN, GOOG, META, NFLX and NVDA with their GICS sectors.

    The six were picked in 2023 because they had done well: a strategy that only holds them looks better than it was
    (survivorship bias). They show how the parts work, not what a market pays.
    """
    found = demo_files()
    return read_prices(found["prices"], universe=read_universe(found["universe"]))


def demo_files() -> dict[str, Path]:
    """Return the files of :func:`load_demo` by the flag that takes them: ``prices`` and ``universe``."""
    folder = Path(str(files(__name__)))
    return {"prices": folder / "prices.parquet", "universe": folder / "universe.csv"}
