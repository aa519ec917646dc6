"""Training targets of rows: which rows teach the direction, which the return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets:
    """What some rows teach.

    Attributes
    ----------
    direction_rows, direction : rows with a known direction, and that direction (1 rise, 0 fall).
    direction_weight : sample weight of those rows, mean 1, or None for equal weights.
    return_rows, returns : rows with a known forward return, and that return.
    """

    direction_rows: IntArray
    direction: FloatArray
    direction_weight: FloatArray | None
    return_rows: IntArray
    returns: FloatArray

    @property
    def base_rate(self) -> float:
        """Share of rises among the rows with a direction."""
        return float(self.direction.mean())

    @property
    def both_classes(self) -> bool:
        """True where rises and falls were both seen."""
        return 0.0 < self.base_rate < 1.0


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
    weight = None if data.weight is None else data.weight[direction_rows]
    return Targets(
        direction_rows=direction_rows,
        direction=data.labels.direction[direction_rows],
        direction_weight=None if weight is None else weight / weight.mean(),
        return_rows=return_rows,
        returns=data.labels.forward_return[return_rows],
    )
