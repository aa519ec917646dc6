"""Volumes that cannot be, or that changed their unit."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.quality.bars import Bars, safe_log
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings

LOG_TEN = float(np.log(10.0))
SPLIT_STEP = 0.3  # log step of the adjustment that only a split makes: volume may or may not follow it
JUMP = 0.2  # part of the spike limit that the rise over the bar before must reach
UNIT_ROOM = np.array([0.18, 0.35, 0.35])  # decades by which a level may miss 10, 100, 1000; news alone makes ten


def _zero(bars: Bars, _settings: QualitySettings) -> Found:
    rows = np.flatnonzero(bars.volume <= 0)
    return Found(rows=rows, field="volume", evidence={"volume": bars.volume[rows]})


def _spike(bars: Bars, settings: QualitySettings) -> Found:
    size = bars.split_volume
    rows = np.flatnonzero(size > JUMP * settings.volume_spike * bars.before(size))
    usual = bars.usual(size, rows, settings.volume_window, settings.least_history)
    high = (usual > 0) & (size[rows] > settings.volume_spike * usual)
    rows, times = rows[high], size[rows[high]] / usual[high]
    return Found(rows=rows, field="volume", evidence={"volume": bars.volume[rows], "times": times})


def _unit(bars: Bars, settings: QualitySettings) -> Found:
    """A level that jumps by about a power of ten and stays there for ``level_bars``; known when it has stayed.

    Each bar of the new level must lie nearer to that power than to its neighbours: after news, volume jumps too, but
    fades.
    """
    size, last = safe_log(bars.split_volume), settings.level_bars - 1
    start = bars.before(size, last)  # the first bar of the new level, seen from its last
    known = np.flatnonzero(np.abs(start - bars.before(size, last + 1)) > 0.5 * LOG_TEN)
    rows = known - last
    usual = bars.usual(size, rows, settings.volume_window, settings.least_history)
    level = size[known[:, None] - np.arange(last + 1)]
    power = (np.median(level, axis=1) - usual) / LOG_TEN
    near = np.nan_to_num(np.round(power))
    fits = (np.abs(near) >= 1) & (np.abs(near) <= 3)
    room = UNIT_ROOM[np.clip(np.abs(near), 1, 3).astype(np.int64) - 1]
    stays = (np.abs(level - (usual + near * LOG_TEN)[:, None]) < (room + 0.4)[:, None] * LOG_TEN).all(axis=1)
    stays &= np.abs(size[np.maximum(rows - 1, 0)] - usual) < 0.5 * LOG_TEN  # else the level changed before
    factor = np.abs(bars.adjusted_return - bars.close_return)[rows]
    unit = fits & stays & (np.abs(power - near) < room) & ~(factor > SPLIT_STEP)
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
        message="volume {volume} is {times} times the usual",
        find=_spike,
    ),
    Check(
        kind="volume_unit_change",
        severity=Severity.ERROR,
        message="volume moved to {ratio} times its level: a change of unit?",
        find=_unit,
    ),
)
