"""Traders of the unseen family: what models were not trained beside."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.chance import draw, exponential, normal, sign
from tradewind.surveillance.venue.engine import jit
from tradewind.surveillance.venue.traders import depth, drop, live, passive, quote, take
from tradewind.surveillance.venue.world import (
    ACCOUNT,
    SYMBOL,
    UNIT,
    VALUE,
    a_size,
    nap,
    tickle,
    to_size,
)


@jit
def act_joiner(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Make a market at the touch and leave the side on which the queues run out (Cont, Kukanov and Stoikov 2014).

    Settings: mean nap, size, imbalance at which it leaves, inventory limit in typical sizes.
    """
    p, symbol = a.settings[i], a.who[i, SYMBOL]
    bids, asks = e.best_shares(b, symbol, 1), e.best_shares(b, symbol, -1)
    tilt = (bids - asks) / max(bids + asks, 1)
    held = b.position[a.who[i, ACCOUNT], symbol] / (p[3] * w.typical[symbol])
    for side in (1, -1):
        k = 0 if side > 0 else 1
        near = e.best(b, symbol, side)
        slot = live(b, a, i, k)
        leave = side * tilt < -p[2] or side * held > 1.0 or near == 0
        if slot >= 0 and (leave or b.orders[slot, e.PRICE] != near):
            drop(b, a, i, k)
            slot = -1
            tickle(b, w, 10_000)
            near = e.best(b, symbol, side)
        if slot < 0 and not leave and near:
            quote(b, a, i, k, side, passive(b, w, symbol, side, near), to_size(w, symbol, w.typical[symbol] * p[1]))
            tickle(b, w, 10_000)
    return nap(w, now, p[0], symbol)


@jit
def act_patient(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Know the fundamental and wait for it with limit orders (Goettler, Parlour and Rajan 2009).

    Settings: mean nap, margin in steps, size, position limit in typical sizes, noise in steps.
    """
    p, symbol = a.settings[i], a.who[i, SYMBOL]
    unit = w.state[symbol, UNIT]
    sight = np.exp(w.state[symbol, VALUE]) + p[4] * unit * normal(w.chance)
    held = b.position[a.who[i, ACCOUNT], symbol] / (p[3] * w.typical[symbol])
    for side in (1, -1):
        k = 0 if side > 0 else 1
        drop(b, a, i, k)
        if side * held < 1.0 and draw(w.chance) < 0.6:
            tickle(b, w, 40_000)
            price = passive(b, w, symbol, side, sight - side * p[1] * unit)
            quote(b, a, i, k, side, price, a_size(w, symbol, p[2]))
    return nap(w, now, p[0], symbol)


@jit
def act_breakout(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Buy a new high, sell a new low, and leave when the move has given some of it back: a crowd of stops.

    Settings: mean nap, channel in steps, size, retreat in steps. State: high, low, best price since entry.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    price, unit = e.mid(b, symbol), w.state[symbol, UNIT]
    held = b.position[account, symbol]
    if s[0] == 0:
        s[0], s[1] = price + p[1] * unit, price - p[1] * unit
    if held == 0:
        if price > s[0] or price < s[1]:
            side = 1 if price > s[0] else -1
            take(b, w, a, i, side, a_size(w, symbol, p[2]), account)
            s[2] = price
        s[0] += 0.02 * (price + p[1] * unit - s[0])
        s[1] += 0.02 * (price - p[1] * unit - s[1])
    else:
        side = 1 if held > 0 else -1
        s[2] = max(s[2], price) if side > 0 else min(s[2], price)
        if side * (s[2] - price) > p[3] * unit:
            take(b, w, a, i, -side, abs(held), account)
            s[0] = 0.0
    return nap(w, now, p[0], symbol)


@jit
def act_iceberg(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Show a little of a large order at the best price, again and again, moving with the market.

    Settings: mean nap, size shown, slices, naps between parents. State: slices left, side.
    """
    p, s, symbol = a.settings[i], a.state[i], a.who[i, SYMBOL]
    if s[0] <= 0:
        drop(b, a, i, 0)
        s[0] = 1 + int(p[2] * (0.3 + exponential(w.chance)))
        s[1] = sign(w.chance, 0.5)
        return nap(w, now, p[0] * p[3], symbol)
    side = int(s[1])
    near = e.best(b, symbol, side)
    slot = live(b, a, i, 0)
    if slot >= 0 and near and side * (near - b.orders[slot, e.PRICE]) > 1.5 * w.state[symbol, UNIT]:
        drop(b, a, i, 0)
        slot = -1
        near = e.best(b, symbol, side)
    if slot < 0 and near:
        s[0] -= 1
        tickle(b, w, 30_000)
        quote(b, a, i, 0, side, passive(b, w, symbol, side, near), to_size(w, symbol, w.typical[symbol] * p[1]))
    return nap(w, now, p[0], symbol)


@jit
def act_grid(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Hold a ladder of equal orders at fixed prices, and put each back on the other side once it is filled.

    Settings: mean nap, rungs a side, distance of rungs in steps, size. State: price of the middle rung.
    """
    p, s, symbol = a.settings[i], a.state[i], a.who[i, SYMBOL]
    price, gap = e.mid(b, symbol), p[2] * w.state[symbol, UNIT]
    rungs = int(p[1])
    if s[0] == 0 or abs(price - s[0]) > (rungs + 2) * gap:
        s[0] = price
        for k in range(2 * rungs):
            drop(b, a, i, k)
    for side in (1, -1):
        for k in range(rungs):
            slot = k if side > 0 else rungs + k
            rung = s[0] - side * gap * (k + 0.5)
            if live(b, a, i, slot) < 0 and side * (price - rung) > 0.3 * gap:
                tickle(b, w, 30_000)
                quote(
                    b, a, i, slot, side, passive(b, w, symbol, side, rung), to_size(w, symbol, w.typical[symbol] * p[3])
                )
    if depth(b, symbol, 1, 1) == 0 and depth(b, symbol, -1, 1) == 0:
        s[0] = 0.0
    return nap(w, now, p[0], symbol)
