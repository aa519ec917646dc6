"""What the cache may hold and how long it waits."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class CacheSettings(Settings):
    """Limits of the three levels.

    ``entries`` : predictions held in process at most; the longest unwritten leaves first.
    ``ttl`` : seconds that a prediction stays in Redis.
    ``pending`` : predictions that may wait to be written to the slower levels; the oldest is dropped beyond it.
    ``batch`` : predictions written at once.
    ``retention`` : seconds that the store keeps a prediction, by its bar; None keeps all.
    ``timeout`` : seconds a call to Redis may take.
    ``failures`` : failed calls in a row after which Redis is left alone.
    ``pause``, ``longest_pause`` : seconds it is left alone at first, and at most.
    """

    entries: int = Field(default=100_000, ge=1)
    ttl: float = Field(default=86_400.0, gt=0)
    pending: int = Field(default=200_000, ge=1)
    batch: int = Field(default=2_000, ge=1)
    retention: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=0.25, gt=0)
    failures: int = Field(default=3, ge=1)
    pause: float = Field(default=0.2, gt=0)
    longest_pause: float = Field(default=5.0, gt=0)


class LoadingSettings(Settings):
    """How computed values are shared.

    ``ttl`` : seconds a value is good for. ``negative_ttl`` : seconds a refusal is remembered.
    ``entries``, ``refusals`` : how many of each are held; the least recently used leaves first.
    ``lease`` : seconds that one process may compute a value while others wait for it.
    ``poll`` : seconds between their looks. ``early`` : the beta of early refresh, 0 is none.
    """

    ttl: float = Field(default=30.0, gt=0)
    negative_ttl: float = Field(default=2.0, ge=0)
    entries: int = Field(default=10_000, ge=1)
    refusals: int = Field(default=1_000, ge=0)
    lease: float = Field(default=5.0, gt=0)
    poll: float = Field(default=0.02, gt=0)
    early: float = Field(default=1.0, ge=0)
