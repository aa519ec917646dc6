"""Log loss with a penalty on unequal mean forecasts of groups, as an objective for boosting.

The penalty is the demographic-parity gap in squares (Kamishima et al. 2012 and Zafar et al. 2017 penalise kin
measures): ``strength * N * sum_g share_g (mean_g(p) - mean(p))^2`` over the N training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ParityObjective:
    """Weighted log loss plus the parity penalty.

    Attributes
    ----------
    direction, weight : (m,) 1 rise or 0 fall of each training row, and its weight.
    group : (m,) group codes; every code is a group.
    strength : weight of the penalty per row; 0 leaves the log loss.
    step : learning rate of the booster. The penalty's curvature enters the hessian by that share: a boosting step,
        ``step`` times the Newton step, then never overshoots the penalty however strong it is, and directions that
        move no group against another are hardly slowed.
    """

    direction: FloatArray
    weight: FloatArray
    group: IntArray
    strength: float
    step: float

    def loss(self, margin: FloatArray) -> float:
        """Return the objective at log odds ``margin`` (m,)."""
        logs = np.logaddexp(0.0, margin) - self.direction * margin
        gap, code = self._gaps(expit(margin))
        penalty = self.strength * float(np.sum(gap[code] ** 2))  # N share_g = rows of g
        return float(np.sum(self.weight * logs)) + penalty

    def derivatives(self, margin: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the exact gradient and a positive hessian, (m,) each, at log odds ``margin`` (m,).

        The shares' mean of the gaps is 0, so a row's probability moves the penalty by twice its own group's gap. The
        penalty's Gauss-Newton matrix is ``2 strength S P S`` with S = diag(p (1 - p)) and P a projection (group means
        less the mean), hence at most ``2 strength S^2``.
        """
        chance = expit(margin)
        slope = chance * (1.0 - chance)
        gap, code = self._gaps(chance)
        gradient = self.weight * (chance - self.direction) + 2.0 * self.strength * gap[code] * slope
        hessian = self.weight * slope + 2.0 * self.step * self.strength * slope**2
        return gradient, np.maximum(hessian, 1e-16)

    def _gaps(self, chance: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return mean probability of each group less the mean of all, and each row's place among the groups."""
        names, code = np.unique(self.group, return_inverse=True)
        means = np.bincount(code, weights=chance, minlength=len(names)) / np.bincount(code, minlength=len(names))
        gap: FloatArray = means - chance.mean()
        return gap, code.astype(np.int64)
