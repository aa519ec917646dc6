"""Which deeds are done, where and when; no two of them at once on one symbol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tradewind.surveillance.elsewhere.frontier.hand import Hand
from tradewind.surveillance.elsewhere.frontier.lures import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.frontier.moves import (
    coordinated_accounts,
    marking_the_close,
    momentum_ignition,
    pump_and_dump,
)
from tradewind.surveillance.elsewhere.frontier.owners import front_running, wash_trading
from tradewind.surveillance.elsewhere.frontier.play import Play
from tradewind.surveillance.elsewhere.frontier.settings import spread_log
from tradewind.surveillance.elsewhere.frontier.world import Actor, World
from tradewind.surveillance.schemes import Scheme

Span = tuple[float, float]
DEEDS: dict[str, tuple[Callable[[Play], Actor], float, float]] = {
    "pump_and_dump": (pump_and_dump, 1500, 9000),
    "spoofing": (spoofing, 400, 4000),
    "layering": (layering, 400, 4000),
    "quote_stuffing": (quote_stuffing, 20, 1500),
    "wash_trading": (wash_trading, 200, 6000),
    "marking_the_close": (marking_the_close, 900, 900),
    "momentum_ignition": (momentum_ignition, 250, 1500),
    "front_running": (front_running, 500, 5000),
    "coordinated_accounts": (coordinated_accounts, 200, 5000),
}
APART = 240.0


def choose(rng: Random, schemes: Sequence[Scheme], episodes: int) -> list[str]:
    """Return which of ``schemes`` to play: each equally often, what is left over at random."""
    played = [name for name in DEEDS if Scheme(name) in schemes]
    found: list[str] = []
    while len(found) < episodes:
        found += rng.sample(played, len(played))
    return found[:episodes]


def find(rng: Random, world: World, scheme: str, taken: list[list[Span]]) -> tuple[int, Span] | None:
    """Look for a symbol and a time that are free; a shorter time where none is."""
    length = float(world.set.length)
    _, low, high = DEEDS[scheme]
    for trial in range(400):
        span = max(low * 0.6, spread_log(rng, low, high) * 0.995**trial)
        span = min(span, length * 0.7)
        session = rng.randrange(len(world.set.days))
        symbol = rng.randrange(len(world.set.symbols))
        room = length - span
        inside = room - 0.2 if scheme == "marking_the_close" else rng.uniform(min(900.0, room / 2), room - 60)
        begin = session * length + inside
        end = min(begin + span, (session + 1) * length)
        if all(begin > other_end + APART or end < other_begin - APART for other_begin, other_end in taken[symbol]):
            return symbol, (begin, end)
    return None


def perform(world: World, hand: Hand, strength: float) -> Actor:
    """Do the deed, then take away what is left of it."""
    play = Play(world, hand, strength)
    yield from DEEDS[hand.scheme][0](play)
    play.leave()


def plant(world: World, schemes: Sequence[Scheme], episodes: int, evasive: float) -> list[Hand]:
    """Plan all deeds before the market opens; return the hands that do them."""
    rng = world.rng("plan")
    taken: list[list[Span]] = [[] for _ in world.set.symbols]
    hands: list[Hand] = []
    drawn = choose(rng, schemes, episodes)
    for number, scheme in enumerate(sorted(drawn, key=lambda name: name != "marking_the_close")):
        place = find(rng, world, scheme, taken)
        if place is None:
            continue
        symbol, (begin, end) = place
        taken[symbol].append((begin, end))
        own = world.rng(f"deed/{number}")
        hand = Hand(scheme, symbol, rng.random() < evasive, begin, end, own)
        hands.append(hand)
        world.start(perform(world, hand, spread_log(own, 0.6, 1.8)), begin)
    return hands
