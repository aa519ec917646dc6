"""What models are given: candidates with their numbers, from whatever reads a market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, IntArray
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

OWN_NAMES = ("rule", "revision", "accounts")
"""Columns that every scheme has between its detector's features and the views': the rule's score, log(1 + revision),
log(accounts)."""

OWN_MONOTONE = (1, 0, 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Described:
    """Candidates of any scheme as the views describe them.

    Attributes
    ----------
    candidates : n of them, by row.
    known_at : (n,) time of each one's row, nanoseconds.
    views : (n, v) float32, columns of all views.
    asked : (n,) which of them the model they are described for found worth asking of; None where it was not asked.
    """

    candidates: Sequence[Candidate]
    known_at: IntArray
    views: Float32Array
    asked: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.candidates)

    @classmethod
    def joined(cls, parts: Sequence[Described]) -> Described:
        """Return all candidates of ``parts``, one after another; there is one part at least."""
        asked = [part.asked for part in parts if part.asked is not None]
        return cls(
            candidates=[c for part in parts for c in part.candidates],
            known_at=np.concatenate([part.known_at for part in parts]),
            views=np.vstack([part.views for part in parts]),
            asked=np.concatenate(asked) if len(asked) == len(parts) else None,
        )


class CandidateSource(Protocol):
    """What reads a market and names candidates: detectors and views put together."""

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The schemes it looks for."""
        ...

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the columns of all views, in order."""
        ...

    def feature_names(self, scheme: Scheme) -> tuple[str, ...]:
        """Names of the features of a scheme's detector."""
        ...

    def monotone(self, scheme: Scheme) -> tuple[int, ...]:
        """For each of those features 1 where larger can only be more suspicious, -1 for smaller, 0 else."""
        ...

    def describe(self, events: EventTable, sessions: Sessions) -> Described:
        """Read a whole market from its beginning, with no memory of another."""
        ...


class LabelledMarket(Protocol):
    """A market whose manipulation is known."""

    @property
    def events(self) -> EventTable:
        """All events."""
        ...

    @property
    def truth(self) -> tuple[Planted, ...]:
        """What was planted."""
        ...

    @property
    def attempts(self) -> tuple[Planted, ...]:
        """What was begun and not carried through: nothing is learnt from it, either way."""
        ...

    @property
    def sessions(self) -> Sessions:
        """When it was open."""
        ...


def column_names(source: CandidateSource, scheme: Scheme) -> tuple[str, ...]:
    """Return the names of all columns a model of ``scheme`` reads: the detector's, its own, the views'."""
    return (*source.feature_names(scheme), *OWN_NAMES, *source.view_names)


def column_monotone(source: CandidateSource, scheme: Scheme) -> tuple[int, ...]:
    """Return the direction of each of :func:`column_names`: 1, -1 or 0."""
    return (*source.monotone(scheme), *OWN_MONOTONE, *(0 for _ in source.view_names))


def columns(candidates: Sequence[Candidate], views: Float32Array) -> Float32Array:
    """Return (n, p) float32: the columns of ``n`` candidates of one scheme, in the order of :func:`column_names`."""
    if not candidates:
        return np.empty((0, 0), dtype=np.float32)
    own = np.array(
        [(c.rule, np.log1p(c.revision), np.log(max(len(c.accounts), 1))) for c in candidates], dtype=np.float32
    )
    return np.hstack([np.stack([c.features for c in candidates]).astype(np.float32), own, views])
