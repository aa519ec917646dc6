"""Retrain where the champion has fallen short for weeks in a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.monitoring.retraining.triggers.state import TriggerFired, TriggerState, WeeklyPerformance

WEEK = timedelta(days=7)
SLACK = timedelta(hours=12)
"""How much two Mondays' midnights may lie off a week apart (daylight saving, other zones)."""


class PerformanceSettings(Settings):
    """When lost performance calls for a retraining.

    ``drop`` : share of the expectation by which a week must fall short. ``weeks`` : how many such weeks in a row.
    ``rows`` : fewest labelled forecasts of a week that counts. ``errors`` : the mean of those weeks must also lie this
    many standard errors below the expectation, where the usual deviation of a week is known: weeks of few days fall
    short by 5 % by chance.
    """

    drop: float = Field(default=0.05, gt=0.0, lt=1.0)
    weeks: int = Field(default=3, ge=1)
    rows: int = Field(default=50, ge=1)
    errors: float = Field(default=1.64, ge=0.0)


class PerformanceTrigger:
    """Fires when each of the newest ``weeks`` full weeks fell short by more than ``drop`` of what was expected.

    Weeks must follow one another without a gap, and must have begun after the last retraining did. A week of too few
    forecasts (holidays) among them speaks neither way.
    """

    name = "performance"

    def __init__(self, settings: PerformanceSettings | None = None) -> None:
        self.settings = settings or PerformanceSettings()

    def consider(self, state: TriggerState) -> TriggerFired | None:
        """See :class:`~tradewind.monitoring.retraining.triggers.state.Trigger`."""
        s, since = self.settings, state.last_started
        counted = [w for w in state.weeks if w.rows >= s.rows and (since is None or w.start > since)]
        newest = counted[-s.weeks :]
        span = [w for w in state.weeks if newest and w.start >= newest[0].start]
        if (
            len(newest) < s.weeks
            or len(span) > 2 * s.weeks
            or not _in_a_row(span)
            or state.now - newest[-1].known_at > 2 * WEEK
        ):
            return None
        short = [1.0 - w.value / w.expected if w.expected > 0 else np.nan for w in newest]
        if not all(np.isfinite(short)) or min(short) <= s.drop:
            return None
        error = _errors(newest)
        if np.isfinite(error) and error < s.errors:
            return None
        shown = ", ".join(f"{w.value:.3f}" for w in newest)
        return TriggerFired(
            trigger=self.name,
            at=state.now,
            reason=(
                f"{s.weeks} weeks in a row fell short of the expected {newest[-1].expected:.3f} by more than "
                f"{100 * s.drop:.0f} % ({shown})"
            ),
            evidence={
                "weeks": [w.start.date().isoformat() for w in newest],
                "values": [w.value for w in newest],
                "expected": newest[-1].expected,
                "shortfall": [float(one) for one in short],
                "standard_errors": error if np.isfinite(error) else None,
            },
        )


def _in_a_row(weeks: Sequence[WeeklyPerformance]) -> bool:
    return all(abs(b.start - a.start - WEEK) <= SLACK for a, b in pairwise(weeks))


def _errors(weeks: Sequence[WeeklyPerformance]) -> float:
    """Return how many standard errors the mean of ``weeks`` lies below what was expected; NaN where not known."""
    gap = float(np.mean([w.expected - w.value for w in weeks]))
    spread = float(np.sqrt(np.mean([w.deviation**2 for w in weeks]) / len(weeks)))
    return gap / spread if spread > 0 else float("nan")
