"""The additive student: one step function per feature, which can be read and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.explain.distillation.settings import DistillationSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Additive:
    """A generalised additive model of steps (Lou et al. 2012).

    Attributes
    ----------
    intercept : mean log odds of the rows it was taught on.
    edges : per feature its rising inner edges; step ``k`` holds values in ``[edges[k - 1], edges[k])``.
    steps : per feature ``len(edges) + 1`` additions to the log odds, of mean zero over the rows taught on.
        A NaN value adds 0.
    """

    intercept: float
    edges: tuple[FloatArray, ...]
    steps: tuple[FloatArray, ...]

    @classmethod
    def fit(cls, values: AnyArray, target: FloatArray, settings: DistillationSettings) -> Self:
        """Fit by boosting trees that each split one feature alone, then read every feature's sum of trees off.

        The trees are grown on bin numbers, so a sum of them is constant within a bin: the table of steps is the
        whole model, not an approximation of it.
        """
        from sklearn.ensemble import HistGradientBoostingRegressor

        table = np.asarray(values, dtype=np.float64)
        edges = tuple(_edges(column, settings.bins) for column in table.T)
        codes = np.stack([_codes(column, cuts) for column, cuts in zip(table.T, edges, strict=True)], axis=1)
        model = HistGradientBoostingRegressor(
            learning_rate=settings.rate,
            max_iter=settings.rounds,
            max_leaf_nodes=8,
            min_samples_leaf=max(5, int(settings.leaf_share * len(table))),
            l2_regularization=1.0,
            max_features=0.5,  # of two columns that say the same both get a voice, as in the teacher
            interaction_cst="no_interactions",
            early_stopping=False,
            random_state=settings.seed,
        ).fit(codes.astype(np.float64), target)
        sizes = [len(cuts) + 1 for cuts in edges]
        probe = np.zeros((sum(sizes), len(sizes)))
        ends = np.cumsum(sizes)
        for column, (end, size) in enumerate(zip(ends, sizes, strict=True)):
            probe[end - size : end, column] = np.arange(size)
        base = float(model.predict(np.zeros((1, len(sizes))))[0])
        heights = np.split(np.asarray(model.predict(probe), dtype=np.float64) - base, ends[:-1])
        means = [float(height[code].mean()) for height, code in zip(heights, codes.T, strict=True)]
        steps = tuple(height - mean for height, mean in zip(heights, means, strict=True))
        return cls(intercept=base + sum(means), edges=edges, steps=steps)

    def contributions(self, values: AnyArray) -> FloatArray:
        """(m, p) what each feature adds to the log odds."""
        table = np.asarray(values, dtype=np.float64)
        out = np.zeros(table.shape)
        for column, (cuts, step) in enumerate(zip(self.edges, self.steps, strict=True)):
            out[:, column] = step[_codes(table[:, column], cuts)]
        return np.where(np.isnan(table), 0.0, out)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "intercept": self.intercept,
            "edges": [cuts.tolist() for cuts in self.edges],
            "steps": [step.tolist() for step in self.steps],
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return what :meth:`to_dict` described."""
        return cls(
            intercept=float(state["intercept"]),
            edges=tuple(np.array(cuts, dtype=np.float64) for cuts in state["edges"]),
            steps=tuple(np.array(step, dtype=np.float64) for step in state["steps"]),
        )


def _edges(column: FloatArray, bins: int) -> FloatArray:
    cuts = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1], method="higher"))
    # A cut at the least value holds nothing below it.
    return np.asarray(cuts[cuts > column.min()], dtype=np.float64)


def _codes(column: FloatArray, cuts: FloatArray) -> AnyArray:
    return np.searchsorted(cuts, column, side="right")
