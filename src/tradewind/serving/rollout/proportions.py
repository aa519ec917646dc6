"""Tests of how often something goes wrong, valid at any time: against a limit, and against a control."""

from __future__ import annotations

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray
from tradewind.serving.rollout.bets import Bets

_ODDS = np.geomspace(1.1, 1000.0, 24)
_RATIOS = np.geomspace(1.2, 200.0, 20)


class ProportionTest:
    """Hypothesis: each request goes wrong with probability ``limit`` at most, given what came before.

    Bets are the likelihood ratios of larger probabilities to ``limit``; each is a supermartingale for every smaller
    true probability. A quantile of latency is such a proportion: at most 1 % slower than the limit is a 99 % quantile
    below it. Requests that fail together count as many: the guarantee is for faults that are independent given the
    past.
    """

    def __init__(self, limit: float, *, restarting: bool = True) -> None:
        if not 0.0 < limit < 1.0:
            raise UsageError(f"the limit of a proportion must lie between 0 and 1, not at {limit}", field="limit")
        self.limit, self.bets = limit, Bets(len(_ODDS), restarting=restarting)
        odds = limit / (1.0 - limit) * _ODDS
        larger = odds / (1.0 + odds)
        self._bad: FloatArray = np.log(larger / limit)
        self._good: FloatArray = np.log((1.0 - larger) / (1.0 - limit))

    def update(self, bad: int, all: int) -> None:
        """Take in a window of ``all`` requests of which ``bad`` went wrong."""
        if all:
            self.bets.update(bad * self._bad + (all - bad) * self._good)


class RatioTest:
    """Hypothesis: requests of the canary go wrong no more often than those of the control in the same window.

    Given how many went wrong in both, each of these is the canary's with probability n / (n + m) at most, n and m
    being the requests of both (exact for independent faults: Hoeffding 1963, theorem 4, for the sampling without
    replacement). A fault that strikes both sides alike, a store that is down, is evidence for neither.
    """

    def __init__(self, *, restarting: bool = True) -> None:
        self.bets = Bets(len(_RATIOS), restarting=restarting)

    def update(self, bad: int, all: int, control_bad: int, control_all: int) -> None:
        """Take in a window: ``bad`` of ``all`` of the canary, ``control_bad`` of ``control_all`` of the control."""
        if not all or not control_all or not bad + control_bad:
            return
        share = all / (all + control_all)
        larger = _RATIOS * all / (_RATIOS * all + control_all)
        self.bets.update(bad * np.log(larger / share) + control_bad * np.log((1.0 - larger) / (1.0 - share)))
