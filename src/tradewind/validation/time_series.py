"""Time-series split: expanding training parts, equal test blocks, purged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import IntArray
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter, make_split
from tradewind.validation.times import Embargo, earlier


@dataclass(frozen=True, eq=False)
class PurgedTimeSeriesSplit(PurgedSplitter):
    """Scikit-learn's ``TimeSeriesSplit`` on distinct times, with labels known before each test block.

    With T distinct times the last ``n_splits`` blocks of ``T // (n_splits + 1)`` times are tested in turn; a fold
    trains on every row whose label is known by the last time before its block, less the embargo. Use
    :class:`WalkForward` where blocks should be months.

    Parameters
    ----------
    start, end : label times, see :class:`PurgedSplitter`.
    n_splits : number of test blocks, 1 or more.
    embargo : a timedelta, or an ``int`` number of sessions of the panel, left free before each test block.

    Raises
    ------
    UsageError : there are too few times for ``n_splits``, or a fold is left without training rows.

    Examples
    --------
    >>> days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-07"))
    >>> splitter = PurgedTimeSeriesSplit(days, days + 1, n_splits=2)
    >>> [(train.tolist(), test.tolist()) for train, test in splitter.split()]
    [([0], [2, 3]), ([0, 1, 2], [4, 5])]
    """

    _: KW_ONLY
    n_splits: int = 5
    embargo: Embargo = 0

    def folds(self) -> Iterator[Split]:
        """Yield the folds in order of time."""
        times, code = np.unique(self.start, return_inverse=True)
        size = len(times) // (self.n_splits + 1)
        if self.n_splits < 1 or size < 1:
            raise UsageError(
                f"{self.n_splits} splits cannot be cut from {len(times)} distinct times",
                field="n_splits",
                fix=f"give a number from 1 to {max(len(times) - 1, 1)}",
            )
        for first in range(len(times) - self.n_splits * size, len(times), size):
            train_end = earlier(times[first - 1], self.embargo, self.start)
            test: IntArray = np.flatnonzero((code >= first) & (code < first + size)).astype(np.int64)
            train: IntArray = np.flatnonzero(self.end <= train_end).astype(np.int64)
            if len(train) == 0:
                raise UsageError(
                    f"no label is known by {train_end}, so the fold that tests from {times[first]} cannot be trained",
                    field="n_splits",
                    fix="give fewer splits, a shorter embargo or more history",
                )
            yield make_split(self.start, train, test, train_end)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return ``n_splits``; the arguments are not looked at."""
        del X, y, groups
        return self.n_splits
