"""Describe the market of a candidate at its row: its symbol against its own recent past, and against other symbols."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.market.memory import (
    CANCELLED,
    ENTERED,
    FIRST,
    FLOW,
    LAST_LEAN,
    LAST_SPREAD,
    LEAN_T,
    LOG_MID,
    NEWS,
    NEWS_TIME,
    P_CANCELLED,
    P_ENTERED,
    P_FIRST,
    P_ROWS,
    P_TRADES,
    PATH,
    ROWS,
    SPREAD_T,
    SQUARE,
    STEP,
    TOTALS,
    TRADES,
    VOLUME,
    Columns,
    Memory,
    T,
    look_up,
    note_account,
    note_mid,
    note_pair,
    note_rings,
    note_time,
    oldest,
    slot_of,
)

MEASURES = (
    "rows",
    "volume",
    "trades",
    "path",
    "volatility",
    "order_to_trade",
    "cancel_ratio",
    "spread",
    "absolute_return",
    "flow_imbalance",
    "book_lean",
)
"""Measured in the candidate's span and in the spans before it; each gives a robust z."""
REST = (
    "volume_log",
    "rows_log",
    "path_log",
    "span_rows_log",
    "return_z",
    "return_before_z",
    "return_after_z",
    "efficiency",
    "flow_with_return",
    "lean_now",
    "news_in_span",
    "news_seconds_log",
    "close_seconds_log",
    "open_seconds_log",
    "session_part",
    "others_return_z",
    "residual_z",
    "correlation",
    "others_rows_log",
    "account_here_part",
    "account_of_symbol_part",
    "account_rows_log",
    "account_age_part",
    "account_order_to_trade_log",
    "account_cancel_ratio",
    "accounts_log",
)
NAMES = (*(f"market_{name}_z" for name in MEASURES), *(f"market_{name}" for name in REST))
SPANS = 12
"""Spans before the candidate's that its own is compared with."""
OTHERS = 8
"""Other symbols looked at."""
LEAST_ROWS = 16.0
"""A span is widened until the symbol usually has so many rows in it."""


class Asked(NamedTuple):
    """Candidates: position of the row in the run, symbol, start, end (nanoseconds), accounts, pair of the first."""

    row: IntArray
    symbol: IntArray
    start: IntArray
    end: IntArray
    accounts: IntArray
    account: IntArray


class Span(NamedTuple):
    """A span of a symbol: its end in seconds, its length, and the length of those it is compared with."""

    symbol: int
    end: float
    length: float
    base: float
    spans: int


@njit(cache=True, nogil=True, error_model="numpy")
def measure(a: FloatArray, b: FloatArray, seconds: float, out: FloatArray) -> None:
    """Write the measures of a span from the totals at its two ends; rates in logarithms."""
    least = 0.5 / seconds
    out[0] = np.log2((b[ROWS] - a[ROWS]) / seconds + least)
    trades = b[TRADES] - a[TRADES]
    out[1] = np.log2((b[VOLUME] - a[VOLUME]) / seconds + least)
    out[2] = np.log2(trades / seconds + least)
    out[3] = (b[PATH] - a[PATH]) / seconds
    out[4] = np.sqrt(max(b[SQUARE] - a[SQUARE], 0.0) / seconds)
    entered = b[ENTERED] - a[ENTERED]
    out[5] = np.log2((entered + 1.0) / (trades + 1.0))
    out[6] = (b[CANCELLED] - a[CANCELLED]) / max(entered, 1.0)
    out[7] = (b[SPREAD_T] - a[SPREAD_T]) / seconds
    out[8] = abs(b[LOG_MID] - a[LOG_MID]) / np.sqrt(seconds)
    volume = b[VOLUME] - a[VOLUME]
    out[9] = abs(b[FLOW] - a[FLOW]) / volume if volume > 0.0 else 0.0
    out[10] = abs(b[LEAN_T] - a[LEAN_T]) / seconds


@njit(cache=True, nogil=True, error_model="numpy")
def span_of(memory: Memory, symbol: int, start: float, end: float) -> Span:
    """Widen a candidate's span to a usual dozen of rows, and say which spans before it can be compared."""
    total = memory.totals[symbol]
    first = oldest(memory, symbol)
    lived = total[T] - first
    usual = LEAST_ROWS * lived / max(min(total[ROWS], 512.0 * 256.0), 1.0)
    length = max(end - start, usual, 1e-6)
    room = end - length - first
    base = min(length, room / 4.0)
    count = 0
    if base > 0.02 * length:
        count = int(min(room / base, float(SPANS)))
    return Span(symbol, end, length, base, count)


