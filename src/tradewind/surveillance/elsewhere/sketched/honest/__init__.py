"""Honest undertakings that look like schemes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Play
from tradewind.surveillance.elsewhere.sketched.honest import firms, many

HONEST: Mapping[str, Callable[[Act], Play]] = {
    "slices by time": firms.slice_by_time,
    "slices by volume": firms.slice_by_volume,
    "allocation": firms.allocate,
    "iceberg": firms.iceberg,
    "closing fund": firms.buy_the_close,
    "opening rebalance": firms.rebalance_at_open,
    "buyer, later a seller": firms.buyer_then_seller,
    "bursts of quotes": firms.race,
    "flickering maker": firms.flicker,
    "layered maker": firms.layers,
    "pairs": firms.pairs,
    "news rush": many.news_rush,
    "stop run": many.stop_run,
    "followers": many.followers,
    "analyst": many.analyst,
    "lucky": many.lucky,
    "chance partners": many.partners,
    "second thoughts": many.second_thoughts,
    "herd": many.herd,
}
"""By name; each draws its own accounts."""
