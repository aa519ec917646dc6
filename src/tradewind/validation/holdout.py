"""One fixed cut, and cuts inside the training rows: a tail to stop or calibrate on, blocks to cross-fit on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import IntArray, TimeArray
from tradewind.validation.split import Split
from tradewind.validation.splitter import make_split
from tradewind.validation.times import Embargo, When, check_times, day_of, earlier, end_of, overlaps, time_blocks


def holdout(
    start: TimeArray,
    end: TimeArray,
    train_end: When,
    test_start: When,
    test_end: When,
    train_start: When | None = None,
) -> Split:
    """Return the single fold that fits once and forecasts a fixed span.

    Parameters
    ----------
    start, end : (n,) label times; NaT end: never known, never fitted on.
    train_end : training rows have a label known by this moment.
    test_start, test_end : first and last day (or moment) of the rows to forecast, both included.
    train_start : first time of the training rows; everything before ``train_end`` when None.

    Raises
    ------
    UsageError : the dates are not in order, or one of the two parts has no rows.
    """
    start, end = check_times(start, end)
    known_by, low, high = day_of(train_end, "train_end"), day_of(test_start, "test_start"), end_of(test_end, "test_end")
    if known_by >= low:
        raise UsageError(
            f"training ends at {known_by}, not before the test starts at {low}",
            field="train_end",
            fix="give a train_end before test_start",
        )
    if high <= low:
        raise UsageError(
            f"the test ends at {test_end}, before it starts at {test_start}",
            field="test_end",
            fix="give a test_end on or after test_start",
        )
    fitted = end <= known_by
    if train_start is not None:
        fitted &= start >= day_of(train_start, "train_start")
    train: IntArray = np.flatnonzero(fitted).astype(np.int64)
    test: IntArray = np.flatnonzero((start >= low) & (start < high)).astype(np.int64)
    span = f"the data run from {start.min()} to {start.max()}" if len(start) else "there are no rows"
    if len(train) == 0:
        raise UsageError(f"no label is known by {train_end}; {span}", field="train_end", fix="give a later train_end")
    if len(test) == 0:
        raise UsageError(
            f"no row lies from {test_start} to {test_end}; {span}",
            field="test_start",
            fix="give a test span inside the data",
        )
    return make_split(start, train, test, known_by)


def purged_tail(
    rows: IntArray, start: TimeArray, end: TimeArray, share: float = 0.2, embargo: Embargo = 0
) -> tuple[IntArray, IntArray]:
    """Split training ``rows`` in time: (fit rows, tail rows), for early stopping, calibration or thresholds.

    The tail is the last times that hold about ``share`` of the rows; the fit rows have labels known by the last
    time of ``rows`` before the tail, less the embargo. Both keep the order of ``rows``.

    Parameters
    ----------
    rows : (m,) row indices.
    start, end : (n,) label times of all rows of the panel; an ``int`` embargo counts sessions among them.
    share : of the rows, above 0 and below 1.

    Raises
    ------
    UsageError : ``share`` is out of range, or one of the two parts would be empty.
    """
    start, end = check_times(start, end)
    if not 0.0 < share < 1.0:
        raise UsageError(f"the tail's share is {share}", field="share", fix="give a number above 0 and below 1")
    own = start[rows]
    times, counts = np.unique(own, return_counts=True)
    held = np.cumsum(counts[::-1])[::-1]  # rows from each time on
    first = int(np.searchsorted(-held, -share * len(rows), side="right")) - 1
    first = max(first, 1)  # at least one time before the tail
    if first < len(times):
        known_by = earlier(times[first - 1], embargo, start)
        fit, tail = rows[end[rows] <= known_by], rows[own >= times[first]]
        if len(fit) and len(tail):
            return fit, tail
    raise UsageError(
        f"{len(rows)} training rows at {len(times)} times are too few to hold back a purged tail",
        field="share",
        fix="give more history, a shorter embargo or horizon, or another share",
    )


def purged_blocks(
    rows: IntArray,
    start: TimeArray,
    end: TimeArray,
    n_blocks: int,
    embargo: Embargo = 0,
    expanding: bool = True,
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield (fit rows, block rows) for cross-fitting inside training ``rows``: ``n_blocks`` pairs in order of time.

    Expanding: the rows are cut in ``n_blocks + 1`` spans; each but the first is forecast from labels known before
    it, so the first span is never forecast. K-fold (``expanding=False``): every row is forecast once, from rows on
    both sides that are purged and embargoed. Both keep the order of ``rows``. An ``int`` embargo counts sessions among
    all of ``start``.

    Raises
    ------
    UsageError : there are too few times, or a pair is left without rows to fit on.
    """
    start, end = check_times(start, end)
    own_start, own_end = start[rows], end[rows]
    spans = n_blocks + 1 if expanding else n_blocks
    block = time_blocks(own_start, spans, "n_blocks")
    for number in range(1 if expanding else 0, spans):
        inside = np.flatnonzero(block == number)
        if expanding:
            known_by = earlier(own_start[block < number].max(), embargo, start)
            fitted = own_end <= known_by
        else:
            near = overlaps(start, end, rows[inside], embargo)[rows]
            fitted = (block != number) & ~np.isnat(own_end) & ~near
        if not fitted.any():
            raise UsageError(
                f"block {number} of {spans} leaves no row to fit on",
                field="n_blocks",
                fix="give fewer blocks, a shorter embargo or horizon, or more history",
            )
        yield rows[fitted], rows[inside]
