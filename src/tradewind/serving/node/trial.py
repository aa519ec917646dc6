"""The experiment of a server: who gets which version, the looking at it, and its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tradewind.core import Event, UsageError
from tradewind.core.clock import Clock
from tradewind.serving.contracts import Assignment
from tradewind.serving.node.settings import NodeSettings
from tradewind.serving.node.stopping import stop_if_told
from tradewind.serving.node.versions import Versions
from tradewind.serving.rollout import Hooks, Rollout

logger = logging.getLogger("tradewind.serving.node")


@dataclass(kw_only=True, eq=False)
class Trial:
    """Runs the experiment of ``settings``, if there is one.

    ``hooks`` decide and record; events go to ``emit``.

    Raises
    ------
    UsageError : an arm of the experiment is not deployed.
    """

    settings: NodeSettings
    versions: Versions
    hooks: Hooks
    clock: Clock
    emit: Callable[[Event], None]
    rollout: Rollout | None = None
    _over: bool = field(default=False)

    def __post_init__(self) -> None:
        """Take up the experiment where it stood."""
        experiment, state = self.settings.experiment, self.settings.state
        if experiment is None:
            return
        loaded = set(self.versions.shelf.refs())
        for arm in experiment.arms:
            if arm.model not in loaded:
                raise UsageError(
                    f"the experiment's arm {arm.name!r} is {arm.model}, which is not deployed",
                    field="experiment",
                    fix="deploy every version of the experiment",
                )
        hooks = Hooks(decide=self.hooks.decide, emit=self.emit, record=self.hooks.record)
        self.rollout = Rollout(experiment, state / "rollout", hooks, clock=self.clock)
        stop_if_told(self.rollout, state)

    def choose(self, caller: str, symbol: str) -> Assignment | None:
        """Return the arm that answers; None where no experiment runs: the champion."""
        return None if self.rollout is None or self._over else self.rollout.choose(caller, symbol)

    def observe(self, arm: str, seconds: float, failed: bool) -> None:
        """Count an answer of an arm."""
        if self.rollout is not None:
            self.rollout.observe(arm, seconds, failed)

    def run(self, stop: threading.Event) -> None:
        """Look at it every window until ``stop``."""
        if self.rollout is None:
            return
        while not stop.wait(self.rollout.experiment.window):
            try:
                stop_if_told(self.rollout, self.settings.state)
                self.rollout.look()
            except Exception:  # a look that fails must not end the looking: guardrails hang on it
                logger.exception("the experiment could not be looked at")

    def end_outlived(self) -> None:
        """End an experiment whose champion is no longer the champion: it was decided elsewhere."""
        champion = self.versions.champion
        if self.rollout is None or champion == self.rollout.experiment.control.model:
            return
        self.rollout.stop(f"{champion} is the champion now")
        self._over = True
