"""Learners side by side on the same streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.continual.measures import MEASURES, Transfer, measure
from tradewind.continual.registry import make_learner
from tradewind.continual.run import Trace, by_learner, run_stream
from tradewind.continual.streams import TaskStream
from tradewind.core import NoProgress, Progress, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation import BootstrapSettings

REFERENCE = "fresh"


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """What learners reached.

    Attributes
    ----------
    stream : name. ``tasks`` : names of its T tasks, in order. ``seeds`` : run.
    ceilings : (T,) best possible accuracy, or None where nobody knows it.
    transfer : measures of each learner, by name. ``accuracy`` : (T, T) of each, the mean over seeds.
    """

    stream: str
    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    ceilings: tuple[float, ...] | None
    transfer: Mapping[str, Transfer]
    accuracy: Mapping[str, FloatArray]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row of values and bounds as text for each learner, those that keep most first."""
        found = []
        for name, one in sorted(self.transfer.items(), key=lambda item: -_rank(item[1])):
            found.append({"learner": name, **{key: _told(getattr(one, key)) for key in MEASURES}})
        return found

    def write_html(self, target: Path) -> Path:
        """Write the comparison as one page; OutputError where that cannot be."""
        return write_text(target, render("tradewind.continual", "report.html.j2", found=self))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "stream": self.stream,
            "tasks": list(self.tasks),
            "seeds": list(self.seeds),
            "ceilings": None if self.ceilings is None else list(self.ceilings),
            "learners": {
                name: {**one.to_dict(), "accuracy": self.accuracy[name].tolist()} for name, one in self.transfer.items()
            },
        }


def compare(
    stream_of: Callable[[int], TaskStream],
    learners: Sequence[str],
    seeds: Sequence[int],
    *,
    bootstrap: BootstrapSettings | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run every learner on the stream of every seed and measure it against one that learns each task alone.

    Parameters
    ----------
    stream_of : gives the stream of a seed; the same one for all where only the learners shall vary.
    learners : names in ``LEARNERS``; ``fresh``, the reference, is added where it is missing.

    Raises
    ------
    UsageError : no seed, or a learner that is not known.
    """
    if not seeds:
        raise UsageError("no seed is given", fix="give one or more")
    names = tuple(dict.fromkeys([*learners, REFERENCE]))
    told = progress or NoProgress()
    traces: list[Trace] = []
    done, total = 0, len(names) * len(seeds)
    for seed in seeds:
        stream = stream_of(seed)
        for name in names:
            told.update("learners", done, total)
            traces.append(run_stream(make_learner(name, seed=seed), stream, seed=seed, name=name))
            done += 1
    told.update("learners", total, total)
    found = by_learner(traces)
    reference = found[REFERENCE]
    return Comparison(
        stream=stream.name,
        tasks=tuple(task.name for task in stream.tasks),
        seeds=tuple(seeds),
        ceilings=stream.ceilings,
        transfer={name: measure(ones, reference, bootstrap) for name, ones in found.items()},
        accuracy={name: np.mean([one.accuracy for one in ones], axis=0) for name, ones in found.items()},
    )


def _rank(one: Transfer) -> float:
    """Return what rows are sorted by: what was kept where that is known, else the average accuracy."""
    return one.kept.value if np.isfinite(one.kept.value) else one.average.value


def _told(one: Any) -> str:
    if not np.isfinite(one.value):
        return "–"
    return f"{one.value:.3f} [{one.lower:.3f}, {one.upper:.3f}]"
