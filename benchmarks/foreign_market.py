"""What independent simulators hand on: the form alone; how a market comes about each has for itself."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

EVENT_COLUMNS = ("timestamp_ns", "symbol", "kind", "order_id", "account", "side", "price", "size")
CASE_SCHEMA = {
    "scheme": pl.String,
    "symbol": pl.String,
    "accounts": pl.List(pl.String),
    "start": pl.Int64,
    "end": pl.Int64,
    "done": pl.Boolean,
    "evasive": pl.Boolean,
}


@dataclass(frozen=True)
class Market:
    """Events as the venue saw them, what was carried through, and what was only tried."""

    events: pl.DataFrame
    truth: pl.DataFrame
    attempts: pl.DataFrame
