"""The view of habits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.profiles.describe import MOST, NAMES, describe
from tradewind.surveillance.profiles.kernel import (
    BREAK,
    add_row,
    begin_pair,
    cancelled,
    entered,
    keep_period,
    keep_silence,
    take_account,
    take_partner,
    traded,
)
from tradewind.surveillance.profiles.measures import MEASURES, POPULATION
from tradewind.surveillance.profiles.memory import (
    KEY,
    MADE,
    PERIODS,
    PLACE,
    ROWS,
    TIME,
    TOOK,
    TOTALS,
    Memory,
    key_of,
    take_place,
)

ACCOUNTS, PLACES = 1 << 20, 1 << 15
DAY = 86_400.0


class Columns(NamedTuple):
    """The columns of a tape that the view reads."""

    time: IntArray
    symbol: Int32Array
    kind: AnyArray
    account: Int32Array
    side: AnyArray
    size: IntArray
    order_time: IntArray
    level: Int32Array
    taker: Int32Array
    taker_side: AnyArray
    pair: Int32Array
    taker_pair: Int32Array


class Asked(NamedTuple):
    """Candidates: position of the row in the run, symbol, start in nanoseconds, accounts (n, MOST), -1 for none."""

    row: IntArray
    symbol: IntArray
    start: IntArray
    accounts: IntArray


@njit(cache=True, nogil=True, error_model="numpy")
def _take(memory: Memory, population: FloatArray, who: tuple[int, int, int], t: float, work: FloatArray) -> bool:
    """Add a row to a pair, ``who``: pair, account, symbol; its changes in ``work[0]``. True where the pair is new."""
    pair, key = who[0], key_of(who[1], who[2])
    total, head, d = memory.totals[pair], memory.heads[pair], work[0]
    newly = head[KEY] != key
    if newly:
        if head[PLACE] > 0:
            memory.rings[head[PLACE] - 1, :, TIME] = np.inf
        begin_pair(total, head, memory.finder, key, pair, t)
    before = total[TIME]
    over = add_row(total, d, t)
    rows = int(total[ROWS])
    if over > BREAK and head[PLACE] > 0:
        keep_silence(memory.rings[head[PLACE] - 1], head, total, d, before)
    if rows % PERIODS[0] == 0:
        place = head[PLACE] - 1
        if place < 0:
            place = take_place(memory.places, memory.clock, memory.heads, memory.rings, pair)
        memory.places[place, 1] = 1
        keep_period(memory.rings[place], head, total, population, work[1])
    return newly


@njit(cache=True, nogil=True, error_model="numpy")
def _read(cols: Columns, i: int, memory: Memory, population: FloatArray, moment: FloatArray, work: FloatArray) -> None:
    """Take row ``i``; ``moment``: its time in seconds, cosine and sine of its time of day."""
    kind, symbol, t = cols.kind[i], cols.symbol[i], moment[0]
    known, size, day = memory.symbols[symbol], float(cols.size[i]), moment[1:3]
    pair, account = cols.pair[i], cols.account[i]
    if kind == 1:
        entered(work[0], known, t, size, float(cols.side[i]), cols.level[i])
    elif kind == 2:
        cancelled(work[0], known, (cols.time[i] - cols.order_time[i]) * 1e-9, size)
    elif kind == 3 or kind == 4:
        traded(work[0], known, size, float(cols.side[i]), MADE)
    else:
        return
    if pair >= 0:
        newly = _take(memory, population, (pair, account, symbol), t, work)
        at = take_account(memory.accounts, account, t, newly, day)
        if kind >= 3:
            take_partner(memory.accounts[at], cols.taker[i])
    if kind >= 3 and cols.taker_pair[i] >= 0:
        taker = cols.taker[i]
        traded(work[0], known, size, float(cols.taker_side[i]), TOOK)
        newly = _take(memory, population, (cols.taker_pair[i], taker, symbol), t, work)
        at = take_account(memory.accounts, taker, t, newly, day)
        take_partner(memory.accounts[at], account)


@njit(cache=True, nogil=True, error_model="numpy")
def _set_moment(moment: FloatArray, time: int, origin: int) -> None:
    """Write the moment of ``time``; the time of day only once it is a second later."""
    moment[0] = (time - origin) * 1e-9
    second = time // 1_000_000_000
    if moment[3] != second:
        angle = 2.0 * np.pi * (second % 86_400) / DAY
        moment[1], moment[2], moment[3] = np.cos(angle), np.sin(angle), second


@njit(cache=True, nogil=True, error_model="numpy")
def advance(cols: Columns, memory: Memory, population: FloatArray, origin: int, asked: Asked, out: FloatArray) -> None:
    """Read all rows, and describe each candidate (sorted by row) once its row has been read."""
    k, n = 0, len(asked.row)
    moment, began = np.zeros(4), np.zeros(4)
    moment[3] = -1.0
    work = np.zeros((2, TOTALS + len(MEASURES)))
    while k < n and asked.row[k] < 0:
        _set_moment(began, asked.start[k], origin)
        describe(memory, population, asked.accounts[k], asked.symbol[k], began[:3], out[k])
        k += 1
    for i in range(len(cols.time)):
        _set_moment(moment, cols.time[i], origin)
        _read(cols, i, memory, population, moment, work)
        while k < n and asked.row[k] <= i:
            began[3] = -1.0
            _set_moment(began, asked.start[k], origin)
            describe(memory, population, asked.accounts[k], asked.symbol[k], began[:3], out[k])
            k += 1


class ProfileView:
    """Describes candidates of any scheme by the habits of their accounts; see :data:`~.describe.NAMES`.

    The span of a candidate is what an account did in the symbol from its start to its row; the habit is all before the
    start. Deviations are in units of the population's spread, so that they mean the same in any market.

    Parameters
    ----------
    accounts : accounts remembered at once over all symbols, a power of two; 120 bytes each.
    places : pairs of account and symbol that keep checkpoints at once; 4 KB each.
    """

    def __init__(self, *, accounts: int = ACCOUNTS, places: int = PLACES) -> None:
        if accounts < 2 or accounts & (accounts - 1) or places < 1:
            raise UsageError(
                f"{accounts} accounts, {places} places", fix="choose a power of two of accounts, a place at least"
            )
        self._memory = Memory.empty(accounts, places)
        self._population = np.zeros((len(MEASURES), POPULATION))
        self._origin: int | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns, each starting with ``profile_``."""
        return NAMES

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows; return (candidates, features), each row from the tape up to its candidate's ``row``.

        A candidate whose row was read before (one that the end of the source completed) is described by what is known.
        """
        columns = Columns(*(np.ascontiguousarray(getattr(tape, name)) for name in Columns._fields))
        if self._origin is None and len(tape):
            self._origin = int(tape.time[0])
        pairs = 1 + max(int(columns.pair.max(initial=-1)), int(columns.taker_pair.max(initial=-1)))
        symbols = [int(columns.symbol.max(initial=-1)), *(c.symbol for c in candidates)]
        self._memory = self._memory.with_room(pairs, 1 + max(symbols))
        accounts = np.full((len(candidates), MOST), -1, np.int64)
        for k, candidate in enumerate(candidates):
            first = candidate.accounts[:MOST]
            accounts[k, : len(first)] = first
        asked = Asked(
            row=_whole([c.row - tape.first_row for c in candidates]) if len(tape) else np.full(len(candidates), -1),
            symbol=_whole([c.symbol for c in candidates]),
            start=_whole([c.start for c in candidates]),
            accounts=accounts,
        )
        out: FloatArray = np.full((len(candidates), len(NAMES)), np.nan)
        advance(columns, self._memory, self._population, self._origin or 0, asked, out)
        return out.astype(np.float32)


def _whole(values: list[int]) -> IntArray:
    """Return integers as an array."""
    return np.array(values, dtype=np.int64)
