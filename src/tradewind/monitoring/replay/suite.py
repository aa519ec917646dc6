"""Many replays in a row, kept as they finish, so that a suite that was cut goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.core import InputError, NoProgress, Progress, Settings
from tradewind.core.files import write_text
from tradewind.core.ids import content_id
from tradewind.monitoring.replay.incidents import IncidentKind, Truth
from tradewind.monitoring.replay.run import Alarm, Blame, MakeMonitor, Replayed, replay
from tradewind.monitoring.replay.settings import ReplaySettings
from tradewind.monitoring.replay.world import WorldSettings, build_world


class SuiteSettings(Settings):
    """Which replays are run.

    Attributes
    ----------
    worlds : how many, with seeds from ``first_seed`` on; each has its own market and models.
    kinds : incidents planted, one replay each in every world. ``clean`` : whether each world is replayed without one
        too, which counts the false alarms.
    """

    world: WorldSettings = WorldSettings()
    replay: ReplaySettings = ReplaySettings()
    worlds: int = 3
    first_seed: int = 0
    kinds: tuple[IncidentKind, ...] = tuple(IncidentKind)
    clean: bool = True


@dataclass(frozen=True, kw_only=True)
class _Task:
    seed: int
    kind: IncidentKind | None


def run_suite(
    settings: SuiteSettings,
    make: MakeMonitor,
    *,
    kept: Path | None = None,
    version: str = "",
    progress: Progress | None = None,
) -> list[Replayed]:
    """Run the replays of ``settings`` and return them in order.

    ``kept`` : file of finished replays (JSON lines); those of equal settings and ``version`` (of the watchers'
    settings) are taken from it.

    Raises
    ------
    InputError : ``kept`` is not such a file.
    """
    watcher = progress or NoProgress()
    key = content_id(settings.world.id, settings.replay.id, version)
    done = {} if kept is None else dict(_read(kept, key))
    tasks = list(_tasks(settings))
    found: list[Replayed] = []
    world = None
    for step, task in enumerate(tasks):
        watcher.update("replays", step, len(tasks))
        run = done.get((task.seed, task.kind))
        if run is None:
            if world is None or world.settings.seed != task.seed:
                world = build_world(settings.world.model_copy(update={"seed": task.seed}))
            run = replay(world, task.kind, make, settings.replay)
            done[task.seed, task.kind] = run
            if kept is not None:
                _write(kept, key, done.values())
        found.append(run)
    watcher.update("replays", len(tasks), len(tasks))
    return found


def _tasks(settings: SuiteSettings) -> Iterator[_Task]:
    for seed in range(settings.first_seed, settings.first_seed + settings.worlds):
        if settings.clean:
            yield _Task(seed=seed, kind=None)
        for kind in settings.kinds:
            yield _Task(seed=seed, kind=kind)


def _write(path: Path, key: str, runs: Iterable[Replayed]) -> None:
    write_text(path, "".join(json.dumps({"key": key, **run.to_dict()}) + "\n" for run in runs))


def _read(path: Path, key: str) -> Iterator[tuple[tuple[int, IncidentKind | None], Replayed]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=path, fix="give another folder") from error
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            if row["key"] == key:
                run = _parsed(row)
                yield (run.seed, None if run.truth is None else run.truth.kind), run
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"is no replay ({type(error).__name__}: {error})",
                file=path,
                row=number,
                fix="remove the file: the replays are then run anew",
            ) from error


def _parsed(row: dict[str, Any]) -> Replayed:
    truth, blame = row["truth"], row["blame"]
    return Replayed(
        seed=int(row["seed"]),
        truth=None if truth is None else Truth(**{**truth, "kind": IncidentKind(truth["kind"])}),
        sessions=int(row["sessions"]),
        alarms=tuple(
            Alarm(session=a["session"], kinds=tuple(a["kinds"]), about=tuple(a["about"])) for a in row["alarms"]
        ),
        false_alarms=int(row["false_alarms"]),
        detected=row["detected"],
        blame=None if blame is None else Blame(**blame),
        findings=dict(row["findings"]),
        seconds=float(row["seconds"]),
    )
