"""Shapley values by the definition: every coalition of columns is evaluated; a reference for few columns."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, FloatArray

MOST_COLUMNS = 12


def brute_shapley(f: Callable[[AnyArray], AnyArray], row: AnyArray, background: AnyArray) -> FloatArray:
    """Return the interventional Shapley values (q,) of ``f`` at ``row`` against ``background``.

    The worth of a coalition is the mean of ``f`` over the background rows after the coalition's columns took the
    row's values (Shapley 1953; Lundberg & Lee 2017). It costs ``2 ** q`` evaluations of the whole background.

    Parameters
    ----------
    f : from (k, q) rows to (k,) outputs.
    row : (q,) the row to explain, at most :data:`MOST_COLUMNS` columns.
    background : (b, q) reference rows, at least one.

    Raises
    ------
    UsageError : too many columns, or a background that does not fit the row.
    """
    q = len(row)
    if q > MOST_COLUMNS:
        raise UsageError(
            f"{q} columns have {2**q} coalitions, too many to evaluate each",
            field="row",
            fix=f"explain at most {MOST_COLUMNS} columns by brute force",
        )
    if background.ndim != 2 or background.shape[1] != q or len(background) == 0:
        raise UsageError(
            f"the background has shape {background.shape}, the row has {q} columns",
            field="background",
            fix=f"give a background of shape (b, {q}) with at least one row",
        )
    worth = np.empty(2**q)
    for coalition in range(2**q):
        taken = (coalition >> np.arange(q)) & 1 == 1
        worth[coalition] = float(np.asarray(f(np.where(taken, row, background)), dtype=np.float64).mean())
    sizes = np.array([coalition.bit_count() for coalition in range(2**q)])
    share = np.array([factorial(s) * factorial(q - s - 1) / factorial(q) for s in range(q)])
    values = np.zeros(q)
    everyone = np.arange(2**q)
    for column in range(q):
        without = everyone[(everyone >> column) & 1 == 0]
        values[column] = share[sizes[without]] @ (worth[without | (1 << column)] - worth[without])
    return values
