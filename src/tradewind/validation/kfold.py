"""Purged k-fold: every row is tested once, by a model that saw no label overlapping its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import BoolArray, IntArray, TimeArray
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter, make_split
from tradewind.validation.times import Embargo, overlaps, time_blocks


@dataclass(frozen=True, eq=False)
class PurgedKFold(PurgedSplitter):
    """K-fold over contiguous blocks of time, purged on both sides and embargoed after.

    Each test block is a span of distinct times with all their rows. A training row is dropped when its label
    interval ``[start, end]`` meets that of any test row, or starts within ``embargo`` after it. The training part
    holds rows *later* than the test block: use it to compare models, not to measure what a trader would have earned.

    Parameters
    ----------
    start, end : label times, see :class:`PurgedSplitter`.
    n_splits : number of blocks, 2 or more.
    embargo : a timedelta, or an ``int`` number of sessions of the panel, left free after each test label.

    Notes
    -----
    One symbol that pauses for long has one long label; it purges every row it spans, as it must.
    Source: Lopez de Prado, Advances in Financial Machine Learning, 2018, chapter 7.

    Examples
    --------
    >>> days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-09"))
    >>> [(train.tolist(), test.tolist()) for train, test in PurgedKFold(days, days + 1, n_splits=2).split()]
    [([5, 6, 7], [0, 1, 2, 3]), ([0, 1, 2], [4, 5, 6, 7])]
    """

    _: KW_ONLY
    n_splits: int = 5
    embargo: Embargo = 0

    def folds(self) -> Iterator[Split]:
        """Yield the folds in order of their test blocks."""
        block = time_blocks(self.start, self.n_splits, "n_splits")
        for number in range(self.n_splits):
            yield purged_fold(self.start, self.end, block == number, self.embargo)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return ``n_splits``; the arguments are not looked at."""
        del X, y, groups
        return self.n_splits


def purged_fold(start: TimeArray, end: TimeArray, tested: BoolArray, embargo: Embargo) -> Split:
    """Return the fold that tests the rows where ``tested`` (n,) and trains on all that do not touch them.

    Raises
    ------
    UsageError : the purge and the embargo leave nothing to train on.
    """
    test = np.flatnonzero(tested).astype(np.int64)
    kept = ~tested & ~np.isnat(end) & ~overlaps(start, end, test, embargo)
    train: IntArray = np.flatnonzero(kept).astype(np.int64)
    if len(train) == 0:
        raise UsageError(
            f"the test block from {start[test].min()} to {start[test].max()} leaves no row to train on",
            field="embargo",
            fix="give a shorter embargo or horizon, or more history",
        )
    return make_split(start, train, test, end[train].max())
