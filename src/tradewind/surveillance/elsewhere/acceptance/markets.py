"""Markets as a bank's test team would write them to examine a surveillance product before buying it.

Mid-sized shares of no country in particular; noise, value and momentum traders, makers and algorithms; and of every
scheme the cases as orders of courts and regulators tell them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import polars as pl

from tradewind.surveillance.elsewhere.acceptance.algos import (
    arbitrage,
    chance_pair,
    closing,
    ladder,
    parent,
    second_thoughts,
)
from tradewind.surveillance.elsewhere.acceptance.crowd import (
    adviser,
    crowd,
    momentum_trader,
    newsroom,
    source,
    value_trader,
)
from tradewind.surveillance.elsewhere.acceptance.deed import Deed
from tradewind.surveillance.elsewhere.acceptance.makers import Maker, flicker, main_client
from tradewind.surveillance.elsewhere.acceptance.plan import plant
from tradewind.surveillance.elsewhere.acceptance.settings import draw
from tradewind.surveillance.elsewhere.acceptance.world import Play, World
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.schemes import Scheme

SIDES = {1: "buy", -1: "sell", 0: ""}


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market ``seed`` of about so many events, with so many deeds of ``schemes``, some played to hide."""
    rng = random.Random(f"acceptance/{seed}")
    w = World(rng, draw(rng, events))
    w.spawn(w.weather())
    for symbol in range(len(w.books)):
        _populate(w, symbol)
    if len(w.books) > 1:
        w.spawn(arbitrage(w, w.names(), 60 / sum(w.s.rates)), 30)
    deeds = plant(w, random.Random(f"acceptance plan/{seed}"), schemes, episodes, evasive)
    w.run()
    return _told(w, deeds)


def _populate(w: World, symbol: int) -> None:
    """Set going all that is honest on a symbol; each kind has its share of the rows."""
    rng, rate = w.rng, w.s.rates[symbol]
    makers = [Maker(w, symbol, w.names()) for _ in range(w.s.makers)]
    for maker in makers:
        w.spawn(maker.play(3.0 * len(makers) / (w.s.maker_share * rate)), rng.uniform(0.01, 3))
        w.watchers[symbol].append(maker.poke)
    w.spawn(crowd(w, symbol, 2.4 / (w.s.crowd_share * rate)), 5)
    w.spawn(value_trader(w, symbol, 2.0 / (rng.uniform(0.02, 0.06) * rate)), 10)
    w.spawn(newsroom(w, symbol, w.s.seconds / rng.uniform(0.3, 4.0)), 10)
    w.spawn(closing(w, symbol), 1)
    quick, friend = w.names(), w.client().name

    def flickers(world: World, at: int) -> Play:
        return flicker(world, at, quick)

    def friends(world: World, at: int) -> Play:
        return main_client(world, at, makers[0].account, friend)

    def pulls(world: World, at: int) -> Play:
        return rng.choice(makers).pull()

    for begin, share, rows in (
        (parent, rng.uniform(0.06, 0.14), 45),
        (ladder, rng.uniform(0.02, 0.06), 12),
        (second_thoughts, rng.uniform(0.005, 0.02), 3),
        (chance_pair, rng.uniform(0.01, 0.03), 30),
        (momentum_trader, rng.uniform(0.01, 0.04), 25),
        (adviser, rng.uniform(0.01, 0.03), 35),
        (flickers, rng.uniform(0.01, 0.04), 120),
        (friends, rng.uniform(0.005, 0.025), 40),
        (pulls, rng.uniform(0.005, 0.02), 8),
    ):
        w.spawn(source(w, symbol, rows / (share * rate), begin), 5)


def _told(w: World, deeds: list[Deed]) -> FramedMarket:
    """Return the tape and the cases in the words of the venue."""
    s, rows = w.s, w.tape.rows
    when, symbol, kind, oid, account, side, price, size, tag = zip(*rows, strict=True)
    time = np.array(when, dtype=np.int64)
    session = time // s.length
    stamp = np.array(s.starts, dtype=np.int64)[session] + time - session * s.length
    stamp -= stamp % s.clock
    digits = len(f"{s.tick:.6f}".rstrip("0").split(".")[1])
    table = pl.DataFrame(
        {
            "timestamp_ns": stamp,
            "symbol": [s.symbols[i] for i in symbol],
            "venue_seq": np.arange(1, len(rows) + 1, dtype=np.int64),
            "kind": kind,
            "order_id": pl.Series(oid, dtype=pl.Int64),
            "account": account,
            "side": [SIDES[i] for i in side],
            "price": [round(p * s.tick, digits) for p in price],
            "size": pl.Series(size, dtype=pl.Int64),
        }
    )
    marks = np.array(tag, dtype=np.int64)
    cases = []
    for deed in deeds:
        mine = np.flatnonzero(marks == deed.tag)
        if len(mine):
            cases.append(
                {
                    "scheme": deed.scheme,
                    "symbol": s.symbols[deed.symbol],
                    "accounts": sorted({str(account[i]) for i in mine}),
                    "start": int(stamp[mine[0]]),
                    "end": int(stamp[mine[-1]]),
                    "done": deed.done,
                    "evasive": deed.evasive,
                }
            )
    cases.sort(key=lambda case: (case["start"], case["symbol"]))
    found = pl.DataFrame(cases, schema=dict(CASE_SCHEMA))
    return FramedMarket(events=table, truth=found.filter(pl.col("done")), attempts=found.filter(~pl.col("done")))
