"""What one open alert rests on: its finds, scheme by scheme."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.detectors.protocol import EVIDENCE
from tradewind.surveillance.schemes import Scheme

MOST_EPISODES = 64
"""Episodes of a claim whose accounts are remembered one by one."""


def log_odds(probability: float) -> float:
    """Return the log odds, kept within about 14 of 0."""
    p = min(max(probability, 1e-6), 1.0 - 1e-6)
    return float(np.log(p / (1.0 - p)))


def in_common(first: set[int], second: set[int]) -> float:
    """Return the share of the smaller set that both hold; 0 where one is empty."""
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


@dataclass(slots=True)
class Claim:
    """All finds of one scheme within an alert.

    Attributes
    ----------
    best : the find that argues best so far.
    start, end : span of all evidence, nanoseconds.
    episodes : accounts and score of each episode's latest revision, the latest told last.
    evidence : ``seq`` of the telling events, sorted, at most :data:`EVIDENCE`.
    """

    best: Scored
    start: int
    end: int
    episodes: dict[int, tuple[tuple[int, ...], float]] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()

    @classmethod
    def of(cls, scored: Scored) -> Claim:
        """Return the claim that one find makes."""
        one = cls(scored, scored.candidate.start, scored.candidate.end)
        one._remember(scored)
        return one

    @property
    def score(self) -> float:
        """Score of the best find."""
        return self.best.score

    def add(self, scored: Scored) -> int | None:
        """Take in another find, or a later revision of one; return the episode that is forgotten for it, if any."""
        found = scored.candidate
        self.start, self.end = min(self.start, found.start), max(self.end, found.end)
        if scored.score >= self.best.score:
            self.best = scored
        return self._remember(scored)

    def _remember(self, scored: Scored) -> int | None:
        found = scored.candidate
        self.episodes.pop(found.episode, None)
        self.episodes[found.episode] = (found.accounts, scored.score)
        union = sorted({*self.evidence, *found.evidence})
        if len(union) > EVIDENCE:  # the first and the last are kept, and those between evenly
            union = [union[i] for i in np.linspace(0, len(union) - 1, EVIDENCE).astype(int)]
        self.evidence = tuple(union)
        if len(self.episodes) <= MOST_EPISODES:
            return None
        oldest = next(iter(self.episodes))
        del self.episodes[oldest]
        return oldest

    def accounts(self, most: int) -> tuple[int, ...]:
        """Return the codes of the accounts, the most responsible first: named early, often and with a high score."""
        weight: dict[int, float] = {}
        for accounts, score in self.episodes.values():
            for place, account in enumerate(accounts):
                weight[account] = weight.get(account, 0.0) + score / (1.0 + place)
        ordered = sorted(weight, key=lambda account: (-weight[account], account))
        return tuple(ordered[:most])


@dataclass(slots=True)
class OpenAlert:
    """An alert that may still be revised.

    Attributes
    ----------
    id, symbol, known_at : as in :class:`~tradewind.surveillance.alert.Alert`; ``symbol`` is a code.
    scheme : what it is called at present.
    claims : the finds by scheme; more than one where schemes compete for the same deed.
    heard : time of the last find that belongs to it.
    revision : of the alert as last told; -1 before that.
    told : what was told last, to say nothing twice.
    """

    id: str
    symbol: int
    scheme: Scheme
    known_at: int
    claims: dict[Scheme, Claim]
    heard: int
    revision: int = -1
    told: tuple[object, ...] = ()

    @property
    def leading(self) -> Claim:
        """The claim of the scheme it is called by."""
        return self.claims[self.scheme]

    def choose(self, margin: float) -> None:
        """Call it by the scheme that argues best, if better than the present one by ``margin`` log odds."""
        best = max(self.claims, key=lambda scheme: (self.claims[scheme].score, scheme.value))
        if log_odds(self.claims[best].score) > log_odds(self.leading.score) + margin:
            self.scheme = best
