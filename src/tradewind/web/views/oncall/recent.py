"""The newest slices of a journal, each read from the disk once."""

from __future__ import annotations

import threading

import numpy as np

from tradewind.monitoring.journal import Journal
from tradewind.monitoring.slices import Slice


class RecentSlices:
    """Keeps the slices that were asked for last; a slice does not change once it is written."""

    def __init__(self) -> None:
        self._held: dict[np.datetime64, Slice] = {}
        self._lock = threading.Lock()

    def newest(self, journal: Journal, count: int) -> list[Slice]:
        """Return the ``count`` newest slices, in the order of time.

        Raises
        ------
        InputError : a file is damaged.
        """
        with self._lock:
            wanted = journal.times()[-count:]
            missing = [one for one in wanted if one not in self._held]
            if missing:
                self._held.update(
                    {one.time.astype("datetime64[us]"): one for one in journal.slices(missing[0], missing[-1])}
                )
            self._held = {one: self._held[one] for one in wanted if one in self._held}
            return list(self._held.values())
