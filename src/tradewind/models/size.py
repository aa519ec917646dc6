"""How large a fitted model is: its trees, the numbers it learned, and how deep it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core import UsageError
from tradewind.models.baselines import AlwaysUp, LastDirection, Momentum, Reversal
from tradewind.models.logistic import LogisticForecaster
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.graph import GraphForecaster
from tradewind.models.protocol import Forecaster
from tradewind.models.trees.cat import CatBoostForecaster
from tradewind.models.trees.compact import Forest
from tradewind.models.trees.lgbm import LightGBMForecaster
from tradewind.models.trees.random_forest import RandomForestForecaster
from tradewind.models.trees.xgb import XGBoostForecaster


@dataclass(frozen=True, kw_only=True)
class ModelSize:
    """Size of one member; direction and return are counted together.

    Attributes
    ----------
    trees : decision trees, 0 for a model without.
    parameters : learned numbers: weights of a net or a regression; a tree's nodes, each a threshold or a leaf's value.
    depth : most decisions on the way through a tree, 0 for a model without trees.
    """

    trees: int = 0
    parameters: int = 0
    depth: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return a JSON-ready mapping."""
        return asdict(self)


def size_of(model: Forecaster) -> ModelSize:
    """Return the size of a fitted model of any kind in :data:`~tradewind.models.registry.MODELS`.

    Raises
    ------
    NotFittedError : the model is not fitted.
    UsageError : the model is of a kind that is not known here.
    """
    if isinstance(model, NetForecaster | GraphForecaster):
        return ModelSize(parameters=sum(weight.numel() for weight in model._fitted().parameters()))
    if isinstance(model, LogisticForecaster):
        return ModelSize(parameters=2 * len(model.direction_line()[0]) + 2)  # direction and return, each an intercept
    if isinstance(model, AlwaysUp | LastDirection | Momentum | Reversal):
        return ModelSize(parameters=1)
    if isinstance(model, RandomForestForecaster):
        forest = model._fitted()
        return ModelSize(trees=len(forest.roots) - 1, parameters=len(forest.feature), depth=_forest_depth(forest))
    if isinstance(model, XGBoostForecaster):
        trees = [tree for booster in model._fitted() for tree in booster.get_dump()]
        lines = [line for tree in trees for line in tree.splitlines() if line.strip()]
        return ModelSize(trees=len(trees), parameters=len(lines), depth=max(map(_indent, lines), default=0))
    if isinstance(model, LightGBMForecaster):
        return _of_lightgbm(model)
    if isinstance(model, CatBoostForecaster):
        return _of_catboost(model)
    raise UsageError(f"the size of a {model.name!r} cannot be measured", fix="add it to models/size.py")


def _forest_depth(forest: Forest) -> int:
    """Return the decisions on the longest way from a root to a leaf."""
    level, depth = forest.roots[:-1], -1
    while len(level):
        inner = level[forest.feature[level] >= 0]
        level, depth = np.concatenate([forest.left[inner], forest.right[inner]]), depth + 1
    return depth


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))  # XGBoost's text indents a node by its depth


def _of_lightgbm(model: LightGBMForecaster) -> ModelSize:
    trees = [tree["tree_structure"] for booster in model._fitted() for tree in booster.dump_model()["tree_info"]]
    found = [_walk(tree) for tree in trees]
    return ModelSize(
        trees=len(trees), parameters=sum(nodes for nodes, _ in found), depth=max((deep for _, deep in found), default=0)
    )


def _walk(node: dict[str, Any]) -> tuple[int, int]:
    """Return (nodes, depth) of a LightGBM tree."""
    children = [_walk(node[side]) for side in ("left_child", "right_child") if side in node]
    return 1 + sum(nodes for nodes, _ in children), 1 + max(deep for _, deep in children) if children else 0


def _of_catboost(model: CatBoostForecaster) -> ModelSize:
    trees, parameters, depth = 0, 0, 0
    for part in model._fitted():
        if isinstance(part, float):
            parameters += 1
            continue
        leaves = [int(count) for count in part.get_tree_leaf_counts()]
        levels = [
            count.bit_length() - 1 for count in leaves
        ]  # trees are symmetric: 2 ** depth leaves, one test a level
        trees += len(leaves)
        parameters += sum(leaves) + sum(levels)
        depth = max([depth, *levels])
    return ModelSize(trees=trees, parameters=parameters, depth=depth)
