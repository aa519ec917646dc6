"""How the log is read again for data older than the slices that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.features.assembly import OpenSlice

NEVER = 2**62


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Slices from ``time`` on, or with a bar known at ``known_at`` or later, stay open until ``until`` has been read.

    ``begin`` : the log has still to be begun again. ``until`` is where reading stood when the old data came, so the
    data are there when their slice closes for the second time.
    """

    time: int = NEVER
    known_at: int = NEVER
    until: Mapping[tuple[str, int], int] = field(default_factory=dict)
    begin: bool = True

    @classmethod
    def before(cls, held: Hold | None, *, time: int = NEVER, known_at: int = NEVER) -> Hold:
        """Return the hold for one more piece of old data."""
        held = held or cls()
        return replace(held, time=min(held.time, time), known_at=min(held.known_at, known_at), begin=True)

    def starting(self, positions: Mapping[tuple[str, int], int]) -> Hold:
        """Return the hold that lasts until ``positions``, or later where it already did."""
        until = {where: max(offset, self.until.get(where, 0)) for where, offset in positions.items()}
        return replace(self, until=until, begin=False)

    def passed(self, positions: Mapping[tuple[str, int], int]) -> bool:
        """Whether all that was read before has been read again."""
        return all(positions.get(where, BEFORE_ALL) >= offset for where, offset in self.until.items())

    def stops(self, part: OpenSlice) -> bool:
        """Whether ``part`` must stay open."""
        return part.time >= self.time or part.known_at >= self.known_at
