"""Fill a market with its honest accounts, and keep the number of rows near what was asked."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.frontier.houses import (
    advice,
    cross,
    every_close,
    ladder,
    lead_and_lag,
    nature,
    parent,
    seldom,
    wave,
)
from tradewind.surveillance.elsewhere.frontier.memory import remember
from tradewind.surveillance.elsewhere.frontier.people import dealer, draw_client, flicker, in_and_out, saver
from tradewind.surveillance.elsewhere.frontier.settings import spread_log
from tradewind.surveillance.elsewhere.frontier.world import Actor, World


def steady(world: World) -> Actor:
    """Quicken or slow all people so that the honest rows come out about as asked."""
    whole, seen, before = world.sum_pulse[-1], 0, 0.0
    while True:
        yield world.set.length / 40
        rows, lapsed = len(world.venue.rows) - world.venue.deed_rows, world.lapsed()
        pace = (rows - seen) / max(1.0, lapsed - before)
        goal = max(0.0, world.set.events * 0.97 - rows) / max(1.0, whole - lapsed)
        if pace > 0:
            world.tempo = min(20.0, max(0.05, world.tempo * min(1.3, max(0.75, (goal / pace) ** 0.4))))
        seen, before = rows, lapsed


def fill(world: World) -> None:
    """Draw all honest accounts and start them."""
    s, rng = world.set, world.rng("crowd of accounts")
    count = len(s.symbols)
    world.start(nature(world, world.rng("nature")))
    actions = s.events / 2.2
    weights = [min(40.0, rng.paretovariate(1.1)) for _ in range(s.clients)]
    share = rng.uniform(0.5, 0.7)
    pace = world.end * sum(weights) / (actions * share)
    clients = [draw_client(world, rng, pace / weight) for weight in weights]
    for client in clients:
        world.start(saver(world, client, world.rng(client.account)), rng.random())
    world.people = [client.account for client in clients]
    world.rich = [next(world.names) for _ in range(rng.randrange(4, 12))]
    quick = [next(world.names) for _ in range(rng.randrange(3, 10))]
    world.chasers = quick + rng.sample(world.people, s.clients // 3)
    world.start(remember(world, world.rng("memory")), 0.1)
    per_session = actions / count / len(s.days)
    for account in quick:
        gap = world.end / (actions * 0.08 / len(quick) / 3)
        world.start(in_and_out(world, account, gap, world.rng(account)))
    for _ in range(s.dealers):
        account = next(world.names)
        for symbol in range(count):
            if rng.random() < 0.75:
                gap = s.length * s.dealers / (per_session * 0.35 / 3) * spread_log(rng, 0.6, 1.7)
                world.start(dealer(world, account, symbol, gap, world.rng(f"{account}/{symbol}")), rng.uniform(0, 60))
    for _ in range(rng.choice((1, 1, 2))):
        account = next(world.names)
        gap = world.end / (actions * 0.06 / 7)
        world.start(flicker(world, account, rng.randrange(count), gap, world.rng(account)))
    for account in rng.sample(world.people, 2):
        world.start(lead_and_lag(world, account, world.end / (actions * 0.02), world.rng(account)))
    scale = max(0.4, min(2.5, per_session / 400))
    habits = {
        "parent": (0.7, partial(parent, world)),
        "wave": (0.12, partial(wave, world)),
        "advice": (0.4, partial(advice, world, clients)),
        "cross": (0.7, partial(cross, world, clients)),
        "ladder": (2.0, partial(ladder, world)),
    }
    for name, (often, make) in habits.items():
        own = world.rng(name)
        often *= scale * spread_log(rng, 0.5, 2)
        world.start(seldom(world, often, partial(make, rng=own), own), own.uniform(0, 600))
    world.start(every_close(world, world.rng("closings")))
    world.start(steady(world))
