"""What teacher and student rest on: how far forecasts move when one feature is shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray

Odds = Callable[[Dataset, IntArray], FloatArray]
TOP = 10


@dataclass(frozen=True, kw_only=True)
class Importance:
    """Permutation importance of each prepared feature (mean absolute change of the log odds), side by side.

    Attributes
    ----------
    teacher, student : importance by feature name; 0 for a feature the student does not read.
    top : ``TOP``, or the number of features where that is less.
    overlap : share of the teacher's ``top`` features among the student's ``top`` (features of importance 0 never
        count as shared).
    rank_correlation : Spearman correlation over all features; NaN where one side does not vary.
    """

    teacher: dict[str, float]
    student: dict[str, float]
    top: int
    overlap: float
    rank_correlation: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


def shuffled_change(data: Dataset, rows: IntArray, odds: Odds, seed: int) -> FloatArray:
    """(p,) mean absolute change of the log odds of ``rows`` when a column of ``data`` is shuffled over all its rows.

    A model that looks back meets the shuffled values of earlier bars too. No label is read (Breiman 2001 measures the
    loss of skill instead, which is mostly noise where skill is small).
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data))
    base = odds(data, rows)
    out = np.empty(len(data.names))
    for column in range(len(out)):
        table = data.features.copy()
        table[:, column] = table[order, column]
        out[column] = np.abs(odds(data.with_features(table, data.names), rows) - base).mean()
    return out


def compare_importance(data: Dataset, rows: IntArray, teacher: Odds, student: Odds, seed: int) -> Importance:
    """Compare what two models rest on over ``rows`` of prepared ``data``."""
    from scipy import stats  # takes a second to import

    first = shuffled_change(data, rows, teacher, seed)
    second = shuffled_change(data, rows, student, seed)
    rank = float("nan")
    if min(np.ptp(first), np.ptp(second)) > 0:
        rank = float(stats.spearmanr(first, second).statistic)
    return Importance(
        teacher=dict(zip(data.names, first.tolist(), strict=True)),
        student=dict(zip(data.names, second.tolist(), strict=True)),
        top=min(TOP, len(data.names)),
        overlap=top_shared(first, second),
        rank_correlation=rank,
    )


def top_shared(teacher: FloatArray, student: FloatArray) -> float:
    """Return the share of the teacher's ``TOP`` features that are among the student's; importance 0 is never top."""
    first, second = (
        {int(i) for i in np.argsort(-one, kind="stable")[:TOP] if one[i] > 0.0} for one in (teacher, student)
    )
    return len(first & second) / max(len(first), 1)
