"""Retail markets drawn at random: small shares of a European order book, with deeds and look-alikes."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.elsewhere.retail.deed import SCHEMES, Deed, plan
from tradewind.surveillance.elsewhere.retail.engine import SECOND, World
from tradewind.surveillance.elsewhere.retail.flow import crowd, opening, pulse, savings_plan
from tradewind.surveillance.elsewhere.retail.houses import pairs, staff
from tradewind.surveillance.elsewhere.retail.makers import Provider, Reactor, flickerer, pegger
from tradewind.surveillance.elsewhere.retail.setting import Person, Setting, SymbolSpec, draw_symbol
from tradewind.surveillance.schemes import Scheme

KINDS = ("new", "modify", "cancel", "trade", "news")
SYLLABLES = ("ka", "ro", "ven", "mi", "tal", "ös", "bre", "ni", "gra", "lux", "do", "fin", "sa", "wer", "pol", "eth")
SIDES = ("", "buy", "sell")  # by sign: 0, 1, -1


def calendar(rng: random.Random, sessions: int) -> list[tuple[int, int]]:
    """Opens and closes in UTC on following weekdays, in summer or winter time, with some short days."""
    month = rng.choice((1, 2, 4, 5, 6, 7, 8, 9, 11, 12))
    day = date(rng.randint(2019, 2025), month, rng.randint(2, 23))
    shift = 1 if month in (1, 2, 11, 12) else 2
    start, length = rng.choice(((9.0, 8.5), (9.0, 8.0), (9.0, 8.4167), (9.0, 7.5), (8.0, 9.0), (9.25, 6.75)))
    spans: list[tuple[int, int]] = []
    while len(spans) < sessions:
        if day.weekday() < 5:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
            opening = (midnight + round((start - shift) * 3600)) * SECOND
            hours = length if rng.random() > 0.1 else 4.75
            spans.append((opening, opening + round(hours * 3600) * SECOND))
        day += timedelta(days=1)
    return spans


def draw_person(rng: random.Random, setting: Setting, symbols: int) -> Person:
    """Most clients are small and slow, a few are large and keen."""
    size = rng.choice((0.1, 0.2, 0.25, 0.5, 0.5, 1.0, 1.0, 1.0, 2.0, 2.5, 5.0))
    return Person(
        acc=setting.account(rng),
        size=size * rng.lognormvariate(0, 0.15),
        round_money=rng.random() < 0.4,
        eager=rng.betavariate(2, 3),
        chase=rng.random() ** 2,
        patience=rng.lognormvariate(5.2, 1.5),
        home=rng.randrange(symbols),
        stops=rng.random() < 0.25,
        weight=rng.paretovariate(1.1),
        contrary=rng.random() < 0.35,
    )


def draw_setting(rng: random.Random, events: int, episodes: int) -> Setting:
    """Draw the market; sessions and symbols are kept few enough that each has a life of its own."""
    lanes = max(1, min(12, events // rng.choice((6500, 9000, 14000))))
    count = min(rng.choice((1, 1, 2, 2, 3, 4)), lanes)
    sessions = min(rng.choice((1, 1, 2, 3)), max(1, lanes // count))
    if count * sessions * 9 < episodes:
        sessions = min(3, max(sessions, -(-episodes // (9 * count))))
    spans = calendar(rng, sessions)
    seconds = sum(b - a for a, b in spans) / SECOND
    shares = [rng.uniform(0.5, 1.6) for _ in range(count)]
    symbols: list[SymbolSpec] = []
    while len(symbols) < count:
        name = "".join(rng.choice(SYLLABLES) for _ in range(3)).replace("ö", "o").upper()[: rng.randint(3, 6)]
        if all(s.name != name for s in symbols):
            target = round(events * shares[len(symbols)] / sum(shares))
            symbols.append(draw_symbol(rng, name, target, seconds))
    setting = Setting(
        symbols=symbols,
        sessions=spans,
        order_id_step=rng.choice((1, 1, 1, 3, 7)),
        first_order_id=rng.choice((0, rng.randrange(10**6), rng.randrange(10**9))),
        style=rng.randrange(5),
        latency=math.exp(rng.uniform(math.log(8e4), math.log(8e6))),
    )
    total = round(math.exp(rng.uniform(math.log(200), math.log(1500))))
    setting.people = [draw_person(rng, setting, count) for _ in range(max(120, total - 60))]
    setting.houses = [setting.account(rng) for _ in range(60)]
    return setting


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """One market drawn from a seed; the same arguments give the same tables."""
    rng = random.Random(f"retail/{seed}")
    wanted = events if events is not None else rng.randint(20_000, 150_000)
    setting = draw_setting(rng, wanted, episodes)
    world = World(setting, rng)
    deeds = plan(world, seed, episodes, evasive, [name for name in SCHEMES if Scheme(name) in schemes])
    kinds = [rng.uniform(-0.3, 1.2) for _ in world.books]
    makers = [[setting.house(rng) for _ in range(rng.randint(2, 5))] for _ in world.books]
    fast = [setting.house(rng) for _ in range(rng.randint(1, 3))]
    machines = [[setting.house(rng) for _ in range(3)] for _ in world.books]
    base = setting.used_houses
    for number, (start, end) in enumerate(setting.sessions):
        world.session, world.open, world.close = number, start, end
        world.now = start
        setting.used_houses = base
        reactors = [Reactor(world, acc) for acc in fast]
        for book in world.books:
            if number:
                book.ref = book.fair = book.fair + rng.gauss(0, book.spec.daily_vol * 0.4)
            opening(world, book)
            providers = [Provider(world, book, acc, len(makers[book.index])) for acc in makers[book.index]]
            for provider in providers:
                world.spawn(provider.life(), rng.uniform(0, 1e7))
            if rng.random() < 0.35:
                world.spawn(rng.choice(providers).outage())
            book.alarms = list(reactors)
            book.past = [book.ref] * 24
            world.spawn(pulse(world, book, kinds[book.index]), 1e8)
            world.spawn(crowd(world, book), 2e9)
            for actor in staff(world, book, lambda: setting.house(rng)):
                world.spawn(actor, 3e9)
            one, two, three = machines[book.index]
            world.spawn(flickerer(world, book, one), 60 * SECOND)
            world.spawn(pegger(world, book, two), 30 * SECOND)
            if rng.random() < 0.5:
                world.spawn(savings_plan(world, book))
            if book.index:
                world.spawn(pairs(world, world.books[0], book, three), 60 * SECOND)
        for deed, begin, actor in deeds:
            if start <= begin < end:
                world.spawn(actor, begin - world.now, lasting=deed.lasting)
        world.run(end)
        for order in [order for _, order in world.orders.values()]:
            world.cancel(order)
        setting_next = setting.sessions[number + 1][0] if number + 1 < len(setting.sessions) else 0
        world.queue = [
            (max(at, setting_next + int(rng.uniform(60, 2400) * SECOND)), ticket, actor, lasting)
            for at, ticket, actor, lasting in sorted(world.queue, key=lambda item: item[:2])
            if lasting and setting_next
        ]
        heapq.heapify(world.queue)
    return FramedMarket(
        events=tape(world),
        truth=cases([deed for deed, _, _ in deeds if deed.done], setting.names, world),
        attempts=cases([deed for deed, _, _ in deeds if deed.acted and not deed.done], setting.names, world),
    )


def tape(world: World) -> pl.DataFrame:
    """The rows in the form asked for, prices in money, numbered as the venue numbered them."""
    grid = np.array(world.rows, dtype=np.int64).reshape(-1, 8)
    tick = np.array([book.spec.tick for book in world.books])
    symbols = np.array([book.spec.name for book in world.books], dtype=object)
    names = np.array([*world.setting.names, ""], dtype=object)  # account -1 is nobody
    frame = pl.DataFrame(
        {
            "timestamp_ns": grid[:, 0],
            "symbol": pl.Series(symbols[grid[:, 1]], dtype=pl.String),
            "venue_seq": np.arange(1, len(grid) + 1, dtype=np.int64),
            "kind": pl.Series(np.array(KINDS, dtype=object)[grid[:, 2]], dtype=pl.String),
            "order_id": grid[:, 3],
            "account": pl.Series(names[grid[:, 4]], dtype=pl.String),
            "side": pl.Series(np.array(SIDES, dtype=object)[grid[:, 5]], dtype=pl.String),
            "price": np.round(grid[:, 6] * tick[grid[:, 1]], 4),
            "size": grid[:, 7],
        }
    )
    return frame.select("timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:])


def cases(deeds: list[Deed], names: list[str], world: World) -> pl.DataFrame:
    """The deeds as rows of the case form."""
    rows = [
        {
            "scheme": deed.scheme,
            "symbol": deed.book.spec.name,
            "accounts": [names[a] for a in sorted(deed.acted)],
            "start": deed.first,
            "end": deed.last,
            "done": deed.done,
            "evasive": deed.evasive,
        }
        for deed in sorted(deeds, key=lambda d: d.first)
    ]
    form: Any = CASE_SCHEMA
    return pl.DataFrame(rows, schema=form)
