"""The tasks that meta-learning learns from: short blocks of days, the first of which teach and the rest judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.continual.lesson import Lesson
from tradewind.core.arrays import AnyArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One block of days of one period.

    Attributes
    ----------
    support, query : the first days, to adapt on, and those after them, to judge the adapted weights.
    period : number of the expert of the period it came from.
    """

    support: Lesson
    query: Lesson
    period: int


def cut_tasks(lesson: Lesson, *, days: int, support: int, gap: int, period: int) -> list[Task]:
    """Cut ``lesson`` into blocks of ``days`` days from its start; what is left over at its end is given up.

    Parameters
    ----------
    support : days to adapt on; ``gap`` days after them are left out, so that no label of theirs reaches the query.
    """
    out = []
    last = int(lesson.day[-1]) + 1 if len(lesson) else 0
    for start in range(0, last - days + 1, days):
        inside = lesson.day - start
        early, late = (inside >= 0) & (inside < support), (inside >= support + gap) & (inside < days)
        if early.any() and late.any():
            out.append(Task(support=lesson.select(early), query=lesson.select(late), period=period))
    return out


def bounded(tasks: Sequence[Task], most: int, seed: int) -> list[Task]:
    """Return at most ``most`` tasks in their order, as many of each period as can be."""
    kept = list(tasks)
    rng = np.random.default_rng(seed)
    while len(kept) > most:
        periods, counts = np.unique([task.period for task in kept], return_counts=True)
        common = periods[counts.argmax()]
        places = [at for at, task in enumerate(kept) if task.period == common]
        del kept[places[int(rng.integers(len(places)))]]
    return kept


def to_arrays(tasks: Sequence[Task]) -> dict[str, AnyArray]:
    """Return the tasks as arrays by name."""
    out: dict[str, AnyArray] = {"period": np.array([task.period for task in tasks], dtype=np.int64)}
    for at, task in enumerate(tasks):
        for part, lesson in (("support", task.support), ("query", task.query)):
            for name in ("inputs", "rose", "weight", "day"):
                out[f"{at}:{part}:{name}"] = getattr(lesson, name)
            if lesson.regimes is not None:
                out[f"{at}:{part}:regimes"] = lesson.regimes
    return out


def from_arrays(arrays: dict[str, AnyArray]) -> list[Task]:
    """Return the tasks of which :func:`to_arrays` gave the arrays."""

    def lesson(start: str) -> Lesson:
        values = {name: arrays[f"{start}:{name}"] for name in ("inputs", "rose", "weight", "day")}
        return Lesson(**values, regimes=arrays.get(f"{start}:regimes"))

    return [
        Task(support=lesson(f"{at}:support"), query=lesson(f"{at}:query"), period=int(period))
        for at, period in enumerate(arrays["period"])
    ]
