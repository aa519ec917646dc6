"""Records one run: everything is gathered in memory and written at its end, so tracking can never stop the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from tradewind.training.tracking.flat import flat, numbers, text_of
from tradewind.training.tracking.store import opened
from tradewind.training.tracking.where import Place, masked

Status = Literal["FINISHED", "FAILED", "KILLED"]
TAG = "tradewind."
BATCH = 100
"""Parameters that MLflow takes at once."""
COMMAND, DATASET, ERROR, NO_SKILL = "command", "dataset", "error", "no_skill"


@dataclass(frozen=True, kw_only=True)
class _Reading:
    name: str
    value: float
    step: int
    moment: int


@dataclass(kw_only=True, eq=False)
class RunLog:
    """What is known of one run so far. Nothing here touches a disk or can fail."""

    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    readings: list[_Reading] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: dict[str, Path] = field(default_factory=dict)
    texts: dict[str, Callable[[], Mapping[str, str]]] = field(default_factory=dict)

    def facts(self, group: str, values: Mapping[str, Any]) -> None:
        """Keep ``values`` as parameters named ``group.name``; nested mappings become dotted names."""
        self.params.update(flat(values, f"{group}."))

    def metrics(self, values: Mapping[str, Any], *, prefix: str = "", step: int = 0) -> None:
        """Keep the finite numbers of ``values`` as metrics; ``step`` is the fold's number, from 0."""
        moment = _now()
        found = numbers(values, prefix)
        self.readings += [_Reading(name=name, value=v, step=step, moment=moment) for name, v in found.items()]

    def attach(self, *files: Path) -> None:
        """Keep copies of ``files``; they must exist when the run ends."""
        self.files += files

    def attach_folder(self, name: str, folder: Path) -> None:
        """Keep a copy of ``folder`` as ``name``."""
        self.folders[name] = folder

    def attach_texts(self, folder: str, make: Callable[[], Mapping[str, str]]) -> None:
        """Keep the texts by file name that ``make`` returns; it is called only where runs are recorded."""
        self.texts[folder] = make

    def no_skill(self, words: str) -> None:
        """Put the run into the failure journal: its evaluation found no skill."""
        self.tags[NO_SKILL] = text_of(words)


class Tracker:
    """Writes runs to ``place`` (None: nowhere); a store that cannot be written costs one call of ``warn``.

    ``say`` is told the id of each run that was written.
    """

    def __init__(
        self, place: Place | None, warn: Callable[[str], None], say: Callable[[str], None] | None = None
    ) -> None:
        self.place = place
        self._warn = warn
        self._say = say

    @contextmanager
    def run(self, command: str, *, dataset: str) -> Iterator[RunLog]:
        """Yield the log of a run and write it when the block ends.

        An error that leaves the block is recorded with its text, in the failure journal too, and goes on its way.
        """
        log = RunLog(tags={COMMAND: command, DATASET: text_of(dataset)})
        began = _now()
        try:
            yield log
        except Exception as error:
            log.tags[ERROR] = text_of(f"{type(error).__name__}: {error}")
            self._write(log, began, "FAILED")
            raise
        except BaseException:  # stopped by its user: no failure of the run
            self._write(log, began, "KILLED")
            raise
        self._write(log, began, "FINISHED")

    def _write(self, log: RunLog, began: int, status: Status) -> None:
        if self.place is None:
            return
        try:
            run = write_run(self.place, log, began, status)
        except Exception as error:  # noqa: BLE001 - whatever a store does must not cost the result of hours
            why = masked(" ".join(str(error).split()))[:300] or type(error).__name__
            self._warn(f"this run was not recorded in {self.place.shown} ({why}); --track off leaves recording out")
            return
        if self._say is not None:
            self._say(f"Recorded as run {run[:8]} in {self.place.shown}")


def write_run(place: Place, log: RunLog, began: int, status: Status) -> str:
    """Write one finished run and return its id. Times are milliseconds since 1970, UTC."""
    with opened(place) as (client, experiment):
        when = datetime.fromtimestamp(began / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        run = client.create_run(experiment, start_time=began, run_name=f"{log.tags[COMMAND]} {when}").info.run_id
        try:
            _fill(client, run, log)
        finally:  # what was written before an error stays readable
            client.set_terminated(run, status=status, end_time=_now())
    return str(run)


def _fill(client: Any, run: str, log: RunLog) -> None:
    from mlflow.entities import Metric, Param, RunTag

    client.log_batch(run, tags=[RunTag(TAG + name, text) for name, text in log.tags.items()])
    for part in _batches([Param(name, text) for name, text in log.params.items()]):
        client.log_batch(run, params=part)
    for part in _batches([Metric(r.name, r.value, r.moment, r.step) for r in log.readings]):
        client.log_batch(run, metrics=part)
    for file in log.files:
        if file.is_file():
            client.log_artifact(run, str(file))
    for name, folder in log.folders.items():
        client.log_artifacts(run, str(folder), name)
    for place, make in log.texts.items():
        for name, text in make().items():
            client.log_text(run, text, f"{place}/{name}")


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while part := list(islice(left, BATCH)):
        yield part


def _now() -> int:
    return time.time_ns() // 1_000_000
