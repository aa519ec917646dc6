"""The market's recent past in bounded memory: running totals of each symbol, and checkpoints of them to look back to.

A symbol keeps three rings of checkpoints, one every 8, 64 and 512 of its rows, so that any moment of its last hundred
thousand rows can be looked up, the recent ones finely. Totals between two checkpoints are read off by a straight line.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape

RINGS, LENGTH = 3, 256
STEP = (8, 64, 512)

# running totals, and the columns of a checkpoint
T, ROWS, ENTERED, CANCELLED, TRADES, VOLUME, FLOW, PATH, SQUARE, SPREAD_T, LEAN_T, LOG_MID, NEWS = range(13)
TOTALS = 13
# what else is known of a symbol
NEWS_TIME, FIRST, LAST_SPREAD, LAST_LEAN, LAST_PRICE = range(5)
EXTRAS = 5
# what is known of a pair of account and symbol
P_ROWS, P_ENTERED, P_CANCELLED, P_TRADES, P_FIRST = range(5)
PAIR_COLUMNS = 5


class Columns(NamedTuple):
    """The columns of a tape that the view reads."""

    time: IntArray
    symbol: Int32Array
    kind: AnyArray
    account: Int32Array
    size: IntArray
    price: IntArray
    bid: IntArray
    ask: IntArray
    bid_depth: IntArray
    ask_depth: IntArray
    taker: Int32Array
    taker_side: AnyArray
    pair: Int32Array
    taker_pair: Int32Array

    @classmethod
    def of(cls, tape: Tape) -> Columns:
        """Return the columns of ``tape``."""
        return cls(*(np.ascontiguousarray(getattr(tape, name)) for name in cls._fields))


class Memory(NamedTuple):
    """``totals`` (symbols, TOTALS), ``extras`` (symbols, EXTRAS), ``rings`` (symbols, RINGS, LENGTH, TOTALS),
    ``written`` (symbols, RINGS), ``pairs`` (pairs, columns) with ``owner`` (pairs,) the account and symbol behind it,
    ``accounts`` (slots,) rows of an account over all symbols, ``holder`` (slots,) its code."""

    totals: FloatArray
    extras: FloatArray
    rings: FloatArray
    written: IntArray
    pairs: FloatArray
    owner: IntArray
    accounts: FloatArray
    holder: IntArray

    @classmethod
    def empty(cls, accounts: int) -> Memory:
        """Return a memory of nothing; ``accounts`` (a power of two) bounds the accounts remembered at once."""
        return cls(
            totals=np.zeros((0, TOTALS)),
            extras=np.zeros((0, EXTRAS)),
            rings=np.zeros((0, RINGS, LENGTH, TOTALS)),
            written=np.zeros((0, RINGS), np.int64),
            pairs=np.zeros((0, PAIR_COLUMNS)),
            owner=np.full(0, -1, np.int64),
            accounts=np.zeros(accounts),
            holder=np.full(accounts, -1, np.int64),
        )

    def for_tape(self, columns: Columns) -> Memory:
        """Return the memory with room for the symbols and pairs of ``columns``."""
        symbols = 1 + int(columns.symbol.max(initial=-1))
        pairs = 1 + max(int(columns.pair.max(initial=-1)), int(columns.taker_pair.max(initial=-1)))
        memory = self
        if symbols > len(self.totals):
            size = max(symbols, 2 * len(self.totals))
            memory = memory._replace(
                totals=_grown(self.totals, size),
                extras=_grown(self.extras, size),
                rings=_grown(self.rings, size),
                written=_grown(self.written, size),
            )
        if pairs > len(self.owner):
            size = max(pairs, 2 * len(self.owner))
            owner = np.full(size, -1, np.int64)
            owner[: len(self.owner)] = self.owner
            memory = memory._replace(pairs=_grown(self.pairs, size), owner=owner)
        return memory


def _grown(array: AnyArray, size: int) -> AnyArray:
    """Return ``array`` lengthened to ``size`` rows of zeros."""
    grown = np.zeros((size, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def slot_of(account: int, slots: int) -> int:
    """Return where an account's rows are counted."""
    return int(((account * 0x9E3779B1) >> 7) & (slots - 1))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_time(total: FloatArray, extra: FloatArray, symbol: int, t: float) -> None:
    """Let time run to ``t`` with the spread and the lean of the book as they were."""
    if total[symbol, ROWS] > 0.0:
        step = max(t - total[symbol, T], 0.0)
        total[symbol, SPREAD_T] += extra[symbol, LAST_SPREAD] * step
        total[symbol, LEAN_T] += extra[symbol, LAST_LEAN] * step
    else:
        extra[symbol, FIRST] = t
        extra[symbol, NEWS_TIME] = -np.inf
    total[symbol, T] = t
    total[symbol, ROWS] += 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_mid(total: FloatArray, extra: FloatArray, symbol: int, price: float) -> None:
    """Take the reference price before a row in."""
    if price != extra[symbol, LAST_PRICE]:
        extra[symbol, LAST_PRICE] = price
        now = np.log(price)
        if total[symbol, LOG_MID] != 0.0:
            move = now - total[symbol, LOG_MID]
            total[symbol, PATH] += abs(move)
            total[symbol, SQUARE] += move * move
        total[symbol, LOG_MID] = now


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_pair(pairs: FloatArray, owner: IntArray, pair: int, key: int, now: tuple[float, int]) -> float:
    """Count a row of an account in a symbol, ``key`` holding both; ``now``: seconds, and the column it counts in.

    Returns how many rows it has now.
    """
    if owner[pair] != key:
        pairs[pair, :] = 0.0
        owner[pair] = key
        pairs[pair, P_FIRST] = now[0]
    pairs[pair, P_ROWS] += 1.0
    pairs[pair, now[1]] += 1.0
    return float(pairs[pair, P_ROWS])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_account(accounts: FloatArray, holder: IntArray, account: int, rows: float) -> None:
    """Count a row of an account over all symbols; one that takes another's place begins with its rows here."""
    slot = slot_of(account, len(holder))
    if holder[slot] != account:
        holder[slot] = account
        accounts[slot] = rows - 1.0
    accounts[slot] += 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_rings(rings: FloatArray, written: IntArray, totals: FloatArray, symbol: int, rows: int) -> None:
    """Write the checkpoints that are due at a symbol's row number ``rows``."""
    for ring in range(RINGS):
        if rows % STEP[ring] == 0 or rows == 1:
            at = written[symbol, ring] % LENGTH
            for c in range(TOTALS):
                rings[symbol, ring, at, c] = totals[symbol, c]
            written[symbol, ring] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def oldest(memory: Memory, symbol: int) -> float:
    """Return the earliest moment of a symbol that can be looked up."""
    written = memory.written[symbol, RINGS - 1]
    return float(memory.rings[symbol, RINGS - 1, written % LENGTH if written > LENGTH else 0, T])


