"""One pass over the tape for both spoofing and layering."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numba import njit

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.orders import pretence_state as p
from tradewind.surveillance.detectors.orders.pretence_episodes import FEATURES, fold, settle
from tradewind.surveillance.detectors.orders.pretence_events import (
    WAIT,
    belongs,
    enter,
    fill,
    learn_cancel,
    open_batch,
    remember_print,
    see_market,
    slot_for,
    take_back,
)
from tradewind.surveillance.detectors.orders.pretence_state import Found, Pretences
from tradewind.surveillance.detectors.orders.rows import Row, Rows, load, rows_of
from tradewind.surveillance.detectors.orders.slots import cover_pairs

SMALL = math.log(0.25)
"""Orders of less than a quarter of the symbol's typical order are not part of a batch (a logarithm)."""
ROOM = 2
"""Candidates one row may bring besides those that were waiting."""
MOST_SLOTS = 1 << 15
"""Pairs remembered at once; 155 MB where all are used: pages that no pair has touched take no memory."""
BATCH = 4096
"""Candidates a pass may find before it hands them over."""


@njit(cache=True, nogil=True, error_model="numpy")
def cancel(state: Pretences, row: Row, at: int, found: Found, count: int) -> int:
    """Take a cancel in; return the number of candidates found so far."""
    state, found = borrowed(state), borrowed(found)
    s = row.symbol
    slot = slot_for(state, row.pair, row.account, s)
    learn_cancel(state, row, slot)
    market = state.markets[s].market
    if row.size <= 0 or market[p.M_NEWS] == 0.0:
        return count
    if math.log(float(max(row.order_size, row.size))) < market[p.M_LOG_SIZE] + SMALL:
        return count
    j = 2 * slot + (1 if row.side > 0 else 0)
    if not belongs(state, row, j):
        if state.sides[j].batch_time[p.DUE]:
            count = settle(state, j, at, found, count)
        fold(state, j)
        open_batch(state, row, j)
    take_back(state, row, j)
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def execute(state: Pretences, row: Row) -> None:
    """Take an execution in, for both sides that are known."""
    state = borrowed(state)
    s = row.symbol
    maker_slot = taker_slot = -1
    if row.pair >= 0:
        maker_slot = slot_for(state, row.pair, row.account, s)
        fill(state, row, maker_slot, True)
    if row.taker_pair >= 0:
        taker_slot = slot_for(state, row.taker_pair, row.taker, s)
        fill(state, row, taker_slot, False)
    remember_print(state, row, maker_slot, taker_slot)


@njit(cache=True, nogil=True, error_model="numpy")
def settle_due(state: Pretences, now: int, at: int, found: Found, count: int) -> int:
    """Judge the batches that have been quiet for long enough; return the number of candidates found so far."""
    state, found = borrowed(state), borrowed(found)
    ends = state.counts
    while ends[p.HEAD] < ends[p.TAIL] and count < len(found.whole) - ROOM:
        due, j = state.queue[ends[p.HEAD] % p.QUEUE]
        if now <= due:
            break
        ends[p.HEAD] += 1
        when = state.sides[j].batch_time
        if when[p.DUE] != due:
            continue
        if now > when[p.LAST] + WAIT:
            count = settle(state, j, at, found, count)
        else:
            when[p.DUE] = when[p.LAST] + WAIT
            state.queue[ends[p.TAIL] % p.QUEUE, 0] = when[p.DUE]
            state.queue[ends[p.TAIL] % p.QUEUE, 1] = j
            ends[p.TAIL] += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def read(rows: Rows, state: Pretences, found: Found, begin: int, first_row: int) -> tuple[int, int]:
    """Read rows from ``begin`` until all are read or ``found`` is full; return the next row and how many were found."""
    rows, state, found = borrowed(rows), borrowed(state), borrowed(found)
    count = 0
    row = state.row[0]
    for i in range(begin, len(rows.time)):
        if state.counts[p.HEAD] < state.counts[p.TAIL]:
            count = settle_due(state, rows.time[i], first_row + i, found, count)
            if count >= len(found.whole) - ROOM:
                return i, count
        load(rows, i, row)
        see_market(state, row)
        if row.kind == 3 or row.kind == 4:
            execute(state, row)
        elif row.pair >= 0 and row.kind == 1:
            enter(state, row, slot_for(state, row.pair, row.account, row.symbol))
        elif row.pair >= 0 and row.kind == 2:
            count = cancel(state, row, first_row + i, found, count)
    return len(rows.time), count


@dataclass(frozen=True, eq=False)
class Pretended:
    """An episode of pretended orders as one revision tells it; revisions are -1 where it is not told as that scheme."""

    account: int
    partner: int
    comrade: int
    symbol: int
    episode: int
    spoof_revision: int
    layer_revision: int
    start: int
    end: int
    row: int
    spoof_rule: float
    layer_rule: float
    features: Float32Array
    evidence: tuple[int, ...]


class PretenceTracker:
    """Finds episodes of pretended orders. One tracker may serve two detectors: each run of the tape is read once."""

    def __init__(self, slots: int = MOST_SLOTS) -> None:
        self._state = p.make_pretences(slots, 8)
        self._found = p.make_found(BATCH, len(FEATURES))
        self._span = (-1, -1)
        self._last: list[Pretended] = []
        self._final: list[Pretended] | None = None

    def update(self, tape: Tape) -> list[Pretended]:
        """Read the next rows; given the same run again, return what it gave."""
        span = (tape.first_row, tape.first_row + len(tape))
        if span == self._span:
            return self._last
        rows = rows_of(tape)
        symbols = int(rows.symbol.max(initial=0)) + 1
        if symbols > len(self._state.markets):
            self._state = p.grow_pretences(self._state, 1 << (symbols - 1).bit_length())
        self._state = self._state._replace(slots=cover_pairs(self._state.slots, rows))
        self._last = []
        at = 0
        while at < len(tape):
            at, count = read(rows, self._state, self._found, at, tape.first_row)
            self._last += self._take(count)
        self._span = span
        return self._last

    def finish(self) -> list[Pretended]:
        """Judge the batches that still wait at the end of the source."""
        if self._final is None:
            self._final = []
            row = max(self._span[1] - 1, 0)
            state = self._state
            while state.counts[p.HEAD] < state.counts[p.TAIL]:
                self._final += self._take(settle_due(state, 1 << 62, row, self._found, 0))
        return self._final

    def _take(self, count: int) -> list[Pretended]:
        found: Found = self._found
        return [self._one(found, k) for k in range(count)]

    @staticmethod
    def _one(found: Found, k: int) -> Pretended:
        whole: list[int] = found.whole[k].tolist()
        told = found.evidence[k, : whole[p.F_TOLD]]
        return Pretended(
            account=whole[p.F_ACCOUNT],
            partner=whole[p.F_PARTNER],
            comrade=whole[p.F_COMRADE],
            symbol=whole[p.F_SYMBOL],
            episode=whole[p.F_EPISODE],
            spoof_revision=whole[p.F_SPOOF],
            layer_revision=whole[p.F_LAYER],
            start=whole[p.F_START],
            end=whole[p.F_END],
            row=whole[p.F_ROW],
            spoof_rule=float(found.rules[k, 0]),
            layer_rule=float(found.rules[k, 1]),
            features=found.features[k].copy(),
            evidence=tuple(sorted(set(told.tolist()))),
        )
