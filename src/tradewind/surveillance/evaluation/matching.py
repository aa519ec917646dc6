"""Which alerts are true: the one rule by which alerts are held against what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

TOLERANCE = 5_000_000_000
"""Nanoseconds by which an alert may miss an episode's span."""


class Claimed(Protocol):
    """What says that accounts did something in a symbol in a span of time; an alert does."""

    @property
    def scheme(self) -> Scheme:
        """What they did."""
        ...

    @property
    def symbol(self) -> str:
        """Where."""
        ...

    @property
    def accounts(self) -> tuple[str, ...]:
        """Who."""
        ...

    @property
    def start(self) -> int:
        """From when, nanoseconds."""
        ...

    @property
    def end(self) -> int:
        """Until when, nanoseconds."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Matches:
    """How alerts and planted episodes meet.

    Attributes
    ----------
    alert, planted : (k,) positions of each pair that matches, by alert, then planted.
    alerts, episodes : how many there are of each.
    """

    alert: IntArray
    planted: IntArray
    alerts: int
    episodes: int

    @cached_property
    def true(self) -> BoolArray:
        """(alerts,) True where an alert meets a planted episode."""
        hit = np.zeros(self.alerts, dtype=bool)
        hit[self.alert] = True
        return hit

    @cached_property
    def found(self) -> BoolArray:
        """(episodes,) True where an episode is met by an alert."""
        hit = np.zeros(self.episodes, dtype=bool)
        hit[self.planted] = True
        return hit

    def best(self, score: FloatArray) -> FloatArray:
        """Return (episodes,) the highest score of an alert that meets each episode, -inf where none does.

        ``score`` : (alerts,).
        """
        highest = np.full(self.episodes, -np.inf)
        np.maximum.at(highest, self.planted, score[self.alert])
        return highest


def match(
    alerts: Sequence[Claimed], truth: Sequence[Planted], *, tolerance_ns: int = TOLERANCE, any_scheme: bool = False
) -> Matches:
    """Hold alerts against what was planted.

    An alert is true where it names the scheme and symbol of an episode, shares one of its accounts and overlaps its
    span, widened by ``tolerance_ns`` on both sides. ``any_scheme`` credits an alert of another scheme as well: for
    detectors that do not say what they found.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for number, episode in enumerate(truth):
        for account in episode.accounts:
            places.setdefault((episode.symbol, account), []).append(number)
    pairs: list[tuple[int, int]] = []
    for number, alert in enumerate(alerts):
        near = {i for account in alert.accounts for i in places.get((alert.symbol, account), ())}
        for i in sorted(near):
            episode = truth[i]
            named = any_scheme or episode.scheme is alert.scheme
            if named and alert.start <= episode.end + tolerance_ns and alert.end >= episode.start - tolerance_ns:
                pairs.append((number, i))
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Matches(alert=table[:, 0], planted=table[:, 1], alerts=len(alerts), episodes=len(truth))
