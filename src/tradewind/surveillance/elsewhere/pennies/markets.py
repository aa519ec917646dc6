"""Markets of penny shares and growth companies drawn at random, and what is done in them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.elsewhere.pennies.crowd import crowd, letters, newsroom, pacer, storms, values
from tradewind.surveillance.elsewhere.pennies.deed import Deed
from tradewind.surveillance.elsewhere.pennies.makers import flicker, maker, takers
from tradewind.surveillance.elsewhere.pennies.plan import plant
from tradewind.surveillance.elsewhere.pennies.pros import closers, day_trader, friends, ladder, parents, turncoats
from tradewind.surveillance.elsewhere.pennies.setting import Share, draw
from tradewind.surveillance.elsewhere.pennies.world import World
from tradewind.surveillance.schemes import Scheme


def _people(world: World, rng: Random, makers: list[str], strangers: list[str]) -> None:
    """Let everybody honest begin; some of them are new to the market."""

    def who(share: Share) -> str:
        return strangers.pop() if rng.random() < 0.4 and len(strangers) > 30 else world.some(share, 1)[0]

    world.start(values(world))
    world.start(pacer(world))
    spare = world.setting.rows // 25
    for share in world.setting.shares:
        quoting = rng.sample(makers, world.setting.makers)
        for account in quoting:
            world.start(maker(world, share, account), rng.uniform(0, 2))
        dealers = world.some(share, 3)
        world.start(takers(world, share, dealers), 30)
        for actor in (crowd, newsroom, storms, letters, parents, closers, turncoats):
            world.start(actor(world, share), 5)
        if rng.random() < 0.7:
            bots = [m for m in makers if m not in quoting]
            world.start(flicker(world, share, rng.choice(bots), spare // len(world.setting.shares)))
        for _ in range(rng.randint(1, 4)):
            world.start(day_trader(world, share, who(share)), 60)
        for _ in range(rng.randint(1, 3)):
            world.start(ladder(world, share, who(share)), 60)
        for _ in range(rng.randint(0, 2)):
            first = rng.choice((*makers, who(share), who(share)))
            second = next(name for name in world.some(share, 2) if name != first)
            world.start(friends(world, share, first, second), 60)


def _cases(deeds: list[Deed], done: bool) -> pl.DataFrame:
    rows = [
        {
            "scheme": deed.scheme,
            "symbol": deed.share.book.name,
            "accounts": sorted(deed.acted),
            "start": deed.first,
            "end": deed.last,
            "done": done,
            "evasive": deed.evasive,
        }
        for deed in sorted(deeds, key=lambda deed: deed.first)
        if deed.acted and deed.done is done
    ]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA))


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the penny market ``seed`` of about ``events`` rows, with so many deeds of ``schemes`` planted in it."""
    rng = Random(f"pennies/{seed}")
    setting = draw(rng, events, episodes)
    spare = [setting.clients.pop().name for _ in range(80)]
    makers, strangers = spare[:6], spare[6:]
    world = World(setting, rng)
    _people(world, rng, makers, strangers)
    deeds = plant(world, Random(f"pennies/deeds/{seed}"), schemes, episodes, evasive, strangers)
    world.run()
    columns = list(zip(*world.venue.rows, strict=True))
    kinds = (pl.Int64, pl.String, pl.String, pl.Int64, pl.String, pl.String, pl.Float64, pl.Int64)
    parts = zip(EVENT_COLUMNS, columns, kinds, strict=True)
    events_table = pl.DataFrame([pl.Series(name, column, dtype=kind) for name, column, kind in parts])
    events_table.insert_column(2, pl.Series("venue_seq", range(1, len(events_table) + 1), dtype=pl.Int64))
    return FramedMarket(events=events_table, truth=_cases(deeds, True), attempts=_cases(deeds, False))
