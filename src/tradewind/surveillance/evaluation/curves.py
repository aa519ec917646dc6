"""Precision against recall as the threshold falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class PrecisionRecall:
    """The curve, one point for each distinct score, the highest first.

    Attributes
    ----------
    threshold : (k,) scores, falling: an alert counts where its score is at least this.
    precision : (k,) share of the alerts that are true.
    recall : (k,) share of the planted episodes that a counting alert meets; NaN where none is planted.
    alerts : (k,) alerts that count.
    planted : how many episodes are planted.
    """

    threshold: FloatArray
    precision: FloatArray
    recall: FloatArray
    alerts: IntArray
    planted: int

    def recall_at_precision(self, p: float = 0.95) -> float:
        """Return the highest recall where precision is at least ``p``; 0 if it never is, NaN if nothing is planted."""
        if not self.planted:
            return float("nan")
        enough = self.precision >= p
        return float(self.recall[enough].max()) if enough.any() else 0.0

    def threshold_at_precision(self, p: float = 0.95) -> float:
        """Return the threshold of :meth:`recall_at_precision`, the highest of equals; infinity where there is none."""
        enough = np.flatnonzero(self.precision >= p)
        if not len(enough) or not self.planted:
            return float("inf")
        return float(self.threshold[enough[np.argmax(self.recall[enough])]])

    @property
    def average_precision(self) -> float:
        """Area under the curve as a sum of steps of recall; NaN where nothing is planted."""
        if not self.planted:
            return float("nan")
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))


def precision_recall(score: FloatArray, true: BoolArray, best: FloatArray) -> PrecisionRecall:
    """Return the curve of alerts with ``score`` (n,), which of them are ``true`` (n,).

    ``best`` : (m,) for each planted episode the highest score of an alert that meets it, -inf where none does.
    """
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(true[order])
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True)) if len(ranked) else np.empty(0, dtype=np.int64)
    threshold = ranked[last]
    counted: IntArray = last.astype(np.int64) + 1
    found = len(best) - np.searchsorted(np.sort(best), threshold, side="left")
    return PrecisionRecall(
        threshold=threshold,
        precision=hits[last] / counted,
        recall=found / len(best) if len(best) else np.full(len(threshold), np.nan),
        alerts=counted,
        planted=len(best),
    )


def recall_at_precision(score: FloatArray, true: BoolArray, p: float = 0.95) -> float:
    """Return the highest recall with a precision of at least ``p`` where every row is an episode of its own.

    ``score``, ``true`` : (n,). NaN where nothing is true.
    """
    if not true.any():
        return float("nan")
    return precision_recall(score, true, score[true]).recall_at_precision(p)
