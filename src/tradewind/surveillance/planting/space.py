"""The ranges a scheme's parameters are drawn from, and in which an adversary may search."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Range:
    """Values one parameter may take.

    Attributes
    ----------
    low, high : both ends, which are allowed values.
    log : True where values are even on a logarithmic scale; ``low`` is then above 0.
    whole : True where only whole numbers are meant.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> float:
        """Return the value at ``share`` in [0, 1] of the way from ``low`` to ``high`` on the range's own scale."""
        share = min(max(share, 0.0), 1.0)
        if self.whole and not self.log:
            return float(min(math.floor(self.low + share * (self.high - self.low + 1)), self.high))
        value = self.low * (self.high / self.low) ** share if self.log else self.low + share * (self.high - self.low)
        return self.clip(value)

    def clip(self, value: float) -> float:
        """Return the nearest allowed value."""
        value = min(max(value, self.low), self.high)
        return float(round(value)) if self.whole else float(value)

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value, even on the range's own scale."""
        return self.at(float(rng.random()))

    def hull(self, other: Range) -> Range:
        """Return the smallest range that holds both."""
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Range(low, high, log=self.log and other.log and low > 0, whole=self.whole and other.whole)


Space = Mapping[str, Range]
"""A range for every parameter of a scheme, by name."""


def draw(space: Space, rng: np.random.Generator) -> dict[str, float]:
    """Draw every parameter, in the order of the space."""
    return {name: range_.draw(rng) for name, range_ in space.items()}


def hull(spaces: Mapping[str, Space]) -> dict[str, Range]:
    """Return for each parameter the smallest range that holds its range in every space."""
    merged: dict[str, Range] = {}
    for space in spaces.values():
        for name, range_ in space.items():
            merged[name] = merged[name].hull(range_) if name in merged else range_
    return merged
