"""What is known of a running connector, for metrics and for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["starting", "running", "retrying", "open", "half-open", "log-unavailable", "stopped"]


@dataclass(kw_only=True)
class ConnectorStatus:
    """Counters since the start; one thread writes them.

    Attributes
    ----------
    items : records written to the log and acknowledged.
    duplicates, rejected, skipped : repeated items; those in the dead letters; those of symbols that are not asked for.
    requests, retries, failures : requests made; of them, repeats after a fault; polls or connections given up.
    gaps, missed : holes in sequence numbers, and the messages that are still missing.
    events : findings raised, by the quality checks and of gaps.
    last_success, last_item : microseconds UTC of the last good answer, and of the newest item's own time.
    state : ``retrying`` after a fault; ``open`` while a server is left alone; ``log-unavailable`` while the log takes
        nothing.
    problem : the last fault in words, without secrets.
    """

    name: str
    kind: str
    topic: str
    items: int = 0
    duplicates: int = 0
    rejected: int = 0
    skipped: int = 0
    requests: int = 0
    retries: int = 0
    failures: int = 0
    connects: int = 0
    gaps: int = 0
    missed: int = 0
    events: int = 0
    last_success: int | None = None
    last_item: int | None = None
    state: State = "starting"
    problem: str | None = None

    def snapshot(self) -> dict[str, Any]:
        """Return the counters and ``up``, whether it delivers, JSON-ready."""
        return {**asdict(self), "up": self.state == "running"}
