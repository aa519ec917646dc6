"""How busy a market is through its sessions."""

from __future__ import annotations

import math
from random import Random

from tradewind.surveillance.elsewhere.frontier.settings import Settings

GRID = 60.0
"""Seconds that are alike."""


def draw_pulse(settings: Settings, rng: Random) -> list[float]:
    """Return how busy each minute is: open and close, and hours that are livelier than others; 1 on average."""
    s, found, mood = settings, list[float](), 0.0
    per_day = int(s.length / GRID)
    for minute in range(per_day * len(s.days)):
        x = minute % per_day / per_day
        mood = 0.97 * mood + 0.12 * rng.gauss(0, 1)
        season = 0.6 + s.open_weight * math.exp(-x / 0.06) + s.close_weight * math.exp(-(1 - x) / 0.05)
        found.append(season * math.exp(mood))
    mean = sum(found) / len(found)
    return [rate / mean for rate in found]
