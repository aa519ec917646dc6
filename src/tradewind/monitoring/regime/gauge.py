"""A mean over the latest sessions against the same mean over a reference before them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray

MAD = 1.4826
"""Median of absolute deviations to standard deviation, of a normal distribution."""

CUT = 5.0
"""Deviations at which single sessions are cut before their spread is taken."""


@dataclass(frozen=True, kw_only=True)
class GaugeRule:
    """``window`` sessions looked at, ``reference`` before them and the ``least`` of these; see the settings.

    ``single`` : values are of single sessions and about 0; the spread of their mean over the window is that of one of
    them by the root of its length, or that of such means before, whichever is wider. Else every value is of a whole
    window already, and the spread is that of such values.
    """

    window: int
    bound: float
    reference: int
    least: int
    release: float
    longest: int
    single: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """``score`` in deviations, NaN before there is a reference; ``now`` and ``usual`` mean; ``since`` sessions on."""

    score: float
    now: float
    usual: float
    since: int


class Gauge:
    """One series of means under watch; memory is bounded by the reference."""

    def __init__(self, rule: GaugeRule) -> None:
        self.rule = rule
        self._held: deque[float] = deque(maxlen=rule.reference + rule.window)
        self.since = 0
        self.reading = Reading(score=float("nan"), now=float("nan"), usual=float("nan"), since=0)

    @property
    def on(self) -> bool:
        """Whether a shift is in force."""
        return self.since > 0

    def update(self, value: float) -> bool:
        """Take in the next session's value and return whether a shift is in force; NaN is passed over."""
        if not np.isfinite(value):
            return self.on
        self._held.append(value)
        held: FloatArray = np.array(self._held)
        before = held[: -self.rule.window]
        now = float(held[-self.rule.window :].mean()) if self.rule.single else value
        usual, spread = self._usual(before)
        score = (now - usual) / spread if spread > 0.0 else float("nan")
        share = self.rule.release if self.on else 1.0
        self.since = self.since + 1 if abs(score) > self.rule.bound * share else 0
        self.reading = Reading(score=score, now=now, usual=usual, since=self.since)
        if self.since > self.rule.longest:
            kept = list(self._held)[-self.rule.longest :]
            self._held.clear()
            self._held.extend(kept)
            self.since = 0
        return self.on

    def _usual(self, before: FloatArray) -> tuple[float, float]:
        """Middle and spread by the values that share no session with the newest mean; NaN while there are too few."""
        if len(before) < self.rule.least:
            return float("nan"), float("nan")
        middle = float(np.median(before))
        spread = MAD * float(np.median(np.abs(before - middle)))
        if not self.rule.single:
            return middle, spread
        cut = np.clip(before, middle - CUT * spread, middle + CUT * spread)
        alone = float(np.sqrt(np.square(cut).mean() / self.rule.window))
        total = np.cumsum(np.concatenate([[0.0], cut]))
        means = (total[self.rule.window :] - total[: -self.rule.window]) / self.rule.window
        # Where sessions follow one another (momentum), means spread wider than the sessions alone let expect.
        return 0.0, max(alone, float(np.sqrt(np.square(means).mean())) if len(means) else 0.0)
