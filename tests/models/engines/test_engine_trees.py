"""Packed trees answer as the table they were made of, on any trees and any rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.models.engines.packed import PackedTrees, tree_depths
from tradewind.models.engines.sessions import CPU, GPU, open_session, providers_for
from tradewind.models.export import trees_onnx
from tradewind.models.trees.table import Tree, TreeTable

COLUMNS = 4


def grown(rng: np.random.Generator, depth: int) -> Tree:
    """Return a random tree whose children follow their parents; some of it may be one leaf only."""
    nodes: list[list[float]] = []

    def grow(left: int) -> int:
        place = len(nodes)
        if left == 0 or rng.random() < 0.2:
            nodes.append([-1, 0.0, -1, -1, float(rng.normal())])
            return place
        nodes.append([int(rng.integers(COLUMNS)), float(np.float32(rng.normal())), -1, -1, 0.0])
        nodes[place][2] = grow(left - 1)
        nodes[place][3] = grow(left - 1)
        return place

    grow(depth)
    feature, threshold, left, right, value = (np.array(part) for part in zip(*nodes, strict=True))
    return Tree(
        feature=feature.astype(int),
        threshold=threshold,
        left=left.astype(int),
        right=right.astype(int),
        value=value,
    )


def tables(seed: int) -> tuple[TreeTable, TreeTable]:
    rng = np.random.default_rng(seed)
    direction, returns = (
        TreeTable.joined(
            [grown(rng, int(rng.integers(0, 6))) for _ in range(int(rng.integers(0, 6)))],
            base=float(rng.normal()),
            scale="log_odds",
        )
        for _ in range(2)
    )
    return direction, returns


def values(seed: int, table: TreeTable, rows: int) -> np.ndarray:
    """Return float32 rows of which many values stand exactly on a threshold."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(rows, COLUMNS)).astype(np.float32)
    if len(table.threshold):
        on = rng.random(drawn.shape) < 0.3
        drawn[on] = rng.choice(table.threshold, int(on.sum()))
    return drawn


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 40))
def test_packed_trees_equal_the_table(seed, rows):
    direction, returns = tables(seed)
    given_rows = values(seed, direction, rows)
    out = PackedTrees.of(direction, returns).output(given_rows)
    np.testing.assert_allclose(out[:, 0], direction.output(given_rows), rtol=0, atol=1e-12)
    np.testing.assert_allclose(out[:, 1], returns.output(given_rows), rtol=0, atol=1e-12)


def test_trees_in_common_are_walked_once():
    direction, _ = tables(3)
    other = TreeTable(**{**vars(direction), "value": direction.value * 2.0, "base": 0.5})
    packed = PackedTrees.of(direction, other)
    assert len(packed.root) == len(direction)
    given_rows = values(3, direction, 20)
    np.testing.assert_allclose(packed.output(given_rows)[:, 1], other.output(given_rows), atol=1e-12)


def test_packed_trees_travel_as_arrays():
    packed = PackedTrees.of(*tables(5))
    again = PackedTrees.from_arrays(packed.to_arrays())
    rows = values(5, tables(5)[0], 9)
    np.testing.assert_array_equal(packed.output(rows), again.output(rows))


def test_depth_is_the_longest_way():
    tree = Tree(
        feature=np.array([0, -1, 1, -1, -1]),
        threshold=np.zeros(5),
        left=np.array([1, -1, 3, -1, -1]),
        right=np.array([2, -1, 4, -1, -1]),
        value=np.zeros(5),
    )
    leaf = Tree(
        feature=np.array([-1]),
        threshold=np.array([0.0]),
        left=np.array([-1]),
        right=np.array([-1]),
        value=np.array([1.0]),
    )
    assert tree_depths(TreeTable.joined([tree, leaf], base=0.0, scale="log_odds")).tolist() == [2, 0]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_onnx_trees_equal_the_table(seed):
    direction, returns = tables(seed)
    content = trees_onnx(direction, returns, COLUMNS)
    if content is None:
        assert len(direction) == 0 or len(returns) == 0
        return
    given_rows = values(seed, direction, 17)
    out = open_session(content, net=False).run(None, {"rows": given_rows})[0]
    np.testing.assert_allclose(out[:, 0], direction.output(given_rows), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(out[:, 1], returns.output(given_rows), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("available", "net", "wanted"),
    [
        ([CPU], True, (CPU,)),
        ([GPU, CPU], True, (GPU, CPU)),
        ([GPU, CPU], False, (CPU,)),
        (["AzureExecutionProvider", CPU], True, (CPU,)),
    ],
)
def test_nets_take_the_gpu_where_there_is_one(available, net, wanted):
    assert providers_for(available, net=net) == wanted
