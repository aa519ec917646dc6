"""What the detectors that rest on swings share: read the feed, choose, weigh, join to episodes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.prices.episodes import Episodes, Finding
from tradewind.surveillance.detectors.prices.feed import SwingFeed
from tradewind.surveillance.detectors.prices.look_back import PEERS
from tradewind.surveillance.detectors.prices.report import SWING_FEATURES
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme

KIND, FIRST_PEER, DIRECTION = 3, 6, 6 + PEERS

Numbers = Mapping[str, FloatArray]
"""The features of all reports of a run, by name."""


class SwingDetector:
    """A detector of one scheme among the swings; a scheme says what it chooses, weighs and names.

    Parameters
    ----------
    feed : the swings, where detectors share them; its own where None.
    """

    scheme: Scheme
    names_peers = True

    def __init__(self, feed: SwingFeed | None = None) -> None:
        self._feed = feed if feed is not None else SwingFeed()
        self._episodes = Episodes(self.scheme, counts=(SWING_FEATURES.index("cycles"),))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of a candidate's features, in order."""
        return SWING_FEATURES

    def chosen(self, numbers: Numbers, codes: IntArray) -> BoolArray:
        """Return which reports might be the scheme, by a low bar."""
        raise NotImplementedError

    def weigh(self, numbers: Numbers) -> FloatArray:
        """Return the rule's score of each report."""
        raise NotImplementedError

    def variants(self, numbers: Numbers, directions: IntArray) -> list[str]:  # noqa: ARG002 - some need them
        """Return the variant of each report; ``directions`` is +1 where the position was long, -1 where short."""
        return [""] * len(directions)

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete, by row."""
        features, codes, times, evidence = self._feed.read(tape)
        if not len(features):
            return []
        everything = dict(zip(SWING_FEATURES, features.T, strict=True))
        kept = np.flatnonzero(self.chosen(everything, codes))
        if not len(kept):
            return []
        features, codes, times, evidence = features[kept], codes[kept], times[kept], evidence[kept]
        numbers = dict(zip(SWING_FEATURES, features.T, strict=True))
        rules = self.weigh(numbers)
        variants = self.variants(numbers, codes[:, DIRECTION])
        short = features.astype(np.float32)
        weights, spans, told_by = rules.tolist(), times.tolist(), evidence.tolist()
        found = []
        for k, code in enumerate(codes.tolist()):
            peers = [peer for peer in code[FIRST_PEER:DIRECTION] if peer >= 0] if self.names_peers else []
            finding = Finding(
                symbol=code[1],
                accounts=tuple(dict.fromkeys((code[0], *peers))),
                start=spans[k][0],
                end=spans[k][1],
                row=tape.first_row + code[2],
                rule=weights[k],
                features=short[k],
                evidence=tuple([seq for seq in told_by[k] if seq >= 0]),
                variant=variants[k],
            )
            told = self._episodes.add(finding)
            if told is not None:
                found.append(told)
        return found

    def finish(self) -> list[Candidate]:
        """Return nothing: a swing is told as it is undone, not when the source ends."""
        return []
