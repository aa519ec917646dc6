"""Volumes that cannot be, or that changed their unit."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.quality.bars import Bars, safe_log
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings

LOG_TEN = float(np.log(10.0))
UNIT_ROOM = 0.18  # decades by which a new level may miss the power of ten: usual volume wanders so far


def _zero(bars: Bars, _settings: QualitySettings) -> Found:
    rows = np.flatnonzero(bars.volume <= 0)
    return Found(rows=rows, field="volume", evidence={"volume": bars.volume[rows]})


def _spike(bars: Bars, settings: QualitySettings) -> Found:
    jump = bars.volume > 0.5 * settings.volume_spike * bars.before(bars.volume)
    rows = np.flatnonzero(jump)
    usual = bars.usual(bars.volume, rows, settings.volume_window, settings.least_history)
    high = (usual > 0) & (bars.volume[rows] > settings.volume_spike * usual)
    rows, usual = rows[high], usual[high]
    return Found(rows=rows, field="volume", evidence={"volume": bars.volume[rows], "usual": usual})


def _unit(bars: Bars, settings: QualitySettings) -> Found:
    """A level that jumps by about a power of ten and stays there for ``level_bars``; known when it has stayed.

    Each bar of the new level must lie nearer to that power than to its neighbours: after news, volume jumps too, but
    fades.
    """
    size, last = safe_log(bars.volume), settings.level_bars - 1
    start = bars.before(size, last)  # the first bar of the new level, seen from its last
    known = np.flatnonzero(np.abs(start - bars.before(size, last + 1)) > 0.5 * LOG_TEN)
    rows = known - last
    usual = bars.usual(size, rows, settings.volume_window, settings.least_history)
    level = size[known[:, None] - np.arange(last + 1)]
    power = (np.median(level, axis=1) - usual) / LOG_TEN
    near = np.round(power)
    stays = (np.abs(level - (usual + near * LOG_TEN)[:, None]) < 0.5 * LOG_TEN).all(axis=1)
    unit = stays & (np.abs(near) >= 1) & (np.abs(near) <= 3) & (np.abs(power - near) < UNIT_ROOM)
    return Found(
        rows=rows[unit],
        known=known[unit],
        field="volume",
        evidence={"ratio": 10.0 ** power[unit], "power_of_ten": near[unit]},
    )


CHECKS = (
    Check(
        kind="zero_volume",
        severity=Severity.WARNING,
        message="volume is {volume}",
        find=_zero,
    ),
    Check(
        kind="volume_spike",
        severity=Severity.WARNING,
        message="volume {volume} where {usual} is usual",
        find=_spike,
    ),
    Check(
        kind="volume_unit_change",
        severity=Severity.ERROR,
        message="volume moved to {ratio} times its level: a change of unit?",
        find=_unit,
    ),
)
