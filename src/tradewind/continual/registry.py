"""The continual learners by name."""

from __future__ import annotations

from collections.abc import Callable

from tradewind.continual.adaptive import ADAPTIVE
from tradewind.continual.nets import (
    EWC,
    Episodic,
    EpisodicSettings,
    EWCSettings,
    ExternalMemory,
    ExternalMemorySettings,
    FineTuning,
    FreshNet,
    Joint,
    NetSettings,
    Rehearsal,
    RehearsalSettings,
)
from tradewind.continual.protocol import Learner
from tradewind.core import UsageError

LearnerFactory = Callable[[int], Learner]

LEARNERS: dict[str, LearnerFactory] = {
    "fine_tuning": lambda seed: FineTuning(NetSettings(seed=seed)),
    "fresh": lambda seed: FreshNet(NetSettings(seed=seed)),
    "joint": lambda seed: Joint(NetSettings(seed=seed)),
    "rehearsal": lambda seed: Rehearsal(RehearsalSettings(seed=seed)),
    "ewc": lambda seed: EWC(EWCSettings(seed=seed)),
    "episodic": lambda seed: Episodic(EpisodicSettings(seed=seed)),
    "external_memory": lambda seed: ExternalMemory(ExternalMemorySettings(seed=seed)),
    **ADAPTIVE,
}
"""Factories of every learner; each takes the seed of everything random. One line a learner: the contract tests, the
benchmark and the command find it here."""


def make_learner(name: str, *, seed: int) -> Learner:
    """Return a new learner of default settings.

    Raises
    ------
    UsageError : no learner has this name.
    """
    if name not in LEARNERS:
        raise UsageError(f"no continual learner is called {name!r}", fix=f"choose among {', '.join(LEARNERS)}")
    return LEARNERS[name](seed)
