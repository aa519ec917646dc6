"""The one seam to wall-clock time, so that tests and replays can set it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present, aware, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for tests and replays."""

    at: datetime

    def now(self) -> datetime:
        """Return the fixed instant."""
        return self.at
