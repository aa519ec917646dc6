"""What can be set about the embedded log."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class LogSettings(Settings):
    """Settings of the embedded log.

    Parameters
    ----------
    partitions : of a topic that does not exist yet; a topic keeps the number it was made with.
    segment_bytes : a file longer than this is closed and a new one begun; retention works on whole files. At most
        1 GiB: a file is taken in by one read, and none gives more than 2 GiB.
    sync_seconds : what was written is made durable at least this often, in seconds; 0 at every write. ``flush`` makes
        it durable at once whatever is set.
    retention_bytes : of a partition; the oldest files beyond it are deleted. None keeps all.
    retention_hours : files last written longer ago are deleted. None keeps all.
    queue_records : a producer that holds more unwritten records makes its callers wait.
    send_seconds : how long it lets them wait before LogError.
    batch_records : a producer writes at the latest when it holds so many.
    record_bytes : a longer record is refused.
    lease_seconds : a member of a group that gave no sign for so long loses its partitions to the others.
    read_bytes : read at once from a file.
    """

    partitions: int = Field(default=4, ge=1, le=1024)
    segment_bytes: int = Field(default=64 << 20, ge=4096, le=1 << 30)
    sync_seconds: float = Field(default=1.0, ge=0.0)
    retention_bytes: int | None = Field(default=None, ge=4096)
    retention_hours: float | None = Field(default=None, gt=0.0)
    queue_records: int = Field(default=100_000, ge=1)
    send_seconds: float = Field(default=30.0, ge=0.0)
    batch_records: int = Field(default=2_000, ge=1)
    record_bytes: int = Field(default=1 << 20, ge=256)
    lease_seconds: float = Field(default=10.0, gt=0.0)
    read_bytes: int = Field(default=1 << 20, ge=4096)
