"""Which deeds are planted, where and when; and the tables that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA
from tradewind.surveillance.elsewhere.largecaps.deed import Deed
from tradewind.surveillance.elsewhere.largecaps.flow import Clients
from tradewind.surveillance.elsewhere.largecaps.hands import coordinated, front_running, wash
from tradewind.surveillance.elsewhere.largecaps.orders import layering, spoofing, stuffing
from tradewind.surveillance.elsewhere.largecaps.parents import Doings
from tradewind.surveillance.elsewhere.largecaps.price import ignition, marking, pump
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, spread
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World
from tradewind.surveillance.schemes import Scheme

SCRIPTS: dict[str, tuple[Callable[[Deed], Actor], float, float]] = {
    Scheme.PUMP_AND_DUMP.value: (pump, 900, 5400),
    Scheme.SPOOFING.value: (spoofing, 60, 1200),
    Scheme.LAYERING.value: (layering, 60, 1200),
    Scheme.QUOTE_STUFFING.value: (stuffing, 20, 400),
    Scheme.WASH_TRADING.value: (wash, 150, 2400),
    Scheme.MARKING_THE_CLOSE.value: (marking, 15, 420),
    Scheme.MOMENTUM_IGNITION.value: (ignition, 60, 400),
    Scheme.FRONT_RUNNING.value: (front_running, 240, 2400),
    Scheme.COORDINATED_ACCOUNTS.value: (coordinated, 240, 2400),
}
"""Each scheme's script, and the seconds it may last."""


def plant(
    world: World,
    clients: Clients,
    doings: Doings,
    schemes: Sequence[Scheme],
    rng: Random,
    episodes: int,
    evasive: float,
) -> list[Deed]:
    """Draw the deeds of ``schemes``, find each a place of its own, and set them going."""
    played = [name for name in SCRIPTS if Scheme(name) in schemes]
    drawn: list[str] = []
    while len(drawn) < episodes:
        names = list(played)
        rng.shuffle(names)
        drawn += names
    drawn = drawn[:episodes]
    closes = len(world.setting.openings) * len(world.symbols)
    deeds: list[Deed] = []
    taken: list[tuple[int, int, int]] = []
    for scheme in drawn:
        marks = [deed for deed in deeds if deed.scheme == Scheme.MARKING_THE_CLOSE.value]
        if scheme == Scheme.MARKING_THE_CLOSE.value and len(marks) >= closes:
            others = [name for name in played if name != scheme]
            if not others:
                break
            scheme = rng.choice(others)
        deed = Deed(world, clients, doings, rng, scheme, rng.random() < evasive)
        low, high = SCRIPTS[scheme][1:]
        deed.span = int(spread(rng, low, high) * SECOND)
        deeds.append(deed)
    room = 0.5 * world.setting.total * len(world.symbols)
    scale = min(1.0, room / max(1, sum(deed.span for deed in deeds)))
    deeds.sort(key=lambda deed: (deed.scheme != Scheme.MARKING_THE_CLOSE.value, -deed.span))
    placed: list[Deed] = []
    for deed in deeds:
        if scale < 1.0 and deed.span > 90 * SECOND:
            deed.span = max(90 * SECOND, int(deed.span * scale))
        if _settle(deed, world, rng, taken):
            placed.append(deed)
            world.start(deed.play(SCRIPTS[deed.scheme][0]), deed.begin)
    return placed


def tables(deeds: list[Deed], symbols: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what was carried through, and what was only tried."""
    found: dict[bool, list[dict[str, object]]] = {True: [], False: []}
    for deed in sorted((d for d in deeds if d.first is not None), key=lambda d: d.first or 0):
        row: dict[str, object] = {
            "scheme": deed.scheme,
            "symbol": symbols[deed.symbol],
            "accounts": list(deed.acted),
            "start": deed.first,
            "end": deed.last,
            "done": deed.done,
            "evasive": deed.evasive,
        }
        found[deed.done].append(row)
    schema = pl.Schema(CASE_SCHEMA)
    return pl.DataFrame(found[True], schema=schema), pl.DataFrame(found[False], schema=schema)


def _settle(deed: Deed, world: World, rng: Random, taken: list[tuple[int, int, int]]) -> bool:
    """Find a symbol and a time at which no other deed goes on for minutes around."""
    length, last = world.setting.length, deed.scheme == Scheme.MARKING_THE_CLOSE.value
    for attempt in range(400):
        if attempt % 50 == 49:
            deed.span = max(20 * SECOND, int(deed.span * 0.75))
        symbol, number = rng.choice(world.symbols), rng.randrange(len(world.setting.openings))
        free = length - deed.span - 150 * SECOND
        if free <= 0:
            continue
        offset = length - deed.span if last else 60 * SECOND + int(rng.random() * free)
        begin = number * length + offset
        gap = int(rng.uniform(100, 300) * SECOND)
        if all(s != symbol or begin + deed.span + gap < a or b + gap < begin for s, a, b in taken):
            taken.append((symbol, begin, begin + deed.span))
            deed.symbol, deed.begin = symbol, begin
            return True
    return False
