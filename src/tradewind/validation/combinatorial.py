"""Combinatorial purged k-fold: many backtest paths from one history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.validation.kfold import purged_fold
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter
from tradewind.validation.times import Embargo, time_blocks


@dataclass(frozen=True, eq=False)
class CombinatorialPurgedKFold(PurgedSplitter):
    """Test every choice of ``n_test_groups`` of ``n_groups`` blocks of time, purged and embargoed around each.

    There are C(n, k) splits. Each block is tested in C(n - 1, k - 1) = C(n, k) k / n of them, so the forecasts
    make up that many whole histories (:meth:`paths`): a distribution of a score in place of one number.

    Parameters
    ----------
    start, end : label times, see :class:`PurgedSplitter`.
    n_groups : number of blocks n, 2 or more.
    n_test_groups : blocks tested at once k, from 1 to ``n_groups - 1``.
    embargo : a timedelta, or an ``int`` number of sessions of the panel, left free after each test label.

    Notes
    -----
    Source: Lopez de Prado, Advances in Financial Machine Learning, 2018, chapter 12.

    Examples
    --------
    >>> days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-03-01"))
    >>> splitter = CombinatorialPurgedKFold(days, days + 1, n_groups=6, n_test_groups=2)
    >>> splitter.get_n_splits(), splitter.paths().shape
    (15, (5, 6))
    """

    _: KW_ONLY
    n_groups: int = 6
    n_test_groups: int = 2
    embargo: Embargo = 0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        if not 1 <= self.n_test_groups < self.n_groups:
            raise UsageError(
                f"{self.n_test_groups} of {self.n_groups} groups cannot be tested",
                field="n_test_groups",
                fix="give a number from 1 to n_groups - 1",
            )

    @cached_property
    def group(self) -> IntArray:
        """(n,) block of each row."""
        return time_blocks(self.start, self.n_groups, "n_groups")

    @property
    def test_groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the blocks that each split tests, in the order of :meth:`folds`."""
        return tuple(combinations(range(self.n_groups), self.n_test_groups))

    def folds(self) -> Iterator[Split]:
        """Yield the splits in the order of :attr:`test_groups`; a test part need not be one span."""
        for chosen in self.test_groups:
            yield purged_fold(self.start, self.end, np.isin(self.group, chosen), self.embargo)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return C(n_groups, n_test_groups); the arguments are not looked at."""
        del X, y, groups
        return comb(self.n_groups, self.n_test_groups)

    def paths(self) -> IntArray:
        """Return (n_paths, n_groups): the split whose forecasts path ``p`` takes for block ``g``.

        Path ``p`` takes, for each block, the ``p``-th split that tests it; each split's forecast of a block is
        used in exactly one path.
        """
        testing: list[list[int]] = [[] for _ in range(self.n_groups)]
        for number, chosen in enumerate(self.test_groups):
            for group in chosen:
                testing[group].append(number)
        return np.array(testing, dtype=np.int64).T

    def reconstruct(self, forecasts: Sequence[AnyArray]) -> FloatArray:
        """Put forecasts together to whole histories, one per path.

        Parameters
        ----------
        forecasts : one array per split, in the order of :meth:`folds`; entry ``i`` is the forecast of ``test[i]``.

        Returns
        -------
        (n_paths, n) float64; every row has one forecast in every path.

        Raises
        ------
        UsageError : the number of arrays or the length of one does not fit the splits.
        """
        splits = self.get_n_splits()
        whole = np.full((splits, len(self.start)), np.nan)
        if len(forecasts) != splits:
            raise UsageError(
                f"{len(forecasts)} forecasts were given for {splits} splits",
                field="forecasts",
                fix="give one array per split, in the order of folds()",
            )
        for number, (chosen, values) in enumerate(zip(self.test_groups, forecasts, strict=True)):
            test = np.flatnonzero(np.isin(self.group, chosen))
            if np.shape(values) != test.shape:
                raise UsageError(
                    f"the forecast of split {number} has shape {np.shape(values)}, its test part {test.shape}",
                    field="forecasts",
                    fix="give one forecast per test row",
                )
            whole[number, test] = values
        # Row i of path p comes from the split that path p uses for the block of row i.
        return whole[self.paths()[:, self.group], np.arange(len(self.start))]
