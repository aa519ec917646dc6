"""A stream of tasks: one regime after another, each with a part to learn from and a later part to be judged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.continual.protocol import Experience
from tradewind.core import Dataset, InputError
from tradewind.core.arrays import FloatArray, TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One regime; every direction of ``train`` is known by the first row of ``test``."""

    name: str
    train: Experience
    test: Experience

    def __post_init__(self) -> None:
        """Refuse an empty part, and one that knows what comes after it."""
        if len(self.train) == 0 or len(self.test) == 0:
            raise InputError(
                f"period {self.name!r} has {len(self.train)} rows to learn from and {len(self.test)} to be judged on",
                fix="take a longer period",
            )
        for part, one in (("learn from", self.train), ("be judged on", self.test)):
            if not np.isfinite(np.asarray(one.direction, dtype=np.float64)).any():
                raise InputError(
                    f"period {self.name!r} has no row with a direction to {part}", fix="take a longer period"
                )
        if not (self.train.known_at <= self.test.time[0]).all():
            raise InputError(f"period {self.name!r} learns from labels of its test part", fix="purge the train part")


@dataclass(frozen=True, kw_only=True, eq=False)
class TaskStream:
    """Tasks in the order of time.

    Attributes
    ----------
    name : of the stream. ``names`` : p features, the columns of every experience.
    ceilings : best possible accuracy of each task, where it is known.
    """

    name: str
    names: tuple[str, ...]
    tasks: tuple[Task, ...]
    ceilings: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse fewer than two tasks and tasks that know labels of the next."""
        if len(self.tasks) < 2:
            raise InputError(f"stream {self.name!r} has {len(self.tasks)} tasks", fix="give two periods or more")
        for before, after in zip(self.tasks[:-1], self.tasks[1:], strict=True):
            if not (before.test.known_at <= after.train.time[0]).all():
                raise InputError(f"period {before.name!r} knows labels of {after.name!r}", fix="leave a gap")


def experience_of(name: str, data: Dataset, regimes: FloatArray | None = None) -> Experience:
    """Return the rows of ``data`` with a direction, by time, then symbol; ``regimes`` (n, K) as its rows."""
    rows = data.labelled(np.arange(len(data)))
    rows = rows[~np.isnat(data.labels.end[rows])]
    rows = rows[np.argsort(data.labels.start[rows], kind="stable")]
    return Experience(
        name=name,
        features=data.features[rows],
        direction=data.labels.direction[rows],
        time=data.labels.start[rows],
        known_at=data.labels.end[rows],
        regimes=None if regimes is None else regimes[rows],
        weight=None if data.weight is None else data.weight[rows],
    )


def split_task(whole: Experience, share: float, *, until: np.datetime64 | None = None) -> Task:
    """Cut ``whole`` by days: the first ``share`` of them to learn from, purged, the rest to be judged on.

    ``until``: rows whose direction is known later are left out, as the next task begins there.
    """
    rows = whole if until is None else whole.known_by(until)
    days = np.unique(rows.time)
    if len(days) < 2:
        raise InputError(f"period {whole.name!r} has {len(days)} days with labels", fix="take a longer period")
    border: np.datetime64 = days[min(max(int(len(days) * share), 1), len(days) - 1)]
    train = rows.select(rows.time < border).known_by(border)
    return Task(name=whole.name, train=train, test=rows.select(rows.time >= border))


def rows_of_days(days: TimeArray, values: FloatArray, time: TimeArray) -> FloatArray:
    """(n, K) the values (D, K) of each row's day; every time of ``time`` must be one of ``days``, which rise."""
    out: FloatArray = values[np.searchsorted(days, time)]
    return out
