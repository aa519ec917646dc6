"""A learned gate: which column's period a row resembles, by a softmax over its inputs and regime probabilities.

Source: Jacobs et al., "Adaptive mixtures of local experts" (1991); the gate is fitted as a multinomial logistic
regression on which period an input came from, so that it needs no outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import softmax

from tradewind.core.arrays import AnyArray, FloatArray

PENALTY = 0.01  # on squared coefficients, per row


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate:
    """``slope`` (n, q) and ``level`` (n,) of the n columns; q inputs, their squares and regime probabilities."""

    slope: FloatArray
    level: FloatArray

    @classmethod
    def taught(cls, seen: Sequence[AnyArray], told: Sequence[AnyArray]) -> Self:
        """Fit the gate to inputs (m, p) and regime probabilities (m, K) of each column's period; equal prior odds."""
        width = max(one.shape[1] for one in told)
        chances = [one if one.shape[1] == width else np.full((len(one), width), 1.0 / width) for one in told]
        table = np.concatenate([_read(x, c, width) for x, c in zip(seen, chances, strict=True)])
        if len(seen) == 1:
            return cls(slope=np.zeros((1, table.shape[1])), level=np.zeros(1))
        from sklearn.linear_model import LogisticRegression

        owner = np.repeat(np.arange(len(seen)), [len(one) for one in seen])
        model = LogisticRegression(C=1.0 / (PENALTY * len(table)), max_iter=200, class_weight="balanced", tol=1e-3)
        model.fit(table, owner)
        if len(seen) == 2:  # scikit-learn keeps the odds of the second against the first alone
            zero = np.zeros_like(model.coef_)
            return cls(slope=np.vstack([zero, model.coef_]), level=np.array([0.0, float(model.intercept_[0])]))
        return cls(slope=model.coef_, level=model.intercept_)

    def weights(self, inputs: AnyArray, regimes: AnyArray | None) -> FloatArray:
        """(n, m) shares of the columns for each row; without regimes told, all count as equally probable."""
        width = self.slope.shape[1] - 2 * inputs.shape[1]
        told = np.full((len(inputs), width), 1.0 / max(width, 1)) if regimes is None else regimes[:, :width]
        table = _read(inputs, told, width)
        odds = np.einsum("mq,nq->nm", table, self.slope) + self.level[:, None]
        shares: FloatArray = softmax(odds, axis=0)
        return shares

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the numbers of the gate."""
        return {"slope": self.slope, "level": self.level}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Read what :meth:`to_arrays` gave."""
        return cls(slope=arrays["slope"], level=arrays["level"])


def _read(inputs: AnyArray, regimes: AnyArray, width: int) -> FloatArray:
    """Return inputs, their squares (a period may differ in spread alone) and the first ``width`` probabilities."""
    table = np.asarray(inputs, dtype=np.float64)
    return np.hstack([table, table**2 / 4.0, np.asarray(regimes, dtype=np.float64)[:, :width]])
