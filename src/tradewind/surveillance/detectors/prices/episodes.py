"""Join the swings of one account that belong to one episode, and number its revisions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.detectors.protocol import EVIDENCE, Candidate
from tradewind.surveillance.schemes import Scheme

SECOND = 1_000_000_000
LEAST_GAP, MOST_GAP = 300 * SECOND, 3600 * SECOND


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """One description of an account's conduct, before it is joined to an episode."""

    symbol: int
    accounts: tuple[int, ...]
    start: int
    end: int
    row: int
    rule: float
    features: Float32Array
    evidence: tuple[int, ...]
    variant: str = ""


@dataclass(eq=False)
class _Episode:
    """An episode still open to be told again."""

    number: int
    best: Finding
    start: int
    end: int
    revision: int = 0
    told: int = 0
    evidence: tuple[int, ...] = ()
    accounts: tuple[int, ...] = field(default=())


class Episodes:
    """Episodes of one scheme by account and symbol; the longest silent are forgotten beyond ``most``.

    A finding continues an episode where it begins before the episode's end or soon after it: no longer after than the
    episode has lasted, within five minutes and an hour. The clearest finding's features stand for the episode; features
    at ``counts`` (positions) always come from the latest. An episode is told again where it has become clearer, or has
    come to last twice as long as when it was told last: saying the same again would only flood the reader.
    """

    def __init__(self, scheme: Scheme, *, counts: tuple[int, ...] = (), most: int = 4096) -> None:
        self._scheme = scheme
        self._counts = list(counts)
        self._most = most
        self._open: OrderedDict[tuple[int, int], _Episode] = OrderedDict()
        self._next = 0

    def add(self, finding: Finding) -> Candidate | None:
        """Return the candidate that ``finding`` begins or revises; None where it says nothing new."""
        key = (finding.accounts[0], finding.symbol)
        episode = self._open.get(key)
        if episode is not None and finding.start <= episode.end + self._gap(episode):
            clearer = finding.rule > episode.best.rule
            longer = finding.end - episode.start > 2 * (episode.told - episode.start)
            episode.start = min(episode.start, finding.start)
            episode.end = max(episode.end, finding.end)
            if finding.rule >= episode.best.rule:
                episode.best = finding
            news = clearer or longer
            episode.revision += news
        else:
            news = True
            episode = _Episode(number=self._next, best=finding, start=finding.start, end=finding.end)
            self._next += 1
            self._open[key] = episode
        episode.evidence = tuple(sorted({*episode.evidence, *finding.evidence}))[-EVIDENCE:]
        episode.accounts = tuple(dict.fromkeys((*episode.accounts, *finding.accounts)))[:8]
        self._open.move_to_end(key)
        if len(self._open) > self._most:
            self._open.popitem(last=False)
        if not news:
            return None
        episode.told = episode.end
        return self._candidate(episode, finding)

    @staticmethod
    def _gap(episode: _Episode) -> int:
        return min(max(episode.end - episode.start, LEAST_GAP), MOST_GAP)

    def _candidate(self, episode: _Episode, finding: Finding) -> Candidate:
        features = np.array(episode.best.features, dtype=np.float32)
        features[self._counts] = finding.features[self._counts]
        return Candidate(
            scheme=self._scheme,
            variant=episode.best.variant,
            episode=episode.number,
            revision=episode.revision,
            symbol=finding.symbol,
            accounts=episode.accounts,
            start=episode.start,
            end=episode.end,
            row=finding.row,
            rule=episode.best.rule,
            features=features,
            evidence=episode.evidence,
        )
