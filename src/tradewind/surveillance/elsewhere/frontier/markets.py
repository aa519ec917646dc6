"""A young market far from the large ones: few deals, wide spreads, orders that rest for hours; with deeds planted."""

from __future__ import annotations

import polars as pl

from foreign_frontier_crowd import fill
from foreign_frontier_hand import Hand
from foreign_frontier_plan import plant
from foreign_frontier_settings import draw
from foreign_frontier_world import World
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket

EVENTS = {
    "timestamp_ns": pl.Int64(),
    "symbol": pl.String(),
    "kind": pl.String(),
    "order_id": pl.Int64(),
    "account": pl.String(),
    "side": pl.String(),
    "price": pl.Float64(),
    "size": pl.Int64(),
}


def simulate(seed: int, *, events: int | None = None, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    """Return the market ``seed`` with about ``events`` rows and ``episodes`` deeds, hidden so often."""
    world = World(draw(seed, events))
    fill(world)
    hands = plant(world, episodes, evasive)
    world.run()
    table = pl.DataFrame(world.venue.rows, schema=EVENTS, orient="row")
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("venue_seq")
    table = table.select("timestamp_ns", "symbol", number, *list(EVENTS)[2:])
    acted = sorted((hand for hand in hands if hand.acted), key=lambda hand: (hand.first, hand.last))
    return FramedMarket(
        events=table,
        truth=_cases(world, [hand for hand in acted if hand.outcome]),
        attempts=_cases(world, [hand for hand in acted if not hand.outcome]),
    )


def _cases(world: World, hands: list[Hand]) -> pl.DataFrame:
    rows = [
        (h.scheme, world.set.symbols[h.symbol], sorted(h.acted), h.first, h.last, h.outcome, h.evasive) for h in hands
    ]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA), orient="row")
