"""Names of accounts and symbols, in the many ways foreign files have them."""

from __future__ import annotations

import numpy as np

STYLES = ("plain", "padded", "hex", "number", "desk", "person", "letter")
"""How accounts may be named."""

_FIRST = (
    "anna",
    "ben",
    "carla",
    "deniz",
    "ewa",
    "farid",
    "gita",
    "hugo",
    "ines",
    "jun",
    "kofi",
    "lena",
    "marc",
    "nadia",
    "otto",
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def account_names(count: int, style: str, seed: int) -> tuple[str, ...]:
    """Return ``count`` distinct account names of a style of :data:`STYLES`, in random order."""
    rng = np.random.default_rng([seed, 7])
    numbers = rng.permutation(count)
    if style == "padded":
        return tuple(f"ACC-{n:06d}" for n in numbers + int(rng.integers(1, 90_000)))
    if style == "hex":
        return tuple(f"{(int(n) * 2654435761 + 12345) % (1 << 32):08x}" for n in numbers)
    if style == "number":
        return tuple(str(n) for n in numbers + int(rng.integers(1_000, 900_000)))
    if style == "desk":
        return tuple(f"FIRM{n % 17:02d}:T{n // 17}" for n in numbers)
    if style == "person":
        return tuple(f"{_FIRST[n % len(_FIRST)]}.{n // len(_FIRST)}" for n in numbers)
    if style == "letter":
        return tuple(f"{_LETTERS[n % 26]}{n // 26}" for n in numbers)
    return tuple(f"A{n}" for n in numbers)


def symbol_names(count: int, seed: int) -> tuple[str, ...]:
    """Return ``count`` distinct symbol names: tickers, or numbered ones."""
    rng = np.random.default_rng([seed, 8])
    if rng.random() < 0.3:
        return tuple(f"SYM{i}" for i in range(count))
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rng.choice(list(_LETTERS), size=int(rng.integers(3, 5))))] = None
    return tuple(found)
