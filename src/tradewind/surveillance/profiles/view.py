"""The view of habits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.profiles.describe import MOST, NAMES, describe
from tradewind.surveillance.profiles.kernel import (
    BROKE_SILENCE,
    NEW_PAIR,
    PERIOD_ENDED,
    add_row,
    begin_pair,
    cancelled,
    entered,
    keep_period,
    keep_silence,
    set_day,
    take_account,
    take_partner,
    traded,
)
from tradewind.surveillance.profiles.measures import MEASURES, POPULATION, add_window, measure
from tradewind.surveillance.profiles.memory import (
    MADE,
    OWN_WINDOWS,
    PLACE,
    S_FIRST,
    S_TYPICAL,
    TOOK,
    TOTALS,
    Memory,
    key_of,
    take_place,
)

ACCOUNTS, PLACES = 1 << 20, 1 << 15


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
def _more(memory: Memory, population: FloatArray, work: FloatArray, who: tuple[int, int], t: float, told: int) -> None:
    """Do what :func:`add_row` told of a pair, ``who``: pair and key."""
    pair = who[0]
    if told == NEW_PAIR:
        begin_pair(memory.totals, memory.heads, memory.finder, memory.rings, pair, who[1])
        add_row(memory.totals, memory.heads, work[0], pair, who[1], t)
        return
    if told & BROKE_SILENCE:
        keep_silence(memory.rings, memory.heads, memory.totals, work[0], pair)
    if told & PERIOD_ENDED:
        place = memory.heads[pair, PLACE] - 1
        if place < 0:
            place = take_place(memory.places, memory.clock, memory.heads, memory.rings, pair)
        memory.places[place, 1] = 1
        if keep_period(memory.rings, memory.heads, memory.totals, pair, work[1]):
            measure(work[1], work[2])
            memory.heads[pair, OWN_WINDOWS] += 1
            add_window(population, work[2], 1.0 / memory.heads[pair, OWN_WINDOWS])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _own_changes(cols: Columns, i: int, symbols: FloatArray, d: FloatArray) -> bool:
    """Write what row ``i`` adds for its account to ``d``; False where it is no order, cancel or trade."""
    kind, symbol = cols.kind[i], cols.symbol[i]
    if kind == 1:
        entered(d, symbols, symbol, float(cols.size[i]), float(cols.side[i]), cols.level[i])
    elif kind == 2:
        age = (cols.time[i] - cols.order_time[i]) * 1e-9
        cancelled(d, symbols[symbol, S_TYPICAL], age, float(cols.size[i]))
    elif kind == 3 or kind == 4:
        traded(d, symbols[symbol, S_TYPICAL], float(cols.size[i]), float(cols.side[i]), MADE)
    else:
        return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _describe(memory: Memory, population: FloatArray, asked: Asked, k: int, origin: int, out: FloatArray) -> None:
    """Describe candidate ``k`` by what is known."""
    moment, day = np.empty(3), np.full(3, -1.0)
    set_day(day, asked.start[k] * 1e-9)
    moment[0], moment[1], moment[2] = (asked.start[k] - origin) * 1e-9, day[0], day[1]
    describe(memory, population, asked.accounts[k], asked.symbol[k], moment, out[k])


@njit(cache=True, nogil=True, error_model="numpy")
def _read(cols: Columns, memory: Memory, population: FloatArray, span: tuple[int, int, int], work: FloatArray) -> None:
    """Take rows ``span[0]`` to ``span[1]``; ``span[2]``: the time, nanoseconds, that times are counted from."""
    cols, memory, population, work = borrowed(cols), borrowed(memory), borrowed(population), borrowed(work)
    totals, heads, accounts, symbols = memory.totals, memory.heads, memory.accounts, memory.symbols
    d, day = work[0], np.full(3, -1.0)
    for i in range(span[0], span[1]):
        symbol = cols.symbol[i]
        t = (cols.time[i] - span[2]) * 1e-9
        set_day(day, cols.time[i] * 1e-9)
        if symbols[symbol, S_FIRST] == 0.0:
            symbols[symbol, S_FIRST] = t + 1.0
        if not _own_changes(cols, i, symbols, d):
            continue
        pair, account, trade = cols.pair[i], cols.account[i], cols.kind[i] >= 3
        if pair >= 0:
            key = key_of(account, symbol)
            told = add_row(totals, heads, d, pair, key, t)
            if told:
                _more(memory, population, work, (pair, key), t, told)
            at = take_account(accounts, account, t, told == NEW_PAIR, day)
            if trade:
                take_partner(accounts, at, cols.taker[i])
        pair, taker = cols.taker_pair[i], cols.taker[i]
        if trade and pair >= 0:
            key = key_of(taker, symbol)
            traded(d, symbols[symbol, S_TYPICAL], float(cols.size[i]), float(cols.taker_side[i]), TOOK)
            told = add_row(totals, heads, d, pair, key, t)
            if told:
                _more(memory, population, work, (pair, key), t, told)
            take_partner(accounts, take_account(accounts, taker, t, told == NEW_PAIR, day), account)


@njit(cache=True, nogil=True, error_model="numpy")
def advance(cols: Columns, memory: Memory, population: FloatArray, origin: int, asked: Asked, out: FloatArray) -> None:
    """Read all rows, and describe each candidate (sorted by row) once its row has been read."""
    cols, memory, population = borrowed(cols), borrowed(memory), borrowed(population)
    asked, out = borrowed(asked), borrowed(out)
    done = 0
    work = np.zeros((3, max(TOTALS, len(MEASURES))))
    for k in range(len(asked.row)):
        upto = min(asked.row[k] + 1, len(cols.time))
        if upto > done:
            _read(cols, memory, population, (done, upto, origin), work)
            done = upto
        _describe(memory, population, asked, k, origin, out)
    _read(cols, memory, population, (done, len(cols.time), origin), work)


class ProfileView:
    """Describes candidates of any scheme by the habits of their accounts; see :data:`~.describe.NAMES`.

    The span of a candidate is what an account did in the symbol from its start to its row; the habit is all before the
    start. Deviations are in units of the population's spread, so that they mean the same in any market.

    Parameters
    ----------
    accounts : accounts remembered at once over all symbols, a power of two; 120 bytes each.
    places : pairs of account and symbol that keep checkpoints at once; 4 KB each.
    """

    hears_all: bool = False
    dear: bool = False

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
