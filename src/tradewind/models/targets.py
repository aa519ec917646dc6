"""Training targets of rows: which rows teach the direction, which the return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import Float32Array, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets:
    """What some rows teach.

    Attributes
    ----------
    direction_rows, direction : rows with a known direction, and that direction (1 rise, 0 fall).
    direction_weight : weight of those rows, mean 1: rises and falls weigh the same in all, so that a learner's 0.5
        means "no opinion" and not "as often as in the training months". The drift is added back by the ensemble, as
        far as it can be believed. Within a class, rows keep the proportions of the dataset's sample weights.
    return_rows, returns : rows with a known forward return, and that return.
    """

    direction_rows: IntArray
    direction: FloatArray
    direction_weight: FloatArray
    return_rows: IntArray
    returns: FloatArray

    @property
    def base_rate(self) -> float:
        """Share of rises among the rows with a direction."""
        return float(self.direction.mean())

    @property
    def spread(self) -> float:
        """Standard deviation of the returns, by which a learner of returns is scaled; 1 where it is 0 or not known."""
        scale = float(np.std(self.returns)) if len(self.returns) > 1 else 0.0
        return scale if scale > 0.0 else 1.0

    @property
    def both_classes(self) -> bool:
        """True where rises and falls were both seen."""
        return 0.0 < self.base_rate < 1.0


def by_row(known: Targets, n: int, scale: float) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return direction, return in units of ``scale`` and weight of all ``n`` rows.

    Rows that do not teach hold NaN, and weight 1.
    """
    direction, returns, weight = (np.full(n, fill, dtype=np.float32) for fill in (np.nan, np.nan, 1.0))
    direction[known.direction_rows] = known.direction
    returns[known.return_rows] = known.returns / scale
    weight[known.direction_rows] = known.direction_weight
    return direction, returns, weight


def targets(data: Dataset, rows: IntArray) -> Targets:
    """Return what ``rows`` of ``data`` teach.

    Raises
    ------
    InputError : not one of the rows has a known direction.
    """
    direction_rows = data.labelled(rows)
    if len(direction_rows) == 0:
        raise InputError(
            f"none of the {len(rows)} training rows has a known direction",
            field="direction",
            fix="give more history, or narrow the band between the label's thresholds",
        )
    return_rows = rows[np.isfinite(data.labels.forward_return[rows])]
    direction = data.labels.direction[direction_rows]
    return Targets(
        direction_rows=direction_rows,
        direction=direction,
        direction_weight=_balanced(direction, None if data.weight is None else data.weight[direction_rows]),
        return_rows=return_rows,
        returns=data.labels.forward_return[return_rows],
    )


def _balanced(direction: FloatArray, weight: FloatArray | None) -> FloatArray:
    """(m,) weights of mean 1 that sum to the same for rises and falls; where one class is missing, the other's."""
    own = np.ones(len(direction)) if weight is None else weight
    sums = np.bincount(direction.astype(np.int64), weights=own, minlength=2)
    scale = len(direction) / (sums * np.count_nonzero(sums) + (sums == 0))
    balanced: FloatArray = own * scale[direction.astype(np.int64)]
    return balanced
