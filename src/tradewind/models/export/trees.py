"""The trees of direction and return of a tree member, and both as one ONNX file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from tradewind.core import MissingExtraError, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.models.engines.packed import same_trees
from tradewind.models.protocol import Forecaster
from tradewind.models.trees.cat import CatBoostForecaster, _bytes
from tradewind.models.trees.lgbm import LightGBMForecaster
from tradewind.models.trees.random_forest import RandomForestForecaster
from tradewind.models.trees.readers import constant, read_catboost, read_forest, read_lightgbm, read_xgboost
from tradewind.models.trees.table import TreeTable
from tradewind.models.trees.xgb import XGBoostForecaster


def return_trees(model: Forecaster) -> TreeTable:
    """Return the trees of a fitted model's expected return; their output is the return itself.

    ``scale`` of the table says nothing here. UsageError where the model has no such trees.
    """
    if isinstance(model, RandomForestForecaster):
        forest = model._fitted()
        return read_forest(replace(forest, share=forest.mean))
    if isinstance(model, XGBoostForecaster):
        content = bytes(model._fitted()[1].save_raw("json"))
        start = json.loads(content)["learner"]["learner_model_param"]["base_score"]
        base = float(np.float32(str(start).strip("[]")))  # under squared error it is the output itself
        return _times(replace(read_xgboost(content), base=base), model._scale)
    if isinstance(model, LightGBMForecaster):
        return _times(read_lightgbm(model._fitted()[1].dump_model()), model._scale)
    if isinstance(model, CatBoostForecaster):
        part = model._fitted()[1]
        table = constant(part) if isinstance(part, float) else read_catboost(_bytes(part, "json"))
        return _times(table, model._scale)
    raise UsageError(f"a {model.name!r} has no trees of the return", fix="export it as what it is")


def _times(table: TreeTable, scale: float) -> TreeTable:
    return replace(table, value=table.value * scale, base=table.base * scale)


def trees_onnx(direction: TreeTable, returns: TreeTable, n_columns: int) -> bytes | None:
    """Return both tables as one ONNX ``TreeEnsembleRegressor``: ``rows`` (m, q) to (m, 2).

    None where a head has no tree: ONNX Runtime then forgets that head's base value.

    Raises
    ------
    MissingExtraError : ``onnx`` is not installed.
    """
    try:
        from onnx import TensorProto, helper
    except ImportError as error:
        raise MissingExtraError("onnx", "serve") from error
    shared = same_trees(direction, returns)
    tables = (direction,) if shared else (direction, returns)
    if not all(len(table) for table in tables):
        return None
    nodes: dict[str, Any] = {}
    leaves: dict[str, Any] = {}
    first_tree = 0
    for target, table in enumerate(tables):
        tree = np.repeat(np.arange(len(table)), np.diff(table.roots))
        own = np.arange(len(table.feature)) - table.roots[:-1][tree]
        leaf = table.feature < 0
        _extend(
            nodes,
            nodes_treeids=(tree + first_tree).tolist(),
            nodes_nodeids=own.tolist(),
            nodes_featureids=np.where(leaf, 0, table.feature).tolist(),
            nodes_values=table.threshold.astype(np.float64).tolist(),
            nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
            nodes_truenodeids=np.where(leaf, 0, table.left - table.roots[:-1][tree]).tolist(),
            nodes_falsenodeids=np.where(leaf, 0, table.right - table.roots[:-1][tree]).tolist(),
            nodes_missing_value_tracks_true=[0] * len(own),
            nodes_hitrates=[1.0] * len(own),
        )
        outputs: list[tuple[int, FloatArray]] = [(target, table.value)]
        if shared:
            outputs.append((1, returns.value))
        for number, value in outputs:
            _extend(
                leaves,
                target_treeids=(tree[leaf] + first_tree).tolist(),
                target_nodeids=own[leaf].tolist(),
                target_ids=[number] * int(leaf.sum()),
                target_weights=value[leaf].tolist(),
            )
        first_tree += len(table)
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["outputs"],
        domain="ai.onnx.ml",
        n_targets=2,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=[direction.base, returns.base],
        **nodes,
        **leaves,
    )
    graph = helper.make_graph(
        [node],
        "trees",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["rows", n_columns])],
        [helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["rows", 2])],
    )
    opsets = [helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 18)]
    content: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return content


def _extend(lists: dict[str, list[Any]], **more: list[Any]) -> None:
    for name, values in more.items():
        lists.setdefault(name, []).extend(values)
