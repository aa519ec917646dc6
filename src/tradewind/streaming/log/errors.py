"""What can go wrong with a log that the caller did not cause."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.core import TradewindError
from tradewind.streaming.records import Record


class LogError(TradewindError):
    """The log cannot take or give messages now: a full disk, a broker that is away, a group's store that is locked.

    Parameters
    ----------
    problem : what, as one sentence without a final stop.
    unwritten : records that were given up and are not in the log as far as it is known; those that are still queued
        and tried again are not among them.
    """

    def __init__(self, problem: str, *, unwritten: Sequence[Record] = ()) -> None:
        self.problem, self.unwritten = problem, tuple(unwritten)
        super().__init__(f"{problem}.")
