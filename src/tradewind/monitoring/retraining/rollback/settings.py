"""When a promotion is taken back."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings

DAYS = 252
"""Trading days a year."""


class GuardSettings(Settings):
    """When a promotion is taken back.

    Attributes
    ----------
    drop : relative fall of accuracy below the previous champion's expectation that is too much. ``tolerated`` : fall
        that counts as none: the test is against it.
    years : years of daily watching that pass on average before chance alone takes a good version back.
    bets : falls, in standard deviations of a day, that the test is tuned to; it mixes them.
    inflate : factor on the measured deviation of a day, for what a short trial does not show.
    rows : fewest labelled forecasts of a slice that counts as a day.
    error_share : share of answers of status 5xx that is too much; ``requests`` : fewest of a slice to judge by.
    kinds : findings that take it back at once.
    cooldown_days : how long after an order no other is given, even where a person has resumed.
    memory_days : how long forecasts wait for their labels.
    """

    drop: float = Field(default=0.10, gt=0.0, lt=1.0)
    tolerated: float = Field(default=0.02, ge=0.0, lt=1.0)
    years: float = Field(default=10.0, gt=0.0)
    bets: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    inflate: float = Field(default=1.1, ge=1.0)
    rows: int = Field(default=5, ge=1)
    error_share: float = Field(default=0.05, gt=0.0, lt=1.0)
    requests: int = Field(default=50, ge=1)
    kinds: tuple[str, ...] = ("wrong_version", "answers_differ")
    cooldown_days: float = Field(default=7.0, ge=0.0)
    memory_days: int = Field(default=40, ge=1)
