"""Traders with a purpose, each a function ``act(book, world, agents, number, now) -> next time``.

Many look like abuse to a naive rule and are not: makers cancel nearly all they quote on many levels, fast quoters
flicker, executors and houses trade one side again and again, closers trade at the very end, blocks are large and are
cancelled honestly.
"""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.chance import draw, exponential, normal, sign
from tradewind.surveillance.venue.engine import jit
from tradewind.surveillance.venue.world import (
    ACCOUNT,
    CLOSE,
    NEVER,
    NEXT_OPEN,
    OPEN,
    OTHER,
    SYMBOL,
    UNIT,
    VALUE,
    a_size,
    fair,
    in_hours,
    nap,
    tickle,
    to_price,
    to_size,
)


@jit
def live(b, a, i, k):  # type: ignore[no-untyped-def]
    """Return the slot of the agent's ``k``-th order, -1 where it is gone."""
    slot = a.own[i, k, 0]
    return slot if a.own[i, k, 1] > 0 and b.orders[slot, e.ID] == a.own[i, k, 1] else -1


@jit
def drop(b, a, i, k):  # type: ignore[no-untyped-def]
    """Cancel the agent's ``k``-th order where it still rests."""
    slot = live(b, a, i, k)
    if slot >= 0:
        e.cancel(b, slot, 0)
    a.own[i, k, 1] = 0


@jit
def quote(b, a, i, k, side, price, size):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Enter a limit order as the agent's ``k``-th; one it had there must be gone."""
    slot = e.submit(b, a.who[i, SYMBOL], a.who[i, ACCOUNT], side, price, size, 0, i, 0)
    a.own[i, k, 0] = max(slot, 0)
    a.own[i, k, 1] = b.orders[slot, e.ID] if slot >= 0 else 0


@jit
def take(b, w, a, i, side, size, account):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Trade at once, within a few steps of the best price; nothing happens where the other side is empty."""
    symbol = a.who[i, SYMBOL]
    far = e.best(b, symbol, -side)
    if far == 0:
        return
    limit = to_price(w, symbol, -side, far + side * 2.0 * w.state[symbol, UNIT])
    e.submit(b, symbol, account, side, limit, to_size(w, symbol, size), 1, i, 0)


@jit
def passive(b, w, symbol, side, price):  # type: ignore[no-untyped-def]
    """Return ``price`` moved so that it does not cross."""
    price = to_price(w, symbol, side, price)
    far = e.best(b, symbol, -side)
    if far and side * (price - far) >= 0:
        price = max(far - side * w.tick[symbol], w.tick[symbol])
    return price


@jit
def act_informed(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Buy below and sell above a noisy sight of the fundamental (Glosten and Milgrom 1985).

    Settings: mean nap, threshold in steps, size, position limit in typical sizes, noise in steps.
    """
    p, symbol = a.settings[i], a.who[i, SYMBOL]
    unit = w.state[symbol, UNIT]
    sight = np.exp(w.state[symbol, VALUE]) * 0.7 + 0.3 * fair(w, symbol) + p[4] * unit * normal(w.chance)
    held = b.position[a.who[i, ACCOUNT], symbol] / (p[3] * w.typical[symbol])
    for side in (1, -1):
        far = e.best(b, symbol, -side)
        if far and side * (sight - far) > p[1] * unit * (1.0 + max(side * held, 0.0)) and side * held < 1.0:
            take(b, w, a, i, side, a_size(w, symbol, p[2]), a.who[i, ACCOUNT])
            break
    return nap(w, now, p[0], symbol)


