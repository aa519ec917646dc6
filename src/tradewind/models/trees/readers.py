"""The engines' own descriptions of their trees, read into a :class:`~tradewind.models.trees.table.TreeTable`.

Features are finite, so the engines' default directions for missing values are not read; no column is categorical.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.models.trees.compact import Forest
from tradewind.models.trees.table import Tree, TreeTable, at_most, below


def read_forest(forest: Forest) -> TreeTable:
    """Return the trees of a forest: its output, the mean share over the trees, as a sum."""
    leaf = forest.feature < 0
    return TreeTable(
        roots=forest.roots,
        feature=forest.feature,
        threshold=np.where(leaf, np.float32(0.0), at_most(forest.threshold)),
        left=forest.left,
        right=forest.right,
        value=np.where(leaf, forest.share, 0.0) / (len(forest.roots) - 1),
        base=0.0,
        scale="probability",
    )


def read_xgboost(description: bytes | str) -> TreeTable:
    """Return the trees of a binary booster from XGBoost's JSON (``save_raw("json")``): left where ``x < t``.

    The base score is a probability there, whatever loss the trees were fitted on.
    """
    learner = json.loads(description)["learner"]
    start = np.float32(str(learner["learner_model_param"]["base_score"]).strip("[]"))
    trees = []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left = np.array(tree["left_children"])
        leaf = left < 0
        condition = np.array(tree["split_conditions"], dtype=np.float32)  # of a leaf: its output
        trees.append(
            Tree(
                feature=np.where(leaf, -1, tree["split_indices"]),
                threshold=np.where(leaf, np.float32(0.0), below(condition)),
                left=left,
                right=np.array(tree["right_children"]),
                value=np.where(leaf, condition, 0.0),
            )
        )
    return TreeTable.joined(trees, base=_xgboost_margin(start), scale="log_odds")


def _xgboost_margin(start: np.float32) -> float:
    """Return the log odds of a base score as XGBoost computes them: in float32, the score kept off 0 and 1."""
    one, edge = np.float32(1.0), np.float32(1e-6)
    return -float(np.log(one / np.clip(start, edge, one - edge) - one))


def read_lightgbm(description: dict[str, Any]) -> TreeTable:
    """Return the trees of a binary booster from LightGBM's ``dump_model()``: left where ``x <= t``, t a double."""
    trees = []
    for tree in description["tree_info"]:
        nodes: list[dict[str, Any]] = [tree["tree_structure"]]
        left, right = [], []
        for node in nodes:  # grows while it is walked: children are numbered in order of their parents
            if "left_child" in node:
                left.append(len(nodes))
                right.append(len(nodes) + 1)
                nodes += [node["left_child"], node["right_child"]]
            else:
                left.append(-1)
                right.append(-1)
        trees.append(
            Tree(
                feature=np.array([node.get("split_feature", -1) for node in nodes]),
                threshold=at_most(np.array([node.get("threshold", 0.0) for node in nodes])),
                left=np.array(left),
                right=np.array(right),
                value=np.array([node.get("leaf_value", 0.0) for node in nodes]),
            )
        )
    return TreeTable.joined(trees, base=0.0, scale="log_odds")


def read_catboost(description: bytes | str) -> TreeTable:
    """Return the trees of a booster from CatBoost's JSON: bit i of a leaf's number is ``x > border`` of split i.

    An oblivious tree becomes an ordinary one whose root asks the last split; where all leaves below a node are equal,
    as where no row fell, the node is a leaf.
    """
    model = json.loads(description)
    column = [feature["flat_feature_index"] for feature in model["features_info"]["float_features"]]
    scale, bias = model["scale_and_bias"]
    trees = []
    for tree in model["oblivious_trees"]:
        splits = [(column[split["float_feature_index"]], split["border"]) for split in tree["splits"] or []]
        trees.append(_from_oblivious(splits, scale * np.array(tree["leaf_values"], dtype=np.float64)))
    return TreeTable.joined(trees, base=float(bias[0]), scale="log_odds")


def constant(log_odds: float) -> TreeTable:
    """Return the table without trees of a model that answers ``log_odds`` to everything."""
    return TreeTable.joined([], base=log_odds, scale="log_odds")


def _from_oblivious(splits: Sequence[tuple[int, float]], values: FloatArray) -> Tree:
    """Return the tree of ``splits`` (column, border) with ``values`` (2 ** len(splits),) in its leaves."""
    ranges = [(0, len(values))]  # leaves below each node, in order of the nodes
    nodes: list[tuple[int, float, int, int, float]] = []
    for first, last in ranges:  # grows while it is walked
        if (values[first:last] == values[first]).all():
            nodes.append((-1, 0.0, -1, -1, float(values[first])))
        else:
            column, border = splits[(last - first).bit_length() - 2]
            nodes.append((column, border, len(ranges), len(ranges) + 1, 0.0))
            middle = (first + last) // 2
            ranges += [(first, middle), (middle, last)]
    feature, threshold, left, right, value = (np.array(part) for part in zip(*nodes, strict=True))
    return Tree(feature=feature, threshold=at_most(threshold), left=left, right=right, value=value)
