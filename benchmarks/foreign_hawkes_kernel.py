"""Mutual excitation: what an order that trades, rests or goes does to the intensity of all kinds of orders."""

from __future__ import annotations

import numpy as np

from foreign_hawkes_book import DEEP, DROP_DEEP, DROP_TOUCH, MARKET, TOUCH

KINDS = 10
"""Five deeds of an order, each on the buying (even) and on the selling (odd) side."""
FAST, SLOW = 1 / 0.25, 1 / 25.0
"""Decay rates of the two kernels, by second."""
SAME = {
    (MARKET, MARKET): 0.24,
    (MARKET, TOUCH): 0.12,
    (MARKET, DEEP): 0.04,
    (MARKET, DROP_DEEP): 0.03,
    (TOUCH, TOUCH): 0.10,
    (TOUCH, DROP_TOUCH): 0.12,
    (TOUCH, DEEP): 0.06,
    (DEEP, DEEP): 0.16,
    (DEEP, DROP_DEEP): 0.12,
    (DROP_TOUCH, DROP_TOUCH): 0.16,
    (DROP_TOUCH, TOUCH): 0.14,
    (DROP_TOUCH, DROP_DEEP): 0.06,
    (DROP_DEEP, DROP_DEEP): 0.18,
    (DROP_DEEP, DEEP): 0.10,
}
"""Children that an event of the first kind has of the second on its own side, over all time."""
CROSS = {
    (MARKET, DROP_TOUCH): 0.14,
    (MARKET, TOUCH): 0.14,
    (MARKET, DEEP): 0.05,
    (TOUCH, MARKET): 0.07,
    (DROP_TOUCH, MARKET): 0.08,
    (DROP_TOUCH, DROP_TOUCH): 0.03,
}
"""The same on the other side."""
SPILL = 0.05
"""Children that an order which trades has of its kind on every other symbol."""
MOST = 2.5
"""Intensity by second that excitation adds to one kind at most, in either kernel."""


def _children() -> np.ndarray:
    matrix = np.zeros((KINDS, KINDS))
    for table, flip in ((SAME, 0), (CROSS, 1)):
        for (cause, effect), number in table.items():
            for side in (0, 1):
                matrix[2 * cause + side, 2 * effect + (side ^ flip)] += number
    return matrix


class Kernel:
    """The intensities of all kinds on all symbols, as they stand at one moment."""

    def __init__(self, symbols: int, haste: float) -> None:
        children = _children()
        self.quick, self.lasting = children * FAST * haste, children * SLOW * (1 - haste)
        self.base = np.zeros((symbols, KINDS))
        self.fast = np.zeros((symbols, KINDS))
        self.slow = np.zeros((symbols, KINDS))

    def excite(self, s: int, kind: int, weight: float) -> None:
        """Let one event raise the intensities it raises."""
        self.fast[s] = np.minimum(self.fast[s] + weight * self.quick[kind], MOST)
        self.slow[s] = np.minimum(self.slow[s] + weight * self.lasting[kind], MOST)
        if kind < 2:
            self.slow[:, kind] += weight * SPILL * SLOW
            self.slow[s, kind] -= weight * SPILL * SLOW

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.fast *= np.exp(-FAST * seconds)
        self.slow *= np.exp(-SLOW * seconds)

    def total(self) -> float:
        """Return the intensity of anything at all."""
        return float(self.base.sum() + self.fast.sum() + self.slow.sum())

    def pick(self, chance: float) -> tuple[int, int]:
        """Return the symbol and the kind of an event that happens now."""
        heaped = (self.base + self.fast + self.slow).ravel().cumsum()
        found = min(int(heaped.searchsorted(chance * heaped[-1], side="right")), len(heaped) - 1)
        return divmod(found, KINDS)

    def rest(self) -> None:
        """Forget everything over night."""
        self.fast[:] = 0.0
        self.slow[:] = 0.0
