"""What a forecast of a span is worth, period by period; higher is better.

- ``ic``: mean over days of the rank correlation between probability and return among the symbols of a day. It uses the
  size of every move and of every symbol, so it is the least noisy; it says nothing of the direction of the market.
- ``auc``: chance that a row that rose was given a higher probability than one that fell.
- ``accuracy``: share of directions forecast right, at a probability of 0.5.
- ``log_loss``: minus the mean log loss; it also judges how sure a forecast is, which calibration settles later.

``auto`` is ``ic`` where a usual day has at least ten symbols, ``auc`` else: accuracy at 0.5 throws away the order of
forecasts and is several times as noisy for its size, and members are calibrated only when they are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.training.tuning.settings import ObjectiveName

Measure = Literal["ic", "auc", "accuracy", "log_loss"]
LEAST_SYMBOLS = 5
MANY_SYMBOLS = 10
EDGE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """What happened in the rows of a block.

    ``direction``, ``returns`` : (m,) labels, NaN where not known. ``day``, ``period`` : (m,) codes from 0 on.
    """

    direction: FloatArray
    returns: FloatArray
    day: IntArray
    period: IntArray
    periods: int

    def judge(self, measure: Measure, probability: FloatArray) -> tuple[float, ...]:
        """Return the score of each period, NaN where a period has nothing to judge."""
        return tuple(
            float(_MEASURES[measure](self, probability, np.flatnonzero(self.period == number)))
            for number in range(self.periods)
        )


def choose_measure(name: ObjectiveName, data: Dataset, rows: IntArray) -> Measure:
    """Return the measure that ``name`` means for ``rows`` of ``data``."""
    if name != "auto":
        return name
    _, counts = np.unique(data.panel.time[rows], return_counts=True)
    return "ic" if float(np.median(counts)) >= MANY_SYMBOLS else "auc"


def _ic(facts: Facts, probability: FloatArray, rows: IntArray) -> float:
    rows = rows[np.isfinite(facts.returns[rows])]
    days = np.split(rows[np.argsort(facts.day[rows], kind="stable")], _bounds(facts.day[rows]))
    found = [_rank_correlation(probability[d], facts.returns[d]) for d in days if len(d) >= LEAST_SYMBOLS]
    return float(np.mean(found)) if found else float("nan")


def _bounds(day: IntArray) -> IntArray:
    _, counts = np.unique(day, return_counts=True)
    bounds: IntArray = np.cumsum(counts)[:-1]
    return bounds


def _rank_correlation(x: FloatArray, y: FloatArray) -> float:
    a, b = rankdata(x), rankdata(y)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0.0 else 0.0  # equal forecasts earn nothing, and are not left out


def _auc(facts: Facts, probability: FloatArray, rows: IntArray) -> float:
    rows = rows[np.isfinite(facts.direction[rows])]
    rose = facts.direction[rows] == 1.0
    up, down = int(rose.sum()), int((~rose).sum())
    if not up or not down:
        return float("nan")
    return float((rankdata(probability[rows])[rose].sum() - up * (up + 1) / 2) / (up * down))


def _accuracy(facts: Facts, probability: FloatArray, rows: IntArray) -> float:
    rows = rows[np.isfinite(facts.direction[rows])]
    if not len(rows):
        return float("nan")
    side = np.sign(probability[rows] - 0.5) * np.sign(facts.direction[rows] - 0.5)
    return float(0.5 + 0.5 * side.mean())  # a forecast of just 0.5 is right half of the time


def _log_loss(facts: Facts, probability: FloatArray, rows: IntArray) -> float:
    rows = rows[np.isfinite(facts.direction[rows])]
    if not len(rows):
        return float("nan")
    p = np.clip(probability[rows], EDGE, 1.0 - EDGE)
    return float(np.log(np.where(facts.direction[rows] == 1.0, p, 1.0 - p)).mean())


_MEASURES: Mapping[Measure, Callable[[Facts, FloatArray, IntArray], float]] = MappingProxyType(
    {"ic": _ic, "auc": _auc, "accuracy": _accuracy, "log_loss": _log_loss}
)
