"""Prosecuted markets drawn at random: deeds as regulators' cases tell them, in a market of excited arrivals.

How to read the events. ``new`` is every order entered, with its whole size, marketable ones too: their trades follow in
the same nanosecond, and what is left of one that must not rest is cancelled at once. ``modify`` gives price and open
size afterwards; ``cancel`` the size taken out. A ``trade`` row names the resting order, the aggressor, or both in two
rows, by seed; account and side are those of the order it names. ``news`` has neither order nor price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import polars as pl

from tradewind.surveillance.elsewhere.framed import FramedMarket
from tradewind.surveillance.elsewhere.prosecuted.case import Case
from tradewind.surveillance.elsewhere.prosecuted.engine import NEWS, SECOND, Process, Venue
from tradewind.surveillance.elsewhere.prosecuted.honest import start_honest
from tradewind.surveillance.elsewhere.prosecuted.orders import (
    bait_cycles,
    coordinated_accounts,
    quote_stuffing,
    wash_trading,
)
from tradewind.surveillance.elsewhere.prosecuted.prices import (
    front_running,
    marking_the_close,
    momentum_ignition,
    pump_and_dump,
)
from tradewind.surveillance.elsewhere.prosecuted.world import Habits, Stock, World, announce, flow, log_uniform
from tradewind.surveillance.schemes import Scheme

SCRIPTS: dict[str, Callable[[Case], Process]] = {
    Scheme.PUMP_AND_DUMP.value: pump_and_dump,
    Scheme.SPOOFING.value: bait_cycles,
    Scheme.LAYERING.value: bait_cycles,
    Scheme.QUOTE_STUFFING.value: quote_stuffing,
    Scheme.WASH_TRADING.value: wash_trading,
    Scheme.MARKING_THE_CLOSE.value: marking_the_close,
    Scheme.MOMENTUM_IGNITION.value: momentum_ignition,
    Scheme.FRONT_RUNNING.value: front_running,
    Scheme.COORDINATED_ACCOUNTS.value: coordinated_accounts,
}
ROOM = {  # beats a case may take, to keep two of them off one stock
    Scheme.PUMP_AND_DUMP.value: 1700,
    Scheme.MARKING_THE_CLOSE.value: 150,
    Scheme.FRONT_RUNNING.value: 500,
    Scheme.COORDINATED_ACCOUNTS.value: 900,
    Scheme.MOMENTUM_IGNITION.value: 350,
}
KINDS = (
    ("new", "cancel", "modify", "trade", "news"),
    ("NEW", "CANCEL", "MODIFY", "TRADE", "NEWS"),
    ("add", "delete", "modify", "execute", "news"),
    ("Add", "Delete", "Replace", "Execution", "News"),
)
SIDES = (("buy", "sell"), ("B", "S"), ("BUY", "SELL"), ("bid", "ask"))
TICKS = (0.01, 0.01, 0.005, 0.05, 0.1, 0.001)
ROWS_AN_ACTION = 1.45  # rows one arrival writes on average, to aim at a number of events


@dataclass(frozen=True, eq=False)
class ProsecutedMarket(FramedMarket):
    """A market with the ``world`` it ran in and all ``cases`` tried."""

    world: World
    cases: list[Case]


def make_world(rng: Random, events: int, symbols: int | None = None) -> World:
    """Draw a market: sessions, stocks, habits and crowd, paced to give about ``events`` rows."""
    count = symbols or rng.choice((2, 3, 4, 6, 8, 12))
    days = rng.choice((1, 1, 2, 3, 4))
    hours = rng.choice((0.5, 1.0, 2.0, 3.5, 6.5, 6.5, 8.5))
    named = rng.choice((1, 2, 3))
    weights = [rng.paretovariate(1.3) for _ in range(count)]
    weights = [min(w, 8 * min(weights)) for w in weights]
    prices, ticks = [], []
    for _ in range(count):
        ticks.append(rng.choice(TICKS))
        prices.append(int(log_uniform(rng, 700, 30_000)))
    habits = Habits(
        branching=rng.uniform(0.3, 0.65),
        decay=rng.uniform(0.05, 0.3),
        maker_share=rng.uniform(0.3, 0.5),
        cancel_share=rng.uniform(0.2, 0.3),
        take_share=rng.uniform(0.15, 0.22),
        value_share=rng.uniform(0.08, 0.15),
        trend_share=rng.uniform(0.05, 0.11),
        levels=rng.randint(1, 4),
        crowded=rng.randint(80, 240),
        persistence=rng.uniform(0.2, 0.5),
        u_shape=rng.uniform(0.1, 0.6),
        good_till_cancel=rng.random() < 0.4,
    )
    world = World(rng, Venue(prices, named), [], habits)
    makers = [world.new_account() for _ in range(rng.randint(2, 7))]
    crowd = [world.new_account() for _ in range(int(log_uniform(rng, 20, 2500)))]
    actions = events / ROWS_AN_ACTION / days
    for symbol in range(count):
        beat = hours * 3600 * sum(weights) / (actions * weights[symbol])
        liquid = (weights[symbol] / max(weights)) ** 0.4
        half = min(max(1.0, prices[symbol] * log_uniform(rng, 1.5e-4, 9e-4) / liquid), prices[symbol] * 0.004)
        lot = rng.choice((1, 10, 100))
        world.stocks.append(
            Stock(
                symbol=symbol,
                name=ticker(rng, symbol),
                tick=ticks[symbol],
                lot=lot,
                typical=lot * rng.randint(2, 40),
                half=half,
                beat=beat,
                sigma=max(rng.uniform(0.008, 0.025), 8 * half / prices[symbol]),
                value=float(prices[symbol]),
                makers=rng.sample(makers, rng.randint(2, len(makers))),
                crowd=rng.sample(crowd, max(12, int(len(crowd) * rng.uniform(0.3, 0.9)))),
            )
        )
    first = 1_578_268_800 + rng.randint(0, 200) * 7 * 86_400  # a Monday
    opens = rng.choice((0, 7, 8, 13.5, 14.5))
    for day in range(days):
        opening = int((first + day * 86_400 + opens * 3600) * SECOND)
        world.days.append((opening, opening + int(hours * 3600 * SECOND)))
        for stock in world.stocks:
            if rng.random() < 0.5 * hours / 6.5 + 0.15:
                jump = stock.sigma * rng.choice((0.0, rng.uniform(-2, 2)))
                when = opening + int(hours * 3600 * SECOND * rng.uniform(0.1, 0.9))
                world.news.append((when, stock.symbol, jump))
    world.venue.now = world.days[0][0] - SECOND
    return world


def ticker(rng: Random, symbol: int) -> str:
    """A name no two symbols share."""
    letters = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(2, 4)))
    return rng.choice((letters + chr(65 + symbol), f"{letters}.{symbol}", f"{letters}-{symbol} LN"))


def plan(world: World, episodes: int, evasive: float, played: Sequence[str]) -> list[Case]:
    """Choose scheme, stock and moment of every case; two cases share a stock only at different times."""
    rng = world.rng
    schemes: list[str] = []
    while len(schemes) < episodes:
        schemes += rng.sample(played, len(played))
    ranked = sorted(world.stocks, key=lambda s: s.beat)
    taken: list[tuple[int, int, int]] = []
    cases = []
    for scheme in sorted(schemes[:episodes], key=lambda s: -ROOM.get(s, 900)):
        quiet = scheme in (Scheme.PUMP_AND_DUMP, Scheme.WASH_TRADING, Scheme.MARKING_THE_CLOSE)
        for attempt in range(300):
            place = min(rng.random(), rng.random())
            stock = ranked[int((1 - place if quiet else place) * len(ranked) * 0.999)]
            if scheme == Scheme.WASH_TRADING and stock.half < 1.3 and attempt < 200:
                continue
            opening, closing = rng.choice(world.days)
            room = int(ROOM.get(scheme, 900) * stock.beat * SECOND)
            if scheme == Scheme.MARKING_THE_CLOSE:
                start = closing - min(int(rng.uniform(30, 150) * stock.beat * SECOND), (closing - opening) // 12)
                room = closing - start
            else:
                room = min(room, int((closing - opening) * 0.7))
                start = opening + int((closing - opening) * 0.04 + rng.random() * ((closing - opening) * 0.9 - room))
            clear = all(s != stock.symbol or start > end or start + room < begin for s, begin, end in taken)
            if clear or attempt >= 299:
                break
        taken.append((stock.symbol, start, start + room))
        case = Case(scheme, world, stock, opening, closing, rng.random() < evasive, Random(rng.random()))
        world.venue.start(start, SCRIPTS[scheme](case))
        cases.append(case)
    return cases


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> ProsecutedMarket:
    """Run one market from its seed to the end; ``evasive`` is the chance that a case is played to hide."""
    rng = Random(seed * 7919 + 17)
    wanted = int(log_uniform(rng, 60_000, 330_000))
    world = make_world(rng, events or wanted)
    for stock in world.stocks:
        world.venue.start(world.venue.now, flow(world, stock))
    world.venue.start(world.venue.now, announce(world))
    start_honest(world)
    cases = plan(world, episodes, evasive, [name for name in SCRIPTS if Scheme(name) in schemes])
    world.venue.run()
    names = account_names(rng, world.accounts)
    return ProsecutedMarket(
        events_frame(world, rng, names),
        cases_frame([c for c in cases if c.happened], names),
        cases_frame([c for c in cases if not c.happened], names),
        world,
        cases,
    )


def account_names(rng: Random, count: int) -> list[str]:
    """Names in one of five fashions, in no order that tells who is who."""
    fashion = rng.randrange(5)
    order = list(range(count))
    rng.shuffle(order)
    if fashion == 0:
        return [f"ACC{n:06d}" for n in order]
    if fashion == 1:
        return [str(10_000_000 + n * 37) for n in order]
    if fashion == 2:
        return [f"{rng.getrandbits(48):012x}{n:x}" for n in order]
    if fashion == 3:
        firms = ("Müller & Söhne", "O'Hara LLP", "北方证券", "Quant/7", "Aktie-bolaget Ö", "J. Doe")
        return [f"{rng.choice(firms)} #{n}" for n in order]
    return [f"{rng.choice('ABCDEFGH')}{rng.randrange(100):02d}:T-{n}" for n in order]


def events_frame(world: World, rng: Random, names: list[str]) -> pl.DataFrame:
    """The tape as a table, in one of the spellings."""
    kinds, sides = rng.choice(KINDS), rng.choice(SIDES)
    when, symbol, kind, order, account, side, price, size = zip(*world.venue.rows, strict=True)
    tick = pl.Series("tick", [s.tick for s in world.stocks])
    first_order, first_row = rng.randrange(1, 10**9), rng.randrange(1, 10**6)
    real = pl.col("kind") != NEWS
    raw = pl.DataFrame(
        {
            "timestamp_ns": when,
            "symbol": symbol,
            "kind": kind,
            "order_id": order,
            "account": account,
            "side": side,
            "price": price,
            "size": size,
        },
        schema_overrides={"timestamp_ns": pl.Int64},
    )
    return raw.select(
        "timestamp_ns",
        pl.col("symbol").replace_strict(range(len(world.stocks)), [s.name for s in world.stocks]),
        (pl.int_range(pl.len(), dtype=pl.Int64) + first_row).alias("venue_seq"),
        pl.col("kind").replace_strict(range(5), list(kinds)),
        pl.when(real).then(pl.col("order_id") + first_order).alias("order_id"),
        pl.when(real).then(pl.col("account").replace_strict(range(len(names)), names, default=None)).alias("account"),
        pl.col("side").replace_strict([1, -1], list(sides), default=None).alias("side"),
        pl.when(real).then((pl.col("price") * tick.gather(raw["symbol"])).round(4)).alias("price"),
        pl.when(real).then(pl.col("size")).alias("size"),
    )


def cases_frame(cases: list[Case], names: list[str]) -> pl.DataFrame:
    """Cases as truth rows."""
    return pl.DataFrame(
        {
            "scheme": [c.scheme for c in cases],
            "symbol": [c.stock.name for c in cases],
            "accounts": [sorted(names[a] for a in c.accounts) for c in cases],
            "start": [c.start for c in cases],
            "end": [c.end for c in cases],
            "evasive": [c.evasive for c in cases],
        },
        schema={
            "scheme": pl.String,
            "symbol": pl.String,
            "accounts": pl.List(pl.String),
            "start": pl.Int64,
            "end": pl.Int64,
            "evasive": pl.Boolean,
        },
    ).sort("start")
