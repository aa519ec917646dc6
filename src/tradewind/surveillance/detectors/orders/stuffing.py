"""The detector of quote stuffing."""

from __future__ import annotations

from numba import njit

from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.orders import burst_state as b
from tradewind.surveillance.detectors.orders.burst_episodes import FEATURES, judge
from tradewind.surveillance.detectors.orders.burst_events import join_crew, message, see_market, slot_for, traded
from tradewind.surveillance.detectors.orders.burst_state import Bursts, Stuffed
from tradewind.surveillance.detectors.orders.rows import Rows, load, rows_of
from tradewind.surveillance.detectors.orders.slots import cover_pairs
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme

MOST_SLOTS = 1 << 17
"""Pairs remembered at once; 65 MB where all are used: pages that no pair has touched take no memory."""
BATCH = 4096
"""Candidates a pass may find before it hands them over."""


@njit(cache=True, nogil=True, error_model="numpy")
def read(rows: Rows, state: Bursts, found: Stuffed, begin: int, first_row: int) -> tuple[int, int]:
    """Read rows from ``begin`` until all are read or ``found`` is full; return the next row and how many were found."""
    rows, state, found = borrowed(rows), borrowed(state), borrowed(found)
    count = 0
    row = state.row[0]
    for i in range(begin, len(rows.time)):
        if count == len(found.rule):
            return i, count
        load(rows, i, row)
        see_market(state, row)
        if row.kind == 3:
            if row.pair >= 0:
                traded(state, row, row.pair, row.account)
            if row.taker_pair >= 0:
                traded(state, row, row.taker_pair, row.taker)
        elif row.pair >= 0 and (row.kind == 1 or row.kind == 2):
            slot = slot_for(state, row.pair, row.account, row.symbol, row.time)
            if message(state, row, slot) > 0.0:
                join_crew(state, row, slot)
                count = judge(state, row, slot, first_row + i, found, count)
    return len(rows.time), count


class StuffingDetector:
    """Finds bursts of orders that are entered and cancelled far faster than the account and the symbol are used to.

    Accounts that are in a burst over the same moments are named together (the variant ``split``). ``slots`` bounds the
    pairs (account, symbol) that are remembered.
    """

    def __init__(self, slots: int = MOST_SLOTS) -> None:
        self._state = b.make_bursts(slots, 8)
        self._found = b.make_stuffed(BATCH, len(FEATURES))

    @property
    def scheme(self) -> Scheme:
        """Quote stuffing."""
        return Scheme.QUOTE_STUFFING

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features."""
        return FEATURES

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete."""
        rows = rows_of(tape)
        symbols = int(rows.symbol.max(initial=0)) + 1
        if symbols > len(self._state.markets):
            self._state = b.grow_bursts(self._state, 1 << (symbols - 1).bit_length())
        self._state = self._state._replace(slots=cover_pairs(self._state.slots, rows))
        candidates: list[Candidate] = []
        at = 0
        while at < len(tape):
            at, count = read(rows, self._state, self._found, at, tape.first_row)
            candidates += [self._candidate(k) for k in range(count)]
        return candidates

    def finish(self) -> list[Candidate]:
        """Return nothing: a burst is told while it goes on."""
        return []

    def _candidate(self, k: int) -> Candidate:
        found = self._found
        whole = [int(value) for value in found.whole[k]]
        told = found.evidence[k, : whole[b.F_TOLD]]
        return Candidate(
            scheme=self.scheme,
            episode=whole[b.F_EPISODE],
            revision=whole[b.F_REVISION],
            symbol=whole[b.F_SYMBOL],
            accounts=tuple(int(account) for account in found.accounts[k, : whole[b.F_ACCOUNTS]]),
            start=whole[b.F_START],
            end=whole[b.F_END],
            row=whole[b.F_ROW],
            rule=float(found.rule[k]),
            features=found.features[k].copy(),
            evidence=tuple(sorted({int(seq) for seq in told})),
            variant="split" if whole[b.F_ACCOUNTS] > 1 else "",
        )
