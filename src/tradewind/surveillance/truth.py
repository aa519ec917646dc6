"""What was planted in a simulated market: the ground truth that alerts are measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.surveillance.schemes import Scheme


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One episode of a scheme.

    Attributes
    ----------
    scheme : what was done.
    symbol : in which symbol.
    accounts : who did it, by name.
    start, end : first and last event of the episode, nanoseconds since 1970-01-01 UTC.
    evasive : True where the parameters were chosen to escape detection.
    parameters : the numbers it was played with, by name.
    done : False where it was begun but not carried through (nobody traded against it, the price did not move): an alert
        on it is neither right nor wrong.
    """

    scheme: Scheme
    symbol: str
    accounts: tuple[str, ...]
    start: int
    end: int
    evasive: bool = False
    parameters: Mapping[str, float] = field(default_factory=dict)
    done: bool = True
