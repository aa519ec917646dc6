"""Who plays: names for the accounts of a scheme that look like the market's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.surveillance.planting.episode import Episode

_QUIET = 0.25
"""Accounts of the background are taken from behind this share of the most active."""


class Cast:
    """Accounts of the planted schemes of one market, handed out by crew, so that one crew can play several schemes.

    ``everybody`` are the market's own accounts, ``small`` those of its small traders, the most active first.
    """

    def __init__(self, everybody: Sequence[str], small: Sequence[str]) -> None:
        self._patterns = tuple(everybody)
        self._quiet = list(small[int(len(small) * _QUIET) :])
        self._crews: dict[int, list[str]] = {}
        self._taken: set[str] = set()

    def members(self, episode: Episode, count: int, rng: np.random.Generator) -> list[str]:
        """Return ``count`` accounts of an episode's crew; the crew grows where it is too small."""
        crew = self._crews.setdefault(episode.crew, [])
        while len(crew) < count:
            crew.append(self._hire(episode.habits.background, rng))
        return [crew[i] for i in rng.permutation(len(crew))[:count]]

    def stranger(self, rng: np.random.Generator) -> str:
        """Return an account that belongs to no crew: somebody's client."""
        return self._hire(0.0, rng)

    def _hire(self, background: float, rng: np.random.Generator) -> str:
        if rng.random() < background and self._quiet:
            name = self._quiet.pop(int(rng.integers(len(self._quiet))))
        else:
            name = _likeness(self._patterns, self._taken, rng)
        self._taken.add(name)
        return name


def _likeness(patterns: Sequence[str], taken: set[str], rng: np.random.Generator) -> str:
    """Return a new name written as the market's own are: one of them with other digits."""
    known = taken.union(patterns)
    pattern = patterns[int(rng.integers(len(patterns)))] if patterns else "A0000"
    for attempt in range(400):
        name = "".join(_other(letter, rng) for letter in pattern) + "".join(
            str(int(rng.integers(10))) for _ in range(attempt // 40)
        )
        if name not in known:
            return name
    return f"{pattern}-{len(taken)}"


def _other(letter: str, rng: np.random.Generator) -> str:
    if letter.isdigit():
        return str(int(rng.integers(10)))
    return letter
