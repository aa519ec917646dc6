"""The exchange's sessions around given dates."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import TimeArray
from tradewind.data.calendar import sessions

MARGIN = np.timedelta64(10, "D")


def sessions_around(first: np.datetime64, last: np.datetime64, calendar: str) -> TimeArray:
    """Return the session dates (``datetime64[D]``) from some days before ``first`` to some days after ``last``.

    The margin lets a check say of the first and the last date too whether it is a session.

    Raises
    ------
    UsageError : ``calendar`` is not known.
    """
    days: TimeArray = sessions(first - MARGIN, last + MARGIN, calendar).astype("datetime64[D]")
    return days
