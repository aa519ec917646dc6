"""How the champion did week by week since it was trained, as the performance trigger reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from tradewind.core.arrays import as_time
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.monitoring.moment import aware
from tradewind.monitoring.retraining.trial import Materials, probability
from tradewind.monitoring.retraining.triggers import WeeklyPerformance
from tradewind.training import TrainedModel

LEAST_DAYS = 20
"""Days whose spread is believed."""


def weekly_accuracy(
    champion: TrainedModel, on: Materials, expected: float, now: datetime
) -> tuple[WeeklyPerformance, ...]:
    """Return the full weeks after the champion's training whose labels were known at ``now``, oldest first.

    Parameters
    ----------
    expected : accuracy that was measured out of sample when it was approved.

    A week is full once as many sessions have followed it as a label takes. Its usual deviation is that of the days up
    to its end over the root of its days, or of as many of them as share no move; NaN before 20 days.
    """
    labels, panel = on.data.labels, on.data.panel
    moment = as_time(now.astimezone(UTC).replace(tzinfo=None))
    after = labels.start >= as_time(champion.record["trained_until"])
    rows = np.flatnonzero(after & labels.known_by(moment) & np.isfinite(labels.direction))
    if not len(rows):
        return ()
    right = ((probability(champion, on, rows) > 0.5) == (labels.direction[rows] > 0.5)).astype(np.float64)
    code, days = day_codes(labels.start[rows])
    daily = ratio(day_sums(right, code, len(days)), np.bincount(code, minlength=len(days)))
    weekday = (days.astype(np.int64) + 3) % 7
    monday = days - weekday.astype("timedelta64[D]")
    sessions = panel.times[panel.times <= moment].astype("datetime64[D]")
    found = []
    for week in np.unique(monday):
        if np.count_nonzero(sessions >= week + np.timedelta64(7, "D")) < labels.horizon:
            continue  # the week's last label is not known yet
        inside = np.flatnonzero(monday == week)
        mine = np.isin(code, inside)
        before, apart = daily[: inside[-1] + 1], max(len(inside) / labels.horizon, 1.0)
        spread = float(before.std(ddof=1)) / np.sqrt(apart) if len(before) >= LEAST_DAYS else float("nan")
        found.append(
            WeeklyPerformance(
                start=aware(week),
                known_at=aware(labels.end[rows][mine].max()) + timedelta(days=1),
                value=float(right[mine].mean()),
                expected=expected,
                deviation=float(spread),
                rows=int(mine.sum()),
            )
        )
    return tuple(one for one in found if one.known_at <= now)
