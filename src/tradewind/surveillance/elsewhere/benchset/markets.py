"""The market `benchset`: order data as written to measure detectors on, with deeds planted by script."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from tradewind.surveillance.elsewhere.benchset.hand import Hand, Plan
from tradewind.surveillance.elsewhere.benchset.likeness import everybody
from tradewind.surveillance.elsewhere.benchset.quotes import SCRIPTS
from tradewind.surveillance.elsewhere.benchset.world import Actor, World, between
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.schemes import Scheme

COLUMNS = ("timestamp_ns", "symbol", "kind", "order_id", "account", "side", "price", "size")
TYPES = (pl.Int64, pl.String, pl.String, pl.Int64, pl.String, pl.String, pl.Float64, pl.Int64)
BROKEN = 0.08
SPANS = {
    "pump_and_dump": (400, 7200),
    "spoofing": (40, 1200),
    "layering": (40, 1200),
    "quote_stuffing": (5, 400),
    "wash_trading": (60, 3600),
    "marking_the_close": (15, 600),
    "momentum_ignition": (40, 600),
    "front_running": (120, 3600),
    "coordinated_accounts": (60, 3600),
}
"""Seconds a deed may last; longer where the market is slow, shorter where the sessions hold no more."""


def plans(world: World, rng: random.Random, schemes: Sequence[str], episodes: int, evasive: float) -> list[Plan]:
    """Lay the deeds out over symbols and sessions, minutes apart, as far as there is room."""
    drawn = list(schemes) * (episodes // len(schemes)) + rng.sample(schemes, episodes % len(schemes))
    rng.shuffle(drawn)
    drawn.sort(key=lambda scheme: scheme != "marking_the_close")
    length = world.sessions[0].end
    gap = max(100.0, min(600.0, 0.02 * length))
    room = 0.45 * world.total * len(world.places) / max(1, episodes)
    taken: list[tuple[str, float, float]] = []
    found: list[Plan] = []
    for number, scheme in enumerate(drawn):
        want = between(rng, *SPANS[scheme])
        for _ in range(400):
            place, session = rng.choice(world.places), rng.choice(world.sessions)
            want = min(want, room, 0.5 * length)
            lasts = min(max(want, 40 / place.rate), room, 0.5 * length)
            start = session.start + 0.02 * length + rng.random() * (0.95 * length - lasts)
            if scheme == "marking_the_close":
                start = session.end - lasts
            end = start + lasts - 0.01
            if all(s != place.book.symbol or end + gap < a or b + gap < start for s, a, b in taken):
                taken.append((place.book.symbol, start, end))
                hides, breaks = rng.random() < evasive, rng.random() < BROKEN
                found.append(Plan(scheme, place, start, end, hides, breaks, number))
                break
            want *= 0.98
    return found


def play(hand: Hand, script: Callable[[Hand], Actor]) -> Actor:
    """Play a script to its end, and leave nothing of it in the book."""
    yield from script(hand)
    hand.clear()


def world_of(seed: int, events: int | None) -> World:
    """Make the world of a seed, its pace set after short trials."""
    tempo = 0.35
    for part in (0.08, 0.16):
        trial = World(seed, events, tempo)
        everybody(trial)
        until = [part * share * trial.total for share in (0.15, 1)]
        trial.run(until[0])
        begun = len(trial.venue.rows)
        trial.run(until[1])
        step = (until[1] - until[0]) / 50
        due = trial.rate * step * sum(trial.season(until[0] + step * (n + 0.5)) for n in range(50))
        ratio = due / max(1, len(trial.venue.rows) - begun)
        tempo *= min(4.0, max(0.25, ratio))
    world = World(seed, events, tempo)
    everybody(world)
    return world


def told(hands: list[Hand], done: bool) -> pl.DataFrame:
    """Tell of the deeds that were done, or of those that were not."""
    rows: list[dict[str, Any]] = [
        {
            "scheme": hand.plan.scheme,
            "symbol": hand.place.book.symbol,
            "accounts": sorted(hand.acted),
            "start": hand.first,
            "end": hand.last,
            "done": hand.done,
            "evasive": hand.plan.evasive,
        }
        for hand in sorted(hands, key=lambda h: (h.first, h.plan.number))
        if hand.done == done and hand.acted
    ]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA))


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """Return the market of ``seed`` with ``episodes`` deeds of ``schemes``, each hidden with odds ``evasive``."""
    world = world_of(seed, events)
    names = [name for name in SCRIPTS if Scheme(name) in schemes]
    drawn = plans(world, random.Random(f"benchset/{seed}/plans"), names, episodes, evasive)
    hands = [Hand(world, plan, seed) for plan in drawn]
    for hand in hands:
        world.start(play(hand, SCRIPTS[hand.plan.scheme]), hand.plan.start)
    world.run(world.total)
    frame = pl.DataFrame(
        world.venue.rows,
        schema=dict(zip(COLUMNS, TYPES, strict=True)),
        orient="row",
    )
    ordered = frame.with_columns(venue_seq=pl.int_range(1, len(frame) + 1, dtype=pl.Int64))
    return FramedMarket(
        events=ordered.select("timestamp_ns", "symbol", "venue_seq", *COLUMNS[2:]),
        truth=told(hands, True),
        attempts=told(hands, False),
    )
