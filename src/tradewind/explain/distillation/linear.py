"""The linear student: a sparse weighted sum of features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.explain.distillation.settings import DistillationSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """Log odds are ``intercept + sum of weight * (value - centre)``; a NaN value counts as the centre."""

    intercept: float
    weight: FloatArray
    centre: FloatArray

    @classmethod
    def fit(cls, values: AnyArray, target: FloatArray, settings: DistillationSettings) -> Self:
        """Fit by ridge regression on (m, p) ``values`` and (m,) log odds ``target``."""
        table, centre = _centred(values)
        mean = float(target.mean())
        weight = _solve(table.T @ table, table.T @ (target - mean), settings.ridge * len(target))
        return cls(intercept=mean, weight=weight, centre=centre)

    def contributions(self, values: AnyArray) -> FloatArray:
        """(m, p) what each feature adds to the log odds."""
        table = np.asarray(values, dtype=np.float64) - self.centre
        return np.where(np.isnan(table), 0.0, table) * self.weight

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"intercept": self.intercept, "weight": self.weight.tolist(), "centre": self.centre.tolist()}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return what :meth:`to_dict` described."""
        weight, centre = np.array(state["weight"], dtype=np.float64), np.array(state["centre"], dtype=np.float64)
        return cls(intercept=float(state["intercept"]), weight=weight, centre=centre)


def pursuit(values: AnyArray, target: FloatArray, most: int, ridge: float) -> IntArray:
    """Return up to ``most`` columns in the order that orthogonal matching pursuit takes them (Pati et al. 1993).

    Each step takes the column that the rest left unexplained correlates with most, then refits all columns taken: of
    two columns that say the same, the second is not taken, which ranking by the weights of one full fit would do.
    """
    table, _ = _centred(values)
    spread = table.std(axis=0)
    usable = spread > 1e-12
    table = np.where(usable, table / np.where(usable, spread, 1.0), 0.0)
    gram, cross = table.T @ table, table.T @ (target - target.mean())
    taken: list[int] = []
    left = cross.copy()
    for _ in range(min(most, int(usable.sum()))):
        score = np.where(usable, np.abs(left), -1.0)
        score[taken] = -1.0
        taken.append(int(np.argmax(score)))
        weight = _solve(gram[np.ix_(taken, taken)], cross[taken], ridge * len(target))
        left = cross - gram[:, taken] @ weight
    return np.array(taken, dtype=np.int64)


def _centred(values: AnyArray) -> tuple[FloatArray, FloatArray]:
    table = np.asarray(values, dtype=np.float64)
    centre = table.mean(axis=0)
    return table - centre, centre


def _solve(gram: FloatArray, cross: FloatArray, penalty: float) -> FloatArray:
    lifted = gram + max(penalty, 1e-9) * np.eye(len(gram))
    return np.asarray(np.linalg.solve(lifted, cross), dtype=np.float64)
