"""The rows that decide when training stops."""

from __future__ import annotations

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import IntArray
from tradewind.validation import purged_tail


def stopping_rows(data: Dataset, rows: IntArray, share: float, embargo: int) -> tuple[IntArray, IntArray] | None:
    """Return (rows to fit on, later rows to stop on), purged by label times, with ``embargo`` sessions between.

    None where ``rows`` span too few times to hold a tail back, or a part would have no known direction.
    """
    try:
        body, tail = purged_tail(rows, data.labels.start, data.labels.end, share, embargo)
    except UsageError:  # a very short history: the caller trains without early stopping
        return None
    if len(data.labelled(body)) == 0 or len(data.labelled(tail)) == 0:
        return None
    return body, tail
