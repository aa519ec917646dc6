"""The accounts of a market: who trades how often and in which sizes."""

from __future__ import annotations

import math
from bisect import bisect
from itertools import accumulate
from random import Random

from tradewind.surveillance.elsewhere.sketched.sketch import Sketch


class People:
    """Regulars with weights, makers, and strangers whose names come from the same hat."""

    def __init__(self, sketch: Sketch, rng: Random) -> None:
        self.sketch, self.rng = sketch, rng
        self._taken: set[str] = set()
        self._style = rng.randrange(4)
        self.makers = [self.stranger() for _ in range(sketch.makers)]
        self.regulars = [self.stranger() for _ in range(max(8, sketch.accounts - sketch.makers))]
        weights = [rng.lognormvariate(0, sketch.spread_of_weights) for _ in self.regulars]
        self._sums = list(accumulate(weights))
        self._habit = {name: rng.lognormvariate(0, 0.4) for name in self.regulars}

    def stranger(self) -> str:
        """Return a name that nobody had so far."""
        while True:
            number = self.rng.randrange(100_000, 1_000_000)
            name = (f"{number:06d}", f"{number:05X}", f"AC{number}", f"{chr(65 + number % 26)}-{number // 26:05d}")[
                self._style
            ]
            if name not in self._taken:
                self._taken.add(name)
                return name

    def regular(self) -> str:
        """Return a regular, the busy ones more often."""
        at = bisect(self._sums, self.rng.random() * self._sums[-1])
        return self.regulars[min(at, len(self.regulars) - 1)]

    def rounded(self, size: float) -> int:
        """Return a size in lots, at least one."""
        return self.sketch.lot * max(1, round(size / self.sketch.lot))

    def size(self, account: str = "") -> int:
        """Draw the size of an honest order."""
        sketch, rng = self.sketch, self.rng
        usual = sketch.usual * self._habit.get(account, 1.0)
        if sketch.sizes == "lots":
            return self.rounded(usual * rng.choice((0.5, 1, 1, 1, 2, 2, 3, 5, 10)))
        if sketch.sizes == "lognormal":
            return self.rounded(usual * math.exp(rng.gauss(0, sketch.width)))
        return self.rounded(usual * 0.5 * min(40.0, rng.paretovariate(1.0 + sketch.width)))
