"""The combiner as one compiled pass: for a single row its thirty array operations cost more than the trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray
from tradewind.models.calibration import EDGE
from tradewind.models.combine import VOTE_TIE, Combiner


@dataclass(frozen=True, kw_only=True, eq=False)
class Join:
    """A fitted :class:`~tradewind.models.combine.Combiner` whose calibrations are all sigmoids.

    ``sigmoid`` : (members + 1, 2) slope and intercept of each member's calibration, the last one's at the end.
    ``weight``, ``return_weight`` : (members,). ``returns`` : (3,) the two slopes of the return, and the mean move.
    """

    sigmoid: FloatArray
    weight: FloatArray
    return_weight: FloatArray
    returns: FloatArray
    vote: bool

    @classmethod
    def of(cls, combiner: Combiner) -> Self | None:
        """Return the compiled form of ``combiner``; None where a calibration is a step function."""
        if combiner.final_stepped or any(combiner.member_stepped(name) for name in combiner.names):
            return None
        state = combiner.to_dict()
        calibrators = [*state["members"], state["final"]]
        return cls(
            sigmoid=np.array([[one["slope"], one["intercept"]] for one in calibrators]),
            weight=np.array(state["weights"], dtype=np.float64),
            return_weight=np.array(state["return_weights"], dtype=np.float64),
            returns=np.array([*state["slopes"], state["move"]], dtype=np.float64),
            vote=combiner.settings.method == "vote",
        )

    def combine(self, probability: FloatArray, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (probability, expected return), (m,) each, of the members' own, (members, m) each."""
        joined: tuple[FloatArray, FloatArray] = _join(
            probability, expected, self.sigmoid, self.weight, self.return_weight, self.returns, self.vote
        )
        return joined


@njit(cache=True, nogil=True)
def _log_odds(chance: float) -> float:
    inside = min(max(chance, EDGE), 1.0 - EDGE)
    return np.log(inside / (1.0 - inside))  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _chance(log_odds: float) -> float:
    return 1.0 / (1.0 + np.exp(-log_odds))  # type: ignore[no-any-return]


@njit(cache=True, nogil=True)
def _join(  # noqa: PLR0913
    probability: Any, expected: Any, sigmoid: Any, weight: Any, return_weight: Any, returns: Any, vote: bool
) -> Any:
    members, rows = probability.shape
    chance, outcome = np.empty(rows), np.empty(rows)
    for i in range(rows):
        joined, signs, mean, own = 0.0, 0.0, 0.0, 0.0
        for j in range(members):
            odds = sigmoid[j, 0] * _log_odds(probability[j, i]) + sigmoid[j, 1]
            odds = _log_odds(_chance(odds))
            joined += weight[j] * odds
            signs += np.sign(odds)
            mean += odds
            own += return_weight[j] * expected[j, i]
        if vote:
            joined = signs / members + VOTE_TIE * np.tanh(mean / members)
        final = _chance(sigmoid[members, 0] * _log_odds(_chance(joined)) + sigmoid[members, 1])
        final = min(max(final, EDGE), 1.0 - EDGE)
        chance[i] = final
        outcome[i] = returns[0] * (2.0 * final - 1.0) * returns[2] + returns[1] * own
    return chance, outcome
