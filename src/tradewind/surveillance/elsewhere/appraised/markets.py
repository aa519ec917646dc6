"""Appraised markets drawn at random: investors with reservation prices, and what was done among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import polars as pl

from tradewind.surveillance.elsewhere.appraised.crowd import blocks, closing, expire, governor, managers, watch
from tradewind.surveillance.elsewhere.appraised.deeds_book import layering, spoofing, stuffing
from tradewind.surveillance.elsewhere.appraised.deeds_match import coordinate, mark, wash
from tradewind.surveillance.elsewhere.appraised.deeds_move import front, ignition, pump
from tradewind.surveillance.elsewhere.appraised.flow import break_news, investors, plan_news, values
from tradewind.surveillance.elsewhere.appraised.hand import Hand, perform
from tradewind.surveillance.elsewhere.appraised.makers import Maker, hire, open_day
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process, Stock, World
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.schemes import Scheme

DEEDS: dict[str, tuple[Callable[[Hand], Process], tuple[int, int], tuple[float, float]]] = {
    # the deed, how many accounts, how many seconds
    "pump_and_dump": (pump, (1, 4), (2400, 9000)),
    "spoofing": (spoofing, (1, 2), (300, 1800)),
    "layering": (layering, (1, 3), (300, 1500)),
    "quote_stuffing": (stuffing, (1, 2), (20, 400)),
    "wash_trading": (wash, (1, 5), (400, 3600)),
    "marking_the_close": (mark, (1, 3), (15, 240)),
    "momentum_ignition": (ignition, (1, 2), (300, 1500)),
    "front_running": (front, (1, 3), (900, 4800)),
    "coordinated_accounts": (coordinate, (3, 8), (900, 6000)),
}


class Planner:
    """Puts the deeds into the days, apart from each other where there is room."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taken: list[tuple[Stock, int, int]] = []
        self.culprits: list[str] = []

    def people(self, span: tuple[int, int], evasive: bool) -> list[str]:
        """New, known, or so far honest accounts; all of them also invest."""
        world, rng = self.world, self.world.rng
        count = rng.randint(*span) + (rng.randint(1, 2) if evasive else 0)
        out: list[str] = []
        while len(out) < count:
            luck = rng.random()
            if luck < 0.15 and self.culprits:
                name = rng.choice(self.culprits)
            elif luck < 0.45 and len(world.investors) > 60:
                name = rng.choice(world.investors)
            else:
                name = world.account()
                world.join(name)
            if name not in out:
                out.append(name)
        self.culprits.extend(out)
        return out

    def slot(self, scheme: str, span: float) -> tuple[Stock, int] | None:
        """A symbol and a start; other deeds of the symbol are kept clear of if at all possible."""
        world, rng = self.world, self.world.rng
        for tries in range(400):
            opened, close = rng.choice(world.days)
            stock = rng.choices(world.stocks, [s.rate for s in world.stocks])[0]
            if scheme == "marking_the_close":
                start, end = close - int(span * SECOND), close
            else:
                low, high = opened + 600 * SECOND, close - int((span * 1.25 + 300) * SECOND)
                start = rng.randint(low, max(low + 1, high))
                end = start + int(span * 1.25 * SECOND)
            clash = [s for s, a, b in self.taken if s is stock and a < end and start < b]
            if not clash or (tries > 250 and scheme != "marking_the_close"):
                self.taken.append((stock, start, end))
                return stock, start
        return None

    def place(self, scheme: str, evasive: bool, room: float, out: list[tuple[Hand, bool]]) -> None:
        world, rng = self.world, self.world.rng
        deed, span, seconds = DEEDS[scheme]
        lasts = rng.uniform(*seconds) * (1.4 if evasive else 1.0)
        lasts = lasts if scheme == "marking_the_close" else min(lasts, max(240.0, 0.55 * room))
        found = self.slot(scheme, lasts)
        if found is None:
            return
        stock, start = found
        hand = Hand(world, stock, scheme, self.people(span, evasive), evasive)
        hand.span = lasts
        if scheme == "front_running" and rng.random() < 0.5:
            hand.news_at, hand.good = start + int(0.5 * lasts * SECOND), rng.random() < 0.5
            world.news.append((hand.news_at, stock, hand.good, rng.uniform(0.6, 1.3)))
        world.clock.spawn(perform(hand, deed(hand), out), start)


def open_up(world: World, crews: list[list[Maker]], day: tuple[int, int], share: float) -> None:
    """Start every honest process of one day."""
    world.open, world.close = day
    rng, clock = world.rng, world.clock
    for stock, crew in zip(world.stocks, crews, strict=True):
        if clock.now > world.days[0][1]:
            stock.value *= 1 + 0.5 * stock.daily * rng.gauss(0, 1)
        stock.stops.clear()
        open_day(world, crew, day[0])
        clock.spawn(values(world, stock), day[0])
        clock.spawn(investors(world, stock, share), day[0] + 3 * SECOND)
        clock.spawn(watch(world, stock), day[0] + 3 * SECOND)
        clock.spawn(managers(world, stock), day[0] + 60 * SECOND)
        clock.spawn(closing(world, stock), day[0] + 60 * SECOND)
        clock.spawn(blocks(world, stock), day[0] + 60 * SECOND)
        clock.at(day[1], partial(expire, stock))
    clock.spawn(governor(world), day[0] + 120 * SECOND)


def cases(found: list[tuple[Hand, bool]], done: bool) -> pl.DataFrame:
    rows = [
        (h.scheme, h.stock.name, list(h.acted), h.first, h.last, done, h.evasive)
        for h, ok in sorted(found, key=lambda pair: pair[0].first)
        if ok is done
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
    """Run one market from its seed to the end; ``evasive`` is the share of deeds that hide."""
    world = World(seed, events)
    rng = world.rng
    plan_news(world)
    planner = Planner(world)
    found: list[tuple[Hand, bool]] = []
    played = [name for name in DEEDS if Scheme(name) in schemes]
    rng.shuffle(played)
    offset = rng.randrange(len(played))
    room = len(world.days) * len(world.stocks) * world.length / max(1, episodes)
    for i in range(episodes):
        planner.place(played[(offset + i) % len(played)], rng.random() < evasive, room, found)
    share = rng.uniform(0.3, 0.55)
    crews = [hire(world, stock, 1 - share) for stock in world.stocks]
    for day in world.days:
        world.clock.at(day[0] - SECOND, partial(open_up, world, crews, day, share))
    for when, stock, good, jump in world.news:
        world.clock.at(when, partial(break_news, world, stock, good, jump))
    world.clock.run()
    columns = dict(zip(EVENT_COLUMNS, map(list, zip(*world.rows, strict=True)), strict=True))
    frame = pl.DataFrame(columns).with_row_index("venue_seq", offset=1).with_columns(pl.col("venue_seq").cast(pl.Int64))
    frame = frame.select("timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:])
    return FramedMarket(frame, cases(found, True), cases(found, False))
