"""Compiling the kernels before the clock runs: the first call of each takes a second or more where none is cached."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.events import EventTable, Kind, Names
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.pipeline import Surveillance
from tradewind.surveillance.sessions import Sessions

_MILLISECOND = 1_000_000
_ROWS = 6_000


def warm(model: SurveillanceModel) -> None:
    """Run a small made-up market through detectors, views and model, and forget it."""
    events = _made_up()
    surveillance = Surveillance(model, Sessions.of_times(events.time))
    half = len(events) // 2
    surveillance.update(events.take(slice(0, half)))
    surveillance.update(events.take(slice(half, None)))
    surveillance.finish()


def _made_up() -> EventTable:
    """Return orders of a few accounts: many cancelled at once, many crossing, so that every detector has finds."""
    rng = np.random.default_rng(1)
    n = _ROWS
    time = 1_700_000_000_000_000_000 + np.cumsum(rng.integers(1, 400, n)) * _MILLISECOND
    kind = np.full(n, Kind.NEW, dtype=np.int8)
    side = rng.choice([-1, 1], n).astype(np.int8)
    account = rng.integers(0, 6, n).astype(np.int32)
    order = np.arange(1, n + 1, dtype=np.int64)
    price = (1_000_000 - 100 * side * rng.integers(-1, 6, n)).astype(np.int64)
    size = (100 * rng.integers(1, 20, n)).astype(np.int64)
    for row in np.flatnonzero(rng.random(n) < 0.45).tolist():
        if row:
            kind[row], before = Kind.CANCEL, int(rng.integers(max(0, row - 8), row))
            order[row], account[row], side[row] = order[before], account[before], side[before]
            price[row], size[row] = price[before], 0
    kind[n // 3] = Kind.NEWS
    return EventTable(
        time=time.astype(np.int64),
        symbol=np.zeros(n, dtype=np.int32),
        seq=np.arange(1, n + 1, dtype=np.int64),
        kind=kind,
        order=order,
        account=account,
        side=side,
        price=price,
        size=size,
        symbols=Names(("WARM",)),
        accounts=Names(tuple(f"W{i}" for i in range(6))),
    )
