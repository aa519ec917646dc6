"""What every purged splitter shares: label times in the constructor, scikit-learn's signature, our records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from tradewind.core import Labels, UsageError
from tradewind.core.arrays import IntArray, TimeArray
from tradewind.validation.split import Split
from tradewind.validation.times import check_times


@dataclass(frozen=True, eq=False)
class PurgedSplitter(ABC):
    """Base of the splitters; a subclass says only how :meth:`folds` cuts.

    Parameters
    ----------
    start : (n,) datetime64; the time of each row, at which its forecast is made. Rows may be in any order and
        many rows may share a time (a panel of symbols).
    end : (n,) datetime64; when the label of the row is known. NaT: never known; such a row is never fitted on but
        may be tested.

    Everything is cut on these times, never on counts of rows: in a stacked panel, one row earlier can be years away.
    """

    start: TimeArray = field(repr=False)
    end: TimeArray = field(repr=False)

    def __post_init__(self) -> None:
        """Check the label times and bring them to microseconds."""
        start, end = check_times(self.start, self.end)
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)

    @classmethod
    def of(cls, labels: Labels, *, rows: IntArray | None = None, **settings: Any) -> Self:
        """Build the splitter from ``labels``.

        With ``rows`` (m,) it cuts only those rows, and its indices count within them: pass ``X[rows]`` to
        scikit-learn.
        """
        if rows is None:
            return cls(labels.start, labels.end, **settings)
        return cls(labels.start[rows], labels.end[rows], **settings)

    @abstractmethod
    def folds(self) -> Iterator[Split]:
        """Yield the folds in order of time."""

    def split(self, X: Any = None, y: Any = None, groups: Any = None) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield (train, test) row indices of each fold, as scikit-learn's splitters do.

        ``y`` and ``groups`` are not looked at.

        Raises
        ------
        UsageError : ``X`` does not have one row per label time.
        """
        del y, groups
        if X is not None:
            n = X.shape[0] if hasattr(X, "shape") else len(X)
            if n != len(self.start):
                raise UsageError(
                    f"X has {n} rows where the splitter has {len(self.start)} label times",
                    field="X",
                    fix="build the splitter from the labels of the same rows",
                )
        for fold in self.folds():
            yield fold.train, fold.test

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return how many folds there are; the arguments are not looked at."""
        del X, y, groups
        return sum(1 for _ in self.folds())


def make_split(start: TimeArray, train: IntArray, test: IntArray, train_end: np.datetime64) -> Split:
    """Return the record of a fold with a test part that is not empty."""
    times = start[test]
    return Split(train=train, test=test, train_end=train_end, test_start=times.min(), test_end=times.max())
