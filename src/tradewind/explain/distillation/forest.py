"""The forest student: a few shallow trees whose rules can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.explain.distillation.settings import DistillationSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Tree:
    """Nodes of one tree: ``feature`` split on (-1 in a leaf), ``threshold``, ``left`` (value <= threshold; NaN goes
    right), ``right``, and ``value``, the mean log odds of the rows that reached the node.
    """

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    value: FloatArray

    def add_contributions(self, values: FloatArray, out: FloatArray) -> None:
        """Add to ``out`` (m, p) the change of mean at every split on each row's way, for the feature split on."""
        rows = np.arange(len(values))
        node = np.zeros(len(values), dtype=np.int64)
        while len(rows):
            split = self.feature[node] >= 0
            rows, node = rows[split], node[split]
            feature = self.feature[node]
            below = np.where(values[rows, feature] <= self.threshold[node], self.left[node], self.right[node])
            out[rows, feature] += self.value[below] - self.value[node]
            node = below

    def rules(self, names: Sequence[str]) -> Iterator[str]:
        """Yield each leaf as one line: its conditions and its log odds."""
        stack: list[tuple[int, tuple[str, ...]]] = [(0, ())]
        while stack:
            node, path = stack.pop()
            feature = int(self.feature[node])
            if feature < 0:
                yield f"{' and '.join(path) or 'always'}: {self.value[node]:+.4f}"
                continue
            cut = f"{self.threshold[node]:.4g}"
            stack.append((int(self.right[node]), (*path, f"{names[feature]} > {cut}")))
            stack.append((int(self.left[node]), (*path, f"{names[feature]} <= {cut}")))


@dataclass(frozen=True, kw_only=True, eq=False)
class Forest:
    """The mean of a few trees. Contributions follow the trees' paths (Saabas 2014) and sum to the log odds."""

    intercept: float
    trees: tuple[Tree, ...]

    @classmethod
    def fit(cls, values: AnyArray, target: FloatArray, settings: DistillationSettings) -> Self:
        """Fit on (m, p) ``values`` and (m,) log odds ``target``."""
        from sklearn.ensemble import RandomForestRegressor

        model = RandomForestRegressor(
            n_estimators=settings.trees,
            max_depth=settings.depth,
            min_samples_leaf=max(5, int(settings.leaf_share * len(target))),
            max_features=0.7,
            random_state=settings.seed,
        ).fit(np.asarray(values, dtype=np.float32), target)
        trees = tuple(_read(one.tree_) for one in model.estimators_)
        return cls(intercept=float(np.mean([tree.value[0] for tree in trees])), trees=trees)

    def contributions(self, values: AnyArray) -> FloatArray:
        """(m, p) what the splits on each feature add to the log odds."""
        table = np.asarray(values, dtype=np.float32).astype(np.float64)
        out = np.zeros(table.shape)
        for tree in self.trees:
            tree.add_contributions(table, out)
        return out / len(self.trees)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        fields = ("feature", "threshold", "left", "right", "value")
        trees = [{name: getattr(tree, name).tolist() for name in fields} for tree in self.trees]
        return {"intercept": self.intercept, "trees": trees}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return what :meth:`to_dict` described."""
        trees = tuple(
            Tree(
                feature=np.array(one["feature"], dtype=np.int64),
                threshold=np.array(one["threshold"], dtype=np.float64),
                left=np.array(one["left"], dtype=np.int64),
                right=np.array(one["right"], dtype=np.int64),
                value=np.array(one["value"], dtype=np.float64),
            )
            for one in state["trees"]
        )
        return cls(intercept=float(state["intercept"]), trees=trees)


def _read(tree: Any) -> Tree:
    inner = tree.children_left >= 0
    return Tree(
        feature=np.where(inner, tree.feature, -1).astype(np.int64),
        threshold=np.where(inner, tree.threshold, 0.0).astype(np.float64),
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        value=np.array(tree.value[:, 0, 0], dtype=np.float64),
    )
