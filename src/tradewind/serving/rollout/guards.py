"""The guardrails of one arm: each a test that may be looked at after every window or day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tradewind.core import InputError
from tradewind.serving.rollout.bets import Bets
from tradewind.serving.rollout.days import PairedDay
from tradewind.serving.rollout.means import MeanTest
from tradewind.serving.rollout.proportions import ProportionTest, RatioTest
from tradewind.serving.rollout.settings import Experiment
from tradewind.serving.rollout.traffic import Counts


class Guards:
    """Tests of what must hold for an arm; ``alpha`` of the guardrails is shared evenly among those that are on."""

    def __init__(self, experiment: Experiment) -> None:
        rails = experiment.guardrails
        self._errors = None if rails.error_rate is None else ProportionTest(rails.error_rate)
        self._ratio = RatioTest() if rails.compare_errors else None
        self._latency = None if rails.latency is None else ProportionTest(1.0 - rails.latency_quantile)
        self._score = (
            None
            if rails.score_drop is None
            else MeanTest(null=-rails.score_drop, bound=experiment.day_bound, side="below", restarting=True)
        )
        tests = {
            "error_rate": self._errors,
            "errors_beside_control": self._ratio,
            "latency": self._latency,
            "score_drop": self._score,
        }
        self.bets: dict[str, Bets] = {name: test.bets for name, test in tests.items() if test is not None}
        self.alpha = rails.alpha / max(len(self.bets), 1)

    def window(self, arm: Counts, control: Counts) -> None:
        """Take in a window of traffic."""
        if self._errors is not None:
            self._errors.update(arm.failed, arm.requests)
        if self._ratio is not None:
            self._ratio.update(arm.failed, arm.requests, control.failed, control.requests)
        if self._latency is not None:
            self._latency.update(arm.slow, arm.requests)

    def day(self, day: PairedDay) -> None:
        """Take in a day of outcomes."""
        if self._score is not None:
            self._score.update(day.difference)

    @property
    def breached(self) -> tuple[str, ...]:
        """Names of the guardrails that do not hold."""
        return tuple(name for name, bets in self.bets.items() if bets.rejects(self.alpha))

    @property
    def suspicion(self) -> float:
        """The largest evidence now as a share of what would take the arm back, on the scale of its logarithm."""
        return max((bets.log_e for bets in self.bets.values()), default=0.0) / -math.log(self.alpha)

    def evidence(self) -> dict[str, float]:
        """Return the always-valid p-value of each guardrail; one is breached below ``alpha``."""
        return {name: bets.p_value for name, bets in self.bets.items()}

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` takes."""
        return {name: bets.state() for name, bets in self.bets.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; InputError where it is of other guardrails."""
        if set(state) != set(self.bets):
            raise InputError("the evidence that was kept is of other guardrails", field="guards")
        for name, bets in self.bets.items():
            bets.restore(state[name])
