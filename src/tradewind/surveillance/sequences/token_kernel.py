"""Keep every event of an account, and write a candidate's tokens from what was kept."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.profiles.memory import drop_pair, enter_pair, find_pair, key_of
from tradewind.surveillance.sequences.token_layout import (
    AFTER,
    AGE,
    AGGRESSIVE,
    BEFORE,
    COUNT,
    DISTANCE,
    FILLED,
    ITEMS,
    KEPT,
    KIND,
    LEAST,
    LENGTH,
    LEVEL,
    LOG_SIZE,
    MARKS,
    MID,
    MOST,
    NEWS,
    SEEN,
    SIDE,
    SIZE,
    SIZE_MEMORY,
    SPREAD,
    SPREADS,
    Asked,
    Rings,
    Rows,
)


@njit(cache=True, nogil=True, error_model="numpy")
def _place(rings: Rings, pair: int, key: int) -> int:
    """Give a pair a place: its own, where another key held it, else a new one, of one long silent if all are taken."""
    state = rings.state
    place = rings.of_pair[pair] - 1
    clock, places = rings.clock, len(state)
    if place < 0 or state[place, 3] != pair:
        if clock[0] < places:
            place = clock[0]
            clock[0] += 1
        else:
            place = clock[1]
            while state[place, 2]:
                state[place, 2] = 0
                place = (place + 1) % places
            clock[1] = (place + 1) % places
            rings.of_pair[state[place, 3]] = 0
    if state[place, 0]:
        drop_pair(rings.finder, state[place, 0])
    enter_pair(rings.finder, key, place)
    state[place, 0], state[place, 1], state[place, 2], state[place, 3] = key, 0, 1, pair
    rings.of_pair[pair] = place + 1
    return int(place)


@njit(cache=True, nogil=True, error_model="numpy")
def _own(rows: Rows, i: int, log_size: float, d: FloatArray) -> None:
    """Write what is kept of row ``i`` for its account."""
    kind, level, spread = rows.kind[i], rows.level[i], float(rows.ask[i] - rows.bid[i])
    d[KIND] = 0.0 if kind == 1 else (1.0 if kind == 2 else 2.0)
    d[SIDE] = rows.side[i]
    d[LEVEL] = np.log2(1.0 + level) if level > 0 else 0.0
    d[AGGRESSIVE] = 1.0 if level < 0 else 0.0
    d[SIZE] = log_size
    age = max(rows.time[i] - rows.order_time[i], 0) * 1e-9
    d[AGE] = np.log2(age + LEAST) if kind != 1 else 0.0
    entered = float(rows.order_size[i])
    d[FILLED] = 1.0 - rows.order_left[i] / entered if entered > 0.0 else 0.0
    d[DISTANCE] = 0.0
    if rows.bid[i] > 0 and spread > 0.0 and rows.price[i] > 0:
        d[DISTANCE] = rows.side[i] * (0.5 * (rows.bid[i] + rows.ask[i]) - rows.price[i]) / spread


@njit(cache=True, nogil=True, error_model="numpy")
def _keep(rings: Rings, pair: int, account: int, symbol: int, time: int, d: FloatArray) -> None:
    """Write an event into the ring of its account in the symbol."""
    events, marks, state, now = rings.events, rings.marks, rings.state, rings.now
    key = key_of(account, symbol)
    place = rings.of_pair[pair] - 1
    if place < 0 or state[place, 0] != key:
        place = _place(rings, pair, key)
    state[place, 2] = 1
    at = state[place, 1] % LENGTH
    state[place, 1] += 1
    rings.times[place, at] = time
    for c in range(KEPT):
        events[place, at, c] = d[c]
    for c in range(MARKS):
        marks[place, at, c] = now[symbol, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _mark(rows: Rows, now: IntArray, symbols: FloatArray, i: int) -> None:
    """Note where the symbol of row ``i`` stands, and its spread where an order is entered."""
    symbol, bid, ask = rows.symbol[i], rows.bid[i], rows.ask[i]
    if bid > 0 and ask > 0:
        now[symbol, MID] = bid + ask
        if rows.kind[i] == 1 and ask > bid:
            symbols[symbol, SPREADS] += 1.0
            over = float(ask - bid) - symbols[symbol, SPREAD]
            symbols[symbol, SPREAD] += over / min(symbols[symbol, SPREADS], SIZE_MEMORY)
    now[symbol, SEEN] += 1
    now[symbol, BEFORE] = now[symbol, AFTER]
    if rows.kind[i] >= 3:
        now[symbol, AFTER] += rows.taker_side[i] * rows.size[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _relative_size(symbols: FloatArray, symbol: int, size: float, forms: bool) -> float:
    """Return log2 of a size over the symbol's typical, which an order entered forms (``forms``)."""
    log_size = np.log2(max(size, 1.0))
    if symbols[symbol, COUNT] == 0.0:
        symbols[symbol, LOG_SIZE] = log_size
    over = log_size - symbols[symbol, LOG_SIZE]
    if forms:
        symbols[symbol, COUNT] += 1.0
        symbols[symbol, LOG_SIZE] += over / min(symbols[symbol, COUNT], SIZE_MEMORY)
    return float(over)


