"""Where and when deeds are planted, and by whom; never two at once on one share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from tradewind.surveillance.elsewhere.pennies.deed import Deed, cover, run
from tradewind.surveillance.elsewhere.pennies.plays import (
    front_running,
    marking_the_close,
    momentum_ignition,
    pump_and_dump,
)
from tradewind.surveillance.elsewhere.pennies.setting import spread_out
from tradewind.surveillance.elsewhere.pennies.tricks import (
    coordinated_accounts,
    layering,
    quote_stuffing,
    spoofing,
    wash_trading,
)
from tradewind.surveillance.elsewhere.pennies.world import Actor, World
from tradewind.surveillance.schemes import Scheme

PLAYS: Mapping[str, Callable[[Deed], Actor]] = {
    "pump_and_dump": pump_and_dump,
    "spoofing": spoofing,
    "layering": layering,
    "quote_stuffing": quote_stuffing,
    "wash_trading": wash_trading,
    "marking_the_close": marking_the_close,
    "momentum_ignition": momentum_ignition,
    "front_running": front_running,
    "coordinated_accounts": coordinated_accounts,
}
MINUTES = {
    "pump_and_dump": (12, 110),
    "spoofing": (2, 25),
    "layering": (2, 25),
    "quote_stuffing": (0.5, 15),
    "wash_trading": (5, 60),
    "marking_the_close": (0.4, 12),
    "momentum_ignition": (2, 12),
    "front_running": (6, 60),
    "coordinated_accounts": (3, 45),
}
HANDS = {
    "pump_and_dump": (1, 5),
    "spoofing": (1, 1),
    "layering": (1, 1),
    "quote_stuffing": (1, 2),
    "wash_trading": (1, 6),
    "marking_the_close": (1, 2),
    "momentum_ignition": (1, 2),
    "front_running": (1, 2),
    "coordinated_accounts": (3, 10),
}
GAP = 200.0
"""Seconds kept free between two deeds on one share."""


def plant(
    world: World, rng: Random, schemes: Sequence[Scheme], episodes: int, evasive: float, strangers: list[str]
) -> list[Deed]:
    """Plan all deeds of ``schemes`` and let them begin in their time."""
    played = sorted(name for name in PLAYS if Scheme(name) in schemes)
    drawn: list[str] = []
    while len(drawn) < episodes:
        drawn += rng.sample(played, len(played))
    chosen = drawn[:episodes]
    chosen.sort(key=lambda scheme: (scheme != "marking_the_close", -MINUTES[scheme][1]))
    taken: dict[str, list[tuple[float, float]]] = {}
    return [d for s in chosen if (d := _deed(world, rng, s, rng.random() < evasive, taken, strangers)) is not None]


def _deed(
    world: World,
    rng: Random,
    scheme: str,
    hidden: bool,
    taken: dict[str, list[tuple[float, float]]],
    strangers: list[str],
) -> Deed | None:
    length = world.setting.length
    low, high = MINUTES[scheme]
    for attempt in range(300):
        share = rng.choice(world.setting.shares)
        session = rng.randrange(len(world.setting.opens))
        long = spread_out(rng, low, high) * 60 * (1.3 if hidden else 1.0) * max(0.3, 1 - attempt / 200)
        long = min(long, length * 0.3)
        if scheme == "marking_the_close":
            start, until = (session + 1) * length - long, (session + 1) * length - 0.01
        else:
            start = session * length + rng.uniform(240, length - long - 60)
            until = start + long
        spans = taken.setdefault(share.book.name, [])
        if all(until + GAP < a or b + GAP < start for a, b in spans):
            break
    else:
        return None
    spans.append((start, until))
    few, many = HANDS[scheme]
    count = rng.choice((1, 2, 2, 2, 3, 4, 5, 6)) if scheme == "wash_trading" else rng.randint(few, many)
    if hidden and scheme != "coordinated_accounts":
        count = max(2, count) if scheme == "wash_trading" else count + rng.randint(0, 2)
    if rng.random() < 0.4 and len(strangers) >= count:
        hands = [strangers.pop() for _ in range(count)]
    else:
        hands = world.some(share, count)
    deed = Deed(world, share, scheme, hands, hidden, rng.random() < 0.08, start, until, rng)
    world.start(run(deed, PLAYS[scheme](deed)), start)
    if rng.random() < (0.9 if hidden else 0.35):
        world.start(cover(world, share, hands, rng), rng.uniform(0, 0.8) * start)
    return deed
