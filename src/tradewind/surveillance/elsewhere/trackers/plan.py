"""Which deeds are planted, where and when: times of their own, minutes apart on a symbol."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.trackers.crowd import Crowd
from tradewind.surveillance.elsewhere.trackers.deed import Deed
from tradewind.surveillance.elsewhere.trackers.deeds_accounts import coordinated_accounts, wash_trading
from tradewind.surveillance.elsewhere.trackers.deeds_orders import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.trackers.deeds_price import (
    front_running,
    marking_the_close,
    momentum_ignition,
    pump_and_dump,
)
from tradewind.surveillance.elsewhere.trackers.floor import SECOND, Actor, Floor
from tradewind.surveillance.elsewhere.trackers.world import World
from tradewind.surveillance.schemes import Scheme

SCRIPTS: dict[str, Callable[[Deed], Actor]] = {
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
GAP = 150.0
CLOSING = 700.0


@dataclass(frozen=True)
class Slot:
    """A time given to one deed: seconds after the opening, and how long it may last."""

    scheme: str
    session: int
    sym: int
    start: float
    span: float


def plan(world: World, episodes: int, schemes: Sequence[Scheme], rng: random.Random) -> list[Slot]:
    """Spread the deeds over schemes, symbols and sessions."""
    played = [name for name in SCRIPTS if Scheme(name) in schemes]
    wanted: list[str] = []
    while len(wanted) < episodes:
        wanted += rng.sample(played, len(played))
    wanted = wanted[:episodes]
    places = [(session, sym) for session in range(len(world.sessions)) for sym in range(len(world.symbols))]
    closings = rng.sample(places, len(places))
    slots: list[Slot] = []
    rest: list[str] = []
    others = [scheme for scheme in played if scheme != "marking_the_close"]
    for scheme in wanted:
        if scheme == "marking_the_close" and closings:
            session, sym = closings.pop()
            slots.append(Slot(scheme, session, sym, world.length - rng.uniform(320, CLOSING - 60), CLOSING))
        else:
            rest += [scheme] if scheme != "marking_the_close" else rng.sample(others, min(1, len(others)))
    each = max(3, -(-len(rest) // len(places)) + 1)
    piece = (world.length - CLOSING - 240) / each
    free = [(place, k) for place in places for k in range(each)]
    for scheme, ((session, sym), k) in zip(rest, rng.sample(free, len(rest)), strict=True):
        room = max(30.0, piece - GAP)
        wait = room * rng.uniform(0.0, 0.3)
        longest = 5400.0 if scheme == "pump_and_dump" else 2400.0
        slots.append(Slot(scheme, session, sym, 240 + k * piece + wait, min(longest, room - wait)))
    return slots


def cast(slot: Slot, floor: Floor, crowd: Crowd, fresh: list[str], evasive: bool, rng: random.Random) -> Deed:
    """Choose whose deed it is: clients with a past, or accounts never seen before."""
    counts = {
        "pump_and_dump": (1, 1, 2, 3, 5),
        "spoofing": (1, 1, 1, 2),
        "layering": (1, 1, 1, 2, 3),
        "quote_stuffing": (1, 1, 1, 2),
        "wash_trading": (1, 2, 2, 2, 3, 4, 5, 6),
        "marking_the_close": (1, 1, 1, 2, 3),
        "momentum_ignition": (1, 1, 1, 2),
        "front_running": (1, 1, 1, 2),
        "coordinated_accounts": (3, 4, 5, 6, 8, 10),
    }[slot.scheme]
    count = rng.choice(counts)
    if evasive and slot.scheme not in ("coordinated_accounts", "wash_trading") and rng.random() < 0.5:
        count += 1
    if len(fresh) >= count and rng.random() < 0.2:
        accounts = [fresh.pop() for _ in range(count)]
    else:
        accounts = [client.account for client in crowd.some(count)]
    gives_up = rng.randint(1, 14) if rng.random() < 0.08 else 10**9
    return Deed(floor, crowd, slot.scheme, slot.sym, accounts, evasive, slot.span, rng, gives_up)


def begin(slot: Slot, cast_now: Callable[[], Deed], floor: Floor, deeds: list[Deed]) -> Actor:
    """Start the deed when its time has come."""
    yield max(0.0, slot.start - (floor.now - floor.closes) / SECOND - floor.world.length)
    deed = cast_now()
    deeds.append(deed)
    yield from deed.play(SCRIPTS[slot.scheme](deed))
