"""Where the bar is: the least score at which alerts are as precise, or as cheap, as they must be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.core.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A bar for scores.

    Attributes
    ----------
    score : least score that counts; more than 1 where no alert can be afforded.
    reached : False where no bar meets the target and the best there is was taken instead.
    kept, true : rows (episodes) at or above the bar, and those of them that are true.
    bound : lower bound of the precision at the bar, at the stated confidence.
    """

    score: float
    reached: bool
    kept: int
    true: int
    bound: float


def lower_bound(true: IntArray, kept: IntArray, confidence: float) -> FloatArray:
    """Return the one-sided lower bound (Clopper and Pearson 1934) of the share ``true`` in ``kept``; 0 of none."""
    from scipy.stats import beta  # takes a second to import

    bound = beta.ppf(1.0 - confidence, np.maximum(true, 1), kept - true + 1)
    return np.where(true > 0, bound, 0.0)


def threshold_for_precision(
    score: FloatArray, label: BoolArray, *, target: float = 0.95, confidence: float = 0.8
) -> Threshold:
    """Return the lowest bar whose precision is at least ``target`` with ``confidence``.

    ``score``, ``label`` : (n,) one row an episode: out-of-fold scores, so that no row was learnt from. The bar lies
    between the last score kept and the next below. Scores in ties are kept or left together. Where no bar reaches the
    target the one with the highest bound is taken and ``reached`` is False; with no true row at all nothing is alerted.

    Raises
    ------
    UsageError : a target or confidence outside (0, 1).
    """
    for name, value in (("target", target), ("confidence", confidence)):
        if not 0.0 < value < 1.0:
            raise UsageError(f"{name} is {value}", field=name, fix="give a share between 0 and 1")
    if not label.any():
        return Threshold(score=1.01, reached=False, kept=0, true=0, bound=0.0)
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    kept = (last + 1).astype(np.int64)
    true = np.cumsum(label[order])[last].astype(np.int64)
    bound = lower_bound(true, kept, confidence)
    enough = np.flatnonzero(bound >= target)
    pick = int(enough[-1]) if len(enough) else int(np.argmax(bound))
    below = ranked[kept[pick]] if kept[pick] < len(ranked) else max(2 * ranked[last[pick]] - 1.0, 0.0)
    bar = between(float(ranked[last[pick]]), float(below))
    return Threshold(
        score=bar, reached=bool(len(enough)), kept=int(kept[pick]), true=int(true[pick]), bound=float(bound[pick])
    )


def between(kept: float, below: float) -> float:
    """Return a bar between two scores, halfway in log odds, never above ``kept``."""
    edge = 1e-9
    first, second = (np.log(p / (1 - p)) for p in (np.clip(kept, edge, 1 - edge), np.clip(below, edge, 1 - edge)))
    middle = float(1.0 / (1.0 + np.exp(-(first + second) / 2)))
    return min(middle, kept)


def threshold_for_cost(score: FloatArray, label: BoolArray, *, missed: float, false_alert: float) -> Threshold:
    """Return the bar at which missed episodes and false alerts cost least together on ``score``, ``label`` (n,).

    ``missed``, ``false_alert`` : what one of each costs, in the same unit. Of equal costs the higher bar is taken. For
    calibrated scores it lies near ``false_alert / (false_alert + missed)`` (Elkan 2001).

    Raises
    ------
    UsageError : a cost is not positive.
    """
    if not (missed > 0 and false_alert > 0):
        raise UsageError(f"costs are {missed} and {false_alert}", field="missed", fix="give positive costs in one unit")
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True)) if len(ranked) else np.empty(0, dtype=np.int64)
    true = np.cumsum(label[order])[last]
    cost = np.concatenate([[0.0], false_alert * (last + 1 - true) - missed * true])
    pick = int(np.argmin(cost)) - 1
    if pick < 0:
        return Threshold(score=1.01, reached=True, kept=0, true=0, bound=0.0)
    kept = int(last[pick]) + 1
    return Threshold(
        score=float(ranked[last[pick]]), reached=True, kept=kept, true=int(true[pick]), bound=float(true[pick] / kept)
    )
