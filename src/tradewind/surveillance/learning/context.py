"""What else is suspected of the same accounts: a view over the candidates themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme

MOST_PLACES = 50_000
"""(symbol, account) pairs remembered; the one longest without a candidate goes."""

PAUSE = 60_000_000_000
"""Nanoseconds after which an earlier find no longer bears on a new one."""


class ContextView:
    """Tells of each candidate how clearly every scheme's rule speaks of its accounts, in its symbol, at its time.

    One column a scheme, the rule's score of the clearest candidate known by the same row, 0 where there is none; of the
    candidate's own scheme too. A spoof on several levels is found by the rules of spoofing and layering: beside each
    other their scores say which it is.
    """

    hears_all: bool = True  # it is made of what all rules say, faintly too
    dear: bool = False

    def __init__(self, most_places: int = MOST_PLACES) -> None:
        self._most = most_places
        self._schemes = {scheme: number for number, scheme in enumerate(Scheme)}
        self._places: dict[tuple[int, int], dict[int, tuple[float, int]]] = {}

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``context_`` and the scheme."""
        return tuple(f"context_{scheme.value}" for scheme in Scheme)

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Describe the next candidates; the tape itself is not read."""
        del tape
        told = np.zeros((len(candidates), len(self._schemes)), dtype=np.float32)
        place = 0
        for _, group in groupby(candidates, key=lambda c: c.row):
            together = list(group)  # what one row tells is known at once, in whatever order it is listed
            for candidate in sorted(together, key=lambda c: c.start):  # a later one may set aside what is long past
                self._remember(candidate)
            for candidate in together:
                self._tell(candidate, told[place])
                place += 1
            while len(self._places) > self._most:
                del self._places[next(iter(self._places))]
        return told

    def _remember(self, candidate: Candidate) -> None:
        scheme = self._schemes[candidate.scheme]
        for account in candidate.accounts:
            key = (candidate.symbol, account)
            known = self._places.pop(key, {})
            rule, end = known.get(scheme, (0.0, candidate.end))
            if candidate.start - end > PAUSE:
                rule = 0.0
            known[scheme] = (max(rule, float(candidate.rule)), max(end, candidate.end))
            self._places[key] = known

    def _tell(self, candidate: Candidate, row: Float32Array) -> None:
        for account in candidate.accounts:
            for scheme, (rule, end) in self._places[candidate.symbol, account].items():
                if candidate.start - end <= PAUSE:
                    row[scheme] = max(row[scheme], rule)
