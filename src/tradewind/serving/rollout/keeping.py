"""Taking a rollout up from its file, and putting it down there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tradewind.core import UsageError
from tradewind.serving.rollout.challenger import Challenger
from tradewind.serving.rollout.router import Router
from tradewind.serving.rollout.settings import Experiment
from tradewind.serving.rollout.state import RolloutState, load, runs_of, save, table_of


def take_up(
    path: Path, experiment: Experiment, challengers: Mapping[str, Challenger]
) -> tuple[RolloutState, Router] | None:
    """Return the state and the assignment that ``path`` holds, and give ``challengers`` their evidence; None: no file.

    Raises
    ------
    UsageError : the experiment ran with other settings.
    InputError : the file cannot be read.
    """
    state = load(path)
    if state is None:
        return None
    if state.experiment != experiment.id:
        raise UsageError(
            f"the experiment {experiment.name!r} ran with other settings",
            file=path,
            fix="give the new one a name of its own; its evidence begins anew",
        )
    router = Router(experiment.control.model, experiment, table_of(state.table))
    for name, challenger in challengers.items():
        if name in state.arms:
            challenger.restore(state.arms[name])
    return state, router


def put_down(path: Path, state: RolloutState, router: Router, challengers: Mapping[str, Challenger]) -> None:
    """Write all that is needed to take it up again; OutputError where it cannot be written."""
    state.table = runs_of(router.table)
    state.arms = {name: challenger.state() for name, challenger in challengers.items()}
    save(path, state)