@jit
def act_maker(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Quote several levels on both sides around a price that leans against the inventory (Avellaneda and Stoikov 2008).

    The price also leans with the book's imbalance. Settings: mean nap, levels, half spread and step between levels in
    steps, size, inventory limit in typical sizes, weight of the fair price, tolerance in steps, weight of imbalance.
    """
    p, symbol = a.settings[i], a.who[i, SYMBOL]
    unit = w.state[symbol, UNIT]
    levels = int(p[1])
    held = b.position[a.who[i, ACCOUNT], symbol] / (p[5] * w.typical[symbol])
    bids, asks = depth(b, symbol, 1, 5), depth(b, symbol, -1, 5)
    tilt = (bids - asks) / max(bids + asks, 1)
    centre = (
        (1.0 - p[6]) * e.mid(b, symbol)
        + p[6] * fair(w, symbol)
        + unit * (p[8] * tilt - 1.5 * min(max(held, -2.0), 2.0))
    )
    for side in (1, -1):
        full = side * held > 1.0
        for k in range(levels):
            place = k if side > 0 else levels + k
            price = passive(b, w, symbol, side, centre - side * unit * (p[2] + k * p[3]))
            slot = live(b, a, i, place)
            if slot >= 0 and not full:
                o = b.orders[slot]
                if abs(o[e.PRICE] - price) <= p[7] * unit and 3 * o[e.LEFT] >= o[e.SIZE]:
                    continue
            if slot >= 0:
                drop(b, a, i, place)
                tickle(b, w, 15_000)
            if not full:
                size = to_size(w, symbol, w.typical[symbol] * p[4] * (1.0 + 0.3 * k) * (0.8 + 0.4 * draw(w.chance)))
                quote(b, a, i, place, side, price, size)
                tickle(b, w, 15_000)
    return nap(w, now, p[0], symbol)


@jit
def depth(b, symbol, side, levels):  # type: ignore[no-untyped-def]
    """Return the shares on the best levels of a side."""
    row = 2 * symbol + (1 - side) // 2
    n = b.counts[row]
    total = 0
    for k in range(max(n - levels, 0), n):
        total += b.levels[row, k, e.SHARES]
    return total


@jit
def act_trend(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Follow a move (or fade it, with a negative direction), and close after a while or when it turns.

    Settings: mean nap, direction, threshold in deviations, size, most naps a position is held, memory of the slow
    average.
    State: fast and slow average of the log mid, naps held, time of the last look.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    price = np.log(max(e.mid(b, symbol), 1.0))
    if s[0] == 0 or now < s[3]:
        s[0] = s[1] = price
    s[0] += 0.4 * (price - s[0])
    s[1] += p[5] * (price - s[1])
    s[3] = now
    noise = np.sqrt(b.stats[symbol, e.VARIANCE] * p[0] / 1e9 / p[5]) + 1e-9
    signal = p[1] * (s[0] - s[1]) / noise
    held = b.position[account, symbol]
    if held == 0:
        s[2] = 0
        if abs(signal) > p[2]:
            side = 1 if signal > 0 else -1
            take(b, w, a, i, side, a_size(w, symbol, p[3]), account)
    else:
        s[2] += 1
        side = 1 if held > 0 else -1
        if s[2] > p[4] or side * signal < -0.3 * p[2]:
            take(b, w, a, i, -side, abs(held), account)
    return nap(w, now, p[0], symbol)


@jit
def act_executor(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Work a client's large order in slices, on a grid of time or with the day's volume (TWAP, VWAP).

    Settings: seconds between slices, jitter, size of a slice, slices, share of slices that cross, naps between parents,
    chance that the other account of the house trades too. State: slices left, side. Houses name a second account.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    drop(b, a, i, 0)
    if s[0] <= 0:
        s[0] = 1 + int(p[3] * (0.3 + exponential(w.chance)))
        s[1] = sign(w.chance, 0.5 - 0.2 * min(max(b.position[account, symbol] / (50.0 * w.typical[symbol]), -1.0), 1.0))
        return nap(w, now, p[0] * p[5], symbol)
    s[0] -= 1
    side = int(s[1])
    size = a_size(w, symbol, p[2]) if p[1] > 0.2 else to_size(w, symbol, w.typical[symbol] * p[2])
    if p[6] > draw(w.chance):
        account = a.who[i, OTHER]
    if draw(w.chance) < p[4]:
        take(b, w, a, i, side, size, account)
    else:
        near = e.best(b, symbol, side)
        price = near if near else fair(w, symbol) - side * w.state[symbol, UNIT]
        slot = e.submit(b, symbol, account, side, passive(b, w, symbol, side, price), size, 0, i, 0)
        a.own[i, 0, 0] = max(slot, 0)
        a.own[i, 0, 1] = b.orders[slot, e.ID] if slot >= 0 else 0
    gap = p[0] * max(1.0 + p[1] * normal(w.chance), 0.05)
    return in_hours(w, now + 1 + int(gap))


@jit
def act_flicker(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Quote in a fast burst after the price has moved: enter, cancel, enter again (Hasbrouck and Saar 2013).

    Settings: mean nap, nanoseconds between quotes, length of a burst, size, move in steps that starts one.
    State: quotes left, the mid last seen, side.
    """
    p, s, symbol = a.settings[i], a.state[i], a.who[i, SYMBOL]
    unit, middle = w.state[symbol, UNIT], e.mid(b, symbol)
    if s[0] > 0:
        s[0] -= 1
        drop(b, a, i, 0)
        if draw(w.chance) < 0.3:
            s[2] = -s[2]
        tickle(b, w, 0.1 * p[1])
        side = 1 if s[2] > 0 else -1
        near = e.best(b, symbol, side)
        if near and s[0] > 0:
            away = unit * np.floor(3.0 * draw(w.chance)) - w.tick[symbol]
            quote(
                b,
                a,
                i,
                0,
                side,
                passive(b, w, symbol, side, near - side * away),
                to_size(w, symbol, w.typical[symbol] * p[3]),
            )
        if s[0] > 0:
            return in_hours(w, now + 1 + int(p[1] * (0.3 + exponential(w.chance))))
        s[1] = middle
        return nap(w, now, p[0], symbol)
    drop(b, a, i, 0)
    if s[1] > 0 and abs(middle - s[1]) > p[4] * unit:
        s[0] = 2 + int(p[2] * exponential(w.chance))
        s[2] = 1.0 if middle > s[1] else -1.0
        return in_hours(w, now + 1 + int(p[1]))
    s[1] = middle
    return nap(w, now, p[0], symbol)


@jit
def act_arbitrage(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Buy the cheap and sell the dear of two symbols that move together; unwind when they meet again.

    Settings: mean nap, threshold in steps, size, memory. State: usual difference of logs, direction held.
    """
    p, s, first, second = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, OTHER]
    account = a.who[i, ACCOUNT]
    gap = np.log(max(e.mid(b, first), 1.0)) - np.log(max(e.mid(b, second), 1.0))
    if s[0] == 0:
        s[0] = gap
    s[0] += p[3] * (gap - s[0])
    width = p[1] * (
        w.state[first, UNIT] / max(e.mid(b, first), 1.0) + w.state[second, UNIT] / max(e.mid(b, second), 1.0)
    )
    signal = gap - s[0]
    side = 0
    if s[1] == 0 and abs(signal) > width:
        side = -1 if signal > 0 else 1
        s[1] = side
    elif s[1] * signal > 0:
        side = -int(s[1])
        s[1] = 0
    if side:
        for symbol, way in ((first, side), (second, -side)):
            far = e.best(b, symbol, -way)
            size = w.typical[symbol] * p[2] if s[1] else abs(b.position[account, symbol])
            if far and size > 0:
                e.submit(b, symbol, account, way, far, to_size(w, symbol, size), 1, i, 0)
                tickle(b, w, 100_000)
    return nap(w, now, p[0], first)


@jit
def act_closer(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Trade what an index or a fund needs at the end of the session, in slices, at any price near the best.

    Settings: share of the session at its end, slices, size of a slice, share that crosses, chance of a day without.
    State: slices left, side, the session it last began.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    length = w.hours[CLOSE] - w.hours[OPEN]
    begin = w.hours[CLOSE] - int(p[0] * length)
    drop(b, a, i, 0)
    if s[2] != w.hours[CLOSE]:
        s[2] = w.hours[CLOSE]
        s[0] = 0 if draw(w.chance) < p[4] else 1 + int(p[1] * (0.4 + exponential(w.chance)))
        s[1] = sign(w.chance, 0.5)
    if now < begin:
        return in_hours(w, begin + int(0.3 * p[0] * length * draw(w.chance)))
    if s[0] <= 0:
        return NEVER if w.hours[NEXT_OPEN] >= NEVER else w.hours[NEXT_OPEN] + 2_000_000
    s[0] -= 1
    side = int(s[1])
    size = a_size(w, symbol, p[2])
    if draw(w.chance) < p[3]:
        take(b, w, a, i, side, size, account)
    else:
        near = e.best(b, symbol, side)
        if near:
            quote(b, a, i, 0, side, near, size)
    gap = (w.hours[CLOSE] - now) / (s[0] + 1.0)
    return in_hours(w, now + 1 + int(gap * (0.4 + 0.9 * draw(w.chance))))


@jit
def act_block(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Offer a block for a while, and take it back where nobody came; honest, for it would be glad to trade.

    Settings: mean nap, size, distance in steps, life in nanoseconds. State: 1 while it is offered.
    """
    p, s, symbol = a.settings[i], a.state[i], a.who[i, SYMBOL]
    if s[0] > 0:
        s[0] = 0
        drop(b, a, i, 0)
        return nap(w, now, p[0], symbol)
    held = b.position[a.who[i, ACCOUNT], symbol] / (4.0 * p[1] * w.typical[symbol])
    side = sign(w.chance, 0.5 - 0.4 * min(max(held, -1.0), 1.0))
    near = e.best(b, symbol, side)
    if near:
        price = passive(b, w, symbol, side, near - side * w.state[symbol, UNIT] * p[2] * draw(w.chance))
        quote(b, a, i, 0, side, price, a_size(w, symbol, p[1]))
        s[0] = 1
    return in_hours(w, now + 1 + int(p[3] * (0.2 + exponential(w.chance))))


@jit
def act_reactor(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Trade in the direction of news just published, and close after a while.

    Settings: latency, size, nanoseconds held, orders. State: tone, orders made.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    held = b.position[account, symbol]
    if s[0] == 0:
        if held:
            take(b, w, a, i, -1 if held > 0 else 1, abs(held), account)
        return NEVER
    take(b, w, a, i, 1 if s[0] > 0 else -1, a_size(w, symbol, p[1]), account)
    s[1] += 1
    if s[1] < p[3]:
        return in_hours(w, now + 1 + int(2.0 * p[0] * exponential(w.chance)))
    s[0] = s[1] = 0
    return in_hours(w, now + 1 + int(p[2] * (0.3 + exponential(w.chance))))


@jit
def act_scalper(b, w, a, i, now):  # type: ignore[no-untyped-def]
    """Buy or sell on a whim, lay a limit order for a small gain, give up at market after a while.

    Settings: mean nap, size, gain in steps, nanoseconds held at most, chance of entering. State: time it gives up.
    """
    p, s, symbol, account = a.settings[i], a.state[i], a.who[i, SYMBOL], a.who[i, ACCOUNT]
    held = b.position[account, symbol]
    if held == 0:
        drop(b, a, i, 0)
        if draw(w.chance) < p[4]:
            bids, asks = depth(b, symbol, 1, 3), depth(b, symbol, -1, 3)
            side = sign(w.chance, 0.2 + 0.6 * bids / max(bids + asks, 1))
            take(b, w, a, i, side, a_size(w, symbol, p[1]), account)
            s[0] = now + p[3]
            return in_hours(w, now + 1 + int(0.05 * p[3] * (0.3 + exponential(w.chance))))
    elif now >= s[0]:
        drop(b, a, i, 0)
        tickle(b, w, 50_000)
        take(b, w, a, i, -1 if held > 0 else 1, abs(held), account)
    elif live(b, a, i, 0) < 0:
        side = -1 if held > 0 else 1
        price = e.mid(b, symbol)
        goal = passive(b, w, symbol, side, price - side * p[2] * w.state[symbol, UNIT])
        quote(b, a, i, 0, side, goal, abs(held))
        return in_hours(w, now + 1 + int(0.3 * p[3] * (0.2 + exponential(w.chance))))
    return nap(w, now, p[0], symbol)
