"""Settings of the audit log."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class AuditSettings(Settings):
    """How the log groups, queues and keeps entries.

    Attributes
    ----------
    group_rows : most entries made durable together, and so under one seal.
    queue_rows : entries that may wait; who appends more waits until there is room.
    minimum_age_days : entries younger than this are not pruned unless asked for expressly (2557 days are seven years).
    rows_per_data_key : entries after which a new data key is taken; AES-GCM with random nonces allows 2**32.
    """

    group_rows: int = Field(default=4096, ge=1, le=100_000)
    queue_rows: int = Field(default=16_384, ge=1)
    minimum_age_days: int = Field(default=2557, ge=0)
    rows_per_data_key: int = Field(default=2**31, ge=1, le=2**32)
