"""Sector structure: how a symbol's sector moves and how the symbol moves within it.

A sector needs two symbols with a bar on the day; symbols whose sector is not known get NaN.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.cross_section import Groups, by_sector
from tradewind.features.market import days, returns
from tradewind.features.registry import REGISTRY, Compute, Feature, FeatureContext, Group


def _sectors(context: FeatureContext) -> Groups:
    return cast(Groups, context.once("sector:groups", lambda: by_sector(context.panel)))


def _relative_strength(context: FeatureContext, *, bars: int) -> FloatArray:
    own = returns(context, bars)
    return own - _sectors(context).others(own)


def _sector_return(context: FeatureContext, *, bars: int) -> FloatArray:
    sectors = _sectors(context)
    return sectors.rows(sectors.mean(returns(context, bars), least=2))


def _sector_over_market(context: FeatureContext) -> FloatArray:
    market = days(context)
    return _sector_return(context, bars=20) - market.rows(market.mean(returns(context, 20), least=2))


def _sector_breadth(context: FeatureContext) -> FloatArray:
    move, sectors = returns(context, 1), _sectors(context)
    rising = np.where(np.isfinite(move), (move > 0).astype(np.float64), np.nan)
    return sectors.rows(sectors.mean(rising, least=2))


def _sector_rank(context: FeatureContext) -> FloatArray:
    return _sectors(context).rank(returns(context, 20))


def _declare(name: str, window: int, source: str, compute: Compute) -> None:
    REGISTRY.add(Feature(name=name, group=Group.SECTOR, window=window, source=source, compute=compute))


_MG = "Moskowitz and Grinblatt, 'Do industries explain momentum?', Journal of Finance 1999"

for _bars in (5, 20, 60):
    _declare(
        f"sector_relative_{_bars}",
        _bars + 1,
        "return minus the mean of the sector's other symbols; Levy, 'Relative strength', Journal of Finance 1967",
        partial(_relative_strength, bars=_bars),
    )
for _bars in (1, 5):
    _declare(f"sector_return_{_bars}", _bars + 1, _MG, partial(_sector_return, bars=_bars))
_declare("sector_over_market_20", 21, _MG, _sector_over_market)
_declare("sector_breadth", 2, "share of the sector's symbols that rose", _sector_breadth)
_declare("sector_return_rank_20", 21, "rank of the 20-bar return within the sector", _sector_rank)
