"""Markets of large shares drawn at random, and what is done in them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import polars as pl

from tradewind.surveillance.elsewhere.framed import FramedMarket
from tradewind.surveillance.elsewhere.largecaps.flow import Clients, wholesaler
from tradewind.surveillance.elsewhere.largecaps.makers import gather
from tradewind.surveillance.elsewhere.largecaps.parents import Doings
from tradewind.surveillance.elsewhere.largecaps.plan import plant, tables
from tradewind.surveillance.elsewhere.largecaps.quick import Quick
from tradewind.surveillance.elsewhere.largecaps.setting import Setting, draw
from tradewind.surveillance.elsewhere.largecaps.world import World
from tradewind.surveillance.schemes import Scheme


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Run one market of about ``events`` rows in which ``episodes`` deeds of ``schemes`` are planted."""
    setting = draw(random.Random(f"largecaps/setting/{seed}"), events)
    world = World(random.Random(f"largecaps/{seed}"), setting)
    clients, doings = _people(world)
    deeds = plant(world, clients, doings, schemes, random.Random(f"largecaps/deeds/{seed}"), episodes, evasive)
    world.run(int(0.94 * setting.events))
    truth, attempts = tables(deeds, setting.symbols)
    return FramedMarket(events=_events(world, setting), truth=truth, attempts=attempts)


def _people(world: World) -> tuple[Clients, Doings]:
    """Hand out the accounts, and start whoever deals honestly."""
    rng, names = world.rng, list(world.setting.accounts)
    rng.shuffle(names)

    def some(count: int) -> list[str]:
        return [names.pop() for _ in range(count)]

    makers, brokers, quick, funds = (some(rng.randint(*span)) for span in ((4, 8), (2, 5), (6, 14), (8, 30)))
    clients = Clients(world, names)
    world.on_open.append(clients.open)
    gather(world, makers)
    for _ in world.symbols:
        world.start(clients.live(), 1)
    for account in brokers:
        world.start(wholesaler(world, account), 1)
    for account in quick:
        for symbol in world.symbols:
            if rng.random() < 0.8:
                world.start(Quick(world, account, symbol).live(), 1)
    doings = Doings(world, clients, funds)
    doings.begin()
    return clients, doings


def _events(world: World, setting: Setting) -> pl.DataFrame:
    """Return the tape as a table, prices as money."""
    tape = world.venue.tape
    money = {
        (symbol, price): round(price * setting.ticks[symbol], setting.decimals)
        for symbol, price in {(row[1], row[6]) for row in tape}
    }
    stamps, symbols, kinds, ids, accounts, sides, prices, sizes = zip(*tape, strict=True)
    return pl.DataFrame(
        {
            "timestamp_ns": pl.Series(stamps, dtype=pl.Int64),
            "symbol": [setting.symbols[symbol] for symbol in symbols],
            "venue_seq": pl.Series(range(1, len(tape) + 1), dtype=pl.Int64),
            "kind": kinds,
            "order_id": pl.Series(ids, dtype=pl.Int64),
            "account": accounts,
            "side": sides,
            "price": [money[symbol, price] for symbol, price in zip(symbols, prices, strict=True)],
            "size": pl.Series(sizes, dtype=pl.Int64),
        }
    )
