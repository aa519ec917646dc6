"""Walk-forward: fit on the past months, forecast the next, move on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import numpy as np

from tradewind.core import UsageError
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter, make_split
from tradewind.validation.times import Embargo, When, add_months, day_of, earlier, end_of


@dataclass(frozen=True, eq=False)
class WalkForward(PurgedSplitter):
    """Rolling (or expanding) training window and the months after it.

    A row is fitted on when it lies in the training window and its label is known by ``train_end``: the last time of
    the panel strictly before the test span, less the embargo. So every training label ends before the first test
    forecast is made.

    Parameters
    ----------
    start, end : label times, see :class:`PurgedSplitter`.
    train_months : length of the training window before the test span; not used when ``expanding``, except
        that the first test span leaves room for it.
    test_months : length of each test span; spans follow each other without a gap.
    expanding : train on everything before instead of a window.
    embargo : a timedelta, or an ``int`` number of sessions of the panel, left free before the test span.
    first_test, last_test : first and last day (or month) to test; by default the first month that has
        ``train_months`` before it, and the last day. A ``first_test`` within a month counts months from that day.
    min_train_rows : folds with fewer training rows, and spans without any row to test, are left out.

    Raises
    ------
    UsageError : lengths are not positive, or no fold is left.

    Examples
    --------
    >>> days = np.arange(np.datetime64("2014-01-01"), np.datetime64("2015-03-01"))
    >>> [fold.test_start.astype("datetime64[D]").item().isoformat() for fold in WalkForward(days, days + 1).folds()]
    ['2015-01-01', '2015-02-01']
    """

    _: KW_ONLY
    train_months: int = 12
    test_months: int = 1
    expanding: bool = False
    embargo: Embargo = 0
    first_test: When | None = None
    last_test: When | None = None
    min_train_rows: int = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        for name in ("train_months", "test_months", "min_train_rows"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}", field=name, fix="give 1 or more")

    def folds(self) -> Iterator[Split]:
        """Yield the folds in order of time."""
        times = np.unique(self.start)
        found = False
        for low, high in self._spans():
            test = np.flatnonzero((self.start >= low) & (self.start < high)).astype(np.int64)
            past = int(np.searchsorted(times, low, side="left"))
            if len(test) == 0 or past == 0:
                continue
            train_end = earlier(times[past - 1], self.embargo, self.start)
            mask = self.end <= train_end
            if not self.expanding:
                mask &= self.start >= add_months(low, -self.train_months)
            train = np.flatnonzero(mask).astype(np.int64)
            if len(train) < self.min_train_rows:
                continue
            found = True
            yield make_split(self.start, train, test, train_end)
        if not found:
            raise UsageError(
                "no fold has both rows to test and enough rows to train on",
                field="first_test",
                fix="give more history, fewer train_months or a lower min_train_rows",
            )

    def _spans(self) -> list[tuple[np.datetime64, np.datetime64]]:
        """Return [low, high) of each test span."""
        if len(self.start) == 0:
            return []
        if self.first_test is None:
            first = add_months(self.start.min().astype("datetime64[M]"), self.train_months)
        else:
            first = day_of(self.first_test, "first_test")
        stop = self.start.max() + np.timedelta64(1, "us")
        if self.last_test is not None:
            stop = min(stop, end_of(self.last_test, "last_test"))
        spans = []
        low, step = first, 0
        while low < stop:
            step += self.test_months
            high = add_months(first, step)
            spans.append((low, min(high, stop)))
            low = high
        return spans
