"""When and where deeds are planted in a market in board lots."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tradewind.surveillance.elsewhere.boardlots.deed import Case, Deed, drive
from tradewind.surveillance.elsewhere.boardlots.deed_book import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.boardlots.deed_price import marking_the_close, momentum_ignition, pump_and_dump
from tradewind.surveillance.elsewhere.boardlots.deed_trade import coordinated_accounts, front_running, wash_trading
from tradewind.surveillance.elsewhere.boardlots.world import SECOND, World

DEEDS: dict[str, tuple[Deed, float, float]] = {
    "pump_and_dump": (pump_and_dump, 9, 80),
    "spoofing": (spoofing, 3, 25),
    "layering": (layering, 3, 25),
    "quote_stuffing": (quote_stuffing, 1.5, 20),
    "wash_trading": (wash_trading, 4, 40),
    "marking_the_close": (marking_the_close, 0.7, 10),
    "momentum_ignition": (momentum_ignition, 2, 9),
    "front_running": (front_running, 6, 35),
    "coordinated_accounts": (coordinated_accounts, 4, 35),
}
"""Each scheme: how it is done, and the fewest and the most minutes it takes."""
GAP = 180.0


def plant(w: World, rng: Random, names: Sequence[str], episodes: int, evasive: float) -> list[Case]:
    """Have deeds of ``names`` done at random times, none two at once on one share; return what will be known."""
    order: list[str] = []
    while len(order) < episodes:
        order += rng.sample(names, len(names))
    order = order[:episodes]
    closes = [(b, s) for b in w.books for s in w.setup.sessions if s.closes]
    rng.shuffle(closes)
    taken: list[tuple[int, float, float]] = []
    cases: list[Case] = []
    for scheme in sorted(order, key=lambda name: name != "marking_the_close"):
        if scheme == "marking_the_close" and not closes:
            others = [n for n in names if n != scheme]
            if not others:
                continue
            scheme = rng.choice(others)
        deed, low, high = DEEDS[scheme]
        hides, quits = rng.random() < evasive, rng.random() < 0.11
        span = 60 * low * (high / low) ** rng.random() * (1.25 if hides else 1.0)
        if scheme == "marking_the_close":
            book, session = closes.pop()
            span = min(span, 600.0)
            begin = session.end / SECOND - span
            span -= rng.uniform(0.05, 1.0)
        else:
            for _ in range(400):
                book, session = rng.choice(w.books), rng.choice(w.setup.sessions)
                first, last = session.start / SECOND + 90, session.end / SECOND - 20 - span
                if last <= first:
                    span *= 0.8
                    continue
                begin = rng.uniform(first, last)
                if all(n != book.n or begin > e + GAP or begin + span < s - GAP for n, s, e in taken):
                    break
                span = max(60 * low, span * 0.98)
            else:
                continue
        taken.append((book.n, begin, begin + span))
        case = Case(scheme, w, book, span, quits, hides)
        cases.append(case)
        w.spawn(drive(w, case, deed), begin)
    return cases
