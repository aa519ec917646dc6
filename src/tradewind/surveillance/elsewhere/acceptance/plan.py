"""Which deeds are planted in a market, where and when."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tradewind.surveillance.elsewhere.acceptance.deed import Deed, played
from tradewind.surveillance.elsewhere.acceptance.moves import front_running, momentum_ignition, pump_and_dump
from tradewind.surveillance.elsewhere.acceptance.orders import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.trades import coordinated_accounts, marking_the_close, wash_trading
from tradewind.surveillance.elsewhere.acceptance.world import Play, World
from tradewind.surveillance.schemes import Scheme

PLAYS: dict[str, tuple[Callable[[Deed], Play], float, float]] = {
    "pump_and_dump": (pump_and_dump, 420, 5_400),
    "spoofing": (spoofing, 90, 1_500),
    "layering": (layering, 90, 1_500),
    "quote_stuffing": (quote_stuffing, 20, 600),
    "wash_trading": (wash_trading, 120, 2_400),
    "marking_the_close": (marking_the_close, 20, 420),
    "momentum_ignition": (momentum_ignition, 90, 600),
    "front_running": (front_running, 120, 1_800),
    "coordinated_accounts": (coordinated_accounts, 120, 1_800),
}
"""Every scheme with its play and how many seconds it may last."""
APART = 150
HANDS = 10


def plant(w: World, rng: random.Random, schemes: Sequence[Scheme], episodes: int, evasive: float) -> list[Deed]:
    """Choose the deeds among ``schemes``, find each a place and a time of its own, and set them going."""
    played = [name for name in PLAYS if Scheme(name) in schemes]
    drawn: list[str] = []
    while len(drawn) < episodes:
        turn = list(played)
        rng.shuffle(turn)
        drawn += turn
    drawn = sorted(drawn[:episodes], key=lambda name: (name != "marking_the_close", -PLAYS[name][1]))
    names = [client.name for client in w.clients]
    rng.shuffle(names)
    taken: dict[int, list[tuple[int, int]]] = {i: [] for i in range(len(w.books))}
    deeds: list[Deed] = []
    for number, scheme in enumerate(drawn):
        play, low, high = PLAYS[scheme]
        own = random.Random(f"acceptance deed/{rng.getrandbits(64)}")
        place = _place(w, own, scheme, (low, high), taken)
        if place is None:
            continue
        symbol, start, end = place
        taken[symbol].append((start, end))
        deed = Deed(w, own, number + 1, scheme, symbol)
        deed.start, deed.deadline, deed.evasive = start, end, own.random() < evasive
        deed.pool = [w.names() if own.random() < 0.2 or not names else names.pop() for _ in range(HANDS)]
        w.after(start / SECOND, _beginning(w, deed, play))
        deeds.append(deed)
    return deeds


def _beginning(w: World, deed: Deed, play: Callable[[Deed], Play]) -> Callable[[], None]:
    def begin() -> None:
        deed.start = w.now
        w.spawn(played(deed, play))

    return begin


def _place(
    w: World, rng: random.Random, scheme: str, limits: tuple[float, float], taken: dict[int, list[tuple[int, int]]]
) -> tuple[int, int, int] | None:
    """Return symbol, start and end in trading time, apart from all other deeds on the symbol."""
    length, apart = w.s.length, APART * SECOND
    most = min(limits[1], w.s.seconds * 0.3)
    for attempt in range(300):
        symbol, session = rng.randrange(len(w.books)), rng.randrange(w.s.sessions)
        span = int(max(limits[0], spread_log(rng, limits[0], most) * (1 - attempt / 300)) * SECOND)
        if scheme == "marking_the_close":
            end = (session + 1) * length - 2
            start = end - span
        else:
            latest = length - span - 90 * SECOND
            if latest <= 120 * SECOND:
                continue
            start = session * length + rng.randrange(120 * SECOND, latest)
            end = start + span
        if all(end + apart < a or start - apart > b for a, b in taken[symbol]):
            return symbol, start, end
    return None
