"""The pool of small traders, as one stream of orders a symbol: nearly no intelligence, many accounts.

Limit orders, market orders and cancels arrive at random (Smith, Farmer, Gillemot and Krishnamurthy 2003), in clusters
where ``excite`` is above 0 (Hawkes 1971), and with rates that answer to the queues at the best prices where ``pull`` is
above 0 (Huang, Lehalle and Rosenbaum 2015). Signs are persistent (Lillo and Farmer 2004) and lean to the fair price.
"""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.chance import draw, sign
from tradewind.surveillance.venue.engine import jit
from tradewind.surveillance.venue.world import (
    ALARM,
    CURVE,
    DEPTH,
    EXCITE,
    HEAT,
    INSIDE,
    LIMITS,
    MARKETS,
    PACE,
    PULL,
    UNIT,
    a_size,
    fair,
    nap,
    pick_account,
    place_away,
    tickle,
    to_price,
)


@jit
def leaning(b, w, symbol, account, memory):  # type: ignore[no-untyped-def]
    """Return the side a small trader takes: fair price, the crowd's recent sign, its own position and habit."""
    gap = (fair(w, symbol) - e.mid(b, symbol)) / (4.0 * w.state[symbol, UNIT])
    lean = 0.5 * min(max(gap, -1.0), 1.0) + 0.25 * memory + 0.1 * w.habit[account, 2]
    held = b.position[account, symbol] / (20.0 * w.typical[symbol])
    lean -= 0.3 * min(max(held, -1.0), 1.0)
    return sign(w.chance, 0.5 + 0.5 * min(max(lean, -0.9), 0.9))


@jit
def enter_limit(b, w, symbol, account, side):  # type: ignore[no-untyped-def]
    """Enter a limit order near or behind the best price of its side, now and then within the spread."""
    unit = w.state[symbol, UNIT]
    near, far = e.best(b, symbol, side), e.best(b, symbol, -side)
    if near == 0 and far == 0:
        near = int(fair(w, symbol))
    if near == 0:
        near = int(far - side * 2.0 * unit)
    price = near - side * unit * place_away(w)
    if far and draw(w.chance) < w.rules[INSIDE]:
        price = near + (far - near) * draw(w.chance)
    if far and draw(w.chance) > 0.03 and side * (price - far) >= 0:
        price = near
    size = a_size(w, symbol, w.habit[account, 0])
    e.submit(b, symbol, account, side, to_price(w, symbol, side, price), size, 0, e.CROWD, 0)


@jit
def enter_market(b, w, symbol, account, side):  # type: ignore[no-untyped-def]
    """Take what is offered: a market order, an immediate-or-cancel one, or a limit order that crosses."""
    far = e.best(b, symbol, -side)
    if far == 0:
        enter_limit(b, w, symbol, account, side)
        return
    size = a_size(w, symbol, 0.7 * w.habit[account, 0])
    u = draw(w.chance)
    price = 0 if u < 0.4 else to_price(w, symbol, -side, far + side * w.state[symbol, UNIT] * draw(w.chance))
    if price == 0:
        reach = e.best_shares(b, symbol, -side) * 4
        size = min(size, max(reach, w.lot[symbol]))
    e.submit(b, symbol, account, side, price, size, 1 if u < 0.7 else 0, e.CROWD, 0)


@jit
def pick_order(b, w, symbol):  # type: ignore[no-untyped-def]
    """Draw a resting order of the pool to cancel: any, one of the latest, or one the fair price has left behind."""
    n = b.crowd_counts[symbol]
    gap = fair(w, symbol) - e.mid(b, symbol)
    if abs(gap) > 0.7 * w.state[symbol, UNIT] and draw(w.chance) < 0.4:
        row = 2 * symbol + (1 if gap > 0 else 0)
        if b.counts[row] > 0:
            stale = b.levels[row, b.counts[row] - 1, e.HEAD]
            if b.orders[stale, e.OWNER] == e.CROWD:
                return stale
    recent = min(n, 12)
    if draw(w.chance) < 0.5:
        return b.crowd[symbol, n - 1 - int(draw(w.chance) * recent)]
    return b.crowd[symbol, int(draw(w.chance) * n)]


@jit
def act_flow(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """One act of the pool in one symbol."""
    symbol = a.who[i, 1]
    state, settings = a.state[i], a.settings[i]
    resting = b.crowd_counts[symbol]
    cancels = (1.0 - w.rules[LIMITS] - w.rules[MARKETS]) * min(resting / w.rules[DEPTH], 1.8)
    markets = w.rules[MARKETS] * (1.0 + w.state[symbol, ALARM])
    if w.rules[PULL] > 0:
        bid, ask = e.best_shares(b, symbol, 1), e.best_shares(b, symbol, -1)
        thin = min(bid, ask) / (1.0 + 5.0 * w.typical[symbol])
        markets *= 1.0 + w.rules[PULL] * np.exp(-thin)
    account = pick_account(w, symbol)
    u = draw(w.chance) * (w.rules[LIMITS] + markets + cancels)
    if u < cancels and resting > 0:
        slot = pick_order(b, w, symbol)
        left = b.orders[slot, e.LEFT]
        part = left // (2 * w.lot[symbol]) * w.lot[symbol] if draw(w.chance) < 0.1 else 0
        account, side, price = b.orders[slot, e.ACCOUNT], b.orders[slot, e.SIDE], b.orders[slot, e.PRICE]
        e.cancel(b, slot, part)
        if part == 0 and draw(w.chance) < 0.25:
            tickle(b, w, 300_000)
            moved = to_price(w, symbol, side, price + side * w.state[symbol, UNIT] * (2.0 * draw(w.chance) - 1.0))
            far = e.best(b, symbol, -side)
            if far == 0 or side * (moved - far) < 0:
                e.submit(b, symbol, account, side, moved, left, 0, e.CROWD, 0)
    else:
        side = leaning(b, w, symbol, account, state[0])
        state[0] = 0.95 * state[0] + 0.05 * side
        aggressive = markets / (markets + w.rules[LIMITS]) * w.habit[account, 1]
        if draw(w.chance) < aggressive:
            enter_market(b, w, symbol, account, side)
        else:
            enter_limit(b, w, symbol, account, side)
    heat = w.rules[EXCITE]
    quiet = max(now - state[2], 0.0)
    state[2] = now
    busy = w.pulse[PACE] * w.pulse[CURVE] * np.exp(w.state[symbol, HEAT])
    state[1] = min(state[1] * np.exp(-quiet * busy / (8.0 * settings[0])) + 1.0, 200.0)
    lively = 1.0 - heat + heat * state[1] / 8.0
    return nap(w, now, settings[0] / max(lively, 0.1), symbol)
