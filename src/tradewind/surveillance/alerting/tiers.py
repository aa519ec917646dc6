"""How soon somebody must look at an alert."""

from __future__ import annotations

from collections.abc import Mapping

from tradewind.surveillance.alert import Tier
from tradewind.surveillance.schemes import Scheme

SEVERITY: Mapping[Scheme, int] = {
    Scheme.PUMP_AND_DUMP: 3,
    Scheme.FRONT_RUNNING: 3,
    Scheme.SPOOFING: 2,
    Scheme.LAYERING: 2,
    Scheme.MARKING_THE_CLOSE: 2,
    Scheme.MOMENTUM_IGNITION: 2,
    Scheme.WASH_TRADING: 2,
    Scheme.QUOTE_STUFFING: 1,
    Scheme.COORDINATED_ACCOUNTS: 1,
}
"""Harm done to others if it is true: 3 where investors lose money to it, 2 where prices or volumes are false, 1 where
the market is disturbed or the conduct needs another deed to do harm."""

SURE, VERY_SURE = 0.9, 0.98
"""Scores from which an alert counts as likely and as all but certain."""

MANY_ACCOUNTS, MANY_EPISODES = 3, 3
"""Accounts, and finds joined in one alert, from which it is broad."""


def tier(scheme: Scheme, score: float, accounts: int, episodes: int = 1) -> Tier:
    """Return how soon an alert must be taken up, by points: severity 1-3, score 0-2, accounts 0-1, repetition 0-1.

    Six points or more are critical, from four high, three medium, fewer low.
    """
    points = SEVERITY[scheme] + (score >= SURE) + (score >= VERY_SURE)
    points += (accounts >= MANY_ACCOUNTS) + (episodes >= MANY_EPISODES)
    if points >= 6:
        return Tier.CRITICAL
    if points >= 4:
        return Tier.HIGH
    return Tier.MEDIUM if points == 3 else Tier.LOW
