"""Run a learner along a stream and keep what measures need: right calls a day of every task, after every task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.continual.lesson import known_outcome
from tradewind.continual.protocol import Learner
from tradewind.continual.streams import TaskStream
from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """What a learner reached along a stream of T tasks.

    Attributes
    ----------
    learner : name. ``tasks`` : names of the tasks. ``seed`` : of stream and learner.
    right : for each task j, (T, D_j) right calls on each day of its test part, after learning task i (row).
    count : for each task j, (D_j,) calls on each day.
    """

    learner: str
    tasks: tuple[str, ...]
    seed: int
    right: tuple[FloatArray, ...]
    count: tuple[FloatArray, ...]

    @property
    def accuracy(self) -> FloatArray:
        """(T, T) share of right calls on task j (column) after learning task i (row)."""
        columns = [right.sum(axis=1) / count.sum() for right, count in zip(self.right, self.count, strict=True)]
        return np.stack(columns, axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping of names, seed and accuracies; days are left out."""
        return {
            "learner": self.learner,
            "tasks": list(self.tasks),
            "seed": self.seed,
            "accuracy": self.accuracy.tolist(),
        }


def run_stream(learner: Learner, stream: TaskStream, *, seed: int, name: str | None = None) -> Trace:
    """Learn the tasks of ``stream`` in their order with a fresh copy of ``learner``; judge it on all after each.

    ``name``: what the trace is called by; the learner's own where None. A forecast of one half or more calls a rise.
    Rows whose direction is not told are not judged.
    """
    one = learner.fresh()
    tests = [task.test.select(known_outcome(task.test.direction)) for task in stream.tasks]
    days = [np.unique(test.time, return_inverse=True) for test in tests]
    codes = [(code.reshape(-1), len(day)) for day, code in days]
    right = [np.zeros((len(stream.tasks), size)) for _, size in codes]
    for i, task in enumerate(stream.tasks):
        one.learn(task.train)
        for j, test in enumerate(tests):
            called = one.predict(test.features, test.context) >= 0.5
            hit = (called == (test.direction > 0.5)).astype(np.float64)
            right[j][i] = np.bincount(codes[j][0], weights=hit, minlength=codes[j][1])
    return Trace(
        learner=name or learner.name,
        tasks=tuple(task.name for task in stream.tasks),
        seed=seed,
        right=tuple(right),
        count=tuple(np.bincount(code, minlength=size).astype(np.float64) for code, size in codes),
    )


def by_learner(traces: Sequence[Trace]) -> Mapping[str, tuple[Trace, ...]]:
    """Return the traces of each learner, by rising seed."""
    names = dict.fromkeys(trace.learner for trace in traces)
    ordered = sorted(traces, key=lambda trace: trace.seed)
    return {name: tuple(trace for trace in ordered if trace.learner == name) for name in names}
