"""Which bars to learn from and which to test on, unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import InputError, Panel

TESTED = 0.25
FEWEST_TRAIN, FEWEST_TEST = 120, 20
ENOUGH = 250


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Learn from labels known by ``train_end``; forecast from ``test_start`` to the last bar. Days, ISO.

    ``train_days``, ``test_days`` : how many days with bars each holds.
    """

    train_end: str
    test_start: str
    train_days: int
    test_days: int


def spans_of(panel: Panel, test_start: str | None = None) -> Spans:
    """Return the spans of ``panel``: tested on the last quarter of its days, or from ``test_start`` on.

    Raises
    ------
    InputError : too few days before or after.
    """
    days = _days(panel)
    at = round(len(days) * (1 - TESTED))
    if test_start is not None:
        at = sum(1 for day in days if day < test_start)
    if at < FEWEST_TRAIN:
        raise InputError(
            f"only {at} days lie before the test, where a model needs {FEWEST_TRAIN} at least",
            field="test_start",
            fix="start the test later, or give a longer history",
        )
    if len(days) - at < FEWEST_TEST:
        raise InputError(
            f"only {len(days) - at} days lie in the test, where {FEWEST_TEST} are the least that is measured",
            field="test_start",
            fix="start the test earlier, or give a longer history",
        )
    return Spans(train_end=days[at - 1], test_start=days[at], train_days=at, test_days=len(days) - at)


def _days(panel: Panel) -> list[str]:
    return [str(day) for day in np.unique(panel.times.astype("datetime64[D]"))]
