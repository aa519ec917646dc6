"""Run the tape through the swings and hand on what is worth a detector's look."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.prices.jumps import jump_kind, name_holders
from tradewind.surveillance.detectors.prices.pace import note_print, note_size
from tradewind.surveillance.detectors.prices.report import Reports, describe, measure, telling
from tradewind.surveillance.detectors.prices.state import (
    BASE,
    DEEPEST,
    EXTREME,
    FLOW,
    IMPACT_REF,
    IMPACT_SIDE,
    IMPACT_SLOT,
    LAST_T,
    LEVEL,
    NEWS_OPEN,
    NEWS_REF,
    NEWS_T,
    REF,
    SCALES,
    VOLUME,
    Columns,
    State,
)
from tradewind.surveillance.detectors.prices.swings import TURN, Fill, follow, note_impact, slot_for, turn, write_fill

TRADE, HIDDEN, NEWS = 3, 4, 6
At = tuple[int, int]
ROOM = 16
"""Most reports one row can bring."""


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _undo(state: State, out: Reports, slot: int, symbol: int, at: At) -> None:
    """Report the swings of an account that have come to the next stage of being undone, and turn those that are."""
    s = state.symbols[symbol]
    best = -1
    for scale in range(SCALES):
        w = state.swings[slot, scale]
        stage = 0.0 if w[DEEPEST] < 0.3 else (1.0 if w[DEEPEST] < 0.6 else (2.0 if w[DEEPEST] < TURN else 3.0))
        if stage > w[LEVEL]:
            w[LEVEL] = stage
            m = measure(w, s, state.habits[slot, LAST_T])
            if telling(m, w, s) and (
                best < 0 or m.size > 1.2 * abs(state.swings[slot, best, EXTREME] - state.swings[slot, best, BASE])
            ):
                best = scale
    if best >= 0:
        where = (int(slot), int(best), int(symbol), at[0], 0, at[1])
        describe(state, out, where, measure(state.swings[slot, best], s, state.habits[slot, LAST_T]))
    for scale in range(SCALES):
        if state.swings[slot, scale, LEVEL] >= 3.0:
            turn(state, slot, scale, s)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _trade(cols: Columns, i: int, state: State, out: Reports, t: float) -> None:
    """Take one execution in."""
    symbol = cols.symbol[i]
    s = state.symbols[symbol]
    bid, ask, price, size = float(cols.bid[i]), float(cols.ask[i]), float(cols.price[i]), float(cols.size[i])
    booked = bid > 0.0 and ask > 0.0
    ref = 0.5 * (bid + ask) if booked else price
    order = state.order[symbol]
    fresh = cols.taker_order[i] == 0 or cols.taker_order[i] != order[0] or cols.time[i] != order[1]
    if fresh:
        note_print(s, t, ref)
    note_size(s, size, abs(ask - bid) / ref if booked else -1.0)
    order[0], order[1] = cols.taker_order[i], cols.time[i]
    side = float(cols.taker_side[i])
    s[VOLUME] += size
    s[FLOW] += side * size
    slots = (
        slot_for(state, cols.taker_pair[i], cols.taker[i], symbol),
        slot_for(state, cols.pair[i], cols.account[i], symbol),
    )
    write_fill(state, symbol, slots, Fill(cols.time[i], t, side, size, price, 1.0, ref), cols.seq[i])
    if side != 0.0 and slots[0] >= 0:
        follow(state, slots[0], s, Fill(cols.time[i], t, side, size, price, 1.0, ref))
        s[IMPACT_SLOT], s[IMPACT_REF], s[IMPACT_SIDE] = slots[0] + 1.0, ref, side
    rested = float(cols.side[i]) if side == 0.0 else -side
    if rested != 0.0 and slots[1] >= 0:
        follow(state, slots[1], s, Fill(cols.time[i], t, rested, size, price, 0.0, ref))
    for k in range(2):
        if slots[k] >= 0 and (k == 0 or slots[1] != slots[0]):
            _undo(state, out, slots[k], symbol, (int(i), cols.time[i]))
    if fresh:
        kind = jump_kind(s, t)
        if kind > 0:
            name_holders(state, out, symbol, (int(i), int(kind), cols.time[i]))


@njit(cache=True, nogil=True, error_model="numpy")
def advance(cols: Columns, state: State, out: Reports, start: int, origin: int) -> int:
    """Read rows from ``start`` on; return the first row not read, for want of room or of rows."""
    cols, state, out = borrowed(cols), borrowed(state), borrowed(out)
    for i in range(start, len(cols.time)):
        if out.told[0] + ROOM > len(out.features):
            return i
        s = state.symbols[cols.symbol[i]]
        if s[IMPACT_SLOT] > 0.0 and cols.bid[i] > 0 and cols.ask[i] > 0:
            ref = 0.5 * (cols.bid[i] + cols.ask[i])
            note_impact(state, int(s[IMPACT_SLOT]) - 1, np.log(ref / s[IMPACT_REF]))
            s[IMPACT_SLOT] = 0.0
        kind = cols.kind[i]
        t = (cols.time[i] - origin) * 1e-9
        if kind in (TRADE, HIDDEN):
            if cols.size[i] > 0 and cols.price[i] > 0:
                _trade(cols, i, state, out, t)
        elif kind == NEWS:
            booked = cols.bid[i] > 0 and cols.ask[i] > 0
            s[NEWS_T], s[NEWS_OPEN] = t, 1.0
            s[NEWS_REF] = 0.5 * (cols.bid[i] + cols.ask[i]) if booked else s[REF]
    return len(cols.time)


class SwingFeed:
    """The swings of every active account, read once and shared by the detectors of price schemes.

    Parameters
    ----------
    slots : pairs of (account, symbol) followed at once; the longest silent give way.
    fills : executions remembered for looking back, over all symbols.
    """

    def __init__(self, *, slots: int = 1 << 16, fills: int = 1 << 17) -> None:
        self._state = State.empty(slots, fills)
        self._buffer = Reports.empty(512)
        self._origin: int | None = None
        self._last: Tape | None = None
        self._reports: list[tuple[FloatArray, IntArray, IntArray, IntArray]] = []

    @property
    def nbytes(self) -> int:
        """Bytes held, however many accounts were seen: all but the index of pairs is of fixed size."""
        return sum(array.nbytes for array in (*self._state, *self._buffer))

    def read(self, tape: Tape) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
        """Return features, codes, times and evidence of the swings ``tape`` completes (see :class:`Reports`).

        A tape already read is not read again: detectors that share the feed get the same answer.
        """
        if tape is not self._last:
            self._reports = self._advance(tape)
            self._last = tape
        features, codes, times, evidence = zip(*self._reports, strict=True)
        return np.concatenate(features), np.concatenate(codes), np.concatenate(times), np.concatenate(evidence)

    def _advance(self, tape: Tape) -> list[tuple[FloatArray, IntArray, IntArray, IntArray]]:
        columns = Columns.of(tape)
        out, reports, row = self._buffer, [], 0
        if self._origin is None and len(tape):
            self._origin = int(tape.time[0])
        self._state = self._state.for_tape(columns)
        while True:
            out.told[0] = 0
            row = advance(columns, self._state, out, row, self._origin or 0)
            n = int(out.told[0])
            reports.append(
                (out.features[:n].copy(), out.codes[:n].copy(), out.times[:n].copy(), out.evidence[:n].copy())
            )
            if row >= len(tape):
                return reports
