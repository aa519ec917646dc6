"""Statistics across the rows of a group, such as the symbols that have a bar on one day.

A group holds the rows there are: a symbol that misses a day is simply not in that day's group. Each group is summed in
row order, so what later days hold cannot change it, not even in the last bit.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit

from tradewind.core import Panel
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.panel import UNKNOWN_SECTOR


class Groups:
    """Rows by group.

    Parameters
    ----------
    code : (n,) group of each row, 0 to ``n_groups - 1``; -1 for a row that belongs to none.
    n_groups : how many groups there are.
    """

    def __init__(self, code: IntArray, n_groups: int) -> None:
        self.code, self.n_groups = code, n_groups
        self._member = code >= 0

    @cached_property
    def _order(self) -> tuple[IntArray, IntArray]:
        """Rows by group, keeping row order, and the bounds of each group among them."""
        order = np.argsort(self.code, kind="stable")[int((~self._member).sum()) :]
        return order, np.searchsorted(self.code[order], np.arange(self.n_groups + 1))

    def total(self, values: FloatArray) -> tuple[FloatArray, IntArray]:
        """(G,) sum and (G,) count of the finite values of each group."""
        use = np.isfinite(values) & self._member
        code = self.code[use]
        total = np.bincount(code, weights=values[use], minlength=self.n_groups).astype(np.float64)
        return total, np.bincount(code, minlength=self.n_groups).astype(np.int64)

    def mean(self, values: FloatArray, *, least: int = 1) -> FloatArray:
        """(G,) mean of each group; NaN where fewer than ``least`` values are finite."""
        total, count = self.total(values)
        out = np.full(self.n_groups, np.nan)
        np.divide(total, count, out=out, where=count >= max(least, 1))
        return out

    def deviation(self, values: FloatArray) -> FloatArray:
        """(G,) sample standard deviation of each group; NaN where fewer than two values are finite."""
        centre = self.rows(self.mean(values))
        square, count = self.total((values - centre) ** 2)
        out = np.full(self.n_groups, np.nan)
        np.divide(square, count - 1, out=out, where=count >= 2)
        deviation: FloatArray = np.sqrt(out)
        return deviation

    def others(self, values: FloatArray) -> FloatArray:
        """(n,) mean of the group's *other* rows; NaN where none of them is finite."""
        total, count = self.total(values)
        own = np.isfinite(values) & self._member
        rest = self.rows(total) - np.where(own, values, 0.0)
        number = self.rows(count.astype(np.float64)) - own
        out = np.full(len(values), np.nan)
        np.divide(rest, number, out=out, where=number >= 1)
        return out

    def rows(self, values: FloatArray) -> FloatArray:
        """(n,) each row's group value of ``values`` (G,); NaN for a row of no group."""
        if self.n_groups == 0:
            return np.full(len(self.code), np.nan)
        out: FloatArray = values[np.maximum(self.code, 0)].astype(np.float64)
        out[~self._member] = np.nan
        return out

    def rank(self, values: FloatArray) -> FloatArray:
        """(n,) rank within the group scaled to [0, 1], ties at their mean; NaN where the group has one value."""
        order, bounds = self._order
        return np.asarray(ranks(values, order, bounds), dtype=np.float64)


@njit(cache=True, nogil=True)
def ranks(values: FloatArray, order: IntArray, bounds: IntArray) -> FloatArray:
    """(n,) rank within its group of each row: group g holds the rows ``order[bounds[g]:bounds[g + 1]]``."""
    out = np.full(len(values), np.nan)
    for g in range(len(bounds) - 1):
        rows = order[bounds[g] : bounds[g + 1]]
        rows = rows[np.isfinite(values[rows])]
        m = len(rows)
        if m < 2:
            continue
        part = values[rows]
        place = np.argsort(part)
        first = 0
        while first < m:
            last = first
            while last + 1 < m and part[place[last + 1]] == part[place[first]]:
                last += 1
            for i in range(first, last + 1):
                out[rows[place[i]]] = 0.5 * (first + last) / (m - 1)
            first = last + 1
    return out


def by_day(panel: Panel) -> Groups:
    """Group rows by their time."""
    return Groups(panel.time_code, len(panel.times))


def by_sector(panel: Panel) -> Groups:
    """Group rows by time and sector; symbols whose sector is not known belong to no group."""
    sector = panel.sector_code.astype(np.int64)
    sector[np.array([name == UNKNOWN_SECTOR for name in panel.sectors], dtype=bool)] = -1
    row, width = sector[panel.symbol_code], len(panel.sector_names)
    return Groups(np.where(row < 0, -1, panel.time_code * width + row), len(panel.times) * width)
