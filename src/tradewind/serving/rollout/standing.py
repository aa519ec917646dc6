"""Where an experiment stands, from what a server keeps in its state folder; and word left there that it ends."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tradewind.core import InputError, UsageError
from tradewind.core.files import write_json_file
from tradewind.serving.rollout.challenger import Challenger
from tradewind.serving.rollout.settings import Experiment
from tradewind.serving.rollout.state import RolloutState, load

logger = logging.getLogger("tradewind.serving")

ROLLOUT = "rollout"
"""Folder of the experiments in the state folder."""
RECORDS = "records.jsonl"
"""In that folder: what experiments did, a line each."""


def experiments(state: Path) -> list[Experiment]:
    """Return the experiments that servers of ``state`` have run, those that began last at the end.

    Raises
    ------
    InputError : what was left is damaged.
    """
    found = []
    for path in sorted((state / ROLLOUT).glob("*.json"), key=lambda one: one.stat().st_mtime_ns):
        try:
            found.append(Experiment.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError) as error:
            raise InputError(
                "is no experiment", file=path, fix="start the server again, which writes it anew"
            ) from error
    return found


def chosen(state: Path, name: str | None) -> Experiment:
    """Return the experiment ``name``, the newest where none is named; UsageError where there is none."""
    there = {one.name: one for one in experiments(state)}
    wanted = name or next(reversed(there), None)
    if wanted is None or wanted not in there:
        what = "no experiment has run here" if wanted is None else f"no experiment {wanted!r} has run here"
        known = f"name one of {', '.join(there)}" if there else "start one: tradewind serve --canary or --experiment"
        raise UsageError(what, file=state, fix=known)
    return there[wanted]


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


def stop_file(state: Path, experiment: str) -> Path:
    """Return where word is left that ``experiment`` ends."""
    return state / ROLLOUT / f"{experiment}.stop"


def leave_word(state: Path, name: str | None, reason: str, person: str) -> Path:
    """Leave word that the experiment ends, and return where its state is kept; a running server takes it up in seconds.

    Raises
    ------
    UsageError : there is none, or it has ended.
    """
    experiment = chosen(state, name)
    path = state / ROLLOUT / f"{experiment.name}.rollout"
    held = load(path)
    if held is not None and held.status != "running":
        raise UsageError(f"{experiment.name} has ended: {held.status}", fix="see `tradewind rollout show`")
    write_json_file(stop_file(state, experiment.name), {"reason": f"{person}: {reason}"})
    return path


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the lines in ``path``, oldest first; one that a power cut left half is not there."""
    return records_from(path, 0)[0]


def records_from(path: Path, start: int) -> tuple[list[dict[str, Any]], int]:
    """Return the whole lines from byte ``start`` on, and where they end.

    Raises
    ------
    InputError : the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
    except FileNotFoundError:
        return [], start
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path) from error
    whole = data[: data.rfind(b"\n") + 1]
    found = []
    for line in whole.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            logger.warning("%s holds half a line, which a power cut left", path)
            continue
        if isinstance(one, dict) and "id" in one:
            found.append(one)
    return found, start + len(whole)
