"""Events put into the order of time within a window, without repeats; gaps in the numbering are reported.

What comes out is sorted by (time, sequence number) as far as the window reaches, and its times never decrease.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, BoolArray, IntArray
from tradewind.surveillance.events.decode import Block
from tradewind.surveillance.events.dialect import Dialect
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sources import BLOCK
from tradewind.surveillance.events.table import EventTable, Names

CLOCK_STEP = 1_000_000_000
"""A clock that steps back by no more than this, in nanoseconds, against the numbering is a clock's fault."""
ALL_COLUMNS = tuple(f.name for f in fields(EventTable) if f.name not in ("symbols", "accounts"))
_BEFORE = np.iinfo(np.int64).min
_REPEATS = 8
"""How many rows back, of the same time and number, a repeat is looked for."""


@njit(cache=True, nogil=True, error_model="numpy")
def _arrivals(
    time: IntArray, seq: IntArray, scope: IntArray, top: IntArray, latest: int, step: int
) -> tuple[IntArray, AnyArray, int]:
    """Mark rows by arrival: 1 late, 2 its clock went back (its time is raised in place), 0 neither.

    ``top`` is (scopes, 2): the highest number so far and its time. Returns marks and the latest time seen.
    """
    marks = np.zeros(len(time), dtype=np.int8)
    for i in range(len(time)):
        s = scope[i]
        if step > 0 and seq[i] > top[s, 0]:
            behind = top[s, 1] - time[i]
            if 0 < behind <= step:
                time[i] = top[s, 1]
                marks[i] = 2
            top[s, 0] = seq[i]
            top[s, 1] = time[i]
        if time[i] < latest:
            marks[i] = 1 if marks[i] == 0 else marks[i]
        else:
            latest = time[i]
    return time, marks, latest


@njit(cache=True, nogil=True, error_model="numpy")
def _sorted(time: IntArray, seq: IntArray, scope: IntArray, by_seq: bool, top: IntArray) -> bool:
    """Say whether rows are in the order of time and, at one time, of their scope's numbers."""
    for i in range(len(time)):
        if i > 0 and time[i] < time[i - 1]:
            return False
        if by_seq and seq[i] >= 0:
            s = scope[i]
            if top[s, 1] == time[i] and seq[i] < top[s, 0]:
                return False
            top[s, 0] = seq[i]
            top[s, 1] = time[i]
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _gaps(seq: IntArray, scope: IntArray, top: IntArray, known: AnyArray) -> IntArray:
    """Return the rows before which numbers of their scope are missing, and how many: (gaps, 2)."""
    count = 0
    found = np.empty((len(seq), 2), dtype=np.int64)
    for i in range(len(seq)):
        s = scope[i]
        if seq[i] < 0:
            continue
        if known[s] and seq[i] > top[s] + 1:
            found[count, 0] = i
            found[count, 1] = seq[i] - top[s] - 1
            count += 1
        if not known[s] or seq[i] > top[s]:
            top[s] = seq[i]
            known[s] = 1
    return found[:count].copy()