@njit(cache=True, nogil=True, error_model="numpy")
def _robust(x: float, past: FloatArray) -> float:
    """How far ``x`` lies from the median of the past, in deviations; a tenth of the median counts as one at least."""
    centre = np.median(past)
    width = 1.4826 * np.median(np.abs(past - centre)) + 0.1 * abs(centre) + 1e-12
    return float(min(max((x - centre) / width, -30.0), 30.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _against_past(memory: Memory, span: Span, f: FloatArray, returns: FloatArray) -> None:
    """Write the robust z of each measure; ``returns`` gets the returns of the span and of those before it."""
    n = len(MEASURES)
    a, b, own = np.empty(TOTALS), np.empty(TOTALS), np.empty(n)
    look_up(memory, span.symbol, span.end, b)
    look_up(memory, span.symbol, span.end - span.length, a)
    measure(a, b, span.length, own)
    returns[0] = b[LOG_MID] - a[LOG_MID] if a[LOG_MID] != 0.0 else np.nan
    f[:n] = np.nan
    seen = b[PATH] - a[PATH]
    f[n + 3] = np.log2(1.0 + b[ROWS] - a[ROWS])
    f[n + 7] = abs(returns[0]) / seen if seen > 0.0 else np.nan
    volume = b[VOLUME] - a[VOLUME]
    f[n + 8] = np.sign(returns[0]) * (b[FLOW] - a[FLOW]) / volume if volume > 0.0 else np.nan
    f[n + 10] = b[NEWS] - a[NEWS]
    if span.spans < 4:
        return
    past = np.empty((n, span.spans))
    one = np.empty(n)
    for k in range(span.spans):
        b[:] = a
        look_up(memory, span.symbol, span.end - span.length - (k + 1) * span.base, a)
        measure(a, b, span.base, one)
        past[:, k] = one
        returns[1 + k] = b[LOG_MID] - a[LOG_MID] if a[LOG_MID] != 0.0 else np.nan
    for m in range(n):
        f[m] = _robust(own[m], past[m])
    f[n] = own[1] - np.median(past[1])
    f[n + 1] = own[0] - np.median(past[0])
    usual = np.median(past[3])
    f[n + 2] = np.log2(own[3] / usual) if own[3] > 0.0 and usual > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(returns: FloatArray, span: Span) -> float:
    """The usual return of a span of the candidate's length, from those before it; NaN where there is none."""
    if span.spans < 4:
        return np.nan
    square = np.nanmean(returns[1 : 1 + span.spans] ** 2)
    return float(np.sqrt(square * span.length / span.base)) if square > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _returns(memory: Memory, span: Span, symbol: int, returns: FloatArray) -> float:
    """Write another symbol's returns over the same spans; return by how much livelier than before it was."""
    a, b = np.empty(TOTALS), np.empty(TOTALS)
    look_up(memory, symbol, span.end, b)
    look_up(memory, symbol, span.end - span.length, a)
    returns[0] = b[LOG_MID] - a[LOG_MID] if a[LOG_MID] != 0.0 else np.nan
    rows = (b[ROWS] - a[ROWS]) / span.length
    latest = a[ROWS]
    for k in range(span.spans):
        b[:] = a
        look_up(memory, symbol, span.end - span.length - (k + 1) * span.base, a)
        returns[1 + k] = b[LOG_MID] - a[LOG_MID] if a[LOG_MID] != 0.0 else np.nan
    before = (latest - a[ROWS]) / max(span.spans * span.base, 1e-9)
    return float(np.log2(rows / before)) if rows > 0.0 and before > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _against_others(memory: Memory, span: Span, f: FloatArray, own: FloatArray) -> None:
    """Write what other symbols did in the span, and what is left of the candidate's return without them."""
    n = len(MEASURES)
    f[n + 15 : n + 19] = np.nan
    if span.spans < 4:
        return
    mean, one = np.zeros(1 + SPANS), np.empty(1 + SPANS)
    livelier, found, lively = 0.0, 0, 0
    for symbol in range(len(memory.totals)):
        if symbol == span.symbol or memory.totals[symbol, ROWS] < 4.0 * LEAST_ROWS or found == OTHERS:
            continue
        rate = _returns(memory, span, symbol, one)
        usual = _deviation(one, span)
        if not usual > 0.0 or not np.isfinite(one[0]):
            continue
        found += 1
        if np.isfinite(rate):
            livelier += rate
            lively += 1
        for k in range(1 + span.spans):
            mean[k] += one[k] / usual if np.isfinite(one[k]) else 0.0
    if found == 0:
        return
    usual = _deviation(own, span)
    if not usual > 0.0:
        return
    x, y = mean[1 : 1 + span.spans] / found, own[1 : 1 + span.spans] / usual
    y = np.where(np.isfinite(y), y, 0.0)
    xx, xy, yy = (x * x).sum(), (x * y).sum(), (y * y).sum()
    beta = xy / (xx + 0.25 * span.spans * span.base / span.length) if xx > 0.0 else 0.0
    f[n + 15] = mean[0] / found
    f[n + 16] = own[0] / usual - beta * mean[0] / found
    f[n + 17] = xy / np.sqrt(xx * yy) if xx > 0.0 and yy > 0.0 else np.nan
    f[n + 18] = livelier / lively if lively else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _moves(memory: Memory, span: Span, f: FloatArray, returns: FloatArray) -> None:
    """Write the returns in, before and after the span in units of the usual one."""
    n = len(MEASURES)
    usual = _deviation(returns, span)
    a, b = np.empty(TOTALS), np.empty(TOTALS)
    look_up(memory, span.symbol, span.end - span.length, b)
    look_up(memory, span.symbol, span.end - 2.0 * span.length, a)
    side = 1.0 if returns[0] >= 0.0 else -1.0
    f[n + 4] = abs(returns[0]) / usual
    f[n + 5] = side * (b[LOG_MID] - a[LOG_MID]) / usual
    look_up(memory, span.symbol, span.end, a)
    f[n + 6] = side * (memory.totals[span.symbol, LOG_MID] - a[LOG_MID]) / usual


@njit(cache=True, nogil=True, error_model="numpy")
def _account(memory: Memory, pair: int, account: int, symbol: int, f: FloatArray) -> None:
    """Write how the first account stands to the symbol and to the others it deals in."""
    at = len(MEASURES) + 19
    f[at : at + 6] = np.nan
    slot = slot_of(account, len(memory.holder))
    if pair < 0 or memory.owner[pair] != ((account << 24) | symbol):
        return
    p, total = memory.pairs[pair], memory.totals[symbol]
    if memory.holder[slot] == account:
        f[at] = min(p[P_ROWS] / max(memory.accounts[slot], 1.0), 1.0)
    f[at + 1] = p[P_ROWS] / max(total[ROWS], 1.0)
    f[at + 2] = np.log2(1.0 + p[P_ROWS])
    lived = total[T] - memory.extras[symbol, FIRST]
    f[at + 3] = (total[T] - p[P_FIRST]) / lived if lived > 0.0 else np.nan
    f[at + 4] = np.log2((p[P_ENTERED] + 1.0) / (p[P_TRADES] + 1.0))
    f[at + 5] = p[P_CANCELLED] / max(p[P_ENTERED], 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _describe(memory: Memory, asked: Asked, k: int, pair: int, origin: int, f: FloatArray) -> None:
    """Write all features of one candidate but those of the session."""
    n = len(MEASURES)
    symbol = asked.symbol[k]
    f[:] = np.nan
    if memory.totals[symbol, ROWS] == 0.0:
        return
    start, end = (asked.start[k] - origin) * 1e-9, (asked.end[k] - origin) * 1e-9
    span = span_of(memory, symbol, start, min(end, memory.totals[symbol, T]))
    returns = np.full(1 + SPANS, np.nan)
    _against_past(memory, span, f, returns)
    _moves(memory, span, f, returns)
    _against_others(memory, span, f, returns)
    f[n + 9] = abs(memory.extras[symbol, LAST_LEAN])
    since = end - memory.extras[symbol, NEWS_TIME]
    f[n + 11] = np.log2(max(abs(since), 1e-3)) if np.isfinite(since) else np.nan
    _account(memory, pair, asked.account[k], symbol, f)
    f[n + 25] = np.log2(1.0 + asked.accounts[k])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take_book(cols: Columns, i: int, total: FloatArray, extra: FloatArray) -> None:
    """Take the book before a row in: the mid's move, the spread, the lean of its depth."""
    symbol, bid, ask = cols.symbol[i], cols.bid[i], cols.ask[i]
    if bid > 0 and ask > 0:
        price = 0.5 * (bid + ask)
        extra[symbol, LAST_SPREAD] = abs(ask - bid) / price
        depth = float(cols.bid_depth[i] + cols.ask_depth[i])
        extra[symbol, LAST_LEAN] = (cols.bid_depth[i] - cols.ask_depth[i]) / depth if depth > 0.0 else 0.0
        note_mid(total, extra, symbol, price)
    elif cols.price[i] > 0 and cols.kind[i] in (3, 4):
        note_mid(total, extra, symbol, float(cols.price[i]))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take_kind(cols: Columns, i: int, total: FloatArray, extra: FloatArray) -> int:
    """Count a row by what it is; return the column of its account's counts, 0 where it counts for none."""
    symbol, kind = cols.symbol[i], cols.kind[i]
    if kind == 1:
        total[symbol, ENTERED] += 1.0
        return P_ENTERED
    if kind == 2:
        total[symbol, CANCELLED] += 1.0
        return P_CANCELLED
    if kind in (3, 4):
        total[symbol, TRADES] += 1.0
        total[symbol, VOLUME] += cols.size[i]
        total[symbol, FLOW] += float(cols.taker_side[i]) * cols.size[i]
        return P_TRADES
    if kind == 6:
        total[symbol, NEWS] += 1.0
        extra[symbol, NEWS_TIME] = total[symbol, T]
    return 0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take_account(memory: Memory, slots: IntArray, who: tuple[int, int, int], t: float, column: int) -> None:
    """Count a row for an account; ``who``: pair, account, symbol."""
    pair, account, symbol = who
    rows = note_pair(memory.pairs, memory.owner, pair, (account << 24) | symbol, (t, column))
    note_account(memory.accounts, memory.holder, account, rows)
    if rows == 1.0 or rows % 64.0 == 0.0:
        slots[slot_of(account ^ (symbol << 13), len(slots))] = pair


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _pair_of(memory: Memory, account: int, symbol: int, slots: IntArray) -> int:
    """Return the pair of an account and a symbol, from those remembered by account; -1 where it is not."""
    at = slot_of(account ^ (symbol << 13), len(slots))
    pair = slots[at]
    known = pair >= 0 and pair < len(memory.owner) and memory.owner[pair] == ((account << 24) | symbol)
    return int(pair) if known else -1


@njit(cache=True, nogil=True, error_model="numpy")
def advance(cols: Columns, memory: Memory, slots: IntArray, origin: int, asked: Asked, out: FloatArray) -> None:
    """Read all rows, and describe each candidate (sorted by row) once its row has been read."""
    cols, memory, slots = borrowed(cols), borrowed(memory), borrowed(slots)
    asked, out = borrowed(asked), borrowed(out)
    k, n = 0, len(asked.row)
    total, extra = memory.totals, memory.extras
    while k < n and asked.row[k] < 0:
        _describe(memory, asked, k, _pair_of(memory, asked.account[k], asked.symbol[k], slots), origin, out[k])
        k += 1
    for i in range(len(cols.time)):
        symbol = int(cols.symbol[i])
        t = (cols.time[i] - origin) * 1e-9
        note_time(total, extra, symbol, t)
        _take_book(cols, i, total, extra)
        column = _take_kind(cols, i, total, extra)
        if column > 0 and cols.pair[i] >= 0:
            _take_account(memory, slots, (int(cols.pair[i]), int(cols.account[i]), symbol), t, column)
        if column == P_TRADES and cols.taker_pair[i] >= 0:
            _take_account(memory, slots, (int(cols.taker_pair[i]), int(cols.taker[i]), symbol), t, column)
        rows = int(total[symbol, ROWS])
        if rows % STEP[0] == 0 or rows == 1:
            note_rings(memory.rings, memory.written, total, symbol, rows)
        while k < n and asked.row[k] <= i:
            _describe(memory, asked, k, _pair_of(memory, asked.account[k], asked.symbol[k], slots), origin, out[k])
            k += 1
