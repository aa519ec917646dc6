"""Exact interventional Shapley values of a forest, at a cost that does not grow with the background.

What a leaf gives a row depends only on which of the path's columns the row satisfies, 2 ** d patterns for d columns. So
the background is summed once: for each leaf, how many of its rows satisfy which columns, and from that a table of
contributions for every pattern of a row. To explain a row is then to look up, not to compare with the background
(Nadel & Wettenstein 2025, *WOODELF*; the values are those of interventional TreeSHAP, Lundberg et al. 2020, *Nature
Machine Intelligence* 2; Laberge & Pequignot 2022). Several leaves share one look-up, see ``tree_layout.py``. Only
leaves too deep for a table are compared with every row.

Column i of a coalition S takes the row's value if i is in S, a background row's otherwise. A leaf of value v is reached
by S where each of its columns is satisfied by what it takes. Let X be the columns that only the row satisfies, and B
those that only the background row does: columns of X then get ``v (|X|-1)! |B|! / (|X|+|B|)!``, those of B
``-v |X|! (|B|-1)! / (|X|+|B|)!``, the others 0, and a leaf with a column that neither satisfies gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.explain.shapley.tree_deep import add_deep, deep_leaves
from tradewind.explain.shapley.tree_kernels import WEIGHTS, Bits, Leaves, Tables, add_tabled, fill_tables
from tradewind.explain.shapley.tree_layout import Piece, cut_forest
from tradewind.models.threads import thread_count
from tradewind.models.trees.table import TreeTable

ROWS_PER_THREAD = 256


class TreeShap:
    """A forest and a background, ready to explain rows.

    Tables are held for pieces of the forest of up to 8 bits, and 10 for a single leaf; fewer where all would need more
    than 256 MiB. Deep leaves keep a word for each background row instead; they are exact as well, and slower
    (``tree_layout.py``, ``tree_deep.py``).

    Attributes
    ----------
    base : mean output over the background.
    """

    def __init__(self, table: TreeTable, background: AnyArray) -> None:
        """Sum the background; UsageError where it is empty, not finite, or lacks columns the trees test."""
        rows = table.rows(background)
        if len(rows) == 0:
            raise UsageError("the background has no row", field="background", fix="give at least one row of reference")
        self._table = table
        self.base = float(table.output(rows).mean())
        layout = cut_forest(table)
        columns = np.ascontiguousarray(rows.T)
        self._bits = _bits(layout.pieces)
        self._tables = _tables(layout.pieces, self._bits, columns)
        self._deep_bits, self._deep = deep_leaves(table, layout.parent, layout.deep, layout.width, columns)

    @property
    def table_bytes(self) -> int:
        """Memory of the tables, and of the background in deep leaves."""
        return int(self._tables.data.nbytes + self._deep.pattern.nbytes)

    def values(self, inputs: AnyArray) -> FloatArray:
        """Return the Shapley values (m, q) of rows ``inputs`` (m, q); ``base`` and they sum to the output.

        The same for a row whatever rows are given beside it, and for any number of threads.
        """
        rows = self._table.rows(inputs)
        values = np.zeros(rows.shape)
        threads = min(thread_count(), max(1, len(rows) // ROWS_PER_THREAD))
        parts = np.linspace(0, len(rows), threads + 1).astype(np.int64)

        def explain(first: int, last: int) -> None:
            columns = np.ascontiguousarray(rows[first:last].T)
            add_tabled(columns, values[first:last], self._bits, self._tables)
            add_deep(columns, values[first:last], self._deep_bits, self._deep, WEIGHTS)

        if threads == 1:
            explain(0, len(rows))
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(explain, parts[:-1].tolist(), parts[1:].tolist()))
        return values


def tree_shap(table: TreeTable, inputs: AnyArray, background: AnyArray) -> tuple[FloatArray, float]:
    """Return the exact interventional Shapley values (m, q) of the table's output, and its mean over the background.

    ``base + values.sum(axis=1)`` is the output. To explain several times against one background, keep a
    :class:`TreeShap`.

    Parameters
    ----------
    inputs, background : (m, q) rows to explain and (b, q) rows of reference, at least one; finite, read as float32.

    Raises
    ------
    UsageError : shapes that do not fit, or a value that is not finite.
    """
    if inputs.ndim != 2 or background.ndim != 2 or inputs.shape[1] != background.shape[1]:
        raise UsageError(
            f"rows of shape {inputs.shape} cannot be compared with a background of shape {background.shape}",
            field="background",
            fix="give both the same prepared columns",
        )
    ready = TreeShap(table, background)
    return ready.values(inputs), ready.base


def _starts(counts: Iterable[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(list(counts))]).astype(np.int64)


def _bits(pieces: list[Piece]) -> Bits:
    bits = [bit for piece in pieces for bit in piece.bits]
    return Bits(
        start=_starts(len(piece.bits) for piece in pieces),
        column=np.array([column for column, _, _ in bits], dtype=np.int32),
        low=np.array([low for _, low, _ in bits], dtype=np.float32),
        high=np.array([high for _, _, high in bits], dtype=np.float32),
    )


def _tables(pieces: list[Piece], bits: Bits, background: Float32Array) -> Tables:
    """Return the filled tables of ``pieces``; ``background`` is (q, b)."""
    leaves = [leaf for piece in pieces for leaf in piece.leaves]
    place = [{column: i for i, column in enumerate(piece.columns)} for piece in pieces]
    at = [place[k][column] for k, piece in enumerate(pieces) for leaf in piece.leaves for column in leaf.columns]
    start = _starts(2 ** len(piece.bits) * len(piece.columns) for piece in pieces)
    tables = Tables(
        column_start=_starts(len(piece.columns) for piece in pieces),
        column=np.array([column for piece in pieces for column in piece.columns], dtype=np.int32),
        start=start,
        data=np.zeros(start[-1]),
    )
    filled = Leaves(
        start=_starts(len(piece.leaves) for piece in pieces),
        value=np.array([leaf.value for leaf in leaves]),
        test_start=_starts(len(leaf.columns) for leaf in leaves),
        place=np.array(at, dtype=np.int64),
        care=np.array([mask for leaf in leaves for mask in leaf.care], dtype=np.int64),
        want=np.array([mask for leaf in leaves for mask in leaf.want], dtype=np.int64),
    )
    fill_tables(background, bits, filled, tables, WEIGHTS)
    return tables