class Orderer:
    """Puts blocks of rows into order.

    Parameters
    ----------
    dialect : says what the sequence numbers are worth.
    window : rows that are held back, so that later rows can still take their place among them.
    problems : takes what is late, repeated or missing.
    """

    def __init__(self, dialect: Dialect, window: int, problems: Problems) -> None:
        self._dialect, self._window, self._problems = dialect, window, problems
        self._waiting: list[Block] = []
        self._rows = 0
        self._latest = _BEFORE
        self._reached = _BEFORE
        self._tops = np.empty((0, 2), dtype=np.int64)
        self._counted = np.empty(0, dtype=np.int64)
        self._known = np.empty(0, dtype=np.int8)

    def push(self, block: Block) -> Iterator[EventTable]:
        """Take the next rows and yield those whose order is settled."""
        if not len(block.rows):
            return
        self._waiting.append(self._arrived(block))
        self._rows += len(block.rows)
        if self._rows >= self._window + BLOCK:
            yield from self._settle(self._window)

    def finish(self) -> Iterator[EventTable]:
        """Yield the rows held back."""
        if self._rows:
            yield from self._settle(0)

    def _scope(self, table: EventTable) -> IntArray:
        """Return for each row the counter its number belongs to, and make room for it."""
        scope = table.symbol.astype(np.int64) if self._dialect.counts_symbols else np.zeros(len(table), dtype=np.int64)
        more = (int(scope.max()) + 1 if len(scope) else 0) - len(self._known)
        if more > 0:
            self._tops = np.concatenate([self._tops, np.full((more, 2), _BEFORE, dtype=np.int64)])
            self._counted = np.concatenate([self._counted, np.zeros(more, dtype=np.int64)])
            self._known = np.concatenate([self._known, np.zeros(more, dtype=np.int8)])
        return scope

    def _arrived(self, block: Block) -> Block:
        table = block.table
        scope = self._scope(table)
        step = CLOCK_STEP if self._dialect.ordered else 0
        time, marks, self._latest = _arrivals(table.time.copy(), table.seq, scope, self._tops, self._latest, step)
        if marks.any():
            self._report("late", marks == 1, block, "comes after a later row")
            self._report("clock_back", marks == 2, block, "its time lies before that of an event with a lower number")
            return Block(replace(table, time=time), block.rows)
        return block

    def _settle(self, keep: int) -> Iterator[EventTable]:
        block = _joined(self._waiting)
        table = block.table
        scope = self._scope(table)
        top = np.full((len(self._known), 2), _BEFORE, dtype=np.int64)
        by_seq = self._dialect.ordered
        if not _sorted(table.time, table.seq, scope, by_seq, top):
            keys = (table.seq, table.time) if by_seq else (table.time,)
            block = _picked(block, np.lexsort(keys))
        block = self._without_repeats(block)
        ready = max(len(block.rows) - keep, 0)
        rest, block = _picked(block, slice(ready, None)), _picked(block, slice(0, ready))
        self._waiting, self._rows = ([rest] if len(rest.rows) else []), len(rest.rows)
        if len(block.rows):
            block = self._caught_up(block)
            self._look_for_gaps(block)
            yield block.table

    def _without_repeats(self, block: Block) -> Block:
        if "seq" not in self._dialect.columns:
            return block
        repeats = _repeats(block.table)
        if repeats.any():
            self._report("duplicate", repeats, block, "repeats the row before it")
            block = _picked(block, np.flatnonzero(~repeats))
        return block

    def _caught_up(self, block: Block) -> Block:
        """Raise times that lie before what has already gone out."""
        late = block.table.time < self._reached
        if late.any():
            self._report("too_late", late, block, "comes too late to be put into its place")
            block = Block(replace(block.table, time=np.maximum(block.table.time, self._reached)), block.rows)
        self._reached = int(block.table.time[-1])
        return block

    def _look_for_gaps(self, block: Block) -> None:
        if not self._dialect.dense:
            return
        table = block.table
        gaps = _gaps(table.seq, self._scope(table), self._counted, self._known)
        room = self._problems.room("seq_gap")
        for row, missing in gaps[:room].tolist():
            seq, symbol = int(table.seq[row]), table.symbols[int(table.symbol[row])]
            text = f"{missing} numbers are missing before {seq}"
            self._problems.add(Problem(code="seq_gap", message=text, row=int(block.rows[row]), seq=seq, symbol=symbol))
        if len(gaps) > room:
            text = f"{int(gaps[room:, 1].sum())} more numbers are missing"
            self._problems.add(Problem(code="seq_gap", message=text, count=len(gaps) - room))

    def _report(self, code: str, rows: BoolArray, block: Block, message: str) -> None:
        found = np.flatnonzero(rows)
        if not len(found):
            return
        shown = found[: max(self._problems.room(code), 1)]
        table = block.table
        for i, row in enumerate(shown.tolist()):
            more = len(found) - len(shown) if i == len(shown) - 1 else 0
            self._problems.add(
                Problem(
                    code=code,
                    message=message,
                    row=int(block.rows[row]),
                    seq=int(table.seq[row]),
                    symbol=table.symbols[int(table.symbol[row])],
                    count=1 + more,
                )
            )


def _repeats(table: EventTable) -> BoolArray:
    """Return the rows that equal one of the rows just before them in every column."""
    repeats = np.zeros(len(table), dtype=bool)
    for back in range(1, min(_REPEATS, len(table) - 1) + 1):
        near = np.flatnonzero((table.seq[back:] == table.seq[:-back]) & (table.time[back:] == table.time[:-back]))
        if not len(near):
            break
        equal = np.ones(len(near), dtype=bool)
        for column in table.columns().values():
            equal &= column[near + back] == column[near]
        repeats[near[equal] + back] = True
    return repeats


def _picked(block: Block, rows: AnyArray | slice) -> Block:
    return Block(block.table.take(rows), block.rows[rows])


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(join_tables([block.table for block in blocks]), np.concatenate([block.rows for block in blocks]))


def join_tables(tables: list[EventTable]) -> EventTable:
    """Return tables of one source one after the other; columns that only some have are filled with nothing."""
    if len(tables) == 1:
        return tables[0]
    named = [name for name in ALL_COLUMNS if any(getattr(table, name) is not None for table in tables)]
    columns: dict[str, Any] = {name: np.concatenate([_column(table, name) for table in tables]) for name in named}
    return replace(tables[0], **columns)


def _column(table: EventTable, name: str) -> AnyArray:
    column: AnyArray | None = getattr(table, name)
    if column is None:  # only the two about the other side of a trade may be absent
        return np.full(len(table), -1, np.int32) if name == "contra" else np.zeros(len(table), np.int64)
    return column


def empty_table(symbols: Names | None = None, accounts: Names | None = None) -> EventTable:
    """Return a table without rows."""
    wide, narrow, tiny = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int8)
    return EventTable(
        time=wide,
        symbol=narrow,
        seq=wide,
        kind=tiny,
        order=wide,
        account=narrow,
        side=tiny,
        price=wide,
        size=wide,
        symbols=symbols or Names(),
        accounts=accounts or Names(),
    )
