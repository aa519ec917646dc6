"""A bounded table of pairs on plain arrays: eight places a bucket, the longest silent gives way.

It is a set-associative cache. Arrays instead of a dict keep memory fixed however many accounts there are, need
no rehash in the middle of a burst, and give the same answer however the events are cut.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from tradewind.core.arrays import IntArray

_Number = TypeVar("_Number", bound=np.generic)

WAYS = 8
"""Places in a bucket."""


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def mix(x: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = (x ^ ((x >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
    x = (x ^ ((x >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
    return x ^ ((x >> 31) & 0x1FFFFFFFF)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def key_of(a: int, b: int, c: int) -> int:
    """Return one 64-bit key of three numbers, never 0 (0 marks an empty place)."""
    key = mix(mix(mix(a + 1) + b) + c)
    return key if key != 0 else 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def find(keys: IntArray, key: int) -> int:
    """Return the place of ``key``, -1 where it is not held."""
    low = (key & (keys.size // WAYS - 1)) * WAYS
    for place in range(low, low + WAYS):
        if keys[place] == key:
            return place
    return -1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def claim(keys: IntArray, seen: IntArray, key: int) -> int:
    """Return the place that ``key``, not held so far, may have: an empty one, else the longest silent's."""
    low = (key & (keys.size // WAYS - 1)) * WAYS
    best = low
    for place in range(low, low + WAYS):
        if keys[place] == 0:
            best = place
            break
        if seen[place] < seen[best]:
            best = place
    keys[best] = key
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def surprise(count: float, expected: float) -> float:
    """Return -log10 of Chernoff's bound on the chance of ``count`` or more where a Poisson law expects ``expected``.

    0 where no more came than expected.
    """
    if count <= expected or count <= 0.0:
        return 0.0
    return (count * math.log(count / max(expected, 1e-9)) - count + expected) / math.log(10.0)


def room(needed: int, held: int, least: int = 256) -> int:
    """Return the length that arrays of ``held`` places should have so that ``needed`` fit: doubled until they do."""
    length = max(held, least)
    while length < needed:
        length *= 2
    return length


def grown(array: npt.NDArray[_Number], length: int, fill: int = 0) -> npt.NDArray[_Number]:
    """Return ``array`` with ``length`` rows, the new ones ``fill``; the same array where it has them already."""
    if len(array) >= length:
        return array
    larger = np.full((length, *array.shape[1:]), fill, dtype=array.dtype)
    larger[: len(array)] = array
    return larger
