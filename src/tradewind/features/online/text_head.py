"""The column of a fitted text head, slice by slice."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.online.protocol import Slice
from tradewind.features.text.head import TextHead


class OnlineTextHead:
    """Gives the rows of a slice what ``TextHead.transform`` gives them; it has no memory of its own.

    ``head`` is fitted, else the first call raises ``NotFittedError``. A slice inside its training window gets the
    cross-fitted head of its block, one after it the head of all blocks, as in batch.
    """

    def __init__(self, head: TextHead) -> None:
        self.head = head

    def column(self, part: Slice) -> FloatArray:
        """(k,) probability of a rise from the words of each row's items; NaN where it has none."""
        time = np.full(len(part), part.time, dtype=np.int64).astype("datetime64[us]")
        if part.news is None or not len(part.news.row):
            return np.full(len(part), np.nan)
        return self.head.read(list(part.news.text), np.asarray(part.news.row, dtype=np.int64), time)
