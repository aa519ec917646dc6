"""What surrounds the traders: the clock, fundamentals, news, the habits of accounts, and the traders' own state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.chance import UInt64Array, draw, exponential, normal
from tradewind.surveillance.venue.engine import jit

NEVER = 1 << 62
"""The time of what does not happen."""

GUARD = 50_000_000
"""Nothing of the background is begun in the last 50 ms of a session."""

OPEN, CLOSE, NEXT_OPEN, DAY, NEWS_AT, TRADING, COUNTED = range(7)
"""Places in ``World.hours``."""

PACE, CURVE, GONE, COUNTED_AT, STEP, EVENTS_AIM, SINCE = range(7)
"""Places in ``World.pulse``: the multiplier that keeps the number of events, the time of day's, the share gone."""

UNIT, SIGMA, BETA, VALUE, MISPRICED, HEAT, TURNOVER, ALARM = range(8)
"""Columns of ``World.state``: natural price step, volatility per root second, weight of the common factor, logarithm of
the fundamental, perceived excess over it, logarithm of activity, shares a session, excitement after news."""

(
    U_DEPTH,
    SIZE_LAW,
    SIZE_SPREAD,
    PLACE_LAW,
    PLACE_POWER,
    LIMITS,
    MARKETS,
    DEPTH,
    EXPIRE,
    IMPACT,
    DECAY,
    INSIDE,
    EXCITE,
    CALM,
    PULL,
    ROUND,
) = range(16)
"""Places in ``World.rules``; see ``VenueSettings``."""

KIND, SYMBOL, ACCOUNT, OTHER = range(4)
"""Columns of ``Agents.who``."""


class World(NamedTuple):
    """The surroundings; arrays by symbol, by account, or of single numbers."""

    tick: IntArray
    lot: IntArray
    typical: IntArray
    state: FloatArray
    popularity: FloatArray
    ranking: IntArray
    habit: FloatArray
    calendar: IntArray
    news_time: IntArray
    news: FloatArray
    hours: IntArray
    pulse: FloatArray
    rules: FloatArray
    chance: UInt64Array


class Agents(NamedTuple):
    """The traders: what each is, its settings and state, the orders it has (slot, id), and a heap by time of waking."""

    who: IntArray
    settings: FloatArray
    state: FloatArray
    own: IntArray
    due: IntArray
    heap: IntArray
    place: IntArray


@jit
def sift(a, i):  # type: ignore[no-untyped-def]
    """Put agent ``i`` where its time of waking belongs; ties go by number."""
    at = a.place[i]
    while at > 0:
        up = (at - 1) >> 1
        j = a.heap[up]
        if a.due[j] < a.due[i] or (a.due[j] == a.due[i] and j < i):
            break
        a.heap[at], a.place[j] = j, at
        at = up
    n = len(a.heap)
    while True:
        down = 2 * at + 1
        if down >= n:
            break
        j = a.heap[down]
        if down + 1 < n:
            k = a.heap[down + 1]
            if a.due[k] < a.due[j] or (a.due[k] == a.due[j] and k < j):
                down, j = down + 1, k
        if a.due[i] < a.due[j] or (a.due[i] == a.due[j] and i < j):
            break
        a.heap[at], a.place[j] = j, at
        at = down
    a.heap[at], a.place[i] = i, at


@jit
def in_hours(w, time):  # type: ignore[no-untyped-def]
    """Return ``time``, or as much after the next opening as it lies after the close."""
    last = w.hours[CLOSE] - GUARD
    if time < last:
        return time
    if w.hours[NEXT_OPEN] >= NEVER:
        return NEVER
    return w.hours[NEXT_OPEN] + 1_000_000 + min(time - last, 600_000_000_000)


@jit
def nap(w, now, mean, symbol):  # type: ignore[no-untyped-def]
    """Return a random time of waking after ``mean`` nanoseconds at ordinary activity."""
    busy = w.pulse[PACE] * w.pulse[CURVE] * np.exp(w.state[symbol, HEAT])
    return in_hours(w, now + 1 + int(min(mean * exponential(w.chance) / busy, 1e17)))


@jit
def tickle(b, w, mean):  # type: ignore[no-untyped-def]
    """Let a little time (mean in nanoseconds) go by between two acts of one trader."""
    b.meta[e.CLOCK] += int(mean * (0.2 + exponential(w.chance)))


@jit
def to_price(w, symbol, side, price):  # type: ignore[no-untyped-def]
    """Round a price to the tick, away from the other side of the book; at least one tick."""
    tick = w.tick[symbol]
    steps = np.floor(price / tick) if side > 0 else np.ceil(price / tick)
    return int(max(steps, 1.0)) * tick


@jit
def to_size(w, symbol, size):  # type: ignore[no-untyped-def]
    """Round a size to whole lots, at least one."""
    lot = w.lot[symbol]
    return max(int(size / lot + 0.5), 1) * lot


@jit
def a_size(w, symbol, scale):  # type: ignore[no-untyped-def]
    """Draw the size of an order: heavy-tailed, typically ``scale`` times the symbol's typical size."""
    law, spread = w.rules[SIZE_LAW], w.rules[SIZE_SPREAD]
    if law == 0:
        factor = np.exp(spread * normal(w.chance))
    elif law == 1:
        factor = 0.6 * (1.0 - draw(w.chance)) ** (-spread / 2.2)
    else:
        factor = 0.3 + exponential(w.chance)
    size = w.typical[symbol] * scale * min(factor, 40.0)
    if w.rules[ROUND] > draw(w.chance):
        step = 10.0 ** np.floor(np.log10(max(size, 1.0)))
        size = np.round(size / step) * step
    return to_size(w, symbol, size)


@jit
def fair(w, symbol):  # type: ignore[no-untyped-def]
    """Return the price the background believes in: the fundamental and what recent flow has made of it."""
    return np.exp(w.state[symbol, VALUE] + w.state[symbol, MISPRICED])


@jit
def pick_account(w, symbol):  # type: ignore[no-untyped-def]
    """Draw one of the small traders: few are busy, most are not."""
    return w.ranking[symbol, min(np.searchsorted(w.popularity, draw(w.chance)), len(w.popularity) - 1)]


@jit
def place_away(w):  # type: ignore[no-untyped-def]
    """Draw a limit order's distance behind the best price, in the symbol's natural steps.

    A power law (Bouchaud, Mezard and Potters 2002), an exponential one, or an even one.
    """
    law, power = w.rules[PLACE_LAW], w.rules[PLACE_POWER]
    if law == 0:
        return min((1.0 - draw(w.chance)) ** (-1.0 / power) - 1.0, 60.0)
    if law == 1:
        return exponential(w.chance) * 3.0 / power
    return draw(w.chance) * 9.0 / power


@jit
def wake_reactors(w, a, symbol, tone, now):  # type: ignore[no-untyped-def]
    """Rouse those who trade on news about a symbol, the fast ones first."""
    for i in range(len(a.due)):
        if a.who[i, KIND] == 12 and a.who[i, SYMBOL] == symbol:
            a.state[i, 0] = tone
            a.due[i] = in_hours(w, now + int(a.settings[i, 0] * (0.3 + exponential(w.chance))))
            sift(a, i)
