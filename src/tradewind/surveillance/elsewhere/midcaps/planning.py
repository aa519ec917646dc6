"""When and where deeds are planted, and by which accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tradewind.surveillance.elsewhere.midcaps.brokers import House
from tradewind.surveillance.elsewhere.midcaps.deed import Deed
from tradewind.surveillance.elsewhere.midcaps.deeds_hands import coordinated_accounts, front_running, wash_trading
from tradewind.surveillance.elsewhere.midcaps.deeds_orders import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.midcaps.deeds_price import marking_the_close, momentum_ignition, pump_and_dump
from tradewind.surveillance.elsewhere.midcaps.private import Crowd
from tradewind.surveillance.elsewhere.midcaps.settings import SECOND, spread_out
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World

Script = Callable[[Deed], Gen]
SCRIPTS: dict[str, tuple[Script, float, float]] = {
    "pump_and_dump": (pump_and_dump, 900, 9_000),
    "spoofing": (spoofing, 60, 1_500),
    "layering": (layering, 60, 1_500),
    "quote_stuffing": (quote_stuffing, 15, 700),
    "wash_trading": (wash_trading, 240, 5_400),
    "marking_the_close": (marking_the_close, 15, 800),
    "momentum_ignition": (momentum_ignition, 60, 600),
    "front_running": (front_running, 500, 5_400),
    "coordinated_accounts": (coordinated_accounts, 300, 4_500),
}
"""Every scheme's script, and between how many seconds it lasts."""

Cast = tuple[World, Crowd, House]


def plan(
    rng: Random, cast: Cast, accounts: list[str], names: Sequence[str], episodes: int, evasive: float
) -> list[Deed]:
    """Return the deeds of a market, of ``names`` alone, at times that leave minutes between those on one symbol."""
    world, crowd, house = cast
    schemes: list[str] = []
    while len(schemes) < episodes:
        schemes += rng.sample(list(names), len(names))
    chosen = schemes[:episodes]
    chosen.sort(key=lambda s: s != "marking_the_close")
    taken: list[tuple[int, int, int]] = []
    deeds = []
    for scheme in chosen:
        hidden = rng.random() < evasive
        spot = _spot(rng, world, scheme, hidden, taken)
        if spot is not None:
            symbol, begin, until = spot
            taken.append(spot)
            own = Random(f"midcaps deed/{rng.random()}")
            failing = rng.random() < 0.12
            deeds.append(Deed(scheme, symbol, begin, until, hidden, failing, own, world, crowd, house, accounts))
    return deeds


def _spot(
    rng: Random, world: World, scheme: str, hidden: bool, taken: list[tuple[int, int, int]]
) -> tuple[int, int, int] | None:
    _, low, high = SCRIPTS[scheme]
    length = spread_out(rng, low, high) * (1.4 if hidden and scheme != "marking_the_close" else 1.0)
    for attempt in range(400):
        if attempt % 10 == 9:
            length = max(low * 0.7, length * 0.93)
        symbol = rng.choice(list(world.symbols))
        start, close = rng.choice(world.settings.sessions)
        if scheme == "marking_the_close":
            begin, until = close - int(length * SECOND), close - SECOND // 20
        else:
            latest = close - int((length + 30) * SECOND)
            if latest <= start + 300 * SECOND:
                continue
            begin = rng.randrange(start + 300 * SECOND, latest)
            until = begin + int(length * SECOND)
        gap = int(rng.uniform(150, 500)) * SECOND
        if all(s != symbol or until + gap < b or begin > u + gap for s, b, u in taken):
            return symbol, begin, until
    return None


def performers(rng: Random, crowd: Crowd, strangers: list[str], professionals: list[str]) -> list[str]:
    """Return accounts for deeds in an order of chance: clients, some professionals, some never seen otherwise."""
    clients = [client.account for client in crowd.clients]
    rng.shuffle(clients)
    others = professionals[:]
    rng.shuffle(others)
    drawn, outside, own = [], strangers[:], rng.uniform(0.1, 0.5)
    while clients:
        chance = rng.random()
        if chance < own and outside:
            drawn.append(outside.pop())
        elif chance > 0.92 and others:
            drawn.append(others.pop())
        else:
            drawn.append(clients.pop())
    return drawn


def start(deeds: list[Deed], world: World, until: int) -> None:
    """Let the deeds of the session that has just opened wait for their time."""
    for deed in deeds:
        if world.now <= deed.begin < until:
            script = SCRIPTS[deed.scheme][0]
            world.spawn(deed.play(script(deed)), (deed.begin - world.now) / SECOND)
