"""How much of the old is kept and how much of the new is taken up.

``R[i, j]`` is the accuracy on task j after learning task i; skill is accuracy above one half. Sources: Lopez-Paz and
Ranzato, "Gradient episodic memory" (2017) for backward and forward transfer; Chaudhry et al., "Riemannian walk" (2018)
for forgetting; Díaz-Rodríguez et al. (2018) for the average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.continual.run import Trace
from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.bootstrap import interval

MEASURES = ("average", "kept", "taken_up", "backward_transfer", "forgetting", "forward_transfer")


@dataclass(frozen=True, kw_only=True, eq=False)
class Transfer:
    """Measures of one learner, each with the bounds of its interval.

    Attributes
    ----------
    average : mean accuracy on all tasks after the last.
    kept : skill on old tasks after the last, as a share of the reference's, which learned each alone; NaN where the
        reference has no skill.
    taken_up : skill on each task but the first just after learning it, as a share of the reference's (plasticity).
    backward_transfer : mean of ``R[last, j] - R[j, j]`` over old tasks; negative where it forgot.
    forgetting : mean over old tasks of the best accuracy ever had, less that after the last.
    forward_transfer : mean of ``R[j - 1, j] - 1/2`` over tasks but the first: skill before learning it.
    """

    average: Interval
    kept: Interval
    taken_up: Interval
    backward_transfer: Interval
    forgetting: Interval
    forward_transfer: Interval

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Return a JSON-ready mapping."""
        return {name: getattr(self, name).to_dict() for name in MEASURES}


def measure(traces: Sequence[Trace], reference: Sequence[Trace], settings: BootstrapSettings | None = None) -> Transfer:
    """Return the measures of a learner over its seeds.

    Parameters
    ----------
    traces, reference : of the learner and of one that learned each task alone (``fresh``), the same seeds and days.

    Intervals redraw seeds and, within each, blocks of days of every test part; learner and reference on the same draws.
    With one stream for all seeds the days are the same, so they are redrawn alike for all seeds.

    Raises
    ------
    UsageError : the two do not have the same seeds and test days.
    """
    wanted = settings or BootstrapSettings()
    _check(traces, reference)
    value = _measures(*_accuracies(traces, reference, None))
    rng = np.random.default_rng(wanted.seed)
    draws = [
        _measures(*_accuracies(traces, reference, _redrawn(traces, wanted.block, rng))) for _ in range(wanted.draws)
    ]
    return Transfer(
        **{name: interval(value[name], np.array([one[name] for one in draws]), wanted.level) for name in MEASURES}
    )


Redraw = tuple[np.ndarray, list[list[FloatArray]]]


def _redrawn(traces: Sequence[Trace], block: int, rng: np.random.Generator) -> Redraw:
    """Draw which seeds count, and how often each day of each task of each does."""
    chosen = rng.integers(len(traces), size=len(traces))
    shared = all(np.array_equal(a, b) for one in traces for a, b in zip(one.count, traces[0].count, strict=True))
    first = [_day_draw(len(count), block, rng) for count in traces[0].count]
    days = [first if shared else [_day_draw(len(count), block, rng) for count in one.count] for one in traces]
    return chosen, days


def _day_draw(size: int, block: int, rng: np.random.Generator) -> FloatArray:
    """(size,) how often each day is drawn: circular blocks (Politis and Romano 1992)."""
    length = min(block, size)
    starts = rng.integers(size, size=-(-size // length))
    drawn = (starts[:, None] + np.arange(length)) % size
    return np.bincount(drawn.ravel(), minlength=size).astype(np.float64)


def _accuracies(
    traces: Sequence[Trace], reference: Sequence[Trace], draw: Redraw | None
) -> tuple[FloatArray, FloatArray]:
    """Return the mean over seeds of R (T, T), and of the reference's accuracy on each task just learned (T,)."""
    chosen = range(len(traces)) if draw is None else draw[0]
    tables, reached = [], []
    for s in chosen:
        one, other = traces[s], reference[s]
        columns, alone = [], []
        for j, count in enumerate(one.count):
            often = np.ones(len(count)) if draw is None else draw[1][s][j]
            total = (often * count).sum()
            columns.append(one.right[j] @ often / total)
            alone.append(other.right[j][j] @ often / total)
        tables.append(np.stack(columns, axis=1))
        reached.append(np.array(alone))
    return np.mean(tables, axis=0), np.mean(reached, axis=0)


def _measures(table: FloatArray, alone: FloatArray) -> Mapping[str, float]:
    """Return every measure of R (T, T), given what the reference reached on each task (T,)."""
    last, own = table[-1], np.diag(table)
    return {
        "average": float(last.mean()),
        "kept": _share(last[:-1] - 0.5, alone[:-1] - 0.5),
        "taken_up": _share(own[1:] - 0.5, alone[1:] - 0.5),
        "backward_transfer": float((last - own)[:-1].mean()),
        "forgetting": float((table[:-1, :-1].max(axis=0) - last[:-1]).mean()),
        "forward_transfer": float((np.diag(table, k=1) - 0.5).mean()),
    }


def _share(skill: FloatArray, reference: FloatArray) -> float:
    """Return the mean skill as a share of the reference's; NaN where the reference has none."""
    whole = float(reference.mean())
    return float(skill.mean()) / whole if whole > 0.0 else float("nan")


def _check(traces: Sequence[Trace], reference: Sequence[Trace]) -> None:
    """Refuse traces that were not made on the same days."""
    same = len(traces) == len(reference) > 0 and all(
        one.seed == other.seed
        and len(one.count) == len(other.count)
        and all(np.array_equal(a, b) for a, b in zip(one.count, other.count, strict=True))
        for one, other in zip(traces, reference, strict=True)
    )
    if not same:
        raise UsageError("learner and reference were not run on the same seeds and days", fix="run both on each stream")