@njit(cache=True, nogil=True, error_model="numpy")
def _read(rows: Rows, rings: Rings, begin: int, end: int) -> None:
    """Keep the events of rows ``begin`` to ``end``."""
    rows, rings = borrowed(rows), borrowed(rings)
    d = np.zeros(KEPT)
    symbols, now = rings.symbols, rings.now
    for i in range(begin, end):
        kind, symbol, pair = rows.kind[i], rows.symbol[i], rows.pair[i]
        if kind < 1 or kind > 4:
            if kind == NEWS and symbol >= 0:
                now[symbol, ITEMS] += 1
            continue
        _mark(rows, now, symbols, i)
        over = _relative_size(symbols, symbol, float(rows.size[i]), kind == 1)
        _own(rows, i, over, d)
        if pair >= 0:
            _keep(rings, pair, rows.account[i], symbol, rows.time[i], d)
        pair = rows.taker_pair[i]
        if kind >= 3 and pair >= 0:
            d[KIND], d[SIDE], d[AGGRESSIVE], d[AGE], d[FILLED] = 3.0, rows.taker_side[i], 1.0, 0.0, 0.0
            d[DISTANCE] = -d[DISTANCE]
            _keep(rings, pair, rows.taker[i], symbol, rows.time[i], d)


@njit(cache=True, nogil=True, error_model="numpy")
def _latest(times: IntArray, state: IntArray, where: IntArray, left: IntArray) -> int:
    """Return which of the accounts has the latest event not taken yet, -1 where none has."""
    best, at = np.int64(-1), -1
    for a in range(len(where)):
        if where[a] >= 0 and left[a] > 0:
            time = times[where[a], (state[where[a], 1] - 1 - (min(state[where[a], 1], LENGTH) - left[a])) % LENGTH]
            if at < 0 or time > best:
                best, at = time, a
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(rings: Rings, accounts: IntArray, symbol: int, raw: FloatArray, when: IntArray, marks: IntArray) -> int:
    """Write the accounts' last events to the end of ``raw``, ``when``, ``marks``, in time order; return how many.

    ``raw`` has a further column: 1 for the first account.
    """
    where, left = np.full(MOST, -1), np.zeros(MOST, np.int64)
    for a in range(MOST):
        if accounts[a] >= 0:
            where[a] = find_pair(rings.finder, key_of(accounts[a], symbol))
            if where[a] >= 0:
                left[a] = min(rings.state[where[a], 1], LENGTH)
    count = 0
    while count < LENGTH:
        a = _latest(rings.times, rings.state, where, left)
        if a < 0:
            break
        written = rings.state[where[a], 1]
        at = (written - 1 - (min(written, LENGTH) - left[a])) % LENGTH
        left[a] -= 1
        to = LENGTH - 1 - count
        raw[to, :KEPT] = rings.events[where[a], at]
        raw[to, KEPT] = 1.0 if a == 0 else 0.0
        when[to] = rings.times[where[a], at]
        marks[to] = rings.marks[where[a], at]
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _clipped(x: float, most: float) -> float:
    """Return ``x`` within -most to most."""
    return min(max(x, -most), most)


@njit(cache=True, nogil=True, error_model="numpy")
def _signed_log(x: float) -> float:
    """Return the logarithm (base 2) of one plus the size of ``x``, with its sign."""
    return float(np.log2(1.0 + x) if x >= 0.0 else -np.log2(1.0 - x))


