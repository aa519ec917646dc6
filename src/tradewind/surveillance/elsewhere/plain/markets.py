"""Plain markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.elsewhere.plain.deeds import Deed
from tradewind.surveillance.elsewhere.plain.venue import SECOND, PlainSettings, PlainVenue
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_741_617_000 * SECOND
"""2025-03-10 14:30 UTC."""

CENT = 100
"""Price units of a cent."""


def plain_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
    """Draw and run a plain market of half an hour to two hours; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start. A trade is told by the resting order, by the arriving
    one, or by both, as drawn.
    """
    rng = np.random.default_rng([seed, 78])
    settings = PlainSettings(
        minutes=float(rng.uniform(30, 120)),
        rate=float(np.exp(rng.uniform(np.log(4), np.log(25)))),
        symbols=int(rng.integers(1, 6)),
        traders=int(np.exp(rng.uniform(np.log(20), np.log(600)))),
        volatility=float(rng.uniform(0.5, 2.0)),
        flickers=0.0
        if seed % 3 == 0
        else float(np.exp(np.random.default_rng([seed, 79]).uniform(np.log(20), np.log(600)))),
    )
    style = str(rng.choice(["resting", "arriving", "both"]))
    venue = PlainVenue(settings, seed)
    deeds: list[Deed] = []
    shift = int(rng.integers(len(schemes)))
    for number in range(episodes):
        symbol = int(rng.integers(settings.symbols))
        deed = Deed(schemes[(number + shift) % len(schemes)], venue, symbol, number)
        deeds.append(deed)
        venue.start(float(rng.uniform(0.1, 0.6)) * settings.minutes * 60, deed.play())
    venue.run()
    done = [_planted(deed, deed.end, done=True) for deed in deeds if deed.end]
    cut = [_planted(deed, venue.now, done=False) for deed in deeds if deed.begin and not deed.end]  # off by the close
    return told_market(
        venue.rows,
        style,
        OpenTime(first=OPEN, sessions=1, session=venue.length),
        [*done, *cut],
        symbols=[_name(i) for i in range(settings.symbols)],
        ticks=[CENT] * settings.symbols,
    )


def _planted(deed: Deed, end: int, *, done: bool) -> Planted:
    return Planted(
        scheme=deed.scheme,
        symbol=_name(deed.symbol),
        accounts=tuple(dict.fromkeys(deed.accounts)),
        start=OPEN + deed.begin,
        end=OPEN + end,
        done=done,
    )


def _name(symbol: int) -> str:
    return f"P{symbol:02d}"
