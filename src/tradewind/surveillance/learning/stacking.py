"""One probability from the members' arguments: weights that are never negative, then calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.surveillance.learning.scaling import weighted_sum

RIDGE = 1e-2
"""Pull on the weights, in rows' worth: finite where members part the classes without an error."""

EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Stack:
    """Weights of the members' arguments and the beta map that follows.

    Attributes
    ----------
    weight : (m,) none negative: a member can be left out, never turned round.
    intercept : log odds without any argument.
    bend : (a, b, c) of the beta map, logit = a log p - b log(1 - p) + c, a and b not negative: it keeps the order, has
        no ties, and can be steeper at one end (Kull, Silva Filho and Flach 2017). An isotonic map would make ties of
        exactly the scores among which the bar must be set.
    """

    weight: FloatArray
    intercept: float
    bend: FloatArray

    @classmethod
    def fit(cls, arguments: FloatArray, label: BoolArray, weight: FloatArray) -> Stack:
        """Fit on out-of-fold ``arguments`` (n, m), ``label`` and ``weight`` (n,)."""
        members = arguments.shape[1]
        first = _fit(arguments, label, weight, np.append(np.zeros(members), -np.inf), RIDGE)
        p = np.clip(expit(arguments @ first[:-1] + first[-1]), EDGE, 1 - EDGE)
        ends = np.stack([np.log(p), -np.log1p(-p)], axis=1)
        # Pulled to the identity (1, 1, 0): the map must earn its bend.
        second = _fit(ends, label, weight, np.array([0.0, 0.0, -np.inf]), 1.0, np.array([1.0, 1.0, 0.0]))
        return cls(first[:-1], float(first[-1]), second)

    def log_odds(self, arguments: FloatArray) -> FloatArray:
        """Return calibrated log odds (n,) of ``arguments`` (n, m)."""
        p = np.clip(expit(weighted_sum(arguments, self.weight) + self.intercept), EDGE, 1 - EDGE)
        a, b, c = self.bend
        return np.asarray(a * np.log(p) - b * np.log1p(-p) + c)

    def pieces(self, arguments: FloatArray) -> FloatArray:
        """Return (n, m + 1): log odds each member brings, and last what the intercept and calibration add.

        Their sum is :meth:`log_odds`.
        """
        parts = arguments * self.weight
        rest = self.log_odds(arguments) - parts.sum(axis=1)
        return np.column_stack([parts, rest])


def _fit(
    table: FloatArray,
    label: BoolArray,
    weight: FloatArray,
    least: FloatArray,
    ridge: float,
    centre: FloatArray | None = None,
) -> FloatArray:
    """Return (m + 1,) slopes and intercept of least weighted log loss, none below ``least``, pulled to ``centre``."""
    from scipy.optimize import minimize  # half a second to import

    signed = np.where(label, 1.0, -1.0)
    full = np.column_stack([table, np.ones(len(table))])
    to = np.zeros(full.shape[1]) if centre is None else centre

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        margin = signed * (full @ parameters)
        away = parameters - to
        value = float(weight @ np.logaddexp(0.0, -margin)) + 0.5 * ridge * float(away @ away)
        return value, full.T @ (-weight * signed * expit(-margin)) + ridge * away

    bounds = [(None if low == -np.inf else float(low), None) for low in least]
    start = np.maximum(to, np.where(np.isfinite(least), least + 0.1, to))
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 500})
    return np.asarray(found.x, dtype=np.float64)
