"""The continual learners by name."""

from __future__ import annotations

from collections.abc import Callable

from tradewind.continual.adaptive import ADAPTIVE
from tradewind.continual.protocol import Learner
from tradewind.core import UsageError

LearnerFactory = Callable[[int], Learner]

LEARNERS: dict[str, LearnerFactory] = {**ADAPTIVE}
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
