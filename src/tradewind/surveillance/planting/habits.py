"""Ordinary trading: what a perpetrator's account does before, after and beside its deed."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import numpy as np

from tradewind.surveillance.planting.episode import Episode
from tradewind.surveillance.venue import Desk


class Trader(Protocol):
    """Whose account it is: the parts of a script that ordinary trading looks at."""

    episode: Episode
    desk: Desk
    symbol: str
    busy: bool


def ordinary_trading(trader: Trader, account: str, rng: np.random.Generator) -> Generator[int, None, None]:
    """Trade as noise traders do, at times of a Poisson process over the open time.

    Each account has a style of its own, drawn once: how often it takes rather than offers, how large it trades, how
    soon it takes an order back, whether it trades in one symbol or in all. Yields the time of the next order.
    """
    habits, sessions = trader.episode.habits, trader.desk.sessions
    count = int(rng.poisson(habits.orders)) if habits.orders > 0 else 0
    lengths = (sessions.closes - sessions.opens).astype(float)
    before = np.concatenate([[0.0], np.cumsum(lengths)])
    into = np.sort(rng.random(count)) * before[-1]
    days = np.clip(np.searchsorted(before, into, side="right") - 1, 0, len(lengths) - 1)
    times = sessions.opens[days] + (into - before[days]).astype(np.int64)
    takes, scale, keeps, faithful = rng.beta(2, 2), float(rng.lognormal(-0.2, 0.5)), rng.random(), rng.random() < 0.5
    resting: list[int] = []
    for time in times.tolist():
        yield time
        desk = trader.desk
        if resting and rng.random() > keeps:
            desk.cancel(resting.pop(0))
        symbol = trader.symbol if faithful else desk.symbols[int(rng.integers(len(desk.symbols)))]
        if symbol == trader.symbol and trader.busy and rng.random() > habits.during:
            continue
        side = 1 if rng.random() < 0.5 else -1
        size = max(round(desk.typical_size(symbol) * scale * float(rng.lognormal(0.0, 0.7))), 1)
        best, other = desk.best(symbol, side), desk.best(symbol, -side)
        if rng.random() < takes and other:
            desk.submit(symbol, account, side, other, size, ioc=True)
        elif best:
            order = desk.submit(symbol, account, side, best - side * int(rng.integers(4)) * desk.tick(symbol), size)
            if order:
                resting.append(order)
