"""The hand behind a deed: which accounts acted for it, when, and what they traded."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True, eq=False)
class Hand:
    """One deed's record. ``limit`` is the market time by which it has to be over."""

    scheme: str
    symbol: int
    evasive: bool
    begin: float
    limit: float
    rng: Random
    accounts: list[str] = field(default_factory=list)
    acted: dict[str, None] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    bought: int = 0
    sold: int = 0
    paid: int = 0
    earned: int = 0
    inside: int = 0
    outcome: bool = False

    def touch(self, stamp: int, account: str) -> None:
        self.first = self.first or stamp
        self.last = stamp
        self.acted[account] = None

    def fill(self, side: int, size: int, price: int, *, inside: bool) -> None:
        if side > 0:
            self.bought += size
            self.paid += size * price
        else:
            self.sold += size
            self.earned += size * price
        self.inside += inside and side > 0

    @property
    def net(self) -> int:
        return self.bought - self.sold
