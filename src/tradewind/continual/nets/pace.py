"""How fast a net learns from each day of an experience, by how stable the regime was.

Batches mix days, and AdamW divides the size of a gradient out. So a day's rate is split in two: the mean of the rates
is the step's, and a row's rate as a share of that mean is its weight in the loss.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.continual.lesson import Lesson
from tradewind.continual.schedule import ScheduleSettings, StabilitySchedule
from tradewind.core.arrays import FloatArray


def day_rates(lesson: Lesson, settings: ScheduleSettings) -> FloatArray:
    """(m,) rate of each row: that of its day, which reads the regimes of that day and earlier ones alone.

    Where no regimes are told, the peak.
    """
    schedule = StabilitySchedule(settings)
    if lesson.regimes is None:
        return np.full(len(lesson), schedule.rate(None))
    _, first, day = np.unique(lesson.day, return_index=True, return_inverse=True)
    rates: FloatArray = schedule.rates(lesson.regimes[first])[day.reshape(-1)]
    return rates


def paced(lesson: Lesson, settings: ScheduleSettings) -> tuple[Lesson, float]:
    """Return the lesson with its weights times the relative rates, and the mean rate."""
    rates = day_rates(lesson, settings)
    mean = float(rates.mean())
    return replace(lesson, weight=lesson.weight * rates / mean), mean
