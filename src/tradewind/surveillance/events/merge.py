"""Ordered tables of events from several files become one sequence in the order of time, or tables of another length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from tradewind.surveillance.events.order import join_tables
from tradewind.surveillance.events.table import EventTable


def merged(tables: Iterator[EventTable], others: Iterator[EventTable]) -> Iterator[EventTable]:
    """Yield the rows of both in the order of time; at one time those of ``others`` first.

    Both are ordered and share their names. The rows and their order do not depend on how either is cut.
    """
    left, right = _Head(tables), _Head(others)
    while left.fill() and right.fill():
        reached = min(left.last, right.last)
        parts = [right.before(reached), left.before(reached)]
        if not any(map(len, parts)):
            # all that is left is of one moment: more of it may follow on the side that ends there
            if (left.last == reached and left.grow()) or (right.last == reached and right.grow()):
                continue
            parts = [right.before(reached + 1), left.before(reached + 1)]
        joined = join_tables([part for part in parts if len(part)])
        yield joined.take(np.argsort(joined.time, kind="stable"))
    for head in (left, right):
        yield from head.rest()


class _Head:
    """The next rows of one sequence of tables."""

    def __init__(self, tables: Iterator[EventTable]) -> None:
        self._tables = tables
        self._table: EventTable | None = None

    def fill(self) -> bool:
        """Say whether there are rows, after reading some where there were none."""
        while self._table is None or not len(self._table):
            self._table = next(self._tables, None)
            if self._table is None:
                return False
        return True

    def grow(self) -> bool:
        """Read one more table; False at the end."""
        more = next(self._tables, None)
        if more is None:
            return False
        self._table = more if self._table is None else join_tables([self._table, more])
        return True

    @property
    def last(self) -> int:
        """Time of the last row at hand."""
        assert self._table is not None, "filled before it is asked"
        return int(self._table.time[-1])

    def before(self, time: int) -> EventTable:
        """Take the rows whose time lies before ``time``."""
        assert self._table is not None, "filled before it is asked"
        table, cut = self._table, int(np.searchsorted(self._table.time, time))
        self._table = table.take(slice(cut, None))
        return table.take(slice(0, cut))

    def rest(self) -> Iterator[EventTable]:
        """Yield all that is left."""
        while self.fill():
            assert self._table is not None, "filled just now"
            yield self._table
            self._table = None


def rechunked(tables: Iterable[EventTable], rows: int) -> Iterator[EventTable]:
    """Yield the same rows in tables of ``rows`` rows, the last one shorter."""
    waiting: list[EventTable] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += len(table)
        if count < rows:
            continue
        joined = join_tables(waiting)
        whole = count - count % rows
        for start in range(0, whole, rows):
            yield joined.take(slice(start, start + rows))
        waiting, count = [joined.take(slice(whole, None))], count - whole
    if count:
        yield join_tables(waiting)
