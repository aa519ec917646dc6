"""The house rules that reports check, each with a number that can be set."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class Policy(Settings):
    """Rules of governance; write the ones that differ into a TOML file.

    Attributes
    ----------
    validation_days : a validation older than this is overdue.
    key_days : the audit log's key must not be older than this.
    keep_days : no audit row may be removed before this age (2557 days are seven years, as the log itself demands).
    fairness_tiers : tiers whose served models need a fairness report.
    """

    validation_days: int = Field(default=365, ge=1)
    key_days: int = Field(default=180, ge=1)
    keep_days: int = Field(default=2557, ge=1)
    fairness_tiers: tuple[str, ...] = ("high", "medium", "low", "")
