"""How learners read experiences and contexts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.continual.lesson import Lesson, Scale, day_numbers, known_outcome
from tradewind.continual.protocol import Context, Experience
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray


def lesson_of(batch: Experience, scale: Scale) -> Lesson:
    """Return the rows of ``batch`` whose outcome is told, in ``scale``."""
    told = teaches(batch)
    weight = np.ones(len(told)) if batch.weight is None else np.asarray(batch.weight, dtype=np.float64)
    return Lesson(
        inputs=scale.apply(batch.features[told]),
        rose=np.asarray(batch.direction, dtype=np.float64)[told],
        weight=weight[told],
        day=day_numbers(batch.time)[told],
        regimes=None if batch.regimes is None else np.asarray(batch.regimes, dtype=np.float64)[told],
    )


def teaches(batch: Experience) -> BoolArray:
    """(m,) True where a row's direction is told and it has a weight."""
    told = known_outcome(batch.direction)
    return told if batch.weight is None else told & (np.asarray(batch.weight) > 0.0)


def regimes_of(context: Context | Experience | None) -> FloatArray | None:
    """Return the filtered regime probabilities (m, K) of a context, None where they are not told."""
    return None if context is None or context.regimes is None else np.asarray(context.regimes, dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """``rows`` (k,) with a told outcome in the order in which it became known, ``known`` (k,) when that was."""

    rows: IntArray
    known: TimeArray


def known_order(batch: Experience) -> Known:
    """Return the rows of ``batch`` in the order in which their outcomes became known; equal times in row order."""
    rows = np.flatnonzero(known_outcome(batch.direction) & ~np.isnat(batch.known_at))
    order = rows[np.argsort(batch.known_at[rows], kind="stable")]
    return Known(rows=order, known=batch.known_at[order])
