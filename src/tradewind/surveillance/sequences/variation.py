"""Sequences varied at random while a net learns, so that it leans on no habit of the venues it learns from."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.sequences.token_layout import LENGTH, NAMES

LOSING, MOST_LOST = 0.4, 0.3
"""Share of sequences that lose events, and how many of them at most."""
MUTED, MOST_MUTED = 0.5, 3
"""Share of sequences of which columns are blanked, and how many at most."""
STRETCH, BLUR = 0.2, 0.1
"""Deviation of the factor of a sequence's numbers, column by column, and of what is added to each."""
FEWEST = 4
"""Events that are left at least."""

MUTABLE = [number for number, name in enumerate(NAMES) if number >= NAMES.index("level")]
NUMBERS = [
    NAMES.index(name)
    for name in ("level", "size", "gap", "age", "filled", "distance", "moved", "away", "flow", "between")
]


def vary(tokens: Float32Array, rng: np.random.Generator) -> None:
    """Vary (n, LENGTH, WIDTH) tokens in place; padding stays 0, and what happened in which order stays as it was."""
    n = len(tokens)
    for row in np.flatnonzero(rng.random(n) < LOSING):
        there = np.flatnonzero(tokens[row, :, 0] > 0)
        kept = there[rng.random(len(there)) > rng.uniform(0.0, MOST_LOST)]
        if FEWEST <= len(kept) < len(there):
            left = tokens[row, kept]
            tokens[row] = 0.0
            tokens[row, LENGTH - len(kept) :] = left
    for row in np.flatnonzero(rng.random(n) < MUTED):
        tokens[row][:, rng.choice(MUTABLE, int(rng.integers(1, MOST_MUTED + 1)), replace=False)] = 0.0
    factor = 1.0 + STRETCH * rng.standard_normal((n, 1, len(NUMBERS)), dtype=np.float32)
    added = BLUR * rng.standard_normal((n, LENGTH, len(NUMBERS)), dtype=np.float32)
    tokens[:, :, NUMBERS] = (tokens[:, :, NUMBERS] * factor + added) * tokens[:, :, :1]


def shortened(tokens: Float32Array, chance: float, rng: np.random.Generator) -> Float32Array:
    """Return tokens of which some have lost their earliest events."""
    out = tokens.copy()
    for row in np.flatnonzero(rng.random(len(tokens)) < chance):
        out[row, : int(rng.integers(LENGTH - 4))] = 0.0
    return out
