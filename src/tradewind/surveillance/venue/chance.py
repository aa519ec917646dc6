"""Random numbers for kernels: one generator a market, so that markets made at the same time do not mix.

xorshift64* (Marsaglia 2003; Vigna 2016): fast, and the same on every machine and version of the libraries.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradewind.surveillance.venue.engine import jit

UInt64Array = npt.NDArray[np.uint64]

_A, _B, _C, _SHIFT = np.uint64(12), np.uint64(25), np.uint64(27), np.uint64(11)
_FACTOR = np.uint64(0x2545F4914F6CDD1D)


def generator(seed: int) -> UInt64Array:
    """Return the state of a generator: one word, never 0."""
    return np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)


@jit
def draw(r):  # type: ignore[no-untyped-def]
    """Return a number in [0, 1)."""
    x = r[0]
    x ^= x >> _A
    x ^= x << _B
    x ^= x >> _C
    r[0] = x
    return float((x * _FACTOR) >> _SHIFT) / 9007199254740992.0


@jit
def normal(r):  # type: ignore[no-untyped-def]
    """Return a standard normal number (Box and Muller 1958)."""
    return np.sqrt(-2.0 * np.log(1.0 - draw(r))) * np.cos(2.0 * np.pi * draw(r))


@jit
def exponential(r):  # type: ignore[no-untyped-def]
    """Return an exponential number of mean 1."""
    return -np.log(1.0 - draw(r))


@jit
def sign(r, up):  # type: ignore[no-untyped-def]
    """Return +1 with probability ``up``, else -1."""
    return 1 if draw(r) < up else -1
