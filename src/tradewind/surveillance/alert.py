"""An alert: one suspected episode with its score, as it is written to ``alerts.parquet``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tradewind.surveillance.schemes import Scheme


class Tier(StrEnum):
    """How soon somebody must look; the response times are in :data:`RESPONSE_MINUTES`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


RESPONSE_MINUTES: Mapping[Tier, int] = {Tier.CRITICAL: 15, Tier.HIGH: 60, Tier.MEDIUM: 8 * 60, Tier.LOW: 3 * 24 * 60}
"""Minutes within which a person must have taken the alert up."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One suspected episode.

    Attributes
    ----------
    id : 16 hex digits; the same episode found again has the same id.
    revision : 0 when first raised; counts how often later evidence has extended or raised it.
    scheme, variant : what it looks like; the variant narrows it (``ring``, ``insider_trading``), empty where none.
    symbol, accounts : where and who, by name; the first account is the one most responsible.
    start, end : first and last event of the evidence, nanoseconds since 1970-01-01 UTC.
    known_at : time of the event with which it could first be raised; never before ``start``.
    score : calibrated probability that the episode is what it says, in [0, 1].
    tier : how soon somebody must look.
    features : the numbers the score rests on, by name.
    contributions : how much each piece (``rule``, a model, a view) argues for it, in log odds.
    evidence : ``venue_seq`` of the telling events, in time order, capped.
    """

    id: str
    scheme: Scheme
    symbol: str
    accounts: tuple[str, ...]
    start: int
    end: int
    known_at: int
    score: float
    tier: Tier
    revision: int = 0
    variant: str = ""
    features: Mapping[str, float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
