"""Small markets of young shares drawn at random, and what is done in them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.elsewhere.frontier.crowd import fill
from tradewind.surveillance.elsewhere.frontier.hand import Hand
from tradewind.surveillance.elsewhere.frontier.plan import plant
from tradewind.surveillance.elsewhere.frontier.settings import draw
from tradewind.surveillance.elsewhere.frontier.world import World
from tradewind.surveillance.schemes import Scheme

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


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market ``seed`` with about ``events`` rows and ``episodes`` deeds of ``schemes``, hidden so often."""
    world = World(draw(seed, events))
    fill(world)
    hands = plant(world, schemes, episodes, evasive)
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
