"""What the detectors of price schemes remember: arrays, and the meaning of their columns.

Three tables, all of fixed size. ``symbols`` has a row per symbol: its reference price, its usual trade, spread and
volatility. ``legs`` has a row per active (account, symbol) and scale: the account's position as a path of swings, each
an *in* leg (from the turn to the extreme) and an *out* leg (from the extreme on). ``fills`` is a ring of the latest
executions of all symbols, chained by symbol and by account, to look back along.

Prices enter as logarithms of the reference price (the mid, or the trade's price where a side of the book is empty),
times as seconds since the first row, so no number depends on a price level, a tick or a lot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape

SCALES = 3
"""A swing is followed with a short, a middle and a lasting memory for the account's silence."""

# columns of `symbols`
REF, T_PRINT, VOLUME, PRINTS, FLOW = 0, 1, 2, 3, 4
LOG_SIZE, SPREAD, GAP, SEEN = 5, 6, 7, 8
BLOCK_REF, BLOCK_T, BLOCK_N, BLOCKS = 9, 10, 11, 12
BLOCK_VAR, BLOCK_SECONDS, BLOCK_PRINTS = 13, 14, 15
FINE_VAR, FINE_SECONDS, FINE_PRINTS = 16, 17, 18
IMPACT_SLOT, IMPACT_REF, IMPACT_SIDE = 19, 20, 21
NEWS_T, NEWS_REF, NEWS_OPEN = 22, 23, 24
JUMP_T, JUMP_REF, JUMP_SIDE, JUMP_Z = 25, 26, 27, 28
FAST_REF, FAST_T, FAST_PRINTS, JUMP_TOLD = 29, 30, 31, 32
SYMBOL_COLUMNS = 33

# columns of a leg; the buying side first, then the selling side
VOL, AGGRESSIVE, CASH, FILLS, T1, T2 = 0, 1, 2, 3, 4, 5
SIDE_COLUMNS = 6
IMPACT, BURST = 12, 13
SUMS = 14
BEGAN_T, BEGAN_REF, BEGAN_VOLUME, BEGAN_PRINTS, BEGAN_FLOW, BEGAN_VAR_T, BEGAN_VAR_N = 14, 15, 16, 17, 18, 19, 20
LEG = 21
IN, OUT = 0, LEG
POSITION, BASE, EXTREME, DIRECTION, LEVEL, EXTREME_T, EXTREME_REF = 42, 43, 44, 45, 46, 47, 48
EXTREME_VOLUME, EXTREME_PRINTS, EXTREME_FLOW, DEEPEST, PEAK = 49, 50, 51, 52, 53
SWING_COLUMNS = 54

# columns of `habits`, a row per slot
SWINGS, SWING_LOG, ALL_FILLS, ALL_VOLUME, FIRST_T, LAST_T, CYCLES, CYCLES_T, BURST_NOW, BURST_T, BURST_SIDE, LARGEST = (
    range(12)
)
HABIT_COLUMNS = 12

# columns of `owners`, a row per slot
ACCOUNT, SYMBOL, PAIR, LAST_FILL, TOUCHED, IN_START, OUT_START = 0, 1, 2, 3, 4, 5, 8
OWNER_COLUMNS = 11

# columns of the ring of fills
F_T, F_SIZE, F_REF, F_PRICE = 0, 1, 2, 3
R_TAKER, R_MAKER, R_SIDE, R_SEQ, R_BEFORE, R_TAKER_BEFORE, R_MAKER_BEFORE, R_TIME = 0, 1, 2, 3, 4, 5, 6, 7

# columns of `scratch`
STAMP, NET, BEFORE, FIRST, CROSSED, DURING = range(6)
SCRATCH_COLUMNS = 8
"""A slot's scratch fills one line of the cache."""


class Columns(NamedTuple):
    """The columns of a tape that the kernels read, as plain contiguous arrays."""

    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: AnyArray
    account: Int32Array
    side: AnyArray
    price: IntArray
    size: IntArray
    bid: IntArray
    ask: IntArray
    taker: Int32Array
    taker_order: IntArray
    taker_side: AnyArray
    pair: Int32Array
    taker_pair: Int32Array

    @classmethod
    def of(cls, tape: Tape) -> Columns:
        """Return the columns of ``tape``."""
        return cls(*(np.ascontiguousarray(getattr(tape, name)) for name in cls._fields))


class State(NamedTuple):
    """All that is remembered between two runs of the tape.

    ``symbols`` (symbols, columns), ``swings`` (slots, scales, columns), ``habits`` and ``owners`` (slots, columns),
    ``ring`` and ``links`` (fills, columns), ``head`` (symbols,) the latest fill of each symbol, ``slot_of`` (pairs,)
    the slot of a pair of the tape, ``order`` (symbols,) the latest order that took and its time (symbols, 2),
    ``clock`` (4,) slots used, the hand of the clock, fills written and the number of the latest scan; ``scratch``
    (slots, columns) is the scratch of one scan.
    """

    symbols: FloatArray
    swings: FloatArray
    habits: FloatArray
    owners: IntArray
    ring: FloatArray
    links: IntArray
    head: IntArray
    slot_of: Int32Array
    order: IntArray
    clock: IntArray
    scratch: FloatArray

    @classmethod
    def empty(cls, slots: int, fills: int) -> State:
        """Return a state that has seen nothing, for ``slots`` active pairs and the latest ``fills`` executions."""
        return cls(
            symbols=np.zeros((0, SYMBOL_COLUMNS)),
            swings=np.zeros((slots, SCALES, SWING_COLUMNS)),
            habits=np.zeros((slots, HABIT_COLUMNS)),
            owners=np.zeros((slots, OWNER_COLUMNS), np.int64),
            ring=np.zeros((fills, 4)),
            links=np.zeros((fills, 8), np.int64),
            head=np.zeros(0, np.int64),
            slot_of=np.zeros(0, np.int32),
            order=np.zeros((0, 2), np.int64),
            clock=np.zeros(4, np.int64),
            scratch=np.zeros((slots, SCRATCH_COLUMNS)),
        )

    def for_tape(self, columns: Columns) -> State:
        """Return the state with room for the symbols and pairs of ``columns``: doubled, so that it is seldom copied."""
        symbols = 1 + int(columns.symbol.max(initial=-1))
        pairs = 1 + max(int(columns.pair.max(initial=-1)), int(columns.taker_pair.max(initial=-1)))
        state = self
        if symbols > len(self.head):
            size = max(symbols, 2 * len(self.head))
            state = state._replace(
                symbols=grown(self.symbols, size, 0.0),
                head=grown(self.head, size, -1),
                order=grown(self.order, size, 0),
            )
        if pairs > len(self.slot_of):
            state = state._replace(slot_of=grown(self.slot_of, max(pairs, 2 * len(self.slot_of)), -1))
        return state


def grown(array: AnyArray, size: int, fill: float) -> AnyArray:
    """Return ``array`` lengthened to ``size`` rows, the new ones holding ``fill``."""
    grown = np.full((size, *array.shape[1:]), fill, array.dtype)
    grown[: len(array)] = array
    return grown
