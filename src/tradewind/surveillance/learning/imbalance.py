"""Few positives among many candidates: weights by cost, or synthetic positives, inside a fold's training rows only."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray
from tradewind.core.errors import MissingExtraError

SMOTE_RATIO = 0.5
"""Positives that SMOTE brings, as a share of the negatives."""

NEIGHBOURS = 5


class Balancing(StrEnum):
    """How the fewer positives are given a voice.

    - ``none``: they are not.
    - ``cost``: positives weigh more, by the square root of how many negatives there are for each (King and Zeng 2001
      weigh by the whole ratio; the root keeps the far end of the scores, where alerts are, from being blurred).
    - ``smote``: synthetic positives between neighbours (Chawla et al. 2002).
    """

    NONE = "none"
    COST = "cost"
    SMOTE = "smote"


def balanced(
    values: Float32Array, label: BoolArray, weight: FloatArray, balancing: Balancing, seed: int
) -> tuple[Float32Array, BoolArray, FloatArray]:
    """Return training rows as ``balancing`` has them: values (m, p), labels (m,) and weights (m,).

    It is given a fold's training rows and returns rows made of those alone. SMOTE's rows follow the rows given, which
    stay as they are; together they weigh as positives would under ``cost``, so that their number claims no certainty.

    Raises
    ------
    MissingExtraError : SMOTE is asked for and imbalanced-learn is not installed.
    """
    positives = int(label.sum())
    if balancing is Balancing.NONE or not 0 < positives < len(label):
        return values, label, weight
    if balancing is Balancing.COST:
        ratio = float(weight[~label].sum() / max(weight[label].sum(), 1e-12))
        return values, label, np.where(label, weight * np.sqrt(max(ratio, 1.0)), weight)
    return _smote(values, label, weight, seed)


def _smote(
    values: Float32Array, label: BoolArray, weight: FloatArray, seed: int
) -> tuple[Float32Array, BoolArray, FloatArray]:
    positives, wanted = int(label.sum()), int(SMOTE_RATIO * (~label).sum())
    if positives < 2 or wanted <= positives:
        return values, label, weight
    try:
        from imblearn.over_sampling import SMOTE
    except ImportError as error:
        raise MissingExtraError("imbalanced-learn", "surveil") from error
    known = np.isfinite(values)
    # Neighbours are sought in units of each column's spread; a missing number stands in the middle.
    middle = np.array([np.median(c[k]) if k.any() else 0.0 for c, k in zip(values.T, known.T, strict=True)])
    filled = np.where(known, values, middle.astype(np.float32))
    spread = np.array([np.subtract(*np.quantile(column, [0.9, 0.1])) for column in filled.T])
    scale = np.where(spread > 0, spread, 1.0)
    maker = SMOTE(sampling_strategy={1: wanted}, k_neighbors=min(NEIGHBOURS, positives - 1), random_state=seed)
    made, _ = maker.fit_resample(filled / scale, label.astype(np.int64))
    synthetic = (made[len(values) :] * scale).astype(np.float32)
    total = float(weight[label].sum())
    each = total * np.sqrt(wanted / positives) / max(len(synthetic), 1)
    return (
        np.concatenate([values, synthetic]),
        np.concatenate([label, np.ones(len(synthetic), dtype=bool)]),
        np.concatenate([weight, np.full(len(synthetic), each)]),
    )
