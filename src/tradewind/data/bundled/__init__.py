"""Real prices that come with the package: six US stocks, daily, 2013 to 2023 (see ``LICENCE.md`` beside this file)."""

from __future__ import annotations

from importlib.resources import as_file, files

from tradewind.core import Panel
from tradewind.data.bars import read_prices
from tradewind.data.universe import read_universe


def load_demo() -> Panel:
    """Return the bundled daily bars of AAPL, AMZN, GOOG, META, NFLX and NVDA with their GICS sectors.

    The six were picked in 2023 because they had done well: a strategy that only holds them looks better than it was
    (survivorship bias). They show how the parts work, not what a market pays.
    """
    folder = files(__name__)
    with as_file(folder / "universe.csv") as universe, as_file(folder / "prices.parquet") as prices:
        return read_prices(prices, universe=read_universe(universe))
