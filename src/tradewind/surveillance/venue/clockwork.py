"""The loop that wakes every trader at its time."""

from __future__ import annotations

from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.engine import jit
from tradewind.surveillance.venue.flow import act_flow
from tradewind.surveillance.venue.nature import act_nature
from tradewind.surveillance.venue.strangers import (
    act_breakout,
    act_grid,
    act_iceberg,
    act_joiner,
    act_patient,
)
from tradewind.surveillance.venue.traders import (
    act_arbitrage,
    act_block,
    act_closer,
    act_executor,
    act_flicker,
    act_informed,
    act_maker,
    act_reactor,
    act_scalper,
    act_trend,
)
from tradewind.surveillance.venue.world import KIND, sift

DONE, FULL, FILLED = range(3)
"""Why :func:`run` came back: the time was reached, the rows must be taken away, a script's order was executed."""


@jit
def act_stranger(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Let an agent of the unseen family act; return when it wakes next."""
    kind = a.who[i, KIND]
    if kind == 14:
        return act_joiner(b, w, a, i, now)
    if kind == 15:
        return act_patient(b, w, a, i, now)
    if kind == 16:
        return act_breakout(b, w, a, i, now)
    if kind == 17:
        return act_iceberg(b, w, a, i, now)
    return act_grid(b, w, a, i, now)


@jit
def act_now_and_then(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Let an agent of a rarer kind act; return when it wakes next."""
    kind = a.who[i, KIND]
    if kind == 9:
        return act_closer(b, w, a, i, now)
    if kind == 10:
        return act_block(b, w, a, i, now)
    if kind == 12:
        return act_reactor(b, w, a, i, now)
    return act_scalper(b, w, a, i, now)


@jit
def act(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Let agent ``i`` act; return when it wakes next. The numbers are those of ``settings.TRADERS``."""
    kind = a.who[i, KIND]
    if kind == 1:
        return act_flow(b, w, a, i, now)
    if kind >= 14:
        return act_stranger(b, w, a, i, now)
    if kind == 3:
        return act_maker(b, w, a, i, now)
    if kind == 2:
        return act_informed(b, w, a, i, now)
    if kind == 7:
        return act_flicker(b, w, a, i, now)
    if kind == 4 or kind == 5:
        return act_trend(b, w, a, i, now)
    if kind == 6 or kind == 11:
        return act_executor(b, w, a, i, now)
    if kind == 8:
        return act_arbitrage(b, w, a, i, now)
    if kind == 0:
        return act_nature(b, w, a, now)
    return act_now_and_then(b, w, a, i, now)


@jit
def run(b, w, a, until, stop_on_fill):  # type: ignore[no-untyped-def]
    """Wake traders until the next would wake at ``until`` or later; return why it stopped."""
    room = len(b.out) - 2 * e.LEVELS * 8 - len(b.orders)
    while True:
        i = a.heap[0]
        now = a.due[i]
        if now >= until:
            return DONE
        if b.meta[e.N_OUT] > room:
            return FULL
        b.meta[e.CLOCK] = max(b.meta[e.CLOCK], now)
        a.due[i] = max(act(b, w, a, i, now), now + 1)
        sift(a, i)
        fills = b.meta[e.N_FILLS]
        if fills > 0 and (stop_on_fill or 2 * fills > len(b.fills)):
            return FILLED
