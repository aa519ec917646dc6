"""Examined markets drawn at random: agents, honest look-alikes and deeds as an outside examiner would plant them.

People without a plan, informed people, followers, readers of the book, makers with an inventory, and funds meet in a
book with price-time priority.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from tradewind.surveillance.elsewhere.examined.crowd import Maker, crowd, watch
from tradewind.surveillance.elsewhere.examined.engine import SECOND, Account, Script
from tradewind.surveillance.elsewhere.examined.honest import Honest, plan_honest
from tradewind.surveillance.elsewhere.examined.lures import Hand, layering, spoofing, stuffing
from tradewind.surveillance.elsewhere.examined.moves import close_mark, ignition, pump
from tradewind.surveillance.elsewhere.examined.ties import ahead, together, washing
from tradewind.surveillance.elsewhere.examined.world import PEOPLE, Stock, World, governor, values
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.schemes import Scheme

Deed = Callable[[Hand], Script]
Planned = tuple[int, Stock, str, bool]
"""When, where, what, and whether it is played to hide."""
DEEDS: dict[str, tuple[Deed, tuple[int, ...], float]] = {
    "pump_and_dump": (pump, (1, 1, 2, 3, 5), 0.55),
    "spoofing": (spoofing, (1, 1, 1, 2), 0.1),
    "layering": (layering, (1, 1, 2, 3), 0.1),
    "quote_stuffing": (stuffing, (1, 1, 1, 2, 4), 0.07),
    "wash_trading": (washing, (1, 2, 2, 3, 4, 5), 0.25),
    "marking_the_close": (close_mark, (1, 1, 1, 2), 0.07),
    "momentum_ignition": (ignition, (1, 1, 2), 0.15),
    "front_running": (ahead, (1, 1, 2, 3, 4), 0.4),
    "coordinated_accounts": (together, (3, 3, 4, 5, 6, 9), 0.25),
}
"""Of each scheme: how it is played, by how many accounts, and the share of a session to leave for it."""


def recruit(world: World, scheme: str, count: int) -> list[Account]:
    """Choose culprits: mostly people who also trade otherwise, sometimes accounts that do nothing else."""
    rng = world.rng
    kinds: tuple[str, ...] = ("spare",) if rng.random() < 0.25 else PEOPLE
    if scheme in ("spoofing", "layering", "quote_stuffing") and rng.random() < 0.3:
        kinds = ("maker", "reader")
    chosen = world.some(count, kinds)
    if len(chosen) < count:
        chosen += [a for a in world.some(4 * count) if a not in chosen][: count - len(chosen)]
    rng.shuffle(chosen)
    return chosen


def plan(world: World, episodes: int, evasive: float, played: Sequence[str]) -> list[Planned]:
    """Return when, where and what will be played; episodes of one stock are kept apart where there is room."""
    rng = world.rng
    found: list[Planned] = []
    taken: list[tuple[int, Stock, float, float]] = []
    schemes: list[str] = []
    while len(schemes) < episodes:
        schemes += rng.sample(played, len(played))
    order = sorted(schemes[:episodes], key=lambda s: -DEEDS[s][2])
    for scheme in order:
        least, best = math.inf, (0, world.stocks[0], 0.0)
        room = DEEDS[scheme][2] * min(1.0, 9 * len(world.stocks) * len(world.days) / max(9, episodes) / 1.5)
        for _ in range(40):
            stock, day = rng.choice(world.stocks), rng.randrange(len(world.days))
            where = 1 - room if scheme == "marking_the_close" else rng.uniform(0.03, max(0.031, 0.97 - room))
            clash = sum(
                max(0.0, min(where + room, w + r) - max(where, w)) for d, s, w, r in taken if d == day and s is stock
            )
            if clash < least:
                least, best = clash, (day, stock, where)
            if not clash:
                break
        day, stock, where = best
        taken.append((day, stock, where, room))
        begun, ended = world.days[day]
        found.append((round(begun + where * (ended - begun)), stock, scheme, rng.random() < evasive))
    return found


def session(
    world: World,
    day: tuple[int, int],
    plans: list[Planned],
    honest: list[tuple[int, Stock, Honest]],
    makers: list[Maker],
) -> list[Hand]:
    """Play one day and return who did what."""
    rng, clock = world.rng, world.clock
    clock.now = world.open = day[0]
    world.close = day[1]
    hands: list[Hand] = []
    for stock in world.stocks:
        if day is not world.days[0]:
            stock.value *= 1 + 0.5 * stock.sigma / stock.value * rng.gauss(0, 1)
        stock.book.last, stock.slow, stock.heated = round(stock.value), stock.value, day[0]
        stock.stops.clear()
        clock.after(world.log(0.05, 3), crowd(world, stock))
        clock.after(1.0, values(world, stock))
        clock.after(2.0, watch(world, stock))
    for maker in makers:
        clock.after(rng.expovariate(5), maker.run())
    for when, stock, kind in honest:
        if day[0] <= when < day[1]:
            clock.at(when, kind(world, stock))
    for when, stock, scheme, evasive in plans:
        if day[0] <= when < day[1]:
            deed, counts, _ = DEEDS[scheme]
            hand = Hand(world, stock, recruit(world, scheme, rng.choice(counts)), scheme, evasive)
            hands.append(hand)
            clock.at(when, deed(hand))
    clock.after(0.5, governor(world))
    clock.run(day[1] - SECOND // 50)
    for stock in world.stocks:
        stock.book.sweep_out()
    return hands


def frame(world: World) -> pl.DataFrame:
    """Return the tape as a table; times are cut to the venue's resolution."""
    ticks = {s.book.name: s.tick for s in world.stocks}
    sides = {1: "buy", -1: "sell", 0: ""}
    rows = [
        (t - t % world.resolution, n, k, o, a, sides[s], round(p * ticks[n], 6), z, ca, co)
        for t, n, k, o, a, s, p, z, ca, co in world.tape.rows
    ]
    names = (*EVENT_COLUMNS, "contra_account", "contra_order_id")
    made = pl.DataFrame(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    made = made.with_row_index("venue_seq", offset=1).with_columns(pl.col("venue_seq").cast(pl.Int64))
    more = names[-2:] if world.tape.told == "pair" else ()
    return made.select("timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:], *more)


def cases(world: World, hands: list[Hand], done: bool) -> pl.DataFrame:
    cut = world.resolution
    rows: list[tuple[Any, ...]] = [
        (h.scheme, h.stock.book.name, [*h.acted], h.first - h.first % cut, h.last - h.last % cut, done, h.evasive)
        for h in sorted(hands, key=lambda h: h.first)
        if h.acted and h.done is done
    ]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA), orient="row")


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Run one market from its seed to the end; ``evasive`` is the share of episodes that are played to hide."""
    world = World(seed, events)
    plans = plan(world, episodes, evasive, [name for name in DEEDS if Scheme(name) in schemes])
    honest = plan_honest(world, world.rng.randint(7, 13))
    pool = world.some(10**6, ("maker",))
    makers = [Maker(world, world.stocks[i % len(world.stocks)], account) for i, account in enumerate(pool)]
    share = world.rng.uniform(0.12, 0.85)
    for maker in makers:
        maker.size /= max(1.0, (len(makers) / len(world.stocks)) ** 0.6 / 2)
        maker.limit = maker.size * world.rng.uniform(4, 15)
        maker.pause = len(makers) * maker.levels * 3.0 / (world.rate * share) * world.log(0.3, 3)
    hands: list[Hand] = []
    for day in world.days:
        hands += session(world, day, plans, honest, makers)
    return FramedMarket(frame(world), cases(world, hands, True), cases(world, hands, False))