@njit(cache=True, nogil=True, error_model="numpy")
def look_up(memory: Memory, symbol: int, t: float, out: FloatArray) -> None:
    """Write the symbol's totals as they were at ``t``; the oldest or the latest known where ``t`` lies beyond."""
    total = memory.totals[symbol]
    if t >= total[T] or memory.written[symbol, 0] == 0:
        out[:] = total
        return
    ring = 0
    while ring < RINGS - 1:
        written = memory.written[symbol, ring]
        first = memory.rings[symbol, ring, written % LENGTH if written > LENGTH else 0]
        if first[T] <= t:
            break
        ring += 1
    rows, written = memory.rings[symbol, ring], memory.written[symbol, ring]
    low, high = max(written - LENGTH, 0), written
    if rows[low % LENGTH, T] > t:
        out[:] = rows[low % LENGTH]
        return
    while high - low > 1:
        middle = (low + high) // 2
        if rows[middle % LENGTH, T] <= t:
            low = middle
        else:
            high = middle
    before = rows[low % LENGTH]
    after = rows[high % LENGTH] if high < written else total
    span = after[T] - before[T]
    part = (t - before[T]) / span if span > 0.0 else 0.0
    for c in range(TOTALS):
        out[c] = before[c] + part * (after[c] - before[c])
