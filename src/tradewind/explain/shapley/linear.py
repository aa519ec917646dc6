"""Shapley values of a line: the column's slope times its distance from the background's mean."""

from __future__ import annotations

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, FloatArray


def linear_shap(
    coefficients: FloatArray, intercept: float, inputs: AnyArray, background: AnyArray
) -> tuple[FloatArray, float]:
    """Return the interventional Shapley values (m, q) of a linear output, and its mean over the background.

    Exact (Lundberg & Lee 2017, corollary 1): ``base + values.sum(axis=1)`` is the output.

    Parameters
    ----------
    coefficients, intercept : (q,) slopes and the constant of the output.
    inputs, background : (m, q) rows to explain and (b, q) rows of reference, at least one; finite.

    Raises
    ------
    UsageError : shapes that do not fit, or a value that is not finite.
    """
    q = len(coefficients)
    for field, rows in (("inputs", inputs), ("background", background)):
        if rows.ndim != 2 or rows.shape[1] != q:
            raise UsageError(
                f"rows have shape {rows.shape}, the line has {q} slopes",
                field=field,
                fix="give the prepared columns the model was fitted on",
            )
        if not np.isfinite(rows).all():
            raise UsageError("a value is not finite", field=field, fix="prepare the columns as the model does")
    if len(background) == 0:
        raise UsageError("the background has no row", field="background", fix="give at least one row of reference")
    centre = background.astype(np.float64).mean(axis=0)
    values: FloatArray = (inputs.astype(np.float64) - centre) * coefficients
    return values, float(np.sum(centre * coefficients) + intercept)
