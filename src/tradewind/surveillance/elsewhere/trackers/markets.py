"""A market of exchange-traded funds and the shares in them, with manipulation planted in it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

import numpy as np
import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.elsewhere.trackers.alike import episodes as alike
from tradewind.surveillance.elsewhere.trackers.crowd import Crowd
from tradewind.surveillance.elsewhere.trackers.deed import Deed
from tradewind.surveillance.elsewhere.trackers.desks import careless_closer, creation, index_fund, steady_pair
from tradewind.surveillance.elsewhere.trackers.floor import SECOND, Actor, Floor
from tradewind.surveillance.elsewhere.trackers.makers import arbitrageur, fast_maker, ladder_maker
from tradewind.surveillance.elsewhere.trackers.plan import begin, cast, plan
from tradewind.surveillance.elsewhere.trackers.world import draw_world, shape
from tradewind.surveillance.schemes import Scheme


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market ``seed``: its tape, the deeds of ``schemes`` carried through and those only tried."""
    rng = random.Random(f"trackers/{seed}")
    world = draw_world(rng, events)
    floor = Floor(world, random.Random(rng.random()))
    names = list(world.names)
    staff, fresh, names = names[:160], names[160:260], names[260:]
    crowd = Crowd(floor, names, random.Random(rng.random()))
    slots = plan(world, episodes, schemes, random.Random(f"trackers/plan/{seed}/{episodes}"))
    deeds: list[Deed] = []
    habits = rng.random()
    for session, (opens, closes) in enumerate(world.sessions):
        floor.opens, floor.closes, floor.now = opens, closes, opens
        floor.values.start(opens)
        floor.spawn(_conductor(floor, session), 0.0)
        _staff(floor, staff, crowd, random.Random(habits), random.Random(f"trackers/{seed}/{session}"))
        for number, slot in enumerate(slots):
            if slot.session == session:
                own = random.Random(f"trackers/deed/{seed}/{number}")
                hides = own.random() < evasive
                chosen = partial(cast, slot, floor, crowd, fresh, hides, own)
                floor.spawn(begin(slot, chosen, floor, deeds))
        floor.run()
        for deed in deeds:
            deed.settle()
    cases = [deed for deed in deeds if deed.acted]
    return FramedMarket(
        events=_table(floor),
        truth=pl.DataFrame([deed.case() for deed in cases if deed.done], schema=dict(CASE_SCHEMA)),
        attempts=pl.DataFrame([deed.case() for deed in cases if not deed.done], schema=dict(CASE_SCHEMA)),
    )


def _staff(floor: Floor, staff: list[str], crowd: Crowd, habits: random.Random, rng: random.Random) -> None:
    """Set everybody to work for a session; ``habits`` are the same every day."""
    world, names = floor.world, iter(staff)
    count = len(world.symbols)
    floor.spawn(floor.watch(5.0), 1.0)
    floor.spawn(crowd.guard(3.0), 2.0)
    makers = habits.randint(3, 7)
    for _ in range(makers):
        account, fast = next(names), habits.random() < 0.3
        for sym in range(count):
            if habits.random() < 0.85:
                own = random.Random(habits.random())
                if fast:
                    floor.spawn(fast_maker(floor, sym, account, own, 0.09 / makers / count), rng.uniform(0, 2))
                else:
                    floor.spawn(ladder_maker(floor, sym, account, own, 0.04 / makers / count), rng.uniform(0, 0.5))
    for sym in range(count):
        anchor = next(names)
        floor.spawn(ladder_maker(floor, sym, anchor, random.Random(habits.random()), 0.01 / count), 0.1)
    for _ in range(habits.randint(1, 4)):
        floor.spawn(arbitrageur(floor, next(names), random.Random(habits.random()), 0.02), rng.uniform(1, 9))
    floor.spawn(crowd.flow(habits.uniform(0.09, 0.22)), 1.5)
    for _ in range(habits.randint(1, 3)):
        pair = (next(names), next(names) if habits.random() < 0.6 else habits.choice(crowd.clients).account)
        sym = habits.randrange(count)
        floor.spawn(steady_pair(floor, sym, pair, random.Random(rng.random()), habits.uniform(0.0008, 0.004)), 5.0)
    desks = [next(names) for _ in range(habits.randint(8, 30))]
    floor.spawn(alike(floor, crowd, desks, random.Random(rng.random()), 0.0021), 30.0)
    many = world.events / len(world.sessions) / count / 10_000
    for sym in range(count):
        own = random.Random(rng.random())
        for _ in range(habits.choice((0, 1, 1, 2))):
            at = habits.choice((0.1, 0.25, 0.5, 0.75)) * world.length
            floor.spawn(crowd.savings(sym, int(habits.uniform(8, 20 + 30 * min(many, 2)))), at)
        for _ in range(own.randint(0, 1 + round(min(3, 2 * many)))):
            floor.spawn(index_fund(floor, sym, own.choice(desks), own), 60.0)
        for _ in range(own.randint(0, 3)):
            floor.spawn(careless_closer(floor, sym, crowd.pick().account, own), 60.0)
        if own.random() < 0.6:
            floor.spawn(creation(floor, sym, next(names), own), own.uniform(0.05, 0.6) * world.length)


def _conductor(floor: Floor, session: int) -> Actor:
    """Follow the hour of the day and hold the tape to about the number of rows it shall have."""
    world = floor.world
    beat = world.length / 240
    whole = world.events / len(world.sessions)
    before, due = session * whole, 0.0
    seen = len(floor.rows) - floor.deed_rows
    speed = whole / world.length
    while True:
        part = (floor.now - floor.opens) / SECOND / world.length
        busy = shape(part)
        floor.tempo = busy
        floor.values.wave = busy**0.5
        rows = len(floor.rows) - floor.deed_rows
        if part > 0:
            speed += 0.15 * ((rows - seen) / beat / busy - speed)
            ahead = (before + due) * 0.95 - rows
            goal = max(0.3, 1 + ahead / whole * 6) * whole * 0.95 / world.length
            floor.pace *= max(0.85, min(1.18, (goal / max(speed, goal * 0.1)) ** 0.4))
            floor.pace = max(0.02, min(30.0, floor.pace))
        seen = rows
        due += whole * busy / 240
        yield beat


def _table(floor: Floor) -> pl.DataFrame:
    """Return the tape as a table, prices in money."""
    world = floor.world
    stamps, syms, kinds, oids, accounts, sides, prices, sizes = zip(*floor.rows, strict=True)
    ticks = np.asarray(world.tick)[np.asarray(syms)]
    return pl.DataFrame(
        {
            "timestamp_ns": np.asarray(stamps, dtype=np.int64),
            "symbol": [world.symbols[sym] for sym in syms],
            "venue_seq": np.arange(1, len(stamps) + 1, dtype=np.int64),
            "kind": list(kinds),
            "order_id": np.asarray(oids, dtype=np.int64),
            "account": list(accounts),
            "side": list(sides),
            "price": np.round(np.asarray(prices) * ticks, 6),
            "size": np.asarray(sizes, dtype=np.int64),
        }
    )