@njit(cache=True, nogil=True, error_model="numpy")
def _follow(marks: IntArray, count: int, side: float, usual: FloatArray, out: Float32Array) -> None:
    """Write what the market did between the tokens."""
    first = LENGTH - count
    spread = 2.0 * max(usual[SPREAD], 1e-9)
    typical = 2.0 ** usual[LOG_SIZE]
    for i in range(first + 1, LENGTH):
        if marks[i - 1, MID] > 0:
            moved = side * (marks[i, MID] - marks[i - 1, MID]) / spread
            out[i, 15] = _clipped(0.5 * _signed_log(moved), 3.0)
        if marks[first, MID] > 0:
            out[i, 16] = _clipped(0.5 * _signed_log(side * (marks[i, MID] - marks[first, MID]) / spread), 3.0)
        if marks[i, SEEN] > marks[i - 1, SEEN]:
            flow = side * (marks[i, BEFORE] - marks[i - 1, AFTER]) / typical
            out[i, 17] = _clipped(0.3 * _signed_log(flow), 3.0)
            out[i, 18] = _clipped(0.2 * np.log2(float(marks[i, SEEN] - marks[i - 1, SEEN])), 3.0)
        out[i, 19] = 1.0 if marks[i, ITEMS] > marks[i - 1, ITEMS] else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _write(raw: FloatArray, when: IntArray, count: int, start: int, out: Float32Array) -> float:
    """Write the tokens of ``count`` events but for what the market did; return the side of most of them."""
    out[:] = 0.0
    first = LENGTH - count
    gaps = np.zeros(LENGTH)
    mean, sides, apart = 0.0, 0.0, 0
    for i in range(first, LENGTH):
        sides += raw[i, SIDE]
        if i > first and when[i] > when[i - 1]:
            gaps[i] = np.log2((when[i] - when[i - 1]) * 1e-9 + LEAST)
            mean += gaps[i]
            apart += 1
    mean /= max(apart, 1)
    side = 1.0 if sides > 0.0 or (sides == 0.0 and raw[first, SIDE] >= 0.0) else -1.0
    for i in range(first, LENGTH):
        kind = int(raw[i, KIND])
        out[i, 0] = 1.0
        out[i, 1 + kind] = 1.0
        out[i, 5] = side * raw[i, SIDE]
        out[i, 6] = 0.5 * raw[i, LEVEL]
        out[i, 7] = raw[i, AGGRESSIVE]
        out[i, 8] = _clipped(0.4 * raw[i, SIZE], 3.0)
        if i > first:
            out[i, 9] = _clipped(0.2 * (gaps[i] - mean), 3.0) if when[i] > when[i - 1] else -3.0
        out[i, 10] = _clipped(0.2 * (raw[i, AGE] - mean), 3.0) if kind == 1 or kind == 2 else 0.0
        out[i, 11] = raw[i, FILLED]
        out[i, 12] = _clipped(0.3 * raw[i, DISTANCE], 3.0)
        out[i, 13] = raw[i, KEPT]
        out[i, 14] = 1.0 if when[i] >= start else 0.0
    return side


@njit(cache=True, nogil=True, error_model="numpy")
def advance(rows: Rows, rings: Rings, asked: Asked, out: Float32Array) -> None:
    """Read all rows, and write each candidate's tokens once its row has been read."""
    rows, rings, asked, out = borrowed(rows), borrowed(rings), borrowed(asked), borrowed(out)
    done = 0
    raw, when, marks = np.zeros((LENGTH, KEPT + 1)), np.zeros(LENGTH, np.int64), np.zeros((LENGTH, MARKS), np.int64)
    for k in range(len(asked.row)):
        upto = min(asked.row[k] + 1, len(rows.time))
        if upto > done:
            _read(rows, rings, done, upto)
            done = upto
        count = _gather(rings, asked.accounts[k], asked.symbol[k], raw, when, marks)
        if count:
            side = _write(raw, when, count, asked.start[k], out[k])
            _follow(marks, count, side, rings.symbols[asked.symbol[k]], out[k])
    _read(rows, rings, done, len(rows.time))
