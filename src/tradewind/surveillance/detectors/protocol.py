"""What a detector and a view are, and the candidate they exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.schemes import Scheme

EVIDENCE = 64
"""Most rows of evidence a candidate carries."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """What might be an episode of a scheme: found with a low bar, so that models can choose.

    An episode that goes on is told again with a higher ``revision`` and all its evidence so far.

    Attributes
    ----------
    scheme, variant : what it might be; the variant narrows it (``ring``), empty where none.
    episode, revision : the episode's number, unique and rising within the detector; 0, 1, 2, ... within the episode.
    symbol : code of the symbol.
    accounts : codes of the accounts, the one most responsible first.
    start, end : times of the first and last event of the evidence, nanoseconds.
    row : number (from the start of the source) of the tape's row with which this could be known. Nothing in the
        candidate depends on a later row.
    rule : the rule's own score in [0, 1]: how clearly the textbook's conditions hold.
    features : float32, as the detector's ``feature_names``; larger means more suspicious wherever that can be said.
        NaN where a number cannot be known. Ratios, counts and seconds, never prices or shares: they must mean the same
        in any market.
    evidence : ``seq`` of the telling events, in time order, at most :data:`EVIDENCE`.
    """

    scheme: Scheme
    episode: int
    revision: int
    symbol: int
    accounts: tuple[int, ...]
    start: int
    end: int
    row: int
    rule: float
    features: Float32Array
    evidence: tuple[int, ...] = ()
    variant: str = ""


class Detector(Protocol):
    """Finds candidates of one scheme. State is bounded, whatever the number of accounts."""

    @property
    def scheme(self) -> Scheme:
        """What it finds."""
        ...

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of a candidate's features, in order, snake_case."""
        ...

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete, by row.

        However a tape is cut into runs, the candidates are the same, bit for bit.
        """
        ...

    def finish(self) -> list[Candidate]:
        """Return what the end of the source completes (an episode still open); their ``row`` is the last one read."""
        ...


class View(Protocol):
    """Describes candidates of any scheme from another side: the market, the habits of accounts, the graph."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns :meth:`advance` returns, snake_case, each starting with the view's own word."""
        ...

    @property
    def hears_all(self) -> bool:
        """Whether it must be given candidates that can raise nothing too, for what they say of others."""
        ...

    @property
    def dear(self) -> bool:
        """Whether it is asked last, and only of candidates that what the others say leaves open."""
        ...

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows and describe the candidates that became known within them.

        ``candidates`` are sorted by ``row``, all within ``tape``. Returns (candidates, features): each row uses the
        tape up to its candidate's ``row`` and nothing later; however a tape is cut into runs, the values are the same,
        bit for bit.
        """
        ...
