"""Markets of midsize Nordic shares drawn at random, and what is done in them.

Thin to middling shares whose makers are under obligation, institutions that work large parents over hours, private
investors of a few brokers, funds that trade pairs, moves and news, and index funds at the close.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.elsewhere.midcaps.brokers import House
from tradewind.surveillance.elsewhere.midcaps.deed import Deed
from tradewind.surveillance.elsewhere.midcaps.funds import (
    Readers,
    arbitrage,
    closing,
    following,
    newswire,
    pairs,
    squaring,
)
from tradewind.surveillance.elsewhere.midcaps.makers import Maker, flickering
from tradewind.surveillance.elsewhere.midcaps.planning import SCRIPTS, performers, plan, start
from tradewind.surveillance.elsewhere.midcaps.private import Crowd
from tradewind.surveillance.elsewhere.midcaps.settings import Settings, account_names, draw_settings, order_ids
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World
from tradewind.surveillance.schemes import Scheme


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market of a seed with about so many events and so many deeds, a share of them played to hide."""
    drawing = Random(f"midcaps/{seed}")
    settings = draw_settings(drawing, events)
    world = World(settings, Random(f"midcaps world/{seed}"), order_ids(Random(f"midcaps ids/{seed}")))
    town = _Town(world, Random(f"midcaps town/{seed}"))
    choosing = Random(f"midcaps deeds/{seed}")
    accounts = performers(choosing, town.crowd, town.strangers, town.professionals)
    played = [name for name in SCRIPTS if Scheme(name) in schemes]
    deeds = plan(choosing, (world, town.crowd, town.house), accounts, played, episodes, evasive)
    for begin, close in settings.sessions:
        world.open = world.now = begin
        world.close = close
        _overnight(world)
        town.wake()
        start(deeds, world, close)
        world.run(close)
    return _framed(settings, world, deeds)


class _Town:
    """All who trade honestly, under names in no order."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        names = account_names(rng)
        many = world.settings.clients

        def some(count: int) -> list[str]:
            return [next(names) for _ in range(count)]

        self.crowd = Crowd(world, some(many))
        self.makers = [Maker(world, name) for name in some(rng.randint(2, 4))]
        self.flickers = [(name, s) for s in world.symbols for name in some(rng.randint(1, 2))]
        houses = [some(rng.randint(1, 4)) for _ in range(rng.randint(5, 20))]
        self.house = House(world, houses, [some(rng.randint(4, 12)) for _ in range(rng.randint(1, 3))])
        self.pairs = some(rng.randint(1, 3))
        self.arbitrageurs = some(rng.randint(1, 2))
        self.followers = some(rng.randint(2, 5))
        self.closers = some(rng.randint(1, 4))
        readers = some(rng.randint(3, 8))
        Readers(world, readers)
        self.strangers = some(120)
        self.professionals = self.followers + self.pairs + readers + [name for name, _ in self.flickers]
        self.squarers = [[self.crowd.pick(s).account for _ in range(rng.randint(1, 5))] for s in world.symbols]

    def wake(self) -> None:
        """Begin a session's actors."""
        world, crowd, house = self.world, self.crowd, self.house
        actors: list[Gen] = [world.weather()]
        for s in world.symbols:
            actors += [maker.quoting(s) for maker in self.makers]
            actors += [crowd.flow(s), crowd.ladders(s), crowd.regrets(s), crowd.tips(s), crowd.regulars(s)]
            actors += [house.orders(s), house.baskets(s), newswire(world, s)]
            actors += [arbitrage(world, name, s) for name in self.arbitrageurs]
            actors += [following(world, name, s) for name in self.followers]
            actors += [closing(world, name, s) for name in self.closers if world.rng.random() < 0.6]
            actors += [squaring(world, name, s) for name in self.squarers[s] if world.rng.random() < 0.6]
        actors += [flickering(world, name, s) for name, s in self.flickers]
        actors += [pairs(world, name) for name in self.pairs]
        for actor in actors:
            world.spawn(actor)


def _overnight(world: World) -> None:
    for symbol in world.symbols:
        share = world.share(symbol)
        gap = 1 + world.rng.gauss(0, 0.3) * share.vol
        world.worth[symbol] *= gap
        world.fair[symbol] = max(20.0, world.view(symbol) * gap)
        world.passing[symbol] = world.mood[symbol] = world.trend[symbol] = 0.0
        world.last[symbol], world.slow[symbol] = round(world.fair[symbol]), world.fair[symbol]
        world.stir[symbol] = world.rng.uniform(0, 0.4)
        world.refresh(symbol)


def _framed(settings: Settings, world: World, deeds: list[Deed]) -> FramedMarket:
    when, symbol, kind, oid, account, side, price, size = zip(*world.venue.tape, strict=True)
    shares = settings.shares
    events = pl.DataFrame(
        {
            "timestamp_ns": pl.Series(when, dtype=pl.Int64),
            "symbol": [shares[s].name for s in symbol],
            "venue_seq": pl.Series(range(1, len(when) + 1), dtype=pl.Int64),
            "kind": kind,
            "order_id": pl.Series(oid, dtype=pl.Int64),
            "account": account,
            "side": side,
            "price": [round(p * shares[s].tick, shares[s].decimals) for p, s in zip(price, symbol, strict=True)],
            "size": pl.Series(size, dtype=pl.Int64),
        }
    )
    cases = [_case(settings, deed) for deed in deeds if deed.orders]
    cases.sort(key=lambda case: (str(case["start"]), str(case["symbol"])))
    return FramedMarket(
        events=events,
        truth=pl.DataFrame([case for case in cases if case["done"]], schema=dict(CASE_SCHEMA)),
        attempts=pl.DataFrame([case for case in cases if not case["done"]], schema=dict(CASE_SCHEMA)),
    )


def _case(settings: Settings, deed: Deed) -> dict[str, object]:
    return {
        "scheme": deed.scheme,
        "symbol": settings.shares[deed.symbol].name,
        "accounts": sorted({order.account for order in deed.orders}),
        "start": deed.start,
        "end": deed.end,
        "done": deed.done,
        "evasive": deed.evasive,
    }
