"""Random draws, named for what they are used for; plain numbers, since arrays of one are slow."""

from __future__ import annotations

import math
import random


class Draws(random.Random):
    """A source of chance; the same seed and part draw the same."""

    @classmethod
    def of(cls, seed: int, part: int) -> Draws:
        """Return the source for one part of one market."""
        return cls(seed * 1_000_003 + part)

    def wide(self, least: float, most: float) -> float:
        """Draw log-uniformly between ``least`` and ``most``."""
        return least * math.exp(self.random() * math.log(most / least))

    def whole(self, least: float, most: float) -> int:
        """Draw a whole number, log-uniformly."""
        return round(self.wide(least, most))

    def yes(self, share: float) -> bool:
        """Draw yes with this chance."""
        return self.random() < share

    def side(self) -> int:
        """Draw a side."""
        return 1 if self.random() < 0.5 else -1

    def wait(self, mean: float) -> float:
        """Draw a time without memory."""
        return self.expovariate(1.0 / mean) if mean > 0 else 0.0

    def count(self, mean: float) -> int:
        """Draw a number of independent things (Poisson)."""
        found, left = 0, self.expovariate(1.0)
        while left < mean:
            found += 1
            left += self.expovariate(1.0)
        return found

    def heavy(self, tail: float, most: float) -> float:
        """Draw from a power law that begins at 1."""
        return min(self.paretovariate(tail), most)
