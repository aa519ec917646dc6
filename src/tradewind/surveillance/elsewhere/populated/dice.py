"""Random draws: the same by seed, and quick one by one."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice(Random):
    """Draws of a market."""

    def spread(self, least: float, most: float) -> float:
        """Draw log-uniformly."""
        return exp(self.uniform(log(least), log(most)))

    def chance(self, share: float) -> bool:
        """Draw yes with this chance."""
        return self.random() < share

    def side(self) -> int:
        """Draw a side."""
        return 1 if self.random() < 0.5 else -1

    def wait(self, mean: float) -> float:
        """Draw an exponential time."""
        return self.expovariate(1.0 / max(mean, 1e-9))

    def many(self, mean: float) -> int:
        """Draw a Poisson number of a small mean."""
        count, total = 0, self.expovariate(1.0)
        while total < mean:
            count += 1
            total += self.expovariate(1.0)
        return count

    def count(self, least: float, most: float) -> int:
        """Draw a whole number log-uniformly."""
        return round(self.spread(least, most))

    def share(self, *of: float) -> float:
        """Draw one of the given numbers."""
        return self.choice(of)

    def mixed(self, things: Sequence[T]) -> list[T]:
        """Return the things in drawn order."""
        return self.sample(things, len(things))
