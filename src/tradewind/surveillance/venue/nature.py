"""What happens to the market from outside: opening and close, fundamentals, news, and the pace of the day."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.chance import draw, exponential, normal, sign
from tradewind.surveillance.venue.engine import jit
from tradewind.surveillance.venue.world import (
    ALARM,
    BETA,
    CALM,
    CLOSE,
    COUNTED,
    COUNTED_AT,
    CURVE,
    DAY,
    DECAY,
    EVENTS_AIM,
    EXPIRE,
    GONE,
    HEAT,
    IMPACT,
    MISPRICED,
    NEVER,
    NEWS_AT,
    NEXT_OPEN,
    OPEN,
    PACE,
    SIGMA,
    SINCE,
    STEP,
    TRADING,
    TURNOVER,
    U_DEPTH,
    UNIT,
    VALUE,
    a_size,
    fair,
    pick_account,
    place_away,
    tickle,
    to_price,
    wake_reactors,
)


@jit
def seed_book(b, w):  # type: ignore[no-untyped-def]
    """Let small traders fill the empty book at the opening, around the fundamental."""
    for symbol in range(len(w.tick)):
        centre = fair(w, symbol)
        unit = w.state[symbol, UNIT]
        for _ in range(24):
            side = sign(w.chance, 0.5)
            tickle(b, w, 20_000)
            price = to_price(w, symbol, side, centre - side * unit * (0.6 + place_away(w)))
            e.submit(b, symbol, pick_account(w, symbol), side, price, a_size(w, symbol, 1.0), 0, e.CROWD, 0)


@jit
def open_day(b, w):  # type: ignore[no-untyped-def]
    """Begin a session: prices have moved overnight."""
    w.hours[TRADING] = 1
    length = (w.hours[CLOSE] - w.hours[OPEN]) / 1e9
    for s in range(len(w.tick)):
        state = w.state[s]
        if w.hours[DAY] > 0:
            state[VALUE] += 0.4 * state[SIGMA] * np.sqrt(length) * normal(w.chance)
            state[HEAT] = 0.5 * state[HEAT]
            state[MISPRICED] *= 0.3
        b.stats[s, e.SAMPLE] = 0.0
    w.pulse[CURVE] = curve(w, 0.0)
    seed_book(b, w)


@jit
def close_day(b, w):  # type: ignore[no-untyped-def]
    """End a session: agents' orders go, the others' too where orders are for the day; the calendar turns."""
    e.withdraw(b, w.rules[EXPIRE] > 0)
    w.hours[TRADING] = 0
    w.hours[DAY] += 1
    day = w.hours[DAY]
    days = len(w.calendar)
    if day < days:
        w.hours[OPEN], w.hours[CLOSE] = w.calendar[day, 0], w.calendar[day, 1]
    w.hours[NEXT_OPEN] = w.calendar[day + 1, 0] if day + 1 < days else NEVER
    return w.calendar[day, 0] if day < days else NEVER


@jit
def curve(w, x):  # type: ignore[no-untyped-def]
    """Return activity at the fraction ``x`` of a session: high at both ends, mean 1 (Admati and Pfleiderer 1988)."""
    deep = w.rules[U_DEPTH]
    return 1.0 - deep / 3.0 + deep * (2.0 * x - 1.0) ** 2


@jit
def keep_pace(b, w):  # type: ignore[no-untyped-def]
    """Hasten or slow everybody so that the number of events meets its aim."""
    p = w.pulse
    if p[GONE] - p[COUNTED_AT] < 0.004:
        return
    made = b.meta[e.TOTAL] - w.hours[COUNTED]
    open_end = 0.03  # as if the last session went on a little, so that its end is not starved of events
    to_come = (1.0 + open_end) * p[EVENTS_AIM] - b.meta[e.TOTAL]
    wanted = to_come * (p[GONE] - p[COUNTED_AT]) / (1.0 + open_end - p[GONE])
    ratio = max(wanted, 1.0) / max(made, 1.0)
    p[PACE] *= min(max(ratio, 0.3), 3.0) ** 0.5
    p[PACE] = min(max(p[PACE], 1e-3), 1e3)
    p[COUNTED_AT], w.hours[COUNTED] = p[GONE], b.meta[e.TOTAL]


@jit
def publish(b, w, a, symbol, tone, now):  # type: ignore[no-untyped-def]
    """Write a NEWS row and rouse those who trade on news."""
    e.emit(b, symbol, e.NEWS, b.meta[e.NEXT_ID] * 2654435761 % 4294967291, -1, tone, 0, 0)
    w.state[symbol, ALARM] = 1.0
    wake_reactors(w, a, symbol, tone, now)


@jit
def news_due(b, w, a, now):  # type: ignore[no-untyped-def]
    """Publish what is due and let the fundamental jump."""
    while w.hours[NEWS_AT] < len(w.news_time) and w.news_time[w.hours[NEWS_AT]] <= now:
        item = w.news[w.hours[NEWS_AT]]
        w.hours[NEWS_AT] += 1
        symbol = int(item[0])
        w.state[symbol, VALUE] += item[2]
        if abs(item[2]) > 0:
            w.state[symbol, HEAT] = min(w.state[symbol, HEAT] + 0.8, 2.0)
        if item[3] > 0:
            publish(b, w, a, symbol, int(item[1]), now)


@jit
def move_values(b, w, seconds):  # type: ignore[no-untyped-def]
    """Move fundamentals and moods over a step.

    Jump-diffusion with a common factor; log activity follows a mean-reverting process and drives volatility, so both
    cluster. What flow has pushed a price away decays (Bouchaud et al. 2004).
    """
    common = normal(w.chance)
    length = (w.hours[CLOSE] - w.hours[OPEN]) / 1e9
    pull = min(seconds * 8.0 / length, 0.5)
    for s in range(len(w.tick)):
        state = w.state[s]
        state[HEAT] += -pull * state[HEAT] + w.rules[CALM] * np.sqrt(2.0 * pull) * normal(w.chance)
        state[HEAT] = min(max(state[HEAT], -2.5), 2.5)
        own = normal(w.chance)
        shock = state[BETA] * common + np.sqrt(1.0 - state[BETA] ** 2) * own
        move = state[SIGMA] * np.sqrt(seconds * w.pulse[CURVE]) * np.exp(0.6 * state[HEAT]) * shock
        if draw(w.chance) < 3.0 * seconds / length:
            move += state[SIGMA] * np.sqrt(length) * 0.25 * exponential(w.chance) * sign(w.chance, 0.5)
        state[VALUE] += move
        state[ALARM] *= np.exp(-seconds * 60.0 / length)
        volume = max(state[TURNOVER], 20.0 * b.stats[s, e.VOLUME])
        push = w.rules[IMPACT] * state[SIGMA] * np.sqrt(length) * b.stats[s, e.PRESSURE] / volume
        state[MISPRICED] += min(max(push, -3e-2), 3e-2)
        state[MISPRICED] *= np.exp(-seconds / (w.rules[DECAY] * length))
        b.stats[s, e.PRESSURE] = 0.0


@jit
def sample(b, w, seconds):  # type: ignore[no-untyped-def]
    """Keep the slow averages of spread and variance that traders and scripts go by."""
    for s in range(len(w.tick)):
        stats = b.stats[s]
        bid, ask = e.best(b, s, 1), e.best(b, s, -1)
        if bid == 0 or ask == 0:
            continue
        middle = 0.5 * (bid + ask)
        stats[e.TYPICAL_SPREAD] += 0.01 * (ask - bid - stats[e.TYPICAL_SPREAD])
        if stats[e.SAMPLE] > 0 and seconds > 0:
            change = np.log(middle / stats[e.SAMPLE])
            stats[e.VARIANCE] += 0.01 * (change * change / seconds - stats[e.VARIANCE])
        stats[e.SAMPLE] = middle


@jit
def act_nature(b, w, a, now):  # type: ignore[no-untyped-def]
    """Let the world go on by a step; return the time of the next."""
    if not w.hours[TRADING]:
        open_day(b, w)
        w.pulse[SINCE] = 0.0
    elif now >= w.hours[CLOSE]:
        return close_day(b, w)
    elapsed = (now - w.hours[OPEN]) / 1e9
    seconds = elapsed - w.pulse[SINCE]
    if seconds > 0:
        length = (w.hours[CLOSE] - w.hours[OPEN]) / 1e9
        w.pulse[SINCE] = elapsed
        w.pulse[CURVE] = curve(w, elapsed / length)
        w.pulse[GONE] += w.pulse[CURVE] * seconds / length / len(w.calendar)
        move_values(b, w, seconds)
        sample(b, w, seconds)
        keep_pace(b, w)
    news_due(b, w, a, now)
    due = now + int(w.pulse[STEP])
    if w.hours[NEWS_AT] < len(w.news_time):
        due = min(due, max(w.news_time[w.hours[NEWS_AT]], now + 1))
    return min(due, w.hours[CLOSE])
