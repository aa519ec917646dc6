"""Markets in board lots drawn at random: an order-driven exchange of widely held shares, with planted deeds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import polars as pl

from tradewind.surveillance.elsewhere.boardlots.alike import alikes
from tradewind.surveillance.elsewhere.boardlots.crowd import broker_calls, crowd, newsroom, opening, rumours
from tradewind.surveillance.elsewhere.boardlots.deed import Case
from tradewind.surveillance.elsewhere.boardlots.plan import DEEDS, plant
from tradewind.surveillance.elsewhere.boardlots.pros import arbitrage, closers, desk, maker, style
from tradewind.surveillance.elsewhere.boardlots.setup import draw
from tradewind.surveillance.elsewhere.boardlots.world import World, pacer, weather
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.schemes import Scheme

EVENTS = {
    "timestamp_ns": pl.Int64(), "symbol": pl.String(), "kind": pl.String(), "order_id": pl.Int64(),
    "account": pl.String(), "side": pl.String(), "price": pl.Float64(), "size": pl.Int64(),
}  # fmt: skip


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market ``seed`` of about ``events`` rows with ``episodes`` deeds, ``evasive`` of them hidden."""
    w = World(draw(Random(f"boardlots/{seed}"), events), Random(f"boardlots/{seed}/life"))
    _people(w, Random(f"boardlots/{seed}/people"))
    played = [name for name in DEEDS if Scheme(name) in schemes]
    cases = plant(w, Random(f"boardlots/{seed}/deeds"), played, episodes, evasive)
    w.run()
    table = pl.DataFrame(dict(zip(EVENTS, zip(*w.venue.rows, strict=True), strict=True)), schema=EVENTS)
    numbered = table.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("venue_seq"))
    columns = ["timestamp_ns", "symbol", "venue_seq", *list(EVENTS)[2:]]
    return FramedMarket(
        events=numbered.select(columns),
        truth=_table([c for c in cases if c.start >= 0 and c.done]),
        attempts=_table([c for c in cases if c.start >= 0 and not c.done]),
    )


def _people(w: World, rng: Random) -> None:
    houses = w.setup.houses
    w.spawn(weather(w))
    w.spawn(pacer(w))
    w.spawn(opening(w))
    makers, fast = rng.randint(1, 3), rng.randint(0, 3)
    arbs = houses[6 : 6 + rng.randint(1, 4)]
    for book in w.books:
        for i in range(makers + fast):
            w.spawn(maker(w, houses[i], book, style(rng, book.typical, i >= makers)))
        for house in arbs:
            w.spawn(arbitrage(w, house, book, rng.uniform(1.0, 3.5)))
        w.spawn(crowd(w, book))
        w.spawn(broker_calls(w, book))
        w.spawn(rumours(w, book))
        w.spawn(newsroom(w, book))
        w.spawn(desk(w, book, houses[10:]))
        w.spawn(closers(w, book, houses[10:]))
        w.spawn(alikes(w, book, rng.uniform(180, 420)))


def _table(cases: list[Case]) -> pl.DataFrame:
    rows = [
        (c.scheme, c.book.symbol, sorted(c.accounts), c.start, c.end, c.done, c.hides)
        for c in sorted(cases, key=lambda c: (c.start, c.book.n))
    ]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA), orient="row")
