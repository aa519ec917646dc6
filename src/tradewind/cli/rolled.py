"""What `tradewind rollout` reads from a server's state folder, and what it leaves there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewind.cli.recorded import RECORDS, read_records
from tradewind.cli.standing import ROLLOUT, chosen
from tradewind.core import InputError, UsageError
from tradewind.core.files import write_json_file
from tradewind.serving.node.stopping import stop_file
from tradewind.serving.rollout import Experiment, ReviewList
from tradewind.serving.rollout.challenger import Challenger
from tradewind.serving.rollout.state import RolloutState, load

STEP = 0.1


def standing(state: Path, name: str | None) -> dict[str, Any]:
    """Return where the experiment ``name``, or the newest, stands, JSON-ready.

    Raises
    ------
    UsageError : there is none. InputError : what was kept is damaged.
    """
    experiment = chosen(state, name)
    path = state / ROLLOUT / f"{experiment.name}.rollout"
    held = load(path)
    if held is None:
        raise UsageError("the experiment has kept nothing yet", file=path, fix="start the server")
    if held.experiment != experiment.id:
        raise InputError("was kept with other settings", file=path, fix="start the server again")
    challengers = [_evidence(experiment, held, arm.name) for arm in experiment.arms[1:]]
    shares = _shares(experiment, held)
    control = experiment.control
    arms = [{"arm": control.name, "model": control.model, "requests": held.requests.get(control.name, 0)}, *challengers]
    decisions = read_records(state / ROLLOUT / RECORDS)
    return {
        "experiment": experiment.name,
        "kind": experiment.kind,
        "status": held.status,
        "reason": held.reason,
        "winner": held.winner,
        "began": _iso(held.began),
        "changed": _iso(held.changed),
        "as_of": _iso(path.stat().st_mtime_ns // 1000),
        "goal": experiment.goal,
        "goal_alpha": challengers[0]["goal_alpha"],
        "guard_alpha": challengers[0]["guard_alpha"],
        "guards": list(challengers[0]["guard_p_values"]),
        "step": held.step,
        "out": held.out,
        "arms": [arm | {"share": shares[arm["arm"]]} for arm in arms],
        "decisions": [one for one in decisions if one.get("experiment") == experiment.name],
    }


def _evidence(experiment: Experiment, held: RolloutState, name: str) -> dict[str, Any]:
    challenger = Challenger(experiment, next(arm for arm in experiment.arms if arm.name == name))
    if name in held.arms:
        challenger.restore(held.arms[name])
    return challenger.evidence()


def _shares(experiment: Experiment, held: RolloutState) -> dict[str, float]:
    total = sum(count for _, count in held.table) or 1
    return {
        arm.name: sum(count for place, count in held.table if place == number) / total
        for number, arm in enumerate(experiment.arms)
    }


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat(timespec="seconds")


def ask_to_stop(state: Path, name: str | None, reason: str, person: str, *, patience: float) -> tuple[str, bool]:
    """Leave word that the experiment ends, and return its name and whether a server took it up in time.

    Raises
    ------
    UsageError : there is none, or it has ended.
    """
    experiment = chosen(state, name)
    path = state / ROLLOUT / f"{experiment.name}.rollout"
    held = load(path)
    if held is not None and held.status != "running":
        raise UsageError(f"{experiment.name} has ended: {held.status}", fix="see `tradewind rollout show`")
    word = stop_file(state, experiment.name)
    write_json_file(word, {"reason": f"{person}: {reason}"})
    until = time.monotonic() + patience
    while time.monotonic() < until:
        held = load(path)
        if held is not None and held.status != "running":
            return experiment.name, True
        time.sleep(STEP)
    return experiment.name, False


@contextmanager
def _cases(state: Path) -> Iterator[ReviewList]:
    path = state / "review.db"
    if not path.exists():
        raise UsageError("no cases were kept here", file=state, fix="name the folder of `tradewind serve` with --state")
    cases = ReviewList(path)
    try:
        yield cases
    finally:
        cases.close()


def waiting(state: Path, limit: int) -> list[dict[str, Any]]:
    """Return the cases that wait, the farthest apart first."""
    with _cases(state) as cases:
        return [
            {
                "prediction": case.prediction,
                "symbol": case.symbol,
                "bar": _iso(case.time),
                "version": case.model,
                "champion": case.champion,
                "student": case.student,
                "cause": case.cause,
                "seen": _iso(case.seen_at),
            }
            for case in cases.waiting(limit)
        ]


def close_case(state: Path, prediction: str, person: str, note: str) -> None:
    """Note who looked at a case; UsageError where no such case waits."""
    with _cases(state) as cases:
        cases.close_case(prediction, person, note)
