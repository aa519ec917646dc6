"""Random streams: one per purpose and day, so that a longer market begins with the shorter one."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a stream of random numbers is for; turning one part on does not shift the numbers of another."""

    TRAITS = 0
    PRICES = 1
    NEWS = 2
    REGIMES = 3
    ACTIONS = 4
    FAULTS = 5


def stream(seed: int, purpose: Stream, day: int = 0) -> np.random.Generator:
    """Return the generator of one purpose on one day."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, int(purpose), day))))
