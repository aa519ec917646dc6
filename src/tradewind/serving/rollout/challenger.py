"""One arm beside the control: its guardrails, what it has shown, and both as facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.core import InputError
from tradewind.serving.rollout.days import PairedDay
from tradewind.serving.rollout.guards import Guards
from tradewind.serving.rollout.means import MeanTest
from tradewind.serving.rollout.settings import Arm, Experiment

CALM = 0.5
"""Share of the evidence that would take an arm back (logarithm) from which on it neither climbs nor is promoted."""


class Challenger:
    """Evidence about ``arm``; ``alpha`` is its part of the experiment's."""

    def __init__(self, experiment: Experiment, arm: Arm) -> None:
        self.arm, self._experiment = arm, experiment
        self.guards = Guards(experiment)
        null = 0.0 if experiment.goal == "better" else -experiment.margin
        self.goal = MeanTest(null=null, bound=experiment.day_bound, side="above")
        self.alpha = experiment.alpha / (len(experiment.arms) - 1)
        self.requests, self.days, self.total = 0, 0, 0.0

    def day(self, day: PairedDay) -> None:
        """Take in a day of outcomes."""
        self.days, self.total = self.days + 1, self.total + day.difference
        self.guards.day(day)
        self.goal.update(day.difference)

    @property
    def calm(self) -> bool:
        """Whether no guardrail is near to being breached."""
        return self.guards.suspicion < CALM

    @property
    def ready(self) -> bool:
        """Whether the goal is shown on enough days and no guardrail is near to being breached."""
        return self.days >= self._experiment.minimum_days and self.goal.bets.rejects(self.alpha) and self.calm

    def evidence(self) -> dict[str, Any]:
        """Return the facts, JSON-ready; the p-values hold whenever one looks."""
        return {
            "experiment": self._experiment.name,
            "arm": self.arm.name,
            "model": self.arm.model,
            "requests": self.requests,
            "days": self.days,
            "mean_difference": self.total / self.days if self.days else None,
            "metric": self._experiment.metric,
            "goal": self._experiment.goal,
            "goal_p_value": self.goal.bets.p_value,
            "goal_alpha": self.alpha,
            "guard_p_values": self.guards.evidence(),
            "guard_alpha": self.guards.alpha,
        }

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` takes."""
        return {
            "requests": self.requests,
            "days": self.days,
            "total": self.total,
            "guards": self.guards.state(),
            "goal": self.goal.bets.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; InputError where it is not one of this arm."""
        try:
            self.requests, self.days, self.total = int(state["requests"]), int(state["days"]), float(state["total"])
            guards, goal = state["guards"], state["goal"]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("what was kept of an arm cannot be read", field=self.arm.name) from error
        self.guards.restore(guards)
        self.goal.bets.restore(goal)
